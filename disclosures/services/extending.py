"""Moving a clock by hand: the issuer's letter, the house's own reason, our working date; and taking it back."""

from datetime import date, datetime

from accounts.models import User

from ..deadlines.calendars import london_day
from ..deadlines.rules import EventKind, Purpose, RuleCode
from ..guards.deadlines import ExtensionFacts, objections_to
from ..models import ClockEvent, Deadline, Extension, Request
from ..states import Perm
from .calendars import calendar_of_clock
from .changes import demand, locked, record_change, refuse, use_case
from .clocks import derive_into, events_of, take_earliest_of

NO_CLOCK = "There is no such clock on this request."


@use_case
def extend_deadline(
    *,
    request_id: int,
    purpose: str,
    until: date,
    reason: str,
    letter_reference: str = "",
    letter_on: date | None = None,
    actor: User,
    now: datetime,
) -> Extension:
    """Sets a new day for one clock. What law or an instrument set moves only by its issuer's letter.

    Raises ActionRefused with every objection, NotThere for who may not move the clock.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.TIME, now)
    clock = _clock(request, purpose)
    if clock is None:
        raise refuse(request, actor, "EXTEND", ("clock_runs", NO_CLOCK))
    by_issuer = clock.rule != RuleCode.SLA
    facts = ExtensionFacts(
        purpose=clock.purpose,
        rule=clock.rule,
        started_on=london_day(clock.starts_at),
        due_on=clock.due_on,
        runs=clock.stopped_at is None,
        until=until,
        today=london_day(now),
        reason=reason,
        letter_reference=letter_reference,
        letter_on=letter_on,
        set_by_law=by_issuer,
    )
    if found := objections_to(facts):
        raise refuse(request, actor, "EXTEND", *found)
    given = Extension(
        request=request,
        purpose=clock.purpose,
        until_on=until,
        by_issuer=by_issuer,
        letter_on=letter_on if by_issuer else None,
        given_at=now,
        given_by=actor,
    )
    given.seal(reason=reason.strip(), letter_reference=letter_reference.strip() if by_issuer else "")
    given.save(force_insert=True)
    was_on = clock.due_on
    _heard(request, clock, EventKind.EXTENDED, now, actor, on=until, extension=given)
    record_change(
        request,
        event="deadline.extended",
        actor=actor,
        role=role,
        now=now,
        detail={
            "purpose": clock.purpose,
            "from": was_on.isoformat() if was_on else "",
            "to": until.isoformat(),
            "by_issuer": by_issuer,
        },
        commits={"reason": reason.strip()}
        | ({"letter_reference": letter_reference.strip()} if by_issuer else {}),
    )
    return given


@use_case
def undo_extension(
    *, request_id: int, extension_id: int, reason: str, actor: User, now: datetime
) -> Extension:
    """Takes an extension back: the clock is counted again as if it had never been given. Raises as above."""
    request = locked(request_id)
    role = demand(request, actor, Perm.TIME, now)
    given = Extension.objects.filter(pk=extension_id, request=request).first()
    clocks = list(
        Deadline.objects.filter(
            request=request,
            stopped_at=None,
            events__extension=extension_id,
            events__kind=EventKind.EXTENDED,
        )
        .exclude(events__extension=extension_id, events__kind=EventKind.UNDONE)
        .distinct()
    )
    faults = []
    if given is None or not clocks:
        faults.append(("extension_stands", "This extension does not stand any more."))
    if not reason.strip():
        faults.append(("reason_is_given", "Say why the extension is taken back."))
    if faults or given is None:
        raise refuse(request, actor, "UNDO_EXTENSION", *faults)
    for clock in clocks:
        _heard(request, clock, EventKind.UNDONE, now, actor, extension=given)
    record_change(
        request,
        event="deadline.extension_undone",
        actor=actor,
        role=role,
        now=now,
        detail={
            "purpose": given.purpose,
            "until": given.until_on.isoformat(),
            "to": [clock.due_on.isoformat() if clock.due_on else "" for clock in clocks],
        },
        commits={"reason": reason.strip()},
    )
    return given


@use_case
def set_working_date(*, request_id: int, on: date, reason: str, actor: User, now: datetime) -> Deadline:
    """Our own date for an instrument that states none; shown as ours, and it binds nobody but us."""
    request = locked(request_id)
    role = demand(request, actor, Perm.TIME, now)
    clock = _clock(request, Purpose.ANSWER)
    faults = []
    if clock is None or clock.rule != RuleCode.NO_DATE:
        faults.append(("instrument_states_no_date", "This request has a date of its own; extend that one."))
    if on < london_day(now):
        faults.append(("day_lies_ahead", "The working date is past. Give a day that is still to come."))
    if not reason.strip():
        faults.append(("reason_is_given", "Say why this day is reasonable."))
    if faults or clock is None:
        raise refuse(request, actor, "WORKING_DATE", *faults)
    _heard(request, clock, EventKind.WORKING_DATE, now, actor, on=on)
    record_change(
        request,
        event="deadline.working_date_set",
        actor=actor,
        role=role,
        now=now,
        detail={"to": on.isoformat()},
        commits={"reason": reason.strip()},
    )
    return clock


def _clock(request: Request, purpose: str) -> Deadline | None:
    return request.deadlines.filter(purpose=purpose, stopped_at=None).first()


def _heard(
    request: Request,
    clock: Deadline,
    kind: EventKind,
    now: datetime,
    actor: User,
    *,
    on: date | None = None,
    extension: Extension | None = None,
) -> None:
    """Writes the event, counts the clock again and keeps what came out."""
    ClockEvent.objects.create(
        request=request, deadline=clock, kind=kind, at=now, on=on, extension=extension, recorded_by=actor
    )
    derive_into(deadline=clock, events=events_of(deadline=clock), calendar=calendar_of_clock(deadline=clock))
    clock.save()
    take_earliest_of(request, request.deadlines.filter(stopped_at=None))
