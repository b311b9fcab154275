"""RET-COPY: some weeks after a request is closed, what was disclosed is destroyed, and its digest and manifest stay.

What was found, what was given of each person and item, and the words of the answer. Which items of whom were given,
when and to whom, stays for the request's own period; what was read out in an emergency is its record and stays too.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Subquery

from accounts.days import british
from audit.forgetting import forget_payloads
from sealing.fields import SealedModel

from ..deadlines.calendars import london_day
from ..models import ItemDecision, Letter, Request, SearchRecord, Step
from ..selectors.keeping import holds_upon, in_turn, is_held
from ..selectors.opening import digests_of
from ..states import State
from .changes import locked, record_change, use_case
from .destroying import Tally

AT_ONCE = 100


def destroy_copies(*, now: datetime) -> int:
    """Of how many requests. What is held waits, and nothing waits for it. Run by the sweep; twice is as good as once."""
    steps = Step.objects.filter(request=OuterRef("pk"), target=State.CLOSED).order_by("-id")
    waiting = Request.objects.filter(state=State.CLOSED, copy_destroyed_at=None, disposed_at=None)
    over = waiting.annotate(closed_at=Subquery(steps.values("at")[:1])).filter(closed_at__lte=_ended(now))
    free = over.exclude(is_held())
    ids = in_turn(free, at_once=AT_ONCE)
    return sum(_destroy_copy(request_id=pk, now=now) for pk in ids)


def _ended(now: datetime) -> datetime:
    return now - timedelta(days=settings.COPY_DAYS)


@use_case
def _destroy_copy(*, request_id: int, now: datetime) -> bool:
    """Asked again under the lock."""
    request = locked(request_id)
    if request.state != State.CLOSED or request.copy_destroyed_at is not None or holds_upon([request.pk]):
        return False
    tally = Tally()
    found = SearchRecord.objects.filter(request=request, found__isnull=False)
    given = ItemDecision.objects.filter(request=request, text__isnull=False)
    answers = Letter.objects.filter(request=request, purpose=Letter.Purpose.OUTCOME)
    _replace(request, _of_people(request, found), ("found",), tally, now)
    _replace(request, _of_people(request, given), ("text", "others_text"), tally, now)
    _replace(request, list(answers), ("body",), tally, now)
    request.copy_destroyed_at = now
    record_change(
        request,
        event="copy.destroyed",
        actor=None,
        role="",
        now=now,
        fields=("copy_destroyed_at",),
        detail={"counts": tally.counts, "digest": tally.digest(), "days": settings.COPY_DAYS},
    )
    forget_payloads(object_type="request", ref=request.reference)
    return True


def _of_people(
    request: Request, rows: models.QuerySet[SearchRecord] | models.QuerySet[ItemDecision]
) -> Sequence[SearchRecord | ItemDecision]:
    made: list[SearchRecord | ItemDecision] = list(rows.select_related("subject__data_key").order_by("id"))
    for row in made:
        row.subject.data_key.parent = request.data_key  # loaded, so that sealing asks nothing
    return made


def _replace(
    request: Request, rows: Iterable[SealedModel], names: Sequence[str], tally: Tally, now: datetime
) -> None:
    """Each text by a sentence with its digest, sealed as it was; the digest in the log is one of the ciphertext."""
    day = london_day(now)
    for row in rows:
        if isinstance(row, Letter):
            row.request = request
        values = {name: getattr(row, name) for name in names if getattr(row, name) is not None}
        for (name, value), (digest, length) in zip(
            values.items(), digests_of(list(values.values()), of=request), strict=True
        ):
            tally.value(row._meta.db_table, row.seal_id, name, blob=value.blob)
            tally.add(f"{row._meta.model_name}.{name}", 1)
            words = f"Destroyed on {british(day)}; its digest alone is kept: SHA-256 {digest}, {length} characters."
            row.seal(**{name: words})
        row.save(update_fields=list(values))
