"""The oracle of the statutory dates: bank holidays made from the rule and the proclamations, counted day by day.

It may not import what it checks, and it takes no list of holidays from anybody.
"""

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

NATIONS = ("EW", "SC", "NI")
JANUARY, MARCH, MAY, JULY, AUGUST, NOVEMBER, DECEMBER = 1, 3, 5, 7, 8, 11, 12
# Proclaimed for one year: the day, where, and the ordinary holiday that it replaces, if it does.
ONE_OFF = [
    ("2012-06-04", "EW SC NI", "2012-05-28"),
    ("2012-06-05", "EW SC NI", None),
    ("2020-05-08", "EW SC NI", "2020-05-04"),
    ("2022-06-02", "EW SC NI", "2022-05-30"),
    ("2022-06-03", "EW SC NI", None),
    ("2022-09-19", "EW SC NI", None),
    ("2023-05-08", "EW SC NI", None),
    ("2026-06-15", "SC", None),
]


def easter(year: int) -> date:
    """Gauss, as the almanacs give it for the years 1900 to 2099."""
    a, b, c = year % 19, year % 4, year % 7
    d = (19 * a + 24) % 30
    e = (2 * b + 4 * c + 6 * d + 5) % 7
    march = 22 + d + e
    if (d, e) == (29, 6) or (d == 28 and e == 6 and a > 10):
        march -= 7
    return date(year, MARCH, march) if march <= 31 else date(year, 4, march - 31)


def mondays(year: int, month: int) -> list[date]:
    return [date(year, month, day) for day in range(1, 32) if _exists(year, month, day) and date(year, month, day).weekday() == 0]  # fmt: skip


def _exists(year: int, month: int, day: int) -> bool:
    return day <= 30 or month in (1, 3, 5, 7, 8, 10, 12)


def later(day: date, days: int) -> date:
    return date.fromordinal(day.toordinal() + days)


@cache
def days_off(nation: str, year: int) -> frozenset[date]:
    """The bank holidays of a nation in a year, each on the weekday on which it is kept."""
    sunday = easter(year)
    fixed = [date(year, JANUARY, 1), date(year, DECEMBER, 25), date(year, DECEMBER, 26)]
    kept = {later(sunday, -2), mondays(year, MAY)[0], mondays(year, MAY)[-1]}
    if nation == "SC":
        fixed += [date(year, JANUARY, 2), date(year, NOVEMBER, 30)]
        kept.add(mondays(year, AUGUST)[0])
    else:
        kept |= {later(sunday, 1), mondays(year, AUGUST)[-1]}
    if nation == "NI":
        fixed += [date(year, MARCH, 17), date(year, JULY, 12)]
    weekdays = {day for day in fixed if day.weekday() < 5}
    for day in sorted(day for day in fixed if day.weekday() >= 5):
        while day.weekday() >= 5 or day in weekdays:
            day = later(day, 1)
        weekdays.add(day)
    kept |= weekdays
    for day, nations, instead_of in ONE_OFF:
        if day.startswith(str(year)) and nation in nations.split():
            kept.add(date.fromisoformat(day))
            kept -= {date.fromisoformat(instead_of)} if instead_of else set()
    return frozenset(kept)


def is_off(day: date, scheme: str) -> bool:
    nations = NATIONS if scheme == "UK" else (scheme,)
    return day.weekday() >= 5 or any(day in days_off(nation, day.year) for nation in nations)


def london_date(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo("Europe/London")).date()


def _walk(day: date) -> Iterator[date]:
    while True:
        day = later(day, 1)
        yield day


def due(rule: str, received: datetime, n: int, scheme: str) -> date:
    """WN, CI, CX, MB and MONTH, each as its statute says it in words."""
    start = london_date(received)
    if rule == "WN":
        left = n
        for day in _walk(start):
            left -= not is_off(day, scheme)
            if left == 0:
                return day
    if rule == "CI":
        return _nth_of(start, n)
    if rule == "CX":
        return _nth_of(later(start, 1), n)
    if rule == "MB":
        end = _same_day(start, n)
        return later(end, -1) if end.day == start.day else end
    day = _same_day(start, n)
    while is_off(day, scheme):
        day = later(day, 1)
    return day


def _nth_of(first: date, n: int) -> date:
    """The n-th day of a period whose first day is given, walked."""
    day = first
    for _ in range(n - 1):
        day = later(day, 1)
    return day


def _same_day(start: date, months: int) -> date:
    """The corresponding date some months on, found by walking month after month; else that month's last day."""
    year, month = start.year, start.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    for day in range(start.day, 0, -1):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    raise AssertionError("a month has days")
