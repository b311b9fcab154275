"""The clocks as pure functions: worked dates, receipt, pauses, elapsed hours, words."""

import csv
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from disclosures.deadlines.calendars import Calendar, Holiday, calendar_of, end_of
from disclosures.deadlines.derive import Derivation, derive
from disclosures.deadlines.rules import Event, EventKind, Rule, RuleCode

from .slow_calendar import DATA, PUBLISHED

LONDON = ZoneInfo("Europe/London")
HOLIDAYS = [
    Holiday(division=division, day=date.fromisoformat(day), title=f"Day off {day}")
    for division, days in PUBLISHED.items()
    for day in days
]
CALENDARS = {scheme: calendar_of(scheme, HOLIDAYS) for scheme in ("EW", "SC", "NI", "UK")}
WORKED = list(csv.DictReader((DATA / "worked_dates.csv").read_text().splitlines()))


def london(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=LONDON)


def received(words: str) -> Event:
    return Event(kind=EventKind.RECEIVED, at=london(words))


def at(kind: EventKind, words: str, on: date | None = None) -> Event:
    return Event(kind=kind, at=london(words), on=on)


def sla(n: int, *events: Event, scheme: str = "EW") -> Derivation:
    return derive(Rule(code=RuleCode.SLA, n=n, scheme=scheme), events, CALENDARS[scheme])


def words_of(result: Derivation) -> list[str]:
    return [line.words for line in result.lines]


# The rules by the name that the worked cases use; WD is followed by its number.
WORKED_RULES = {
    "PO7": ("CI", 7), "COPO7": ("CI", 7), "AMO90": ("CI", 90), "MOR31": ("CI", 31), "MORMAX": ("CI", 217),
    "IPA3D": ("CI", 3), "CMP30": ("CI", 30), "IPA1M": ("MB", 1), "GDPR1M": ("MONTH", 1), "GDPR3M": ("MONTH", 3),
}  # fmt: skip


def worked_rule(row: dict[str, str]) -> Rule:
    scheme = "EW" if row["jurisdiction"] == "-" else row["jurisdiction"]
    if row["rule"] == "WD":
        return Rule(code=RuleCode.WN, n=int(row["n_working_days"]), scheme=scheme)
    code, n = WORKED_RULES[row["rule"]]
    return Rule(code=code, n=n, scheme=scheme)


@pytest.mark.parametrize("row", WORKED, ids=[row["no"] for row in WORKED])
def test_worked_dates_come_out_as_published(row: dict[str, str]) -> None:
    rule = worked_rule(row)
    result = derive(rule, [received(f"{row['start']} 09:00")], CALENDARS[rule.scheme])
    assert result.due_on == date.fromisoformat(row["due"])
    assert not result.provisional


def test_all_fifty_six_worked_dates_are_here() -> None:
    assert [row["no"] for row in WORKED] == [str(number) for number in range(1, 57)]


def test_each_day_has_its_line_and_each_holiday_its_name() -> None:
    result = derive(Rule(code=RuleCode.WN, n=2, scheme="EW"), [received("2024-03-28 09:00")], CALENDARS["EW"])
    assert [(str(line.day), line.words) for line in result.lines] == [
        ("2024-03-28", "the start, not counted"),
        ("2024-03-29", "Day off 2024-03-29, not counted"),
        ("2024-03-30", "Saturday, not counted"),
        ("2024-03-31", "Sunday, not counted"),
        ("2024-04-01", "Day off 2024-04-01, not counted"),
        ("2024-04-02", "day 1"),
        ("2024-04-03", "day 2"),
    ]


def test_the_day_of_receipt_is_day_nought() -> None:
    assert sla(1, received("2024-05-20 09:00")).due_on == date(2024, 5, 21)


def test_five_o_clock_itself_is_still_in_time() -> None:
    assert sla(1, received("2024-05-20 17:00")).due_on == date(2024, 5, 21)


def test_after_five_o_clock_counts_as_the_next_working_day() -> None:
    result = sla(1, received("2024-05-24 17:01"))  # a Friday; Monday is a bank holiday
    assert result.due_on == date(2024, 5, 29)
    assert words_of(result) == [
        "received at 17:01, after the cut-off of 17:00",
        "Saturday, does not work",
        "Sunday, does not work",
        "Day off 2024-05-27, does not work",
        "treated as received; day 0, not counted",
        "day 1",
    ]


def test_receipt_on_a_saturday_counts_as_the_next_working_day() -> None:
    assert sla(1, received("2024-06-01 10:00")).due_on == date(2024, 6, 4)


