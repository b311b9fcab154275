"""An emergency at night, on a telephone's screen: taken, rung back, read out by two, put on paper, ratified by a third."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Desk, Person
from tests.browser.test_road import check, fill_day, take

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}


def fits(person: Person) -> bool:
    return bool(
        person.page.evaluate("document.scrollingElement.scrollWidth <= document.documentElement.clientWidth")
    )


def test_an_emergency_goes_from_the_telephone_to_its_ratification(desk: Desk) -> None:
    handler, verifier, approver, clerk = desk["handler"], desk["verifier"], desk["approver"], desk["clerk"]
    for person in (handler, verifier, approver):
        person.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page = handler.page
    handler.opens("/emergency/")
    assert fits(handler)
    page.select_option("[name=body]", label="Northshire Constabulary (fictitious)")
    page.fill("[name=requester_name]", "Kim Sample-Night")
    page.fill("[name=urgency_reason]", "A child has not come home.")
    page.fill("[name=name]", "Sam Placeholder-Night")
    check(page, "items", "VISIT_NOTES")
    check(page, "child_or_vulnerable", "yes")
    page.get_by_role("button", name="Record it and ring back").click()
    page.wait_for_url(re.compile(r"/emergency/$"))
    reference = re.search(r"CP-\w{4}-\w{4}", page.url)[0]  # type: ignore[index]
    assert fits(handler)
    assert handler.sees("Not yet:")

    verifier.opens(f"/requests/{reference}/evidence/")
    check(verifier.page, "call_back-passed", "yes")
    verifier.page.fill("[name=call_back-number_called]", "01632 960000")
    verifier.page.fill("[name=call_back-answered_by]", "Control room, then the officer")
    verifier.page.locator("form:has([name=call_back-passed]) button[type=submit]").click()
    expect(verifier.page.locator(".error-summary")).to_have_count(0)

    verifier.opens(f"/requests/{reference}/emergency/")
    verifier.page.get_by_role("button", name="Propose the emergency release").click()
    verifier.opens(f"/requests/{reference}/emergency/")
    assert verifier.sees("Demo Approver")
    verifier.page.get_by_role("button", name=re.compile("Record the ring of Demo Approver")).click()
    assert verifier.sees("answers and takes part")

    approver.opens(f"/requests/{reference}/emergency/")
    assert fits(approver)
    approver.page.fill("[name=words]", "Visited on Friday at 1 Nowhere Lane.")
    approver.page.fill("[name=read_to]", "Kim Sample-Night")
    approver.page.fill("[name=number]", "01632 960000")
    approver.page.get_by_role("button", name="Record the release").click()
    approver.page.wait_for_url(re.compile(rf"/requests/{reference}/$"))
    assert approver.sees("Emergency release made")

    clerk.opens(f"/requests/{reference}/edit/")
    today = datetime.now(ZoneInfo("Europe/London"))
    fill_day(clerk.page, "signed_on", today.day, today.month, today.year)
    clerk.page.get_by_role("button", name="Save").last.click()
    clerk.page.wait_for_url(re.compile(rf"/requests/{reference}/$"))
    take(clerk, reference, "record-paper")
    take(desk["second"], reference, "ratify")
    assert desk["second"].sees("Closed")
