"""The table of bank holidays: filled from the package, equal to what was published, every change logged."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from audit.models import Entry
from disclosures.models import BankHoliday
from disclosures.services.calendars import calendar_for
from disclosures.services.holidays import PACKAGE, HolidayRow, import_holidays, rows_of_the_package

PUBLISHED = json.loads(
    (Path(__file__).resolve().parent.parent / "data" / "bank_holidays_2020_2028.json").read_text()
)
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ST_ANDREW = HolidayRow(division="SC", day=date(2026, 11, 30), title="Saint Andrew's Day", substitute=False)
BOXING = HolidayRow(division="EW", day=date(2026, 12, 28), title="Boxing Day", substitute=True)

pytestmark = pytest.mark.django_db


def entries(event: str = "holiday.changed") -> list[dict[str, object]]:
    rows = Entry.objects.order_by("xid", "id").values_list("body", flat=True)
    return [entry for body in rows if (entry := json.loads(bytes(body)))["event"] == event]


def test_what_the_package_knows_is_what_was_published() -> None:
    for division, days in PUBLISHED.items():
        known = {row.day.isoformat() for row in rows_of_the_package() if row.division == division}
        assert {day for day in known if "2020" <= day[:4] <= "2028"} == set(days)


def test_the_package_reaches_from_2012_to_2030() -> None:
    years = {row.day.year for row in rows_of_the_package()}
    assert (min(years), max(years), len(years)) == (2012, 2030, 19)


def test_the_command_fills_the_table_and_a_second_run_changes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("import_holidays")
    connection.check_constraints()
    recorded = BankHoliday.objects.count()
    assert recorded == len(rows_of_the_package()) == len(entries())
    call_command("import_holidays")
    assert BankHoliday.objects.count() == recorded == len(entries())
    assert "0 bank holidays recorded, 0 withdrawn." in capsys.readouterr().out


def test_each_row_is_in_the_log_under_its_name_and_version() -> None:
    import_holidays(rows=[BOXING], source=PACKAGE, actor=None, now=NOW)
    connection.check_constraints()
    (entry,) = entries()
    assert entry["object"] == {"type": "holiday", "ref": "EW-2026-12-28", "version": 1}
    assert entry["actor"] == {"ref": "system"}


def test_a_new_title_is_a_new_version() -> None:
    import_holidays(rows=[BOXING], source=PACKAGE, actor=None, now=NOW)
    other = HolidayRow(division="EW", day=BOXING.day, title="Feast of Stephen", substitute=True)
    done = import_holidays(rows=[other], source=PACKAGE, actor=None, now=NOW)
    connection.check_constraints()
    assert (done.changed, done.withdrawn) == (1, 0)
    holiday = BankHoliday.objects.get()
    assert (holiday.title, holiday.version) == ("Feast of Stephen", 2)


def test_a_day_its_source_no_longer_lists_stops_being_a_holiday_and_may_come_back() -> None:
    moved = HolidayRow(division="SC", day=date(2026, 11, 27), title="Saint Andrew's Day", substitute=False)
    import_holidays(rows=[ST_ANDREW], source=PACKAGE, actor=None, now=NOW)
    done = import_holidays(rows=[moved], source=PACKAGE, actor=None, now=NOW)
    assert (done.changed, done.withdrawn) == (1, 1)
    assert calendar_for("SC").works(ST_ANDREW.day)
    assert not calendar_for("SC").works(moved.day)
    import_holidays(rows=[ST_ANDREW, moved], source=PACKAGE, actor=None, now=NOW)
    assert not calendar_for("SC").works(ST_ANDREW.day)
    connection.check_constraints()


def test_a_day_from_elsewhere_and_a_year_not_covered_stay() -> None:
    import_holidays(rows=[ST_ANDREW], source="by hand", actor=None, now=NOW)
    last_year = HolidayRow(division="SC", day=date(2025, 12, 1), title="Saint Andrew's Day", substitute=True)
    import_holidays(rows=[last_year], source=PACKAGE, actor=None, now=NOW)
    summer = HolidayRow(division="SC", day=date(2026, 8, 3), title="Summer Bank Holiday", substitute=False)
    done = import_holidays(rows=[summer], source=PACKAGE, actor=None, now=NOW)
    assert done.withdrawn == 0
    assert not calendar_for("SC").works(ST_ANDREW.day)
    assert not calendar_for("SC").works(last_year.day)


def test_the_calendar_names_a_substitute_as_one() -> None:
    import_holidays(rows=[BOXING], source=PACKAGE, actor=None, now=NOW)
    assert calendar_for("EW").day_off(BOXING.day) == "Boxing Day (substitute day)"
    assert calendar_for("SC").works(BOXING.day)
    assert not calendar_for("UK").works(BOXING.day)
