"""Looking again at the weighing of a legitimate interest; and telling its owner when the day has come."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from accounts.models import User

from .. import outbox
from ..models import Assessment, InterestReview, OutboxRow
from ..selectors import NotThere
from ..selectors.interests import may_review, weighing_of, weighings_to_look_at
from ..states import Perm
from .changes import demand, locked, record_change, refuse, use_case

WEEK = 7


@use_case
def review_interests(
    *, request_id: int, stands: bool, note: str, next_on: date | None, actor: User, now: datetime
) -> InterestReview:
    """What came of looking again. If the weighing stands, it has a new day; if not, nothing new rests on it.

    Raises NotThere for anybody but those who work on it and advise, ActionRefused with every fault at once.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.VIEW, now)
    if not may_review(actor, request, now):
        raise NotThere
    weighing = weighing_of(request)
    faults = []
    if weighing is None:
        faults.append(("interest_was_weighed", "No legitimate interest was weighed on this request."))
    if not note.strip():
        faults.append(
            ("review_has_its_reason", "Say what has changed since, or that nothing has and how you know.")
        )
    if stands and (next_on is None or next_on <= localdate(now)):
        faults.append(("weighing_is_looked_at_again", "Name a day to come on which this is looked at again."))
    if not stands and next_on is not None:
        faults.append(
            ("what_fell_has_no_next_day", "What does not stand is not looked at again. Leave the day empty.")
        )
    if faults or weighing is None or weighing.review_on is None:
        raise refuse(request, actor, "INTERESTS", *faults)
    row = InterestReview(
        request=request, assessment=weighing, was_due_on=weighing.review_on, stands=stands,
        next_on=next_on, reviewed_at=now, reviewed_by=actor,
    )  # fmt: skip
    row.seal(note=note)
    row.save(force_insert=True)
    if stands:
        weighing.review_on = next_on
        weighing.save(update_fields=["review_on"])
    record_change(
        request,
        event="interests.reviewed",
        actor=actor,
        role=role,
        now=now,
        detail={
            "was_due_on": row.was_due_on.isoformat(),
            "stands": stands,
            "next_on": next_on.isoformat() if next_on else "",
        },
        commits={"note": note},
    )
    return row


def call_out_reviews(*, now: datetime) -> int:
    """Promises the owner a notice on the day and each week after, once each, whoever else sweeps."""
    today = localdate(now)
    wanted = {_key(row, today): row for row in weighings_to_look_at(today)}
    made = set(OutboxRow.objects.filter(key__in=wanted).values_list("key", flat=True)) if wanted else set()
    return sum(_call_out(key, row, now) for key, row in _missing(wanted, made))


def _missing(wanted: dict[str, Assessment], made: set[str]) -> Iterator[tuple[str, Assessment]]:
    yield from ((key, row) for key, row in wanted.items() if key not in made)


def _key(row: Assessment, today: date) -> str:
    day = row.review_on or today
    return f"interests:{row.seal_id}:{day.isoformat()}:{(today - day).days // WEEK}"


@transaction.atomic(durable=True)
def _call_out(key: str, row: Assessment, now: datetime) -> bool:
    payload = {"request": row.request_id, "assessment": row.pk}
    return outbox.put(key=key, topic="interests.due", payload=payload, not_before=now, ring=False)
