"""Who counts when the sources of bank holidays differ, how far they reach, and what is no list of them."""

from datetime import date

import pytest

from disclosures.deadlines.sources import (
    GOV_UK,
    PACKAGE,
    FeedFault,
    HolidayRow,
    agreed,
    differences,
    horizon,
    published_until,
    read_feed,
)

NEW_YEAR = HolidayRow(division="EW", day=date(2026, 1, 1), title="New Year's Day", substitute=False)
EXTRA = HolidayRow(division="EW", day=date(2026, 6, 15), title="Extra day", substitute=False)
LATER = HolidayRow(division="EW", day=date(2029, 1, 1), title="New Year's Day", substitute=False)
SINCE = date(2026, 1, 1)


def event(title: object = "New Year’s Day", day: object = "2026-01-01", notes: str = "") -> dict[str, object]:
    return {"title": title, "date": day, "notes": notes, "bunting": True}


def feed(**parts: object) -> dict[str, object]:
    whole = {
        name: {"division": name, "events": [event()]}
        for name in ("england-and-wales", "scotland", "northern-ireland")
    }
    return whole | parts


def test_a_day_that_only_the_package_has_does_not_count_where_the_government_covers_the_year() -> None:
    found = agreed({PACKAGE: [NEW_YEAR, EXTRA], GOV_UK: [NEW_YEAR]})
    assert list(found) == [("EW", NEW_YEAR.day)]
    (difference,) = differences({PACKAGE: [NEW_YEAR, EXTRA], GOV_UK: [NEW_YEAR]}, {}, since=SINCE)
    assert difference.words == (
        "Extra day, Monday 15 June 2026, England and Wales: package holidays has it, GOV.UK has not. "
        "It counts as a working day, the earlier date."
    )


def test_a_day_that_only_the_government_has_counts() -> None:
    found = agreed({PACKAGE: [NEW_YEAR], GOV_UK: [NEW_YEAR, EXTRA]})
    assert found["EW", EXTRA.day] == (EXTRA, GOV_UK)
    (difference,) = differences({PACKAGE: [NEW_YEAR], GOV_UK: [NEW_YEAR, EXTRA]}, {}, since=SINCE)
    assert (difference.listed_by, difference.counts) == (GOV_UK, True)


def test_where_the_government_is_silent_the_package_speaks() -> None:
    found = agreed({PACKAGE: [NEW_YEAR, LATER], GOV_UK: [NEW_YEAR]})
    assert found["EW", LATER.day] == (LATER, PACKAGE)
    assert differences({PACKAGE: [NEW_YEAR, LATER], GOV_UK: [NEW_YEAR]}, {}, since=SINCE) == []


@pytest.mark.parametrize("entered", [True, False])
def test_what_a_person_decided_is_no_difference_any_more(entered: bool) -> None:
    lists = {PACKAGE: [NEW_YEAR, EXTRA], GOV_UK: [NEW_YEAR]}
    assert differences(lists, {("EW", EXTRA.day): entered}, since=SINCE) == []


def test_a_difference_of_the_past_is_nobody_s_business() -> None:
    assert differences({PACKAGE: [NEW_YEAR, EXTRA], GOV_UK: [NEW_YEAR]}, {}, since=date(2026, 6, 16)) == []


def test_the_package_computes_further_than_anybody_has_proclaimed() -> None:
    rows = [NEW_YEAR, LATER]
    assert published_until(PACKAGE, rows, fetched_on=date(2026, 5, 1)) == date(2028, 12, 31)
    assert published_until(GOV_UK, rows, fetched_on=date(2026, 5, 1)) == date(2029, 12, 31)
    assert horizon({PACKAGE: date(2028, 12, 31), GOV_UK: date(2027, 12, 31)}) == date(2027, 12, 31)
    assert horizon({PACKAGE: date(2028, 12, 31)}) == date(2028, 12, 31)
    assert horizon({}) == date.min


def test_the_government_s_file_is_read() -> None:
    rows = read_feed(
        feed(scotland={"division": "scotland", "events": [event(day="2026-12-28", notes="Substitute day")]})
    )
    assert [(row.division, row.day.isoformat(), row.substitute) for row in rows] == [
        ("EW", "2026-01-01", False), ("SC", "2026-12-28", True), ("NI", "2026-01-01", False),
    ]  # fmt: skip


def test_every_fault_of_a_file_is_told_with_its_place() -> None:
    with pytest.raises(FeedFault) as caught:
        read_feed(
            feed(scotland={"events": []}, **{"england-and-wales": {"events": [event(" "), event(day="soon"), 7]}})
        )  # fmt: skip
    assert caught.value.faults == (
        "england-and-wales, event 1: the title is missing.",
        "england-and-wales, event 2: 'soon' is not a date (2026-06-15).",
        "england-and-wales, event 3: it is not an object.",
        "scotland: there is no list of events.",
    )


@pytest.mark.parametrize("given", [None, [], "bank holidays", {}, {"scotland": {"events": [event()]}}])
def test_what_is_no_list_of_bank_holidays_is_refused_whole(given: object) -> None:
    with pytest.raises(FeedFault):
        read_feed(given)
