"""How long a closed request is kept: each class, each nation, and what changes the class."""

from dataclasses import replace
from datetime import date

import pytest

from disclosures.deadlines.keeping import Closed, keeping, years_after

CLOSED = Closed(
    closed_on=date(2026, 3, 10), received_on=date(2026, 2, 1), retention="RET-CASE", outcome="DISCLOSED_FULL",
    nation="EW",
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code", "until"),
    [
        ({}, "RET-CASE", date(2032, 3, 10)),
        ({"retention": ""}, "RET-CASE", date(2032, 3, 10)),
        ({"nation": "NI"}, "RET-CASE", date(2032, 3, 10)),
        ({"nation": "SC"}, "RET-CASE", date(2031, 3, 10)),
        ({"retention": "RET-CPL"}, "RET-CPL", date(2032, 3, 10)),
        ({"retention": "RET-CPL", "nation": "SC"}, "RET-CPL", date(2031, 3, 10)),
        ({"retention": "RET-AUD"}, "RET-AUD", date(2033, 3, 10)),
        ({"outcome": "REFUSED"}, "RET-REF", date(2028, 3, 10)),
        ({"outcome": "WITHDRAWN"}, "RET-REF", date(2028, 3, 10)),
        ({"outcome": "EXPIRED"}, "RET-REF", date(2028, 3, 10)),
        ({"outcome": "REFUSED", "compulsory": True}, "RET-REF", date(2032, 3, 10)),
        ({"retention": "RET-REF"}, "RET-REF", date(2028, 3, 10)),
        ({"emergency": True}, "RET-EMER", date(2032, 3, 10)),
        ({"retention": "RET-EMER"}, "RET-EMER", date(2032, 3, 10)),
        ({"retention": "RET-HOLD"}, "RET-CASE", date(2032, 3, 10)),
        ({"retention": "RET-HOLD", "outcome": "WITHDRAWN"}, "RET-REF", date(2028, 3, 10)),
        ({"retention": "RET-AML"}, "RET-AML", date(2031, 3, 10)),
        ({"retention": "RET-SAR"}, "RET-SAR", date(2031, 3, 10)),
        ({"retention": "RET-AML", "outcome": "REFUSED"}, "RET-AML", date(2031, 3, 10)),
        ({"retention": "RET-AML", "relationship_ended_on": date(2025, 1, 2)}, "RET-AML", date(2030, 1, 2)),
        ({"retention": "RET-AML", "relationship_ended_on": date(2034, 1, 2)}, "RET-AML", date(2036, 2, 1)),
        ({"retention": "RET-AML", "closed_on": date(2033, 5, 1)}, "RET-AML", date(2036, 2, 1)),
    ],
)  # fmt: skip
def test_the_period_follows_class_outcome_and_nation(
    changes: dict[str, object], code: str, until: date
) -> None:
    kept = keeping(replace(CLOSED, **changes))  # type: ignore[arg-type]
    assert (kept.code, kept.until) == (code, until)


def test_the_derivation_shows_every_step_with_its_law() -> None:
    lines = keeping(replace(CLOSED, nation="SC")).lines
    assert [line.words for line in lines] == [
        "Class RET-CASE: of its instrument",
        "Closed",
        "Five years: while a claim can be brought",
        "Kept through",
    ]
    assert lines[2].source == "Prescription and Limitation (Scotland) Act 1973, section 6"
    assert (lines[1].day, lines[3].day) == (date(2026, 3, 10), date(2031, 3, 10))


def test_the_hard_stop_is_shown_even_where_it_does_not_bite() -> None:
    lines = keeping(replace(CLOSED, retention="RET-AML")).lines
    assert [line.day for line in lines if line.words.startswith("Hard stop")] == [date(2036, 2, 1)]


def test_whoever_confirms_is_told_of_a_child() -> None:
    assert "Ask before it is destroyed." in keeping(replace(CLOSED, child=True)).lines[-1].words


def test_years_end_on_the_same_day_and_a_leap_day_the_day_before() -> None:
    assert years_after(date(2024, 2, 29), 5) == date(2029, 2, 28)
    assert years_after(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert years_after(date(2026, 12, 31), 6) == date(2032, 12, 31)
