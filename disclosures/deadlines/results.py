"""What a rule gives: the due date, its instant, and one line for each day or step that led there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from .calendars import LONDON, ONE_DAY, Calendar, end_of
from .rules import Rule


@dataclass(frozen=True)
class Line:
    """`source`: who says that the day is a bank holiday, where one is named."""

    day: date | None
    words: str
    source: str = ""


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


def by_counted_day(start: date, due_on: date, lines: Sequence[Line], calendar: Calendar) -> Derivation:
    """A date that hangs on working days: provisional where the bank holidays are not all known."""
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


def by_given_day(start: date, due_on: date, lines: Sequence[Line], calendar: Calendar) -> Derivation:
    """A date that is nobody's count never rolls; on a day off the answer must go out before it."""
    last_day = min(due_on, max(start, calendar.last_working_day_until(due_on)))
    if last_day != due_on:
        reason = calendar.day_off(due_on)
        words = f"the date is a day off ({reason}): answer by this working day"
        lines = [*lines, Line(last_day, words, calendar.source_of(due_on))]
    return Derivation(
        due_on=due_on, due_at=end_of(due_on), last_day_on=last_day, lines=tuple(lines), provisional=False
    )


def waiting(since: date, lines: Sequence[Line]) -> Derivation:
    paused = Line(since, "paused; the date is set when the clock goes on")
    return Derivation(due_on=None, due_at=None, last_day_on=None, lines=(*lines, paused), provisional=False)


def count(after: date, n: int, calendar: Calendar, name: str) -> tuple[date, list[Line]]:
    """The n-th working day strictly after a day (the day itself for 0), with a line for each day passed."""
    day, lines = after, []
    for number in range(1, n + 1):
        day += ONE_DAY
        while (reason := calendar.day_off(day)) is not None:
            lines.append(Line(day, f"{reason}, not counted", calendar.source_of(day)))
            day += ONE_DAY
        lines.append(Line(day, f"{name} {number}"))
    return day, lines


def number_of(rule: Rule) -> int:
    if rule.n is None or rule.n < 1:
        raise ValueError(f"The rule {rule.code} needs a number of at least 1.")
    return rule.n


def clock(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%H:%M}"
