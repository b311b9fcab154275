"""The page of the company's consent to a partner."""

import pytest
from django.utils.timezone import localdate

from disclosures.models import PartnerConsent
from tests.services.test_group_companies import partner
from tests.services.test_partners import PartnerRoad
from tests.world import World

from .test_company import words
from .work_pages import Browsers, address, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def road(world: World) -> PartnerRoad:
    partner(world)
    made = PartnerRoad(world.people, world.police, world.now, number=981)
    made.submit()
    return made


def test_legal_records_it_and_the_request_says_who_may_approach(
    world: World, browser_of: Browsers, road: PartnerRoad
) -> None:
    where = f"/requests/{road.request.reference}/"  # type: ignore[union-attr]
    assert "No consent of ours that a partner may approach these people" in words(
        browser_of("handler").get(where)
    )
    read = page_of(browser_of("handler").get(address(road, "partner"))).text
    assert "The head of legal or an approver records it." in read
    legal, day = browser_of("head"), localdate(world.now)
    wrong = page_of(legal.post(address(road, "partner"), {"reference": "C-1"}), 422).text
    for said in ("Which partner", "May it approach these people directly?", "Since which day is needed"):
        assert said in wrong
    given = {
        "partner": "partner", "given": "yes", "reference": "C-1", "given_on_day": str(day.day),
        "given_on_month": str(day.month), "given_on_year": str(day.year),
    }  # fmt: skip
    assert legal.post(address(road, "partner"), given).status_code == 302
    assert PartnerConsent.objects.get().given
    assert "Sample Partner (fictitious) may approach these people directly" in words(
        browser_of("handler").get(where)
    )


def test_nobody_else_does_and_another_request_has_no_such_question(
    world: World, browser_of: Browsers, road: PartnerRoad
) -> None:
    assert browser_of("handler").post(address(road, "partner"), {"given": "yes"}).status_code == 404
    for who in ("auditor", "admin"):
        assert browser_of(who).get(address(road, "partner")).status_code == 404
    plain = world.road()
    plain.record()
    assert (
        "not about services of a partner" in page_of(browser_of("head").get(address(plain, "partner"))).text
    )
    assert not PartnerConsent.objects.exists()
