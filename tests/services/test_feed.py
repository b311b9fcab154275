"""The lists from outside: a file, the weekly fetch, a network that is away, and two lists that differ."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from disclosures import tasks
from disclosures.deadlines.sources import FEED_DIVISIONS, GOV_UK
from disclosures.models import BankHoliday, HolidaySource
from disclosures.selectors.holidays import open_differences, published_until
from disclosures.services import feed
from disclosures.services.calendars import calendar_for
from disclosures.services.days_off import strike_out_day
from disclosures.services.feed import FeedAway, fetch_feed, refresh_holidays, refresh_if_stale
from disclosures.services.holidays import rows_of_the_package
from tests.world import World

from .clock_desk import delivered, forget_steps

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
JUBILEE = "2027-06-16"


def published(*extra: str, without: tuple[str, ...] = ()) -> bytes:
    """GOV.UK's file as it might be: what the package has of 2025 to 2028, and days more or fewer."""
    names = {division: name for name, division in FEED_DIVISIONS.items()}
    parts: dict[str, dict[str, object]] = {
        name: {"division": name, "events": [{"title": "Jubilee", "date": day, "notes": ""} for day in extra]}
        for name in names.values()
    }
    for row in rows_of_the_package():
        if 2025 <= row.day.year <= 2028 and row.day.isoformat() not in without:
            events = parts[names[row.division]]["events"]
            assert isinstance(events, list)
            notes = "Substitute day" if row.substitute else ""
            events.append({"title": row.title, "date": row.day.isoformat(), "notes": notes, "bunting": True})
    return json.dumps(parts).encode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bank-holidays.json"
    path.write_bytes(published(JUBILEE))
    return path


def test_a_file_is_imported_beside_the_package(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_holidays", f"--file={file}")
    assert not calendar_for("NI").works(date(2027, 6, 16))
    assert BankHoliday.objects.get(ref=f"SC-{JUBILEE}").source == GOV_UK
    assert "Jubilee, Wednesday 16 June 2027, Scotland: GOV.UK has it" in capsys.readouterr().err
    assert not calendar_for("EW").works(date(2012, 6, 5)), "years that GOV.UK no longer lists stay"


def test_the_horizon_is_what_the_government_published(file: Path) -> None:
    call_command("import_holidays", f"--file={file}")
    assert published_until() == date(2028, 12, 31)
    assert not calendar_for("EW").knows(date(2029, 1, 2))


def test_a_day_only_the_package_has_is_withdrawn_and_a_second_import_of_the_package_leaves_it_so(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bank-holidays.json"
    path.write_bytes(published(without=("2026-06-15",)))
    call_command("import_holidays", f"--file={path}")
    assert calendar_for("SC").works(date(2026, 6, 15))
    call_command("import_holidays")
    assert calendar_for("SC").works(date(2026, 6, 15))
    assert [d.division for d in open_differences(NOW)] == ["SC"]


def test_a_file_that_is_no_list_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bank-holidays.json"
    path.write_text('{"scotland": {"events": []}}')
    with pytest.raises(CommandError, match=r"(?s)scotland: there is no list.*Nothing was imported"):
        call_command("import_holidays", f"--file={path}")
    assert not BankHoliday.objects.exists()


@pytest.mark.parametrize("name", ["nowhere.json", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_holidays", f"--file={tmp_path / name}")


def test_the_administrator_and_the_head_of_legal_are_told_of_a_difference_once(
    world: World, file: Path, mailoutbox: list
) -> None:
    forget_steps()
    call_command("import_holidays", f"--file={file}")
    call_command("import_holidays", f"--file={file}")
    delivered(datetime.now(UTC))
    told = sorted(address for mail in mailoutbox for address in mail.to)
    assert told == sorted([world["admin"].email, world["head"].email] * 3), "once for each part of the UK"
    assert "GOV.UK has it, package holidays has not" in mailoutbox[0].body
    assert "/bank-holidays/" in mailoutbox[0].body


def test_what_is_struck_out_here_stays_struck_out(world: World, file: Path) -> None:
    call_command("import_holidays", f"--file={file}")
    strike_out_day(ref=f"EW-{JUBILEE}", reason="A misprint.", actor=world["admin"], now=world.now)
    call_command("import_holidays", f"--file={file}")
    assert calendar_for("EW").works(date(2027, 6, 16))
    assert "EW" not in {difference.division for difference in open_differences(NOW)}


def test_the_week_s_task_takes_both_lists(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    settings.HOLIDAYS_URL = "https://holidays.example/list.json"
    monkeypatch.setattr(feed, "fetch_feed", lambda **_: feed.read_list(content=published(JUBILEE)))
    tasks.import_holidays(since="yesterday")
    assert set(HolidaySource.objects.values_list("ref", flat=True)) == {"holidays", GOV_UK}


def test_without_the_network_the_package_alone_is_imported_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, settings, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object, **__: object) -> None:
        raise TimeoutError

    settings.HOLIDAYS_URL = "https://holidays.example/list.json"
    monkeypatch.setattr(feed, "ask", away)
    refresh_holidays(now=NOW)
    assert set(HolidaySource.objects.values_list("ref", flat=True)) == {"holidays"}
    assert "it cannot be reached (TimeoutError)" in caplog.text


def test_a_list_is_only_fetched_over_https() -> None:
    with pytest.raises(FeedAway, match="https"):
        fetch_feed(url="file:///etc/hostname")


def test_the_loop_imports_once_a_week() -> None:
    assert refresh_if_stale(now=NOW)
    assert not refresh_if_stale(now=NOW + timedelta(days=6))
    assert refresh_if_stale(now=NOW + timedelta(days=7))
