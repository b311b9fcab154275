"""Periods that statute counts in days and months, and the bounds it sets to the issuer's own date. None pauses."""

import calendar as gregorian
from collections.abc import Sequence
from datetime import date, timedelta

from accounts.days import in_full

from .calendars import ONE_DAY, Calendar, london_day
from .results import Derivation, Line, by_counted_day, by_given_day, count, number_of
from .rules import Event, Rule, RuleCode


def calendar_days(rule: Rule, events: Sequence[Event], calendar: Calendar) -> Derivation:
    """CI counts the start day as day 1, CX does not; neither rolls over a weekend, for the order is due all the same."""
    n, inclusive = number_of(rule), rule.code == RuleCode.CI
    start = london_day(events[0].at)
    first = Line(start, "the start, day 1" if inclusive else "the start, not counted")
    counted = range(1, n) if inclusive else range(1, n + 1)
    lines = [first, *(Line(start + timedelta(days=i), f"day {i + inclusive}") for i in counted)]
    due_on = start + timedelta(days=n - inclusive)
    return by_given_day(start, due_on, lines, calendar)


def at_once(_rule: Rule, events: Sequence[Event], calendar: Calendar) -> Derivation:
    start = london_day(events[0].at)
    return by_given_day(start, start, [Line(start, "executed; it binds at once")], calendar)


def months_beginning_with(rule: Rule, events: Sequence[Event], calendar: Calendar) -> Derivation:
    """The day before the corresponding date, or the last day of a month that has no such date. Never rolls."""
    n = number_of(rule)
    start = london_day(events[0].at)
    corresponding = _months_after(start, n)
    lines = [Line(start, "the start, the first day of the period")]
    if corresponding is None:
        due_on = _last_day(start, n)
        lines.append(Line(due_on, f"{_months(n)}: there is no day {start.day}, so the month's last day"))
    else:
        due_on = corresponding - ONE_DAY
        lines.append(Line(due_on, f"{_months(n)}: the day before the corresponding date"))
    return by_given_day(start, due_on, lines, calendar)


def months_from(rule: Rule, events: Sequence[Event], calendar: Calendar) -> Derivation:
    """UK GDPR Article 12(3), as the Information Commissioner counts it: the only date that rolls to a working day."""
    n = number_of(rule)
    start = london_day(events[0].at)
    day = _months_after(start, n)
    lines = [
        Line(start, "received, the start of the month" if n == 1 else "received, the start of the months")
    ]
    if day is None:
        day = _last_day(start, n)
        lines.append(Line(day, f"{_months(n)}: there is no day {start.day}, so the month's last day"))
    else:
        lines.append(Line(day, f"{_months(n)}: the corresponding date"))
    while (reason := calendar.day_off(day)) is not None:
        lines.append(Line(day, f"{reason}, so the next day", calendar.source_of(day)))
        day += ONE_DAY
    if lines[-1].day != day:
        lines.append(Line(day, "the next working day"))
    return by_counted_day(start, day, lines, calendar)


def not_sooner_than(rule: Rule, events: Sequence[Event], calendar: Calendar) -> Derivation:
    """The law gives us at least n working days. A date that is sooner counts until the issuer puts it right."""
    start = london_day(events[0].at)
    earliest, counted = count(start, number_of(rule), calendar, "day")
    lines = [Line(start, "the start, not counted"), *counted]
    lines.append(Line(earliest, "the earliest date that the issuer may set"))
    if rule.stated_on is None:
        return by_counted_day(start, earliest, lines, calendar)
    lines.append(Line(rule.stated_on, "the date that the instrument states"))
    if fault := stated_date_fault(rule, earliest):
        lines.append(Line(None, fault))
    return by_given_day(start, rule.stated_on, lines, calendar)


def not_beyond(rule: Rule, events: Sequence[Event], calendar: Calendar) -> Derivation:
    """The issuer may set at most n days. Of a longer period the lawful part counts."""
    n = number_of(rule)
    start = london_day(events[0].at)
    latest = start + timedelta(days=n - 1)
    lines = [
        Line(start, "the start, day 1"),
        Line(latest, f"day {n}, the latest date that the issuer may set"),
    ]
    if rule.stated_on is None:
        return by_given_day(start, latest, lines, calendar)
    lines.append(Line(rule.stated_on, "the date that the instrument states"))
    if fault := stated_date_fault(rule, latest):
        lines.append(Line(None, fault))
    return by_given_day(start, min(rule.stated_on, latest), lines, calendar)


def stated_date_fault(rule: Rule, bound: date) -> str | None:
    """What is wrong with the issuer's date, where the law bounds it."""
    if rule.stated_on is None:
        return None
    if rule.code == RuleCode.MIN_WN and rule.stated_on < bound:
        return (
            f"The issuer may not set less than {rule.n} working days, so no date before {in_full(bound)}. "
            "Ask legal to have it put right; until then the earlier date counts."
        )
    if rule.code == RuleCode.MAX_CI and rule.stated_on > bound:
        return (
            f"The issuer may not set more than {rule.n} days, so no date after {in_full(bound)}. "
            "Ask legal to have it put right; until then the earlier date counts."
        )
    return None


def _month_after(start: date, n: int) -> tuple[int, int]:
    years, month = divmod(start.month - 1 + n, 12)
    return start.year + years, month + 1


def _months_after(start: date, n: int) -> date | None:
    """The corresponding date, or None where that month has no such day."""
    year, month = _month_after(start, n)
    return date(year, month, start.day) if start.day <= gregorian.monthrange(year, month)[1] else None


def _last_day(start: date, n: int) -> date:
    year, month = _month_after(start, n)
    return date(year, month, gregorian.monthrange(year, month)[1])


def _months(n: int) -> str:
    return "one month" if n == 1 else f"{n} months"
