"""From a rule, the events and a calendar to the due date and the reason for it. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, timedelta

from .calendars import Calendar, london_day
from .extending import extended, standing
from .house import house_days
from .periods import (
    at_once,
    calendar_days,
    months_beginning_with,
    months_from,
    not_beyond,
    not_sooner_than,
)
from .results import Derivation, Line, by_counted_day, by_given_day, clock, count, number_of
from .rules import STOP_WORDS, Event, EventKind, Rule, RuleCode

__all__ = ["Derivation", "Line", "derive"]


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
    heard = standing(events[: stops[0]] if stops else events)
    result = DERIVATIONS[rule.code](rule, heard, calendar)
    if rule.code != RuleCode.SLA:
        result = extended(result, heard, calendar)
    if not stops:
        return result
    stop = events[stops[0]]
    stopped = Line(london_day(stop.at), STOP_WORDS.get(stop.reason, "the clock was stopped"))
    return replace(result, lines=(*result.lines, stopped))


def _working_days(rule: Rule, events: Sequence[Event], calendar: Calendar) -> Derivation:
    start = london_day(events[0].at)
    due_on, counted = count(start, number_of(rule), calendar, "day")
    return by_counted_day(start, due_on, [Line(start, "the start, not counted"), *counted], calendar)


def _on_instrument(rule: Rule, events: Sequence[Event], calendar: Calendar) -> Derivation:
    if rule.stated_on is None:
        raise ValueError("The instrument's date is missing.")
    start = london_day(events[0].at)
    lines = [Line(start, "received"), Line(rule.stated_on, "the date that the instrument states")]
    return by_given_day(start, rule.stated_on, lines, calendar)


def _no_date(_rule: Rule, events: Sequence[Event], calendar: Calendar) -> Derivation:
    start = london_day(events[0].at)
    lines = [Line(start, "received; the instrument states no date, so it is due today until one is set")]
    due_on = start
    for event in events:
        if event.kind == EventKind.WORKING_DATE and event.on is not None:
            due_on = event.on
            lines.append(Line(due_on, "our own working date, set by a person; not the instrument's"))
    return by_given_day(start, due_on, lines, calendar)


def _hours(rule: Rule, events: Sequence[Event], _calendar: Calendar) -> Derivation:
    hours = number_of(rule)
    start = events[0].at.astimezone(UTC)
    due_at = start + timedelta(hours=hours)
    due_on = london_day(due_at)
    lines = (
        Line(london_day(start), f"received at {clock(start)}"),
        Line(due_on, f"{hours} hours of elapsed time end at {clock(due_at)}; no calendar applies"),
    )
    return Derivation(due_on=due_on, due_at=due_at, last_day_on=due_on, lines=lines, provisional=False)


DERIVATIONS: dict[str, Callable[[Rule, Sequence[Event], Calendar], Derivation]] = {
    RuleCode.WN: _working_days,
    RuleCode.SLA: house_days,
    RuleCode.ON_INSTR: _on_instrument,
    RuleCode.NO_DATE: _no_date,
    RuleCode.IMM: at_once,
    RuleCode.CI: calendar_days,
    RuleCode.CX: calendar_days,
    RuleCode.MIN_WN: not_sooner_than,
    RuleCode.MAX_CI: not_beyond,
    RuleCode.MB: months_beginning_with,
    RuleCode.MONTH: months_from,
    RuleCode.HOURS: _hours,
}
