"""A company's request from its own account to its answer there; a return and its resumption on the way."""

import re

import pytest
from playwright.sync_api import expect

from disclosures.models.decision import WEIGHED_INTERESTS
from tests.browser.conftest import Desk, Person
from tests.browser.test_road import FOUND, advise, check, fill_day, search, take

pytestmark = pytest.mark.browser

NAME = "Sam Placeholder-Company"


def write(outsider: Person) -> str:
    page = outsider.page
    outsider.opens("/")
    page.get_by_role("link", name="New request").click()
    check(page, "policy_purpose", "PU-FRD")
    page.fill("[name=summary]", "One card opened several accounts.")
    page.get_by_role("button", name="Save and go on").click()
    page.fill("[name=necessity]", "They can be matched in no other way.")
    page.fill("[name=proportionality]", "Payments of one month only.")
    page.get_by_role("button", name="Save and go on").click()
    page.fill("[name=data_recipient]", "Fraud team, two analysts")
    check(page, "special_category_sought", "no")
    check(page, "transfer_abroad", "no")
    page.get_by_role("button", name="Save and go on").click()
    page.select_option("[name=things-0-item_type]", "PAYMENTS")
    fill_day(page, "things-0-period_from", 1, 9, 2026)
    fill_day(page, "things-0-period_to", 30, 9, 2026)
    page.get_by_role("button", name="Save and go on").click()
    page.fill("[name=people-0-own_reference]", "R-77")
    page.fill("[name=people-0-name]", NAME)
    page.fill("[name=people-0-account_number]", "ZX-99970000")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    reference = re.search(r"CP-\w{4}-\w{4}", page.url)[0]  # type: ignore[index]
    page.get_by_role("button", name="Send the request").click()
    expect(page.locator("main")).to_contain_text("We are looking at it")
    return reference


INTERESTS = ("alternatives_note", *WEIGHED_INTERESTS)


def weigh(handler: Person, reference: str) -> None:
    page = handler.page
    handler.opens(f"/requests/{reference}/tests/")
    page.fill("[name=interest_note]", "Both companies lose by the same accounts.")
    page.select_option("[name=whose_interest]", "SHARED")
    for name in INTERESTS:
        page.fill(f"[name={name}]", "Thought about, and written down.")
    for box, value in (("day", "31"), ("month", "1"), ("year", "2099")):
        page.fill(f"[name=review_on_{box}]", value)
    check(page, "necessary", "yes")
    page.fill("[name=necessity_note]", "No other way.")
    check(page, "proportionate", "yes")
    page.fill("[name=proportionality_note]", "People expect fraud to be looked for.")
    page.select_option("[name=basis]", "F")
    page.select_option("[name=exemption]", "NONE")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(rf"/requests/{reference}/$"))
    handler.opens(f"/requests/{reference}/items/")
    page.locator("[name$='item-1-decision']:not([type=hidden])").select_option("DISCLOSE")
    page.get_by_role("button", name="Save the decisions").click()
    page.wait_for_url(re.compile(rf"/requests/{reference}/$"))
    handler.opens(f"/requests/{reference}/letter/answer/")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(rf"/requests/{reference}/$"))


def test_a_companys_request_goes_its_whole_road_with_a_return_on_the_way(desk: Desk) -> None:
    outsider, handler, release = desk["outsider"], desk["handler"], desk["release"]
    reference = write(outsider)
    own, address = f"/company/{reference}/", f"/requests/{reference}/"
    assert outsider.opens(address) == 404, "the desk's page is not the company's"

    take(handler, reference, "return", "Please say which cards.")
    assert handler.sees("paused")
    outsider.opens(own)
    assert outsider.sees("We need something from you")
    page = outsider.page
    page.get_by_role("link", name="Complete it").click()
    page.get_by_role("link", name="Change what it is for").click()
    page.fill("[name=summary]", "One card, ending 0000, opened several accounts.")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("link", name="See all answers").click()
    page.get_by_role("button", name="Send the request").click()
    page.wait_for_url(re.compile(rf"/company/{reference}/$"))
    handler.opens(address)
    handler.unfolds()
    assert handler.sees("paused working days, both end days counted")

    take(handler, reference, "accept")
    take(desk["verifier"], reference, "confirm")
    search(handler, desk["holder"], reference, name=NAME)
    weigh(handler, reference)
    advise(desk["dpo"], reference)
    take(handler, reference, "propose")
    outsider.opens(own)
    assert outsider.sees("We are looking at it")
    assert not outsider.sees(FOUND)
    take(desk["approver"], reference, "approve-release")
    take(release, reference, "start-release")
    release.opens(f"{address}letter/answer/sent/")
    release.page.select_option("[name=channel]", "PORTAL")
    release.page.fill("[name=sent_to]", "Demo Retail (fictitious), its own account")
    release.page.locator("main form button[type=submit]").first.click()
    release.page.wait_for_url(re.compile(rf"/requests/{reference}/$"))

    outsider.opens(own)
    assert outsider.sees("Answered")
    assert outsider.sees(FOUND)
    with page.expect_download() as got:
        page.get_by_role("link", name="Download the result").click()
    text = got.value.path().read_text("utf-8-sig")
    assert "R-77" in text
    assert "Given" in text
    take(release, reference, "close")
