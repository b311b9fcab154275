"""The oracle for the clocks: slow, obvious, and it may not import what it checks.

It walks London's days one by one over the published list of bank holidays.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

DATA = Path(__file__).resolve().parent.parent / "data"
PUBLISHED: dict[str, list[str]] = json.loads((DATA / "bank_holidays_2020_2028.json").read_text())


def is_off(day: date, scheme: str) -> bool:
    lists = PUBLISHED.values() if scheme == "UK" else [PUBLISHED[scheme]]
    return day.strftime("%a") in ("Sat", "Sun") or any(day.isoformat() in days for days in lists)


def days_after(day: date) -> Iterator[date]:
    while True:
        day = date.fromordinal(day.toordinal() + 1)
        yield day


def working_day(n: int, after: date, scheme: str) -> date:
    """The n-th working day strictly after a day; the day itself for n = 0."""
    seen = 0
    if n == 0:
        return after
    for day in days_after(after):
        seen += not is_off(day, scheme)
        if seen == n:
            return day
    raise AssertionError("days do not end")


def wall_clock(instant: datetime) -> datetime:
    return instant.astimezone(ZoneInfo("Europe/London"))


def day_zero(received: datetime, scheme: str) -> date:
    local = wall_clock(received)
    in_time = (local.hour, local.minute, local.second, local.microsecond) <= (17, 0, 0, 0)
    if in_time and not is_off(local.date(), scheme):
        return local.date()
    return working_day(1, local.date(), scheme)


def sla_due(received: datetime, n: int, scheme: str, pauses: list[tuple[datetime, datetime]]) -> date:
    zero = day_zero(received, scheme)
    paused = {
        date.fromordinal(ordinal)
        for start, end in pauses
        for ordinal in range(wall_clock(start).date().toordinal(), wall_clock(end).date().toordinal() + 1)
    }
    lost = [day for day in paused if day >= zero and not is_off(day, scheme)]
    return working_day(len(lost), working_day(n, zero, scheme), scheme)


def first_instant_after(day: date) -> datetime:
    """Found by search: the first half hour of UTC whose London date is later than the day."""
    instant = datetime.combine(day, time(0), UTC)
    while wall_clock(instant).date() <= day:
        instant += timedelta(minutes=30)
    return instant
