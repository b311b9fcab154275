"""Extensions: whoever set the date, or the house for its own, moves it in writing; what was undone never was."""

from collections.abc import Sequence
from dataclasses import replace

from accounts.days import british

from .calendars import Calendar, london_day
from .results import Derivation, Line, by_given_day
from .rules import Event, EventKind


def standing(events: Sequence[Event]) -> list[Event]:
    """The events as they stand: an extension that was undone is replayed as if it had never been given."""
    undone = {event.extension for event in events if event.kind == EventKind.UNDONE}
    return [
        event
        for event in events
        if event.kind != EventKind.UNDONE
        and not (event.kind == EventKind.EXTENDED and event.extension in undone)
    ]


def extended(result: Derivation, events: Sequence[Event], calendar: Calendar) -> Derivation:
    """The last extension that stands sets the date; the line of each one is kept. It never rolls."""
    given = [event for event in events if event.kind == EventKind.EXTENDED]
    if not given:
        return result
    lines = [*result.lines, *(extension_line(event) for event in given)]
    due_on = given[-1].on
    if due_on is None:
        raise ValueError("An extension names its day.")
    moved = by_given_day(london_day(events[0].at), due_on, lines, calendar)
    return replace(moved, provisional=False)


def extension_line(event: Event) -> Line:
    day = london_day(event.at)
    return Line(event.on, f"extended to this day, recorded on {british(day)}")
