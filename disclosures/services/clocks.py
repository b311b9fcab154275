"""Starting, pausing and stopping the clocks of a request.

Called inside a step, under the request's lock. The request's `due_on` and `due_at` are set in memory
only: the step saves the request once, with its new version. Each function tells whether it changed
anything, so that a step without an effect on time writes nothing.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from accounts.models import User

from ..deadlines.calendars import Calendar
from ..deadlines.derive import Line, derive
from ..deadlines.rules import NEVER_OVERDUE, PAUSABLE, Event, EventKind, Purpose, Rule
from ..models import ClockEvent, Deadline, Request
from .calendars import calendar_of_clock


def open_clock(
    *, request: Request, purpose: Purpose, rule: Rule, starts_at: datetime, actor: User | None, now: datetime
) -> bool:
    """Starts a clock, unless one for the same purpose has not been stopped yet."""
    if request.deadlines.filter(purpose=purpose, stopped_at=None).exists():
        return False
    receipt = Event(kind=EventKind.RECEIVED, at=starts_at)
    deadline = Deadline(
        request=request,
        purpose=purpose,
        rule=rule.code,
        n=rule.n,
        scheme=rule.scheme,
        stated_on=rule.stated_on,
        starts_at=starts_at,
        created_at=now,
    )
    derive_into(deadline=deadline, events=[receipt], calendar=calendar_of_clock(deadline=deadline))
    deadline.save(force_insert=True)
    ClockEvent.objects.create(
        request=request, deadline=deadline, kind=EventKind.RECEIVED, at=starts_at, recorded_by=actor
    )
    _take_earliest(request)
    return True


def pause_clocks(*, request: Request, reason: str, actor: User | None, now: datetime) -> bool:
    """Pauses the house's own clocks; what an instrument or the law sets never pauses."""
    running = request.deadlines.running().filter(rule__in=PAUSABLE)
    return _happened(request, running, EventKind.PAUSED, reason=reason, actor=actor, now=now)


def resume_clocks(*, request: Request, reason: str, actor: User | None, now: datetime) -> bool:
    paused = request.deadlines.filter(stopped_at=None, paused_at__isnull=False)
    return _happened(request, paused, EventKind.RESUMED, reason=reason, actor=actor, now=now)


def history_of(*, request: Request, purpose: Purpose) -> list[ClockEvent]:
    """The pauses and extensions of the clock of this purpose that still runs or stands paused."""
    kinds = (EventKind.PAUSED, EventKind.RESUMED, EventKind.EXTENDED, EventKind.UNDONE)
    clock = request.deadlines.filter(purpose=purpose, stopped_at=None)
    rows = ClockEvent.objects.filter(deadline__in=clock, kind__in=kinds)
    return list(rows.select_related("extension").order_by("id"))


def carry_over(*, history: Iterable[ClockEvent], request: Request, purpose: Purpose) -> None:
    """What was paused stays paused and what was extended stays so, on the clock that took the old one's place.

    Only the house's own days pause; and only what the issuer gave moves the issuer's date.
    """
    clock = request.deadlines.filter(purpose=purpose, stopped_at=None).first()
    kept = [event for event in history if clock and _stays_true(event, clock)]
    if clock is None or not kept:
        return
    ClockEvent.objects.bulk_create(
        ClockEvent(
            request=request,
            deadline=clock,
            kind=event.kind,
            at=event.at,
            on=event.on,
            extension=event.extension,
            recorded_by=event.recorded_by,
            reason=event.reason,
        )
        for event in kept
    )
    pauses = [event for event in kept if event.extension is None]
    clock.paused_at = pauses[-1].at if pauses and pauses[-1].kind == EventKind.PAUSED else None
    derive_into(deadline=clock, events=events_of(deadline=clock), calendar=calendar_of_clock(deadline=clock))
    clock.save()
    _take_earliest(request)


def _stays_true(event: ClockEvent, clock: Deadline) -> bool:
    if event.extension is None:
        return clock.rule in PAUSABLE
    return event.extension.by_issuer == (clock.rule not in PAUSABLE)


def stop_clocks(
    *,
    request: Request,
    reason: str,
    actor: User | None,
    now: datetime,
    purposes: Collection[Purpose] = tuple(Purpose),
) -> bool:
    """Stops the clocks of these purposes (all of them, if none are named) for good, paused ones too."""
    open_clocks = request.deadlines.filter(stopped_at=None, purpose__in=purposes)
    return _happened(request, open_clocks, EventKind.STOPPED, reason=reason, actor=actor, now=now)


def _happened(
    request: Request,
    deadlines: Iterable[Deadline],
    kind: EventKind,
    *,
    reason: str,
    actor: User | None,
    now: datetime,
) -> bool:
    concerned = list(deadlines)
    for deadline in concerned:
        ClockEvent.objects.create(
            request=request, deadline=deadline, kind=kind, at=now, recorded_by=actor, reason=reason
        )
        if kind == EventKind.PAUSED:
            deadline.paused_at = now
        elif kind == EventKind.RESUMED:
            deadline.paused_at = None
        else:
            deadline.stopped_at = now
        derive_into(
            deadline=deadline,
            events=events_of(deadline=deadline),
            calendar=calendar_of_clock(deadline=deadline),
        )
        deadline.save()
    if concerned:
        _take_earliest(request)
    return bool(concerned)


def events_of(*, deadline: Deadline) -> list[Event]:
    rows = deadline.events.order_by("id").values_list("kind", "at", "on", "extension_id", "reason")
    return [
        Event(kind=kind, at=at, on=on, extension=extension, reason=reason)
        for kind, at, on, extension, reason in rows
    ]


def derive_into(*, deadline: Deadline, events: list[Event], calendar: Calendar) -> None:
    """The row is a cache of what follows from the events; `due_version` counts the changes of the date."""
    rule = Rule(code=deadline.rule, n=deadline.n, scheme=deadline.scheme, stated_on=deadline.stated_on)
    result = derive(rule, events, calendar)
    if deadline.pk is not None and deadline.due_at != result.due_at:
        deadline.due_version += 1
    deadline.due_on = result.due_on
    deadline.due_at = result.due_at
    deadline.last_day_on = result.last_day_on
    deadline.provisional = result.provisional
    deadline.derivation = [_as_json(line) for line in result.lines]


def _as_json(line: Line) -> dict[str, str | None]:
    stored = {"day": line.day.isoformat() if line.day else None, "words": line.words}
    return stored | ({"source": line.source} if line.source else {})


def _take_earliest(request: Request) -> None:
    take_earliest_of(request, request.deadlines.filter(stopped_at=None))


def take_earliest_of(request: Request, clocks: Iterable[Deadline]) -> None:
    """Of the clocks that have not been stopped, those left out that are never overdue: other people's time, and windows."""
    running = [
        (clock.due_at, clock.pk, clock)
        for clock in clocks
        if clock.paused_at is None and clock.due_at and clock.purpose not in NEVER_OVERDUE
    ]
    earliest = min(running)[2] if running else None
    request.due_on = earliest.due_on if earliest else None
    request.due_at = earliest.due_at if earliest else None
