"""The page of the notices to the agency: the request's members read it, two roles add to it."""

import pytest
from django.utils.timezone import localdate

from accounts.models import CompanyProfile
from disclosures.catalogue import INSTRUMENTS
from disclosures.models import AgencyNotice
from tests.services.test_each_instrument import AnyRoad, agency
from tests.world import World

from .test_company import words
from .work_pages import Browsers, address, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def road(world: World) -> AnyRoad:
    CompanyProfile.objects.update(is_regulated_sector=True)
    world.police = agency(world, "AGENCY")
    made = AnyRoad(world, INSTRUMENTS["A-SHARE"])
    made.begin()
    return made


def test_the_notice_is_asked_for_recorded_and_shown_with_the_day_of_the_report(
    browser_of: Browsers, road: AnyRoad
) -> None:
    where = f"/requests/{road.request.reference}/"  # type: ignore[union-attr]
    assert "no notification is recorded yet" in words(browser_of("handler").get(where))
    read = page_of(browser_of("handler").get(address(road, "agency"))).text
    assert "The nominated officer or the head of legal records the notice." in read
    mlro, day = browser_of("mlro"), localdate(road.now)
    wrong = page_of(mlro.post(address(road, "agency"), {"reference": "NCA/1"}), 422).text
    for said in ("What the agency was told", "The day it was told is needed", "Who told it"):
        assert said in wrong
    assert "NCA/1" in page_of(mlro.post(address(road, "agency"), {"reference": "NCA/1"}), 422).html
    given = {
        "what": "NOTIFICATION", "reference": "NCA/1", "by_whom": "Our nominated officer", "on_day": str(day.day),
        "on_month": str(day.month), "on_year": str(day.year),
    }  # fmt: skip
    assert mlro.post(address(road, "agency"), given).status_code == 302
    assert AgencyNotice.objects.get().what == "NOTIFICATION"
    shown = words(browser_of("handler").get(where))
    assert "The National Crime Agency was notified on" in shown
    assert "The joint disclosure report is due on" in shown


def test_nobody_else_adds_to_it_and_whoever_is_no_member_finds_nothing(
    browser_of: Browsers, road: AnyRoad
) -> None:
    for who in ("handler", "approver"):
        assert browser_of(who).post(address(road, "agency"), {"what": "REPORT"}).status_code == 404
    for who in ("lead", "auditor", "outsider"):
        assert browser_of(who).get(address(road, "agency")).status_code == 404
    assert not AgencyNotice.objects.exists()


def test_a_request_under_another_law_says_that_none_is_asked_for(world: World, browser_of: Browsers) -> None:
    plain = world.road()
    plain.record()
    assert (
        "asks for no notice to the agency" in page_of(browser_of("head").get(address(plain, "agency"))).text
    )