def test_a_minute_to_midnight_in_london_in_summer_is_that_day_although_utc_agrees_only_by_an_hour() -> None:
    late = Event(kind=EventKind.RECEIVED, at=datetime(2024, 6, 5, 22, 59, tzinfo=UTC))
    assert london("2024-06-05 23:59") == late.at
    after_midnight = Event(kind=EventKind.RECEIVED, at=datetime(2024, 6, 5, 23, 0, tzinfo=UTC))
    assert sla(1, late).due_on == date(2024, 6, 7)
    assert sla(1, after_midnight).due_on == date(2024, 6, 7)
    wn = Rule(code=RuleCode.WN, n=1, scheme="EW")
    assert derive(wn, [late], CALENDARS["EW"]).due_on == date(2024, 6, 6)
    assert derive(wn, [after_midnight], CALENDARS["EW"]).due_on == date(2024, 6, 7)


def test_the_due_instant_is_midnight_in_london_in_summer_and_in_winter() -> None:
    assert sla(1, received("2024-07-01 09:00")).due_at == datetime(2024, 7, 2, 23, 0, tzinfo=UTC)
    assert sla(1, received("2024-01-15 09:00")).due_at == datetime(2024, 1, 17, 0, 0, tzinfo=UTC)


def test_the_night_the_clocks_change_is_one_day_like_any_other() -> None:
    assert end_of(date(2024, 3, 31)) - end_of(date(2024, 3, 30)) == timedelta(hours=23)
    assert end_of(date(2024, 10, 27)) - end_of(date(2024, 10, 26)) == timedelta(hours=25)


def test_a_pause_adds_its_working_days_both_ends_counted_and_says_so() -> None:
    result = sla(
        5,
        received("2024-06-03 09:00"),
        at(EventKind.PAUSED, "2024-06-06 12:00"),
        at(EventKind.RESUMED, "2024-06-10 09:00"),
    )
    assert result.due_on == date(2024, 6, 13)
    assert words_of(result)[5:] == [
        "Saturday, not counted",
        "Sunday, not counted",
        "day 5",
        "due, had the clock not been paused",
        "paused, a working day",
        "paused, a working day",
        "paused, a working day",
        "paused working days, both end days counted: 3",
        "added day 1",
        "added day 2",
        "added day 3",
    ]


def test_a_paused_clock_has_no_date() -> None:
    result = sla(5, received("2024-06-03 09:00"), at(EventKind.PAUSED, "2024-06-06 12:00"))
    assert (result.due_on, result.due_at, result.last_day_on) == (None, None, None)
    assert words_of(result)[-1] == "paused; the date is set when the clock goes on"


def test_a_day_that_two_pauses_share_is_added_once() -> None:
    result = sla(
        5,
        received("2024-06-03 09:00"),
        at(EventKind.PAUSED, "2024-06-04 09:00"),
        at(EventKind.RESUMED, "2024-06-04 10:00"),
        at(EventKind.PAUSED, "2024-06-04 15:00"),
        at(EventKind.RESUMED, "2024-06-04 16:00"),
    )
    assert result.due_on == date(2024, 6, 11)


def test_paused_days_before_the_count_began_are_no_loss() -> None:
    result = sla(
        1,
        received("2024-06-07 18:00"),
        at(EventKind.PAUSED, "2024-06-07 18:30"),
        at(EventKind.RESUMED, "2024-06-09 12:00"),
    )
    assert result.due_on == date(2024, 6, 11)


@pytest.mark.parametrize("code", [RuleCode.WN, RuleCode.ON_INSTR, RuleCode.HOURS, RuleCode.NO_DATE])
def test_only_the_house_s_own_clock_pauses(code: RuleCode) -> None:
    stated = date(2024, 6, 20) if code == RuleCode.ON_INSTR else None
    rule = Rule(code=code, n=7, scheme="EW", stated_on=stated)
    start = received("2024-06-03 09:00")
    paused = [start, at(EventKind.PAUSED, "2024-06-04 09:00"), at(EventKind.RESUMED, "2024-06-06 09:00")]
    assert derive(rule, paused, CALENDARS["EW"]) == derive(rule, [start], CALENDARS["EW"])


def test_what_follows_a_stop_changes_nothing() -> None:
    start = received("2024-06-03 09:00")
    stopped = [start, at(EventKind.STOPPED, "2024-06-05 09:00")]
    late = [*stopped, at(EventKind.PAUSED, "2024-06-06 09:00")]
    assert sla(5, *late) == sla(5, *stopped)
    assert sla(5, *stopped).due_on == sla(5, start).due_on
    assert words_of(sla(5, *stopped))[-1] == "the clock was stopped"


