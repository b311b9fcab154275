"""How the catalogue writes a rule of time, and the rules that no other test of the clocks tells of."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from disclosures.catalogue.time_rules import TIME_RULES, Start, TimeRule, parse_time_rule
from disclosures.deadlines.calendars import Holiday, calendar_of
from disclosures.deadlines.derive import Derivation, derive
from disclosures.deadlines.rules import Event, EventKind, Rule, RuleCode

from .slow_calendar import PUBLISHED

HOLIDAYS = [
    Holiday(division=division, day=date.fromisoformat(day), title="Day off", source="the gazette")
    for division, days in PUBLISHED.items()
    for day in days
]
EW = calendar_of("EW", HOLIDAYS)
UK = calendar_of("UK", HOLIDAYS)


def at(kind: EventKind, words: str, on: str | None = None, extension: int | None = None) -> Event:
    moment = datetime.fromisoformat(words).replace(tzinfo=ZoneInfo("Europe/London"))
    return Event(kind=kind, at=moment, on=date.fromisoformat(on) if on else None, extension=extension)


def due(code: str, n: int | None, start: str, *more: Event, stated: str | None = None) -> Derivation:
    rule = Rule(code=code, n=n, scheme="EW", stated_on=date.fromisoformat(stated) if stated else None)
    return derive(rule, [at(EventKind.RECEIVED, start), *more], EW)


# The catalogue's writing ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("CI 7", TimeRule("CI", 7, Start.MADE)),
        ("CI 28 SERVED", TimeRule("CI", 28, Start.SERVED)),
        ("CX 7", TimeRule("CX", 7, Start.MADE)),
        ("WN 7", TimeRule("WN", 7, Start.RECEIVED)),
        ("MIN_WN 10", TimeRule("MIN_WN", 10, Start.RECEIVED)),
        ("MAX_CI 90", TimeRule("MAX_CI", 90, Start.MADE)),
        ("MB", TimeRule("MB", 1, Start.MADE)),
        ("MONTH 1", TimeRule("MONTH", 1, Start.RECEIVED)),
        ("MONTH 3", TimeRule("MONTH", 3, Start.RECEIVED)),
        ("IMM", TimeRule("IMM", None, Start.RECEIVED)),
        ("ON_INSTR", TimeRule("ON_INSTR", None, Start.RECEIVED)),
        ("SLA", TimeRule("SLA", None, Start.RECEIVED)),
    ],
)
def test_a_rule_of_time_is_read(text: str, meaning: TimeRule) -> None:
    assert parse_time_rule(text) == meaning


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("SOON", "in no register"),
        ("", "in no register"),
        ("CI", "needs a number of at least 1"),
        ("CI 0", "needs a number of at least 1"),
        ("MB 0", "needs a number of at least 1"),
        ("SLA 5", "takes no number"),
        ("CI 7 SIGNED", "'SIGNED' too much"),
        ("CI seven", "'seven' too much"),
        ("CI -7", "'-7' too much"),
        ("CI ٧", "'٧' too much"),
    ],
)
def test_a_rule_of_time_that_cannot_be_law_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_time_rule(text)


def test_the_catalogue_and_the_clocks_know_the_same_rules() -> None:
    """NO_DATE and HOURS are ours: no row of the law is written with them."""
    assert set(TIME_RULES) == {str(code) for code in RuleCode} - {"NO_DATE", "HOURS"}


# The rules --------------------------------------------------------------------------------------


def test_what_binds_at_once_is_due_on_the_day_even_on_a_sunday() -> None:
    result = due("IMM", None, "2024-06-02 23:59")
    assert (result.due_on, result.last_day_on) == (date(2024, 6, 2), date(2024, 6, 2))


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2024-06-07", 1, "2024-07-06"),
        ("2024-01-01", 1, "2024-01-31"),
        ("2024-01-30", 1, "2024-02-29"),
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-12-15", 1, "2025-01-14"),
        ("2024-03-01", 1, "2024-03-31"),
        ("2024-11-30", 3, "2025-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
    ],
)
def test_a_month_beginning_with_a_day_ends_the_day_before_its_date(start: str, n: int, end: str) -> None:
    assert due("MB", n, f"{start} 09:00").due_on == date.fromisoformat(end)


def test_only_the_month_rolls_and_it_names_the_days_it_rolls_over() -> None:
    result = due("MONTH", 1, "2025-03-18 09:00")
    assert [(str(line.day), line.words, line.source) for line in result.lines] == [
        ("2025-03-18", "received, the start of the month", ""),
        ("2025-04-18", "one month: the corresponding date", ""),
        ("2025-04-18", "Day off, so the next day", "the gazette"),
        ("2025-04-19", "Saturday, so the next day", ""),
        ("2025-04-20", "Sunday, so the next day", ""),
        ("2025-04-21", "Day off, so the next day", "the gazette"),
        ("2025-04-22", "the next working day", ""),
    ]
    assert due("MB", 1, "2025-03-19 09:00").due_on == date(2025, 4, 18)
    assert due("CX", 31, "2025-03-18 09:00").due_on == date(2025, 4, 18)


def test_a_date_on_a_day_off_stays_and_says_by_when_to_answer() -> None:
    result = due("CI", 7, "2024-05-20 09:00")
    assert (result.due_on, result.last_day_on) == (date(2024, 5, 26), date(2024, 5, 24))
    assert result.lines[-1].words == "the date is a day off (Sunday): answer by this working day"


def test_an_issuer_that_gives_ten_working_days_sets_its_own_date() -> None:
    result = due("MIN_WN", 10, "2024-05-20 09:00", stated="2024-06-04")
    assert result.due_on == date(2024, 6, 4)
    assert not any("may not set less" in line.words for line in result.lines)


def test_an_issuer_that_gives_less_is_answered_by_its_date_and_told_so() -> None:
    result = due("MIN_WN", 10, "2024-05-20 09:00", stated="2024-06-03")
    assert result.due_on == date(2024, 6, 3)
    assert result.lines[-1].words == (
        "The issuer may not set less than 10 working days, so no date before Tuesday 4 June 2024. "
        "Ask legal to have it put right; until then the earlier date counts."
    )


def test_without_a_date_the_bounds_are_shown() -> None:
    assert due("MIN_WN", 10, "2024-05-20 09:00").due_on == date(2024, 6, 4)
    assert due("MAX_CI", 90, "2024-01-10 09:00").due_on == date(2024, 4, 8)


@pytest.mark.parametrize(("stated", "end"), [("2024-04-08", "2024-04-08"), ("2024-05-01", "2024-04-08")])
def test_of_a_period_beyond_the_law_only_the_lawful_part_counts(stated: str, end: str) -> None:
    result = due("MAX_CI", 90, "2024-01-10 09:00", stated=stated)
    assert result.due_on == date.fromisoformat(end)
    assert any("may not set more than 90 days" in line.words for line in result.lines) == (stated != end)


def test_a_holiday_of_one_part_of_the_uk_says_which_and_who_says_so() -> None:
    rule = Rule(code=RuleCode.WN, n=2, scheme="UK")
    result = derive(rule, [at(EventKind.RECEIVED, "2025-03-14 09:00")], UK)
    (line,) = [line for line in result.lines if line.source]
    assert (str(line.day), line.words) == ("2025-03-17", "Day off (Northern Ireland only), not counted")


# Extensions -------------------------------------------------------------------------------------


def test_the_issuer_s_extension_sets_the_date_and_undoing_it_is_as_if_it_had_never_been() -> None:
    plain = due("CX", 7, "2024-05-20 09:00")
    given = at(EventKind.EXTENDED, "2024-05-22 10:00", on="2024-06-14", extension=1)
    assert due("CX", 7, "2024-05-20 09:00", given).due_on == date(2024, 6, 14)
    undone = at(EventKind.UNDONE, "2024-05-23 10:00", extension=1)
    assert due("CX", 7, "2024-05-20 09:00", given, undone) == plain


def test_undoing_the_second_extension_leaves_the_first() -> None:
    first = at(EventKind.EXTENDED, "2024-05-22 10:00", on="2024-06-14", extension=1)
    second = at(EventKind.EXTENDED, "2024-05-24 10:00", on="2024-06-21", extension=2)
    assert due("CX", 7, "2024-05-20 09:00", first, second).due_on == date(2024, 6, 21)
    undone = at(EventKind.UNDONE, "2024-05-27 10:00", extension=2)
    assert due("CX", 7, "2024-05-20 09:00", first, second, undone).due_on == date(2024, 6, 14)
    other = at(EventKind.UNDONE, "2024-05-27 10:00", extension=1)
    assert due("CX", 7, "2024-05-20 09:00", first, second, other).due_on == date(2024, 6, 21)


def test_an_extension_of_an_order_never_rolls_over_a_weekend() -> None:
    given = at(EventKind.EXTENDED, "2024-05-22 10:00", on="2024-06-15", extension=1)
    result = due("ON_INSTR", None, "2024-05-20 09:00", given, stated="2024-06-01")
    assert (result.due_on, result.last_day_on) == (date(2024, 6, 15), date(2024, 6, 14))


def test_the_issuer_s_extension_beats_our_own_working_date() -> None:
    ours = at(EventKind.WORKING_DATE, "2024-05-23 10:00", on="2024-05-28")
    given = at(EventKind.EXTENDED, "2024-05-22 10:00", on="2024-06-14", extension=1)
    assert due("NO_DATE", None, "2024-05-20 09:00", given, ours).due_on == date(2024, 6, 14)


def test_pauses_before_an_extension_are_in_it_and_those_after_it_add_to_it() -> None:
    paused = at(EventKind.PAUSED, "2024-05-21 09:00")
    resumed = at(EventKind.RESUMED, "2024-05-22 09:00")
    given = at(EventKind.EXTENDED, "2024-05-23 10:00", on="2024-06-14", extension=1)
    assert due("SLA", 5, "2024-05-20 09:00", paused, resumed, given).due_on == date(2024, 6, 14)
    again = at(EventKind.PAUSED, "2024-05-23 11:00"), at(EventKind.RESUMED, "2024-05-24 09:00")
    assert due("SLA", 5, "2024-05-20 09:00", paused, resumed, given, *again).due_on == date(2024, 6, 18)


def test_of_a_pause_that_spans_the_extension_only_the_days_after_it_add() -> None:
    paused = at(EventKind.PAUSED, "2024-05-21 09:00")
    given = at(EventKind.EXTENDED, "2024-05-23 10:00", on="2024-06-14", extension=1)
    assert due("SLA", 5, "2024-05-20 09:00", paused, given).due_on is None
    resumed = at(EventKind.RESUMED, "2024-05-24 09:00")
    assert due("SLA", 5, "2024-05-20 09:00", paused, given, resumed).due_on == date(2024, 6, 17)


def test_nothing_but_the_house_s_own_clock_hears_a_pause() -> None:
    pause = at(EventKind.PAUSED, "2024-05-21 09:00"), at(EventKind.RESUMED, "2024-05-28 09:00")
    for code, n in [("CI", 7), ("CX", 7), ("WN", 7), ("MB", 1), ("MONTH", 1), ("MAX_CI", 9), ("MIN_WN", 9)]:
        assert due(code, n, "2024-05-20 09:00", *pause) == due(code, n, "2024-05-20 09:00"), code
