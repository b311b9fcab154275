"""From a rule, the events and a calendar to the due date and the reason for it. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from .calendars import LONDON, ONE_DAY, Calendar, end_of, london_day
from .rules import Event, EventKind, Rule, RuleCode

CUT_OFF = time(17, 0)


@dataclass(frozen=True)
class Line:
    day: date | None
    words: str


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """`due_at` is the first instant too late; `last_day_on` the last working day that is in time.

    All three are None while the clock is paused.
    """

    due_on: date | None
    due_at: datetime | None
    last_day_on: date | None
    lines: tuple[Line, ...]
    provisional: bool


@dataclass(frozen=True)
class Pause:
    first: date
    last: date | None  # None: not yet over


def derive(rule: Rule, events: Sequence[Event], calendar: Calendar) -> Derivation:
    """Events come in the order they were recorded, the receipt first; after a stop nothing counts.

    ValueError for an unknown rule, a missing number or date, another calendar, events without a receipt.
    """
    if not events or events[0].kind != EventKind.RECEIVED:
        raise ValueError("A clock begins with its receipt.")
    if calendar.scheme != rule.scheme:
        raise ValueError(f"A rule of {rule.scheme} is not counted in the calendar of {calendar.scheme}.")
    if rule.code not in DERIVATIONS:
        raise ValueError(f"There is no rule of time {rule.code!r}.")
    stops = [number for number, event in enumerate(events) if event.kind == EventKind.STOPPED]
    heard = events[: stops[0]] if stops else events
    result = DERIVATIONS[rule.code](rule, heard, calendar)
    if not stops:
        return result
    stopped = Line(london_day(events[stops[0]].at), "the clock was stopped")
    return replace(result, lines=(*result.lines, stopped))


def _working_days(rule: Rule, events: Sequence[Event], calendar: Calendar) -> Derivation:
    start = london_day(events[0].at)
    due_on, counted = _count(start, _number(rule), calendar, "day")
    return _by_day(start, due_on, [Line(start, "the start, not counted"), *counted], calendar)


def _sla(rule: Rule, events: Sequence[Event], calendar: Calendar) -> Derivation:
    day_zero, lines = _receipt(events[0].at, calendar)
    due_on, counted = _count(day_zero, _number(rule), calendar, "day")
    lines += counted
    pauses = _pauses(events)
    if not pauses:
        return _by_day(day_zero, due_on, lines, calendar)
    lines.append(Line(due_on, "due, had the clock not been paused"))
    if pauses[-1].last is None:
        return _waiting(pauses[-1].first, lines)
    paused = _paused_working_days(pauses, day_zero, calendar)
    lines += [Line(day, "paused, a working day") for day in paused]
    lines.append(Line(None, f"paused working days, both end days counted: {len(paused)}"))
    due_on, counted = _count(due_on, len(paused), calendar, "added day")
    return _by_day(day_zero, due_on, lines + counted, calendar)


def _on_instrument(rule: Rule, events: Sequence[Event], calendar: Calendar) -> Derivation:
    if rule.stated_on is None:
        raise ValueError("The instrument's date is missing.")
    start = london_day(events[0].at)
    lines = [Line(start, "received"), Line(rule.stated_on, "the date that the instrument states")]
    return _by_given_day(start, rule.stated_on, lines, calendar)


def _no_date(_rule: Rule, events: Sequence[Event], calendar: Calendar) -> Derivation:
    start = london_day(events[0].at)
    lines = [Line(start, "received; the instrument states no date, so it is due today until one is set")]
    due_on = start
    for event in events:
        if event.kind == EventKind.WORKING_DATE and event.on is not None:
            due_on = event.on
            lines.append(Line(due_on, "our own working date, set by a person; not the instrument's"))
    return _by_given_day(start, due_on, lines, calendar)


def _calendar_days(rule: Rule, events: Sequence[Event], calendar: Calendar) -> Derivation:
    """CI counts the start day as day 1, CX does not; neither rolls over a weekend, for the order is due all the same."""
    n, inclusive = _number(rule), rule.code == RuleCode.CI
    start = london_day(events[0].at)
    first = Line(start, "the start, day 1" if inclusive else "the start, not counted")
    counted = range(1, n) if inclusive else range(1, n + 1)
    lines = [first, *(Line(start + timedelta(days=i), f"day {i + inclusive}") for i in counted)]
    due_on = start + timedelta(days=n - inclusive)
    return _by_given_day(start, due_on, lines, calendar)


def _hours(rule: Rule, events: Sequence[Event], _calendar: Calendar) -> Derivation:
    hours = _number(rule)
    start = events[0].at.astimezone(UTC)
    due_at = start + timedelta(hours=hours)
    due_on = london_day(due_at)
    lines = (
        Line(london_day(start), f"received at {_clock(start)}"),
        Line(due_on, f"{hours} hours of elapsed time end at {_clock(due_at)}; no calendar applies"),
    )
    return Derivation(due_on=due_on, due_at=due_at, last_day_on=due_on, lines=lines, provisional=False)


DERIVATIONS: dict[str, Callable[[Rule, Sequence[Event], Calendar], Derivation]] = {
    RuleCode.WN: _working_days,
    RuleCode.SLA: _sla,
    RuleCode.ON_INSTR: _on_instrument,
    RuleCode.NO_DATE: _no_date,
    RuleCode.CI: _calendar_days,
    RuleCode.CX: _calendar_days,
    RuleCode.HOURS: _hours,
}


def _receipt(at: datetime, calendar: Calendar) -> tuple[date, list[Line]]:
    """Day 0: the London day of receipt, or the next working day after the cut-off or on a day off."""
    received = at.astimezone(LONDON)
    day = received.date()
    reason = calendar.day_off(day)
    if reason is not None:
        lines = [Line(day, f"received on a day off ({reason})")]
        day += ONE_DAY
    elif received.time() > CUT_OFF:
        lines = [Line(day, f"received at {_clock(at)}, after the cut-off of {CUT_OFF:%H:%M}")]
        day += ONE_DAY
    else:
        return day, [Line(day, f"received at {_clock(at)}; day 0, not counted")]
    while (reason := calendar.day_off(day)) is not None:
        lines.append(Line(day, f"{reason}, does not work"))
        day += ONE_DAY
    lines.append(Line(day, "treated as received; day 0, not counted"))
    return day, lines


def _count(after: date, n: int, calendar: Calendar, name: str) -> tuple[date, list[Line]]:
    """The n-th working day strictly after a day (the day itself for 0), with a line for each day passed."""
    day, lines = after, []
    for number in range(1, n + 1):
        day += ONE_DAY
        while (reason := calendar.day_off(day)) is not None:
            lines.append(Line(day, f"{reason}, not counted"))
            day += ONE_DAY
        lines.append(Line(day, f"{name} {number}"))
    return day, lines


def _pauses(events: Sequence[Event]) -> list[Pause]:
    pauses: list[Pause] = []
    for event in events:
        if event.kind == EventKind.PAUSED:
            pauses.append(Pause(london_day(event.at), None))
        elif event.kind == EventKind.RESUMED and pauses:
            pauses[-1] = replace(pauses[-1], last=london_day(event.at))
    return pauses


def _paused_working_days(pauses: Sequence[Pause], day_zero: date, calendar: Calendar) -> list[date]:
    """Each working day once, both ends included; days before the count began are no loss."""
    days: set[date] = set()
    for pause in pauses:
        day = max(pause.first, day_zero)
        while pause.last is not None and day <= pause.last:
            days.add(day)
            day += ONE_DAY
    return sorted(day for day in days if calendar.works(day))


def _waiting(since: date, lines: list[Line]) -> Derivation:
    waiting = Line(since, "paused; the date is set when the clock goes on")
    return Derivation(due_on=None, due_at=None, last_day_on=None, lines=(*lines, waiting), provisional=False)


def _by_day(start: date, due_on: date, lines: list[Line], calendar: Calendar) -> Derivation:
    provisional = not (calendar.knows(start) and calendar.knows(due_on))
    if provisional:
        lines = [*lines, Line(None, "provisional: the bank holidays of these days are not all known yet")]
    return Derivation(
        due_on=due_on,
        due_at=end_of(due_on),
        last_day_on=due_on,
        lines=tuple(lines),
        provisional=provisional,
    )


def _by_given_day(start: date, due_on: date, lines: list[Line], calendar: Calendar) -> Derivation:
    """A date that is nobody's count never rolls; on a day off the answer must go out before it."""
    last_day = min(due_on, max(start, calendar.last_working_day_until(due_on)))
    if last_day != due_on:
        reason = calendar.day_off(due_on)
        lines = [*lines, Line(last_day, f"the date is a day off ({reason}): answer by this working day")]
    return Derivation(
        due_on=due_on, due_at=end_of(due_on), last_day_on=last_day, lines=tuple(lines), provisional=False
    )


def _number(rule: Rule) -> int:
    if rule.n is None or rule.n < 1:
        raise ValueError(f"The rule {rule.code} needs a number of at least 1.")
    return rule.n


def _clock(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%H:%M}"
