"""The words for days and moments."""

from datetime import UTC, date, datetime

import pytest

from disclosures.templatetags import desk

from .html import Page

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (date(2026, 11, 24), "tomorrow, Tue 24 Nov"),
        (date(2026, 11, 23), "today, Mon 23 Nov"),
        (date(2026, 11, 22), "overdue by 1 day, Sun 22 Nov"),
        (date(2026, 11, 21), "overdue by 2 days, Sat 21 Nov"),
        (date(2026, 12, 3), "in 10 days, Thu 3 Dec"),
        (date(2027, 1, 4), "in 42 days, Mon 4 Jan 2027"),
        (None, "no date yet"),
    ],
)
def test_a_due_day_is_said_in_words_and_by_date(due: date | None, words: str) -> None:
    assert desk.due_words(due, NOW) == words
    assert Page(desk.due_mark(due, NOW)).text == words


def test_the_day_is_londons_not_greenwichs() -> None:
    just_after_midnight_in_london = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert desk.due_words(date(2026, 7, 2), just_after_midnight_in_london) == "today, Thu 2 Jul"
    assert desk.long_datetime(just_after_midnight_in_london) == "Thursday 2 July 2026, 00:30"


def test_dates_are_written_as_britons_write_them() -> None:
    assert desk.long_datetime(NOW) == "Monday 23 November 2026, 14:05"
    assert desk.long_date(date(2026, 11, 24)) == "Tuesday 24 November 2026"
    assert desk.short_day(NOW) == "Mon 23 Nov"
