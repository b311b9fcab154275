"""Whether the person is told. Proposed when a secrecy has ended or a day for looking again has come; a person answers.

Nothing here is ever due of itself, and nothing here tells anybody outside.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Exists, OuterRef
from django.utils.timezone import localdate

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import absences_on, controller, holders

from .. import outbox
from ..deadlines.calendars import london_day
from ..guards.telling import NOT_TELLING, TELLING, TellFacts, TellGuard, objections_to_telling
from ..models import Request, SubjectNotice
from ..permissions import roles_on, who_may
from ..states import Perm, State
from .changes import demand, locked, record_change, refuse, use_case
from .notices import tell_followers

TOPIC = "notice.proposed"
TO_CONSIDER = "Whether its person is told is to be considered"
What, Ground = SubjectNotice.What, SubjectNotice.Ground


def propose_notice(request: Request, ground: str, *, by: User | None, now: datetime) -> SubjectNotice:
    """A question to whoever has the request, in the caller's transaction, which enters it in the log."""
    row = SubjectNotice(
        request=request, what=What.PROPOSED, ground=Ground(ground), made_at=now, recorded_by=by
    )
    row.save(force_insert=True)
    tell_followers(request, TO_CONSIDER, but=by, now=now)
    for person in _whose_question(request, now):
        outbox.put(
            key=f"{TOPIC}:{row.seal_id}:{person.ref}",
            topic=TOPIC,
            payload={"request": request.pk, "user": person.pk},
            not_before=now,
        )
    return row


@use_case
def record_told(
    *, request_id: int, told_on: date, manner: str, words: str, actor: User, now: datetime
) -> SubjectNotice:
    """The person was told, on this day and in this manner. Raises ActionRefused with every fault."""
    request = locked(request_id)
    role = demand(request, actor, Perm.RECORD, now)
    _check(request, actor, now, "RECORD_TOLD", TELLING, words=words, told_on=told_on)
    row = SubjectNotice(
        request=request, what=What.TOLD, told_on=told_on, manner=SubjectNotice.Manner(manner), made_at=now,
        recorded_by=actor,
    )  # fmt: skip
    row.seal(words=words)
    row.save(force_insert=True)
    detail = {"on": told_on.isoformat(), "manner": row.manner}
    record_change(
        request, event="notice.told", actor=actor, role=role, now=now, detail=detail, commits={"words": words}
    )
    return row


@use_case
def record_not_told(
    *, request_id: int, why: str, review_on: date | None, actor: User, now: datetime
) -> SubjectNotice:
    """The person is not told, for a reason, looked at again on a day or not. Raises ActionRefused with every fault."""
    request = locked(request_id)
    role = demand(request, actor, Perm.RECORD, now)
    _check(request, actor, now, "RECORD_NOT_TOLD", NOT_TELLING, words=why, review_on=review_on)
    row = SubjectNotice(
        request=request, what=What.NOT_TOLD, review_on=review_on, made_at=now, recorded_by=actor
    )
    row.seal(words=why)
    row.save(force_insert=True)
    detail = {"review_on": review_on.isoformat() if review_on else ""}
    record_change(
        request, event="notice.not_told", actor=actor, role=role, now=now, detail=detail, commits={"words": why}
    )  # fmt: skip
    return row


def propose_due_notices(*, now: datetime) -> int:
    """Asks again where the day for looking again has come; of how many requests. Run by the sweep.

    Those of a secret have a day of their own, and whether its person is told is asked when it has ended.
    """
    return sum(_propose_again(request_id=pk, now=now) for pk in _due(london_day(now)))


def _due(today: date, *, of: int | None = None) -> list[int]:
    answered = SubjectNotice.objects.filter(request=OuterRef("pk"))
    marks = Request.objects.filter(
        ~Exists(answered), do_not_notify=True, do_not_notify_review_on__lte=today, restricted=False,
        disposed_at=None,
    ).exclude(state=State.DRAFT)  # fmt: skip
    later = SubjectNotice.objects.filter(request=OuterRef("request"), pk__gt=OuterRef("pk"))
    again = SubjectNotice.objects.filter(
        ~Exists(later), review_on__lte=today, request__restricted=False, request__disposed_at=None
    )
    if of is not None:
        marks, again = marks.filter(pk=of), again.filter(request=of)
    return sorted(marks.values_list("pk", flat=True).union(again.values_list("request_id", flat=True)))


@use_case
def _propose_again(*, request_id: int, now: datetime) -> bool:
    """Asked again under the lock: of two sweeps at once, one proposes."""
    request = locked(request_id)
    if not _due(london_day(now), of=request.pk):
        return False
    propose_notice(request, Ground.LOOK_AGAIN, by=None, now=now)
    record_change(
        request, event="notice.proposed", actor=None, role="", now=now, detail={"ground": Ground.LOOK_AGAIN.value}
    )  # fmt: skip
    return True


def _whose_question(request: Request, now: datetime) -> list[User]:
    """Whoever has it, and their cover; while nobody has it, every handler; without any, the heads of legal."""
    able = who_may(request=request, perm=Perm.RECORD, now=now)
    if request.assignee in able and request.assignee_id is not None:
        absence = absences_on(localdate(now)).get(request.assignee_id)
        meant = {request.assignee_id, *([absence.cover_id] if absence and absence.cover_id else [])}
        return [user for user in able if user.pk in meant]
    for role in (Role.HANDLER, Role.HEAD_OF_LEGAL):
        meant = set(holders(controller(), role, now).values_list("pk", flat=True))
        if found := [user for user in able if user.pk in meant]:
            return found
    return []


def _check(
    request: Request,
    actor: User,
    now: datetime,
    what: str,
    guards: Sequence[TellGuard],
    *,
    words: str,
    told_on: date | None = None,
    review_on: date | None = None,
) -> None:
    facts = TellFacts(
        roles=roles_on(actor, request, now),
        restricted=request.restricted,
        do_not_notify=bool(request.do_not_notify),
        words=words,
        today=london_day(now),
        told_on=told_on,
        review_on=review_on,
    )
    if objections := objections_to_telling(facts, guards):
        raise refuse(request, actor, what, *objections)
