"""The page of the bank holidays: everybody here reads it, the administrator changes it, outsiders find nothing."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.management import call_command
from django.test import Client

from disclosures.models import BankHoliday, CalendarRun
from disclosures.services.recalculating import continue_runs
from tests.services.log_lines import entries
from tests.web.html import Page
from tests.world import World

Browsers = Callable[[str], Client]
HERE = "/bank-holidays/"


def text(response) -> str:
    return Page(response.content.decode()).text


def a_day(**changed: str) -> dict[str, str]:
    given = {
        "division": "EW", "day_day": "17", "day_month": "6", "day_year": "2026", "title": "Jubilee",
        "reason": "London Gazette",
    }  # fmt: skip
    return given | changed


@pytest.fixture
def table(world: World) -> None:
    call_command("import_holidays")
    continue_runs(now=world.now)


@pytest.mark.usefixtures("table")
def test_a_year_s_days_stand_there_with_who_says_so(browser_of: Browsers) -> None:
    shown = text(browser_of("handler").get(HERE, {"year": "2026"}))
    assert "15 June 2026" in shown
    assert "package holidays" in shown
    assert "Strike out" not in shown
    assert "Enter a day off" not in shown


@pytest.mark.usefixtures("table")
def test_the_history_goes_back_to_2012(browser_of: Browsers) -> None:
    assert "Diamond Jubilee" in text(browser_of("clerk").get(HERE, {"year": "2012"}))


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("year", ["2011", "soon", "99999999999999999999", ""])
def test_a_year_nobody_knows_shows_this_one(browser_of: Browsers, year: str) -> None:
    assert browser_of("clerk").get(HERE, {"year": year}).status_code == 200


@pytest.mark.usefixtures("table")
def test_the_administrator_enters_a_day_and_the_log_says_why(world: World, browser_of: Browsers) -> None:
    response = browser_of("admin").post(HERE, a_day())
    assert (response.status_code, response["Location"]) == (302, HERE)
    holiday = BankHoliday.objects.get(ref="EW-2026-06-17")
    assert (holiday.source, holiday.reason) == ("HAND", "London Gazette")
    said = entries("holiday.changed")[-1]
    assert said["actor"] == {"ref": world["admin"].ref, "role": "ADMIN"}
    assert said["detail"]["reason"] == "London Gazette"
    assert CalendarRun.objects.filter(finished_at=None).count() == 1
    assert "Under way" in text(browser_of("admin").get(HERE))


@pytest.mark.usefixtures("table")
def test_all_that_is_wrong_is_told_at_once_and_what_was_typed_stays(browser_of: Browsers) -> None:
    response = browser_of("admin").post(HERE, a_day(division="", day_month="13", title="", reason=""))
    shown = text(response)
    assert response.status_code == 422
    for sentence in ("Choose the part", "must be a real date", "Its name", "Why"):
        assert sentence in shown
    refused = browser_of("admin").post(HERE, a_day(day_day="28", day_month="12"))
    assert refused.status_code == 422
    assert "Monday 28 December 2026 is a day off already" in text(refused)
    assert 'value="Jubilee"' in refused.content.decode()


@pytest.mark.usefixtures("table")
def test_a_day_at_the_weekend_is_refused(browser_of: Browsers) -> None:
    assert "Enter the substitute day" in text(browser_of("admin").post(HERE, a_day(day_day="20")))


@pytest.mark.usefixtures("table")
def test_a_day_is_struck_out_with_its_reason(browser_of: Browsers) -> None:
    admin, where = browser_of("admin"), "/bank-holidays/SC-2026-06-15/strike-out/"
    assert admin.get(where).status_code == 200
    assert admin.post(where, {"reason": ""}).status_code == 422
    assert admin.post(where, {"reason": "Proclamation withdrawn."}).status_code == 302
    assert BankHoliday.objects.get(ref="SC-2026-06-15").withdrawn_at is not None
    assert "Struck out" in text(admin.get(HERE, {"year": "2026"}))
    assert admin.get(where).status_code == 404


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("who", ["handler", "head", "lead"])
def test_nobody_else_changes_it(browser_of: Browsers, who: str) -> None:
    browser = browser_of(who)
    assert browser.post(HERE, a_day()).status_code == 404
    assert browser.post("/bank-holidays/SC-2026-06-15/strike-out/", {"reason": "x"}).status_code == 404
    assert not BankHoliday.objects.filter(date=date(2026, 6, 17)).exists()


@pytest.mark.usefixtures("table")
def test_outsiders_find_nothing(browser_of: Browsers) -> None:
    assert browser_of("outsider").get(HERE).status_code == 404
