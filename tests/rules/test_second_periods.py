"""Periods beside that of the answer: how the catalogue writes them, the days they come to, and who may record what of them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from disclosures.catalogue import INSTRUMENTS
from disclosures.catalogue.second_periods import SECOND_PURPOSES, SecondPeriod, parse_second_period
from disclosures.catalogue.time_rules import Start, TimeRule
from disclosures.deadlines.calendars import Holiday, calendar_of
from disclosures.deadlines.derive import Derivation, derive
from disclosures.deadlines.rules import (
    NEVER_OVERDUE,
    PAUSABLE,
    WAITING_PURPOSES,
    WINDOW_PURPOSES,
    Event,
    EventKind,
    Purpose,
    Rule,
    Threshold,
    reminder_words,
)
from disclosures.guards.deadlines import ExtensionFacts, objections_to
from disclosures.guards.second_periods import PeriodFacts, objections_to_recording

from .slow_calendar import PUBLISHED

HOLIDAYS = [
    Holiday(division=division, day=date.fromisoformat(day), title="Day off", source="the gazette")
    for division, days in PUBLISHED.items()
    for day in days
]
CALENDARS = {scheme: calendar_of(scheme, HOLIDAYS) for scheme in ("EW", "NI", "UK")}


def due(code: str, purpose: str, start: str, scheme: str) -> Derivation:
    """By the rule that the instrument itself has for it."""
    period = INSTRUMENTS[code].second_period(purpose)
    assert period is not None
    rule = Rule(code=period.rule.code, n=period.rule.n, scheme=scheme)
    at = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo("Europe/London"))
    return derive(rule, [Event(kind=EventKind.RECEIVED, at=at)], CALENDARS[scheme])


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("LATER_MATERIAL CI 28 MADE", SecondPeriod("LATER_MATERIAL", TimeRule("CI", 28, Start.MADE))),
        ("LATER_HAND_OVER CI 7 TOLD", SecondPeriod("LATER_HAND_OVER", TimeRule("CI", 7, Start.TOLD))),
        ("REVIEW_REQUEST CX 7 SERVED", SecondPeriod("REVIEW_REQUEST", TimeRule("CX", 7, Start.SERVED))),
    ],
)
def test_a_second_period_is_read(text: str, meaning: SecondPeriod) -> None:
    assert parse_second_period(text) == meaning


def test_the_catalogue_and_the_clocks_know_the_same_second_periods() -> None:
    assert set(SECOND_PURPOSES) <= set(Purpose)
    has = {code: row.second_periods for code, row in INSTRUMENTS.items() if row.second_periods}
    assert has == {
        "A-T5PO": ("LATER_MATERIAL CI 28 MADE", "LATER_HAND_OVER CI 7 TOLD"),
        "O-PSFA": ("REVIEW_REQUEST CX 7 SERVED",),
    }
    assert INSTRUMENTS["A-PO"].second_period("LATER_MATERIAL") is None


# The days, counted by hand. Easter Sunday of 2026 is 5 April: 3 April is a day off everywhere, 6 April in EW and NI.
WINDOWS = [
    ("2026-03-02", "2026-03-29"),  # a Monday; the 28th day is a Sunday, and stays one
    ("2026-03-09", "2026-04-05"),  # Easter Sunday, and does not roll
    ("2028-02-10", "2028-03-08"),  # over a leap day
    ("2026-12-10", "2027-01-06"),  # over the year
    ("2026-10-12", "2026-11-08"),  # over the night on which the clocks go back
]
HAND_OVERS = [
    ("2026-03-20", "2026-03-26"),
    ("2026-03-30", "2026-04-05"),  # told on a Monday, due on Easter Sunday all the same
    ("2026-04-03", "2026-04-09"),  # told on Good Friday, which is day 1
    ("2028-02-24", "2028-03-01"),
]
REVIEWS = [
    ("2026-03-02", "2026-03-09"),  # given on a Monday: day 1 is Tuesday
    ("2026-03-30", "2026-04-06"),  # Easter Monday, and does not roll
    ("2026-12-18", "2026-12-25"),
    ("2028-02-23", "2028-03-01"),
]


@pytest.mark.parametrize(("made", "until"), WINDOWS)
@pytest.mark.parametrize("scheme", ["EW", "NI"])
def test_the_window_of_a_production_order_has_28_days_beginning_with_the_order(
    made: str, until: str, scheme: str
) -> None:
    """Terrorism Act 2000, Schedule 5, paragraph 7(1)."""
    found = due("A-T5PO", "LATER_MATERIAL", made, scheme)
    assert found.due_on == date.fromisoformat(until)
    assert found.lines[0].words == "the start, day 1"
    assert any(line.words == "day 28" and line.day == found.due_on for line in found.lines)


@pytest.mark.parametrize(("told", "until"), HAND_OVERS)
@pytest.mark.parametrize("scheme", ["EW", "NI"])
def test_what_came_in_later_is_due_in_seven_days_beginning_with_the_notification(
    told: str, until: str, scheme: str
) -> None:
    """Terrorism Act 2000, Schedule 5, paragraph 7(3)(b)."""
    found = due("A-T5PO", "LATER_HAND_OVER", told, scheme)
    assert found.due_on == date.fromisoformat(until)
    assert any(line.words == "day 7" and line.day == found.due_on for line in found.lines)


@pytest.mark.parametrize(("given", "until"), REVIEWS)
def test_a_review_is_asked_for_in_seven_days_beginning_with_the_day_after_the_notice(
    given: str, until: str
) -> None:
    """Public Authorities (Fraud, Error and Recovery) Act 2025, section 4."""
    found = due("O-PSFA", "REVIEW_REQUEST", given, "UK")
    assert found.due_on == date.fromisoformat(until)
    assert found.lines[0].words == "the start, not counted"


def test_a_period_that_ends_on_a_day_off_says_until_which_working_day_there_is_somebody() -> None:
    assert due("O-PSFA", "REVIEW_REQUEST", "2026-03-30", "UK").last_day_on == date(2026, 4, 2)
    assert due("A-T5PO", "LATER_HAND_OVER", "2026-03-30", "EW").last_day_on == date(2026, 4, 2)


def test_a_window_is_neither_other_peoples_time_nor_ever_overdue_and_handing_over_is() -> None:
    assert set(WINDOW_PURPOSES) == {"LATER_MATERIAL", "REVIEW_REQUEST"}
    assert not set(WINDOW_PURPOSES) & set(WAITING_PURPOSES)
    assert set(NEVER_OVERDUE) == {*WINDOW_PURPOSES, *WAITING_PURPOSES}
    for purpose in WINDOW_PURPOSES:
        assert reminder_words(Threshold.OVERDUE, purpose) == "has ended"
    assert reminder_words(Threshold.OVERDUE, Purpose.LATER_HAND_OVER) == "is overdue"


def test_no_second_period_ever_pauses() -> None:
    for row in INSTRUMENTS.values():
        for text in row.second_periods:
            assert parse_second_period(text).rule.code not in PAUSABLE


def extension(purpose: str) -> set[str]:
    facts = ExtensionFacts(
        purpose=purpose, rule="CI", started_on=date(2026, 3, 2), due_on=date(2026, 3, 8), runs=True, until=date(2026, 3, 20),
        today=date(2026, 3, 4), reason="The judge wrote.", letter_reference="CC/1", letter_on=date(2026, 3, 4), set_by_law=True,
    )  # fmt: skip
    return {name for name, _ in objections_to(facts)}


def test_nobody_extends_a_window_and_the_judge_may_vary_the_seven_days() -> None:
    assert extension("LATER_MATERIAL") == extension("REVIEW_REQUEST") == {"clock_can_be_extended"}
    assert extension("LATER_HAND_OVER") == set()


# What is recorded ------------------------------------------------------------------------------

DAY = date(2026, 3, 10)
RIGHT: dict[str, dict[str, object]] = {
    "COVERS_LATER": {"on": None, "has_day": False},
    "COVERS_HELD": {"on": None, "has_day": False},
    "CAME_IN": {"covers_later": True},
    "HANDED_OVER": {"covers_later": True, "told_on": date(2026, 3, 9)},
    "REVIEW_ASKED": {},
}


def faults(what: str, **changes: object) -> set[str]:
    facts: dict[str, object] = {
        "what": what, "on": DAY, "today": DAY, "note": "Paragraph 4.", "offered": True, "has_day": True, "closed": False,
        "made_on": date(2026, 3, 2), "given_on": date(2026, 3, 4), "covers_later": False, "told_on": None, "review_asked": False,
    }  # fmt: skip
    return {name for name, _ in objections_to_recording(PeriodFacts(**(facts | RIGHT[what] | changes)))}  # type: ignore[arg-type]


@pytest.mark.parametrize("what", RIGHT)
def test_what_is_whole_is_recorded(what: str) -> None:
    assert faults(what) == set()


@pytest.mark.parametrize(
    ("what", "changes", "guard"),
    [
        ("COVERS_LATER", {"offered": False}, "instrument_has_this_period"),
        ("COVERS_LATER", {"closed": True}, "case_is_open"),
        ("COVERS_LATER", {"note": "  "}, "note_is_given"),
        ("COVERS_LATER", {"made_on": None}, "order_has_its_date"),
        ("CAME_IN", {"on": None}, "what_happened_has_its_day"),
        ("CAME_IN", {"on": date(2026, 3, 11)}, "what_happened_has_its_day"),
        ("CAME_IN", {"covers_later": False}, "order_covers_later_material"),
        ("CAME_IN", {"on": date(2026, 3, 1)}, "order_came_first"),
        ("HANDED_OVER", {"told_on": None}, "something_is_to_be_handed_over"),
        ("HANDED_OVER", {"on": date(2026, 3, 8)}, "something_is_to_be_handed_over"),
        ("REVIEW_ASKED", {"review_asked": True}, "review_is_asked_for_once"),
        ("REVIEW_ASKED", {"on": date(2026, 3, 3)}, "notice_came_first"),
    ],
)
def test_what_cannot_be_so_is_refused(what: str, changes: dict[str, object], guard: str) -> None:
    assert faults(what, **changes) == {guard}


def test_every_fault_is_told_at_once() -> None:
    assert faults("CAME_IN", offered=False, closed=True, on=None, note="", made_on=None, covers_later=False) == {
        "instrument_has_this_period", "case_is_open", "what_happened_has_its_day", "note_is_given", "order_has_its_date",
        "order_covers_later_material",
    }  # fmt: skip