def test_the_instrument_s_date_never_rolls_but_warns_on_a_day_off() -> None:
    rule = Rule(code=RuleCode.ON_INSTR, scheme="EW", stated_on=date(2024, 5, 27))
    result = derive(rule, [received("2024-05-20 09:00")], CALENDARS["EW"])
    assert result.due_on == date(2024, 5, 27)
    assert result.last_day_on == date(2024, 5, 24)
    assert words_of(result)[-1].startswith("the date is a day off (Day off 2024-05-27)")


def test_an_order_without_a_date_is_due_on_the_day_it_came_even_on_a_sunday() -> None:
    rule = Rule(code=RuleCode.NO_DATE, scheme="EW")
    result = derive(rule, [received("2024-06-02 23:59")], CALENDARS["EW"])
    assert result.due_on == result.last_day_on == date(2024, 6, 2)
    assert result.due_at == datetime(2024, 6, 2, 23, 0, tzinfo=UTC)


def test_the_last_working_date_set_by_a_person_holds() -> None:
    rule = Rule(code=RuleCode.NO_DATE, scheme="EW")
    events = [
        received("2024-06-03 09:00"),
        at(EventKind.WORKING_DATE, "2024-06-03 10:00", on=date(2024, 6, 12)),
        at(EventKind.WORKING_DATE, "2024-06-04 10:00", on=date(2024, 6, 10)),
    ]
    result = derive(rule, events, CALENDARS["EW"])
    assert result.due_on == date(2024, 6, 10)
    assert "not the instrument's" in words_of(result)[-1]


def test_emergency_hours_are_elapsed_hours_on_the_night_the_clocks_go_forward() -> None:
    rule = Rule(code=RuleCode.HOURS, n=4, scheme="EW")
    result = derive(rule, [received("2024-03-31 00:30")], CALENDARS["EW"])
    assert result.due_at == datetime(2024, 3, 31, 4, 30, tzinfo=UTC)
    assert words_of(result)[-1] == "4 hours of elapsed time end at 05:30; no calendar applies"


def test_emergency_hours_run_at_night_and_on_holidays() -> None:
    rule = Rule(code=RuleCode.HOURS, n=1, scheme="EW")
    result = derive(rule, [received("2024-12-25 23:30")], CALENDARS["EW"])
    assert result.due_at == datetime(2024, 12, 26, 0, 30, tzinfo=UTC)
    assert result.due_on == date(2024, 12, 26)


def test_a_date_beyond_the_known_holidays_is_provisional() -> None:
    assert not sla(5, received("2028-12-18 09:00")).provisional
    result = sla(10, received("2028-12-18 09:00"))
    assert result.provisional
    assert words_of(result)[-1].startswith("provisional")


def test_a_date_from_before_the_known_holidays_is_provisional() -> None:
    assert sla(5, received("2019-12-31 09:00")).provisional


def test_without_any_holiday_every_date_is_provisional() -> None:
    empty = calendar_of("EW", [])
    rule = Rule(code=RuleCode.WN, n=1, scheme="EW")
    assert derive(rule, [received("2024-05-20 09:00")], empty).provisional


def test_a_day_off_anywhere_is_off_in_the_calendar_of_the_whole_uk() -> None:
    st_patrick = date(2025, 3, 17)
    assert CALENDARS["EW"].works(st_patrick)
    assert not CALENDARS["UK"].works(st_patrick)


@pytest.mark.parametrize(
    ("rule", "events", "sentence"),
    [
        (Rule(code="SLA", scheme="EW", n=0), [received("2024-01-02 09:00")], "at least 1"),
        (Rule(code="HOURS", scheme="EW"), [received("2024-01-02 09:00")], "at least 1"),
        (Rule(code="ON_INSTR", scheme="EW"), [received("2024-01-02 09:00")], "date is missing"),
        (Rule(code="SOON", scheme="EW"), [received("2024-01-02 09:00")], "no rule of time 'SOON'"),
        (Rule(code="SLA", scheme="SC", n=1), [received("2024-01-02 09:00")], "calendar of EW"),
        (Rule(code="SLA", scheme="EW", n=1), [], "begins with its receipt"),
        (Rule(code="SLA", scheme="EW", n=1), [at(EventKind.PAUSED, "2024-01-02 09:00")], "its receipt"),
    ],
)
def test_a_rule_that_cannot_be_counted_is_refused(rule: Rule, events: list[Event], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        derive(rule, events, CALENDARS["EW"])


def test_a_scheme_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no working-day scheme 'FR'"):
        calendar_of("FR", HOLIDAYS)


def test_the_same_events_always_give_the_same_answer() -> None:
    events = [received("2024-06-03 09:00")]
    calendar: Calendar = CALENDARS["SC"]
    rule = Rule(code=RuleCode.SLA, n=10, scheme="SC")
    assert derive(rule, events, calendar) == derive(rule, tuple(events), calendar)
