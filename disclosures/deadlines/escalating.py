"""Which thresholds of a clock are reached, and in which turn a repeated one is. Pure."""

from collections.abc import Iterator
from datetime import date, datetime

from .calendars import end_of, london_day
from .rules import Threshold


def turn_of(today: date, days: int) -> str:
    """The first day of the turn that today belongs to; empty where there is only one."""
    return date.fromordinal(today.toordinal() // days * days).isoformat() if days else ""


def reached(
    *, starts_at: datetime, due_on: date, overdue_days: int, now: datetime
) -> Iterator[tuple[Threshold, str]]:
    """Of a clock whose last day is a working day, as that of UK GDPR Article 12(3) always is: each with its turn."""
    due_at, today = end_of(due_on), london_day(now)
    if now >= due_at:
        yield Threshold.OVERDUE, turn_of(today, overdue_days)
        return
    span = due_at - starts_at
    if now >= starts_at + span / 2:
        yield Threshold.HALF, ""
    if now >= starts_at + span * 3 / 4:
        yield Threshold.THREE_QUARTERS, ""
    if today >= due_on:
        yield Threshold.LAST_DAY, ""
