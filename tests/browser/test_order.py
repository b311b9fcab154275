"""A production order from the post to its recorded answer: born restricted, worked by its named members alone."""

import re
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from disclosures.catalogue.checks import POINTS
from tests.browser.conftest import Desk, Person
from tests.browser.test_road import FOUND, advise, check, fill_day, search, take

pytestmark = pytest.mark.browser

NAME = "Sam Placeholder-Order"
MEMBERS = {
    "verifier": "HANDLER", "handler": "HANDLER", "holder": "DATA_HOLDER", "approver": "APPROVER",
    "release": "RELEASE_OFFICER", "dpo": "DPO",
}  # fmt: skip


def record(clerk: Person) -> str:
    page = clerk.page
    clerk.opens("/requests/new/")
    check(page, "arrived", "restricted")
    page.get_by_role("button", name="Continue").click()
    page.select_option("[name=channel]", "POST")
    check(page, "nation", "EW")
    page.select_option("[name=body]", label="Northshire Constabulary (fictitious)")
    page.fill("[name=requester_name]", "Kim Sample-Order")
    page.fill("[name=requester_number]", "40998")
    page.select_option("[name=requester_rank]", "PC")
    page.select_option("[name=instrument]", "A-PO")
    page.locator("section[aria-labelledby=order] summary").click()
    page.fill("[name=court]", "Crown Court at Exampleton")
    page.fill("[name=judge]", "Her Honour Judge Sample")
    page.fill("[name=case_number]", "T20269998")
    page.fill("[name=addressee]", "Demo Company (fictitious)")
    today = datetime.now(ZoneInfo("Europe/London"))
    for name in ("made_on", "served_on"):
        fill_day(page, name, today.day, today.month, today.year)
    page.fill("[name=people-0-name]", NAME)
    page.fill("[name=people-0-account_number]", "ZX-99980000")
    page.select_option("[name=things-0-item_type]", "PAYMENTS")
    page.select_option("[name=return_channel]", "SECURE_MAIL")
    page.fill("[name=return_address]", "disclosure.unit@northshire.example")
    page.get_by_role("button", name="Save and submit to triage").click()
    page.wait_for_url(re.compile(r"/requests/CP-"))
    return re.search(r"CP-\w{4}-\w{4}", page.url)[0]  # type: ignore[index]


def name_members(mlro: Person, desk: Desk, reference: str) -> None:
    page = mlro.page
    for key, role in MEMBERS.items():
        mlro.opens(f"/requests/{reference}/members/")
        label = page.locator("select[name=member] option", has_text=NAMES[key]).filter(has_text=ROLES[role])
        page.select_option("[name=member]", str(label.first.get_attribute("value")))
        page.fill("[name=reason]", "Works on this order.")
        page.get_by_role("button", name="Name this member").click()
        expect(page.locator(".error-summary")).to_have_count(0)


NAMES = {
    "verifier": "Demo Verifier", "handler": "Demo Handler", "holder": "Demo Data Holder", "approver": "Demo Approver",
    "release": "Demo Release Officer", "dpo": "Demo Data Protection Officer",
}  # fmt: skip
ROLES = {
    "HANDLER": "handler", "DATA_HOLDER": "data holder", "APPROVER": "approver", "RELEASE_OFFICER": "release officer",
    "DPO": "data protection officer",
}  # fmt: skip


def verify(verifier: Person, reference: str) -> None:
    page = verifier.page
    for form, extra in (
        ("call_back", {"number_called": "01632 960000", "answered_by": "Control room, then the officer"}),
        ("court_document", {"note": "Court, judge, dates, addressee and seal agree."}),
    ):
        verifier.opens(f"/requests/{reference}/evidence/")
        asked = ["passed"] if form == "call_back" else [f"point_{code.lower()}" for code in POINTS]
        for name in asked:
            check(page, f"{form}-{name}", "yes")
        for name, value in extra.items():
            page.fill(f"[name={form}-{name}]", value)
        page.locator(f"form:has([name={form}-{asked[0]}]) button[type=submit]").click()
        page.wait_for_url(re.compile(rf"/requests/{reference}/(evidence/)?$"))
        expect(page.locator(".error-summary")).to_have_count(0)
    take(verifier, reference, "confirm")


def weigh(handler: Person, advisers: Sequence[Person], reference: str) -> None:
    page = handler.page
    handler.opens(f"/requests/{reference}/tests/")
    for name in ("valid", "addressed_to_us", "in_its_period", "within_its_terms", "privilege_excluded"):
        check(page, name, "yes")
    check(page, "excluded_material", "no")
    page.fill("[name=terms_note]", "The items are those it names.")
    page.fill("[name=extent_note]", "Telling the person, while the order forbids it.")
    page.select_option("[name=basis]", "C")
    page.select_option("[name=exemption]", "SCH2_5")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(rf"/requests/{reference}/$"))
    handler.opens(f"/requests/{reference}/items/")
    page.locator("[name$='item-1-decision']:not([type=hidden])").select_option("DISCLOSE")
    page.get_by_role("button", name="Save the decisions").click()
    page.wait_for_url(re.compile(rf"/requests/{reference}/$"))
    for adviser in advisers:
        advise(adviser, reference)
    handler.opens(f"/requests/{reference}/letter/answer/")
    assert FOUND in page.locator("[name=body]").input_value()
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(rf"/requests/{reference}/$"))


def test_a_production_order_goes_its_whole_road_among_its_members(desk: Desk) -> None:
    clerk, mlro, handler, release = desk["clerk"], desk["mlro"], desk["handler"], desk["release"]
    reference = record(clerk)
    address = f"/requests/{reference}/"
    for stranger in ("handler", "second", "lead", "head", "auditor", "outsider"):
        assert desk[stranger].opens(address) == 404
        desk[stranger].opens("/queue/team/")
        assert not desk[stranger].sees(reference)
    name_members(mlro, desk, reference)
    take(handler, reference, "accept")
    handler.unfolds()
    assert handler.sees("day 7"), "the order's own clock: seven days, beginning with the day it was made"
    verify(desk["verifier"], reference)
    search(handler, desk["holder"], reference, name=NAME)
    weigh(handler, (mlro, desk["dpo"]), reference)
    take(handler, reference, "propose")
    take(desk["approver"], reference, "approve-release")
    take(release, reference, "start-release")
    release.opens(f"{address}letter/answer/sent/")
    release.page.select_option("[name=channel]", "SECURE_MAIL")
    release.page.locator("main form button[type=submit]").first.click()
    release.page.wait_for_url(re.compile(rf"/requests/{reference}/$"))
    take(release, reference, "close")
    assert release.sees("Closed")
    assert desk["lead"].opens(address) == 404
    desk["auditor"].opens(f"/log/?about={reference}")
    expect(desk["auditor"].page.locator("main tbody tr")).to_have_count(0)
