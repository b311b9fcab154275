"""Dates and times as people type them."""

from datetime import UTC, date, datetime

import pytest
from django import forms

from disclosures.forms.fields import LONDON, DayMonthYearField, MomentField


@pytest.mark.parametrize(
    "typed",
    [
        ("24", "11", "2026"),
        (" 24 ", "Nov", "26"),
        ("24th", "november", "2026"),
        ("24", "nov.", "2026"),
        ("24/11/2026", "", ""),
        ("24 November 26", "", ""),
        ("2026-11-24", "", ""),
    ],
)
def test_a_date_is_read_as_britons_type_it(typed: tuple[str, ...]) -> None:
    assert DayMonthYearField(label="Date of the form").clean(typed) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("31", "2", "2026"), "Date of the form must be a real date, such as 24 11 2026."),
        (("24", "ju", "2026"), "Date of the form must be a real date, such as 24 11 2026."),
        (("24", "11", "226"), "Date of the form must be a real date, such as 24 11 2026."),
        (("1_0", "11", "2026"), "Date of the form must be a real date, such as 24 11 2026."),
        (("24", "", ""), "Date of the form must include a month and a year."),
        (("24", "11", ""), "Date of the form must include a year."),
        (("", "", ""), "Date of the form is needed, such as 24 11 2026."),
    ],
)
def test_what_is_no_date_is_answered_in_one_sentence(typed: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(forms.ValidationError) as refused:
        DayMonthYearField(label="Date of the form").clean(typed)
    assert refused.value.messages == [sentence]


def test_the_century_of_a_birth_is_never_guessed() -> None:
    born = DayMonthYearField(label="Date of birth", full_year=True)
    assert born.clean(("3", "8", "1945")) == date(1945, 8, 3)
    with pytest.raises(forms.ValidationError, match="needs all four digits of the year"):
        born.clean(("3", "8", "45"))


@pytest.mark.parametrize("clock", ["14:05", "14.05", "1405", "2:05pm", "2.05 p.m."])
def test_a_time_is_read_as_britons_type_it(clock: str) -> None:
    moment = MomentField(label="Received at").clean(("24", "11", "2026", clock))
    assert moment == datetime(2026, 11, 24, 14, 5, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("clock", "sentence"),
    [
        ("", "Received at must include a time, such as 14:05."),
        ("25:00", "The time in “Received at” must be a time of day, such as 14:05."),
        ("14", "The time in “Received at” must be a time of day, such as 14:05."),
        ("13pm", "The time in “Received at” must be a time of day, such as 14:05."),
    ],
)
def test_what_is_no_time_is_answered_in_one_sentence(clock: str, sentence: str) -> None:
    with pytest.raises(forms.ValidationError) as refused:
        MomentField(label="Received at").clean(("24", "11", "2026", clock))
    assert refused.value.messages == [sentence]


def test_midnight_and_noon_of_the_twelve_hour_clock() -> None:
    received = MomentField(label="Received at")
    assert received.clean(("24", "11", "2026", "12am")).hour == 0
    assert received.clean(("24", "11", "2026", "12 pm")).hour == 12


def test_the_hour_the_clocks_skip_does_not_exist() -> None:
    with pytest.raises(forms.ValidationError, match="the clocks skipped on Sunday 29 March 2026"):
        MomentField(label="Received at").clean(("29", "3", "2026", "01:30"))


def test_of_the_hour_that_comes_twice_the_first_is_meant() -> None:
    moment = MomentField(label="Received at").clean(("25", "10", "2026", "01:30"))
    assert moment.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
