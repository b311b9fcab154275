"""Ending a request's secrecy, which takes two members and a ground; and the day on which they look at it again.

The day ends nothing: it reminds the members, once a week until they set another or end the secrecy.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from accounts.models import User

from .. import outbox
from ..deadlines.calendars import london_day
from ..guards.secrecy import CONFIRMING, PROPOSING, TURNING_DOWN, EndFacts, EndGuard, objections_to_ending
from ..models import OutboxRow, Request, SecrecyEnd, SubjectNotice
from ..permissions import move_grants, roles_on
from ..states import Perm
from .changes import demand, locked, record_change, refuse, use_case
from .indexes import move_indexes
from .members import end_members
from .subject_notices import propose_notice

WEEK = 7


@use_case
def propose_end_of_secrecy(
    *, request_id: int, ground: str, cited: str, cited_on: date, actor: User, now: datetime
) -> SecrecyEnd:
    """Says on what ground the secrecy is over. Nothing changes for anybody until another member confirms it."""
    request = locked(request_id)
    role = demand(request, actor, Perm.VIEW, now)
    _check(request, actor, now, "PROPOSE_END_OF_SECRECY", PROPOSING, cited=cited, cited_on=cited_on)
    row = SecrecyEnd(
        request=request,
        ground=SecrecyEnd.Ground(ground),
        cited_on=cited_on,
        proposed_at=now,
        proposed_by=actor,
    )
    row.seal(cited=cited)
    row.save(force_insert=True)
    outbox.put(
        key=f"secrecy-end:{request.reference}:{request.version + 1}",
        topic="secrecy.proposed",
        payload={"request": request.pk},
        not_before=now,
    )
    detail = {"ground": ground, "on": cited_on.isoformat()}
    record_change(
        request, event="secrecy.end_proposed", actor=actor, role=role, now=now, detail=detail, commits={"cited": cited},
    )  # fmt: skip
    return row


@use_case
def turn_down_end_of_secrecy(*, request_id: int, why: str, actor: User, now: datetime) -> SecrecyEnd:
    request = locked(request_id)
    role = demand(request, actor, Perm.VIEW, now)
    row = _check(request, actor, now, "TURN_DOWN_END_OF_SECRECY", TURNING_DOWN)
    if not why.strip():
        raise refuse(
            request, actor, "TURN_DOWN_END_OF_SECRECY", ("no_has_a_reason", "Say why it is turned down.")
        )
    row.decided_at, row.decided_by, row.confirmed = now, actor, False
    row.seal(why=why)
    row.save()
    record_change(
        request, event="secrecy.end_turned_down", actor=actor, role=role, now=now, commits={"why": why}
    )
    return row


@use_case
def confirm_end_of_secrecy(*, request_id: int, actor: User, now: datetime) -> Request:
    """The desk sees the request from now on. Whether its person is told is proposed, and never due of itself."""
    request = locked(request_id)
    role = demand(request, actor, Perm.VIEW, now)
    row = _check(request, actor, now, "CONFIRM_END_OF_SECRECY", CONFIRMING)
    row.decided_at, row.decided_by, row.confirmed = now, actor, True
    row.save(update_fields=["decided_at", "decided_by", "confirmed"])
    request.restricted, request.secrecy_review_on = False, None
    moved = move_indexes(request)
    end_members(request, now)
    move_grants(request, now)
    propose_notice(request, SubjectNotice.Ground.SECRECY_ENDED, by=actor, now=now)
    detail = {"ground": row.ground, "on": row.cited_on.isoformat(), "proposed_by": row.proposed_by.ref}
    record_change(
        request,
        event="secrecy.ended",
        actor=actor,
        role=role,
        now=now,
        fields=("restricted", "secrecy_review_on", *moved),
        detail=detail,
    )
    return request


def _check(
    request: Request,
    actor: User,
    now: datetime,
    what: str,
    guards: Sequence[EndGuard],
    *,
    cited: str = "",
    cited_on: date | None = None,
) -> SecrecyEnd:
    """The open proposal, an unsaved one where there is none. Raises ActionRefused with every objection."""
    found = SecrecyEnd.objects.filter(request=request, decided_at=None).select_related("proposed_by").first()
    facts = EndFacts(
        actor_id=actor.pk,
        roles=roles_on(actor, request, now),
        restricted=request.restricted,
        is_open=found is not None,
        cited=cited,
        cited_on=cited_on,
        today=london_day(now),
        proposer_id=found.proposed_by_id if found else None,
        proposer_roles=roles_on(found.proposed_by, request, now) if found else frozenset(),
    )
    if objections := objections_to_ending(facts, guards):
        raise refuse(request, actor, what, *objections)
    row = found or SecrecyEnd(request=request)
    row.request = request
    return row


@use_case
def set_secrecy_review(*, request_id: int, on: date | None, actor: User, now: datetime) -> Request:
    """The day on which the members look at it again. It lifts nothing."""
    request = locked(request_id)
    role = demand(request, actor, Perm.RESTRICT, now)
    faults = []
    if not request.restricted:
        faults.append(
            ("it_is_a_secret", "This request is open to the desk; there is nothing to look at again.")
        )
    if on is not None and on <= london_day(now):
        faults.append(("review_lies_ahead", "The day for looking again must lie in the future."))
    if faults:
        raise refuse(request, actor, "SET_SECRECY_REVIEW", *faults)
    request.secrecy_review_on = on
    detail = {"on": on.isoformat() if on else ""}
    record_change(
        request,
        event="secrecy.review_set",
        actor=actor,
        role=role,
        now=now,
        fields=("secrecy_review_on",),
        detail=detail,
    )
    return request


def remind_of_secrecy(*, now: datetime) -> int:
    """Promises the members' reminders of today: on the day, and each week after it while nothing was done."""
    today = london_day(now)
    due = Request.objects.filter(restricted=True, secrecy_review_on__lte=today, disposed_at=None).order_by(
        "id"
    )
    wanted = {
        f"secrecy-review:{reference}:{on.isoformat()}:{(today - on).days // WEEK}": pk
        for pk, reference, on in due.values_list("pk", "reference", "secrecy_review_on")
        if on is not None
    }
    made = set(OutboxRow.objects.filter(key__in=wanted).values_list("key", flat=True)) if wanted else set()
    return sum(_remind_of_review(key, pk, now) for key, pk in wanted.items() if key not in made)


@transaction.atomic(durable=True)
def _remind_of_review(key: str, request_id: int, now: datetime) -> bool:
    return outbox.put(
        key=key, topic="secrecy.review", payload={"request": request_id}, not_before=now, ring=False
    )
