"""The house's own days: the only clock with a receipt rule and the only one that pauses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from .calendars import LONDON, ONE_DAY, Calendar, london_day
from .extending import extension_line
from .results import Derivation, Line, by_counted_day, clock, count, number_of, waiting
from .rules import Event, EventKind, Rule

CUT_OFF = time(17, 0)


@dataclass(frozen=True)
class Pause:
    """`from_event`: its place among the events, which tells whether an extension came before or after it."""

    first: date
    last: date | None  # None: not yet over
    from_event: int


def house_days(
    rule: Rule, events: Sequence[Event], calendar: Calendar, *, cut_off: bool = True
) -> Derivation:
    """n working days after day 0, and as many more as the clock stood paused on working days.

    Without `cut_off` day 0 is the start as it is given, whatever its hour and day.

    An extension sets a new day in view of the pauses before it; those after it add to that day.
    """
    if cut_off:
        day_zero, lines = _receipt(events[0].at, calendar)
    else:
        day_zero = london_day(events[0].at)
        lines = [Line(day_zero, "the start, not counted")]
    due_on, counted = count(day_zero, number_of(rule), calendar, "day")
    lines += counted
    pauses = _pauses(events)
    given = [(place, event) for place, event in enumerate(events) if event.kind == EventKind.EXTENDED]
    if given:
        lines += [extension_line(event) for _, event in given]
        place, event = given[-1]
        if event.on is None:
            raise ValueError("An extension names its day.")
        due_on, pauses = event.on, _after(pauses, place, london_day(event.at))
    if not pauses:
        return by_counted_day(day_zero, due_on, lines, calendar)
    lines.append(Line(due_on, "due, had the clock not been paused"))
    if pauses[-1].last is None:
        return waiting(pauses[-1].first, lines)
    paused = _paused_working_days(pauses, day_zero, calendar)
    lines += [Line(day, "paused, a working day") for day in paused]
    lines.append(Line(None, f"paused working days, both end days counted: {len(paused)}"))
    due_on, counted = count(due_on, len(paused), calendar, "added day")
    return by_counted_day(day_zero, due_on, lines + counted, calendar)


def _after(pauses: Sequence[Pause], place: int, given_on: date) -> list[Pause]:
    """The pauses that began after the extension, and of one that spans it the days after the day it was given."""
    later = [pause for pause in pauses if pause.from_event > place]
    spanning = [
        replace(pause, first=given_on + ONE_DAY)
        for pause in pauses
        if pause.from_event < place and (pause.last is None or pause.last > given_on)
    ]
    return [*spanning, *later]


def _receipt(at: datetime, calendar: Calendar) -> tuple[date, list[Line]]:
    """Day 0: the London day of receipt, or the next working day after the cut-off or on a day off."""
    received = at.astimezone(LONDON)
    day = received.date()
    reason = calendar.day_off(day)
    if reason is not None:
        lines = [Line(day, f"received on a day off ({reason})", calendar.source_of(day))]
        day += ONE_DAY
    elif received.time() > CUT_OFF:
        lines = [Line(day, f"received at {clock(at)}, after the cut-off of {CUT_OFF:%H:%M}")]
        day += ONE_DAY
    else:
        return day, [Line(day, f"received at {clock(at)}; day 0, not counted")]
    while (reason := calendar.day_off(day)) is not None:
        lines.append(Line(day, f"{reason}, does not work", calendar.source_of(day)))
        day += ONE_DAY
    lines.append(Line(day, "treated as received; day 0, not counted"))
    return day, lines


def _pauses(events: Sequence[Event]) -> list[Pause]:
    pauses: list[Pause] = []
    for place, event in enumerate(events):
        if event.kind == EventKind.PAUSED:
            pauses.append(Pause(london_day(event.at), None, place))
        elif event.kind == EventKind.RESUMED and pauses:
            pauses[-1] = replace(pauses[-1], last=london_day(event.at))
    return pauses


def _paused_working_days(pauses: Sequence[Pause], since: date, calendar: Calendar) -> list[date]:
    """Each working day once, both ends included; days before the count began are no loss."""
    days: set[date] = set()
    for pause in pauses:
        day = max(pause.first, since)
        while pause.last is not None and day <= pause.last:
            days.add(day)
            day += ONE_DAY
    return sorted(day for day in days if calendar.works(day))
