"""Twelve thousand dates against the slow oracle: five rules, three nations and the whole UK, 2012 to 2030."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from disclosures.deadlines.calendars import Holiday, calendar_of
from disclosures.deadlines.derive import derive
from disclosures.deadlines.rules import Event, EventKind, Rule
from disclosures.services.holidays import rows_of_the_package

from . import slow_holidays as oracle
from .slow_calendar import PUBLISHED

RULES = {"WN": 60, "CI": 217, "CX": 120, "MB": 24, "MONTH": 12}  # each with the largest n that is asked of it
SCHEMES = ("EW", "SC", "NI", "UK")
CASES = 600  # of each rule and scheme: 12,000 together
FIRST, LAST = datetime(2012, 1, 1, tzinfo=UTC), datetime(2030, 12, 31, 23, 59, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
ROWS = rows_of_the_package()
CALENDARS = {
    scheme: calendar_of(scheme, [Holiday(division=row.division, day=row.day, title=row.title) for row in ROWS])
    for scheme in SCHEMES
}  # fmt: skip


def last_sunday(year: int, month: int) -> date:
    return max(date(year, month, day) for day in range(25, 32) if date(year, month, day).weekday() == 6)


def moments(dice: random.Random) -> list[datetime]:
    """A third anywhere, a third around the nights on which the clocks change, a third a minute to London's midnight."""
    span = int((LAST - FIRST).total_seconds() // 60)
    anywhere = [FIRST + timedelta(minutes=dice.randrange(span)) for _ in range(CASES // 3)]
    nights = [
        datetime.combine(last_sunday(dice.randint(2012, 2030), dice.choice((3, 10))), datetime.min.time(), UTC)
        + timedelta(minutes=dice.randrange(-120, 300))
        for _ in range(CASES // 3)
    ]  # fmt: skip
    midnights = [
        datetime.combine((FIRST + timedelta(minutes=dice.randrange(span))).date(), datetime.min.time(), LONDON)
        + timedelta(hours=23, minutes=59)
        for _ in range(CASES // 3)
    ]  # fmt: skip
    return anywhere + nights + midnights


def beyond_the_table(day: date) -> bool:
    return day.year > 2030


@pytest.mark.parametrize(("code", "scheme"), list(product(RULES, SCHEMES)))
def test_no_statutory_date_differs_from_the_slow_count(code: str, scheme: str) -> None:
    dice = random.Random(f"{code} {scheme}")
    differing, compared = [], Counter()
    for received in moments(dice):
        n = dice.randint(1, RULES[code])
        expected = oracle.due(code, received, n, scheme)
        result = derive(
            Rule(code=code, n=n, scheme=scheme),
            [Event(kind=EventKind.RECEIVED, at=received)],
            CALENDARS[scheme],
        )
        if beyond_the_table(expected) and code in {"WN", "MONTH"}:
            compared["beyond 2030"] += 1
            assert result.provisional
            continue
        compared["within"] += 1
        if result.due_on != expected:
            differing.append((received.isoformat(), n, result.due_on, expected))
    assert differing == []
    assert compared["within"] >= CASES * 9 // 10
    assert sum(compared.values()) == CASES


def test_more_than_ten_thousand_dates_are_compared() -> None:
    assert CASES * len(RULES) * len(SCHEMES) * 9 // 10 >= 10_000


def test_the_oracle_s_own_holidays_are_those_that_were_published() -> None:
    for nation, days in PUBLISHED.items():
        made = {day.isoformat() for year in range(2020, 2029) for day in oracle.days_off(nation, year)}
        assert made == set(days)


@pytest.mark.parametrize("nation", oracle.NATIONS)
def test_the_package_has_the_same_holidays_from_2012_to_2030(nation: str) -> None:
    made = {day for year in range(2012, 2031) for day in oracle.days_off(nation, year)}
    assert {row.day for row in ROWS if row.division == nation} == made
