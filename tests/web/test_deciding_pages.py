"""Pages about the decision: what became of a letter, the court, advice against it, and the one review."""

import pytest

from disclosures.demo_kinds import CompanyRoad, OrderRoad
from disclosures.models import CourtApplication, Delivery, Letter, Step
from disclosures.services.weighing import record_opinion
from disclosures.states import Action, State
from tests.world import World, now

from .filling import filled, with_changes
from .html import Page
from .work_pages import Browsers

pytestmark = pytest.mark.django_db


def shown(browser_of: Browsers, who: str, address: str, status: int = 200) -> Page:
    response = browser_of(who).get(address)
    assert response.status_code == status
    return Page(response.content.decode())


def test_a_bounce_is_noted_on_its_page_and_stands_at_the_letter(world: World, browser_of: Browsers) -> None:
    request = world.request_in(State.RELEASED)
    here = f"/requests/{request.reference}/"
    letter = Letter.objects.get(request=request)
    page = browser_of("release").get(f"{here}delivery/").content.decode()
    given = with_changes(filled(page, ""), {"what": "letter-1", "stage": "BOUNCED"})
    wrong = browser_of("release").post(f"{here}delivery/", given)
    assert wrong.status_code == 422
    assert "“How you know” needs an answer" in wrong.content.decode()
    given |= {"reason": ["Mailbox unknown."]}
    assert browser_of("release").post(f"{here}delivery/", given).status_code == 302
    assert Delivery.objects.filter(letter=letter).count() == 2
    shown_again = shown(browser_of, "release", here).text
    assert "Bounced" in shown_again
    assert "Mailbox unknown." in shown_again


def test_the_court_is_recorded_for_an_order_and_offered_for_nothing_else(
    world: World, browser_of: Browsers
) -> None:
    request = OrderRoad(world.people, world.police, world.now, number=81).to(State.IN_REVIEW)
    here = f"/requests/{request.reference}/"
    assert f"{here}court/" in browser_of("handler").get(here).content.decode()
    page = browser_of("handler").get(f"{here}court/").content.decode()
    answers = {"wanted": "DISCHARGE", "court": "Crown Court at Exampleton", "grounds": "",
               "applied_on_day": str(world.now.day), "applied_on_month": str(world.now.month), "applied_on_year": str(world.now.year)}  # fmt: skip
    form = with_changes(filled(page, ""), answers)
    missing = browser_of("handler").post(f"{here}court/", form)
    assert missing.status_code == 422
    assert "Crown Court at Exampleton" in missing.content.decode()
    form |= {"grounds": ["The order names another company."]}
    assert browser_of("handler").post(f"{here}court/", form).status_code == 302
    assert CourtApplication.objects.filter(request=request).count() == 1
    assert "The order names another company." in shown(browser_of, "handler", here).text
    plain = world.request_in(State.IN_REVIEW)
    assert "/court/" not in browser_of("handler").get(f"/requests/{plain.reference}/").content.decode()


def test_the_page_asks_why_it_goes_ahead_against_the_advice(world: World, browser_of: Browsers) -> None:
    road = world.road()
    road.confirm()
    road.search()
    road.weigh()
    road.write()
    record_opinion(
        request_id=road.request.pk, in_favour=False, advice="Too long.", actor=world["dpo"], now=world.now
    )
    here = f"/requests/{road.request.reference}/"
    page = shown(browser_of, "handler", here)
    assert "Why it goes ahead against the advice of the data protection officer" in page.text
    key = "6f1b5f0e-0a53-4f0b-9f7f-0f6a1f1d2c3b"
    refused = browser_of("handler").post(f"{here}step/propose/", {"key": key, "reason": ""})
    assert refused.status_code == 422
    assert "advised against it" in refused.content.decode()
    taken = browser_of("handler").post(
        f"{here}step/propose/", {"key": key, "reason": "The month is the least."}
    )
    assert taken.status_code == 302
    assert "The month is the least." in shown(browser_of, "approver", here).text
    assert Step.objects.filter(request=road.request, action=Action.PROPOSE).count() == 1


def test_a_company_is_offered_its_one_review_once(world: World, browser_of: Browsers) -> None:
    road = CompanyRoad(world.people, world.police, world.now, number=82)
    request = road.to(State.CLOSED)
    here = f"/company/{request.reference}/"
    assert "Ask for the decision to be looked at again" in shown(browser_of, "outsider", here).text
    given = {"reason": "We gave the wrong month."}
    assert browser_of("outsider").post(f"{here}end/appeal/", given).status_code == 302
    road.now = now()
    road.step("second", Action.UPHOLD)
    assert "Ask for the decision to be looked at again" not in shown(browser_of, "outsider", here).text
    again = browser_of("outsider").post(f"{here}end/appeal/", given)
    assert again.status_code == 422
    assert "had its internal review" in again.content.decode()


def test_the_tests_page_puts_all_ten_and_fills_in_none(world: World, browser_of: Browsers) -> None:
    request = world.request_in(State.IN_REVIEW)
    page = shown(browser_of, "handler", f"/requests/{request.reference}/tests/")
    for words in ("Authentic", "Lawful purpose", "Necessity", "Proportionality", "Prejudice", "Our lawful basis",
                  "Compatible purpose", "Special category and criminal-offence data", "Communications data", "The record"):  # fmt: skip
        assert words in page.text, words
    assert [box["name"] for box in page.every("input") if "checked" in box] == []
