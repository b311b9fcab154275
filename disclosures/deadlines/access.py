"""When a person's own request is due: UK GDPR Articles 12(3) and 12A, the latter from 5 February 2026.

One month from the receipt, or from the proof of identity where one was asked for; the clock stands still while we
wait for what we asked to be made clear; two months more if the person is told within the first. Pure.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from .calendars import Calendar, end_of, london_day
from .derive import derive
from .results import Derivation, Line, by_counted_day, waiting
from .rules import Event, EventKind, Rule, RuleCode

MONTHS, EXTENDED_MONTHS = 1, 3


@dataclass(frozen=True, kw_only=True)
class AccessClock:
    received_at: datetime
    proof_asked_at: datetime | None = None
    identity_at: datetime | None = None
    clarification_asked_at: datetime | None = None
    clarification_came_at: datetime | None = None
    extended: bool = False


def access_start(clock: AccessClock) -> datetime:
    """The receipt, or the proof of identity that was asked for and has come."""
    if clock.proof_asked_at is None or clock.identity_at is None:
        return clock.received_at
    return max(clock.received_at, clock.identity_at)


def access_due(clock: AccessClock, calendar: Calendar) -> Derivation:
    start, before = access_start(clock), list[Line]()
    if clock.proof_asked_at is not None:
        before = [
            Line(london_day(clock.received_at), "received"),
            Line(london_day(clock.proof_asked_at), "a proof of identity was asked for: the month begins when it is there"),
        ]  # fmt: skip
        if clock.identity_at is None:
            return waiting(london_day(clock.proof_asked_at), before)
    rule = Rule(code=RuleCode.MONTH, scheme=calendar.scheme, n=EXTENDED_MONTHS if clock.extended else MONTHS)
    found = derive(rule, [Event(kind=EventKind.RECEIVED, at=start)], calendar)
    lines = (*before, *found.lines)
    if clock.clarification_asked_at is None:
        return replace(found, lines=lines)
    asked_on = london_day(clock.clarification_asked_at)
    if clock.clarification_came_at is None:
        return waiting(asked_on, lines)
    return _later(
        found.due_on or asked_on, asked_on, london_day(clock.clarification_came_at), lines, calendar
    )


def _later(
    due_on: date, asked_on: date, came_on: date, lines: tuple[Line, ...], calendar: Calendar
) -> Derivation:
    """As many days as we waited, and on to a working day."""
    waited = (came_on - asked_on).days
    day = date.fromordinal(due_on.toordinal() + waited)
    more = [Line(day, f"the clock stood still for {waited} days, from {asked_on:%d %B} to {came_on:%d %B}")]
    while (reason := calendar.day_off(day)) is not None:
        more.append(Line(day, f"{reason}, so the next day", calendar.source_of(day)))
        day = date.fromordinal(day.toordinal() + 1)
    found = by_counted_day(asked_on, day, [*lines, *more], calendar)
    return replace(found, due_at=end_of(day))
