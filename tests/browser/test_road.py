"""One police request from the post to its recorded answer, by different people, with pages alone."""

import re
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, Person

pytestmark = pytest.mark.browser

NAME = "Sam Placeholder-Browser"
MAIL_SECONDS = 90  # the sweep goes round every 30
FOUND = "14 September 2026: £12.50 by card ending 0000"


def fill_day(page: Page, name: str, day: int, month: int, year: int) -> None:
    for part, value in (("day", day), ("month", month), ("year", year)):
        page.fill(f"[name={name}_{part}]", str(value))


def check(page: Page, name: str, value: str) -> None:
    page.check(f"[name={name}][value='{value}']")


def take(person: Person, reference: str, slug: str, reason: str = "") -> None:
    """Opens the request, opens the step in place, and takes it."""
    assert person.opens(f"/requests/{reference}/") == 200
    step = person.page.locator(f"#step-{slug}")
    step.locator("summary").click()
    if reason:
        step.locator("[name=reason]").fill(reason)
    step.locator("button[type=submit]").click()
    expect(person.page.locator(".error-summary")).to_have_count(0)


def offered(person: Person, reference: str) -> set[str]:
    """The steps this person's page offers and does not object to."""
    person.opens(f"/requests/{reference}/")
    steps = person.page.locator("details.step:not(.shut)")
    return {str(step.get_attribute("id")).removeprefix("step-") for step in steps.all()}


def record(clerk: Person) -> str:
    page = clerk.page
    clerk.opens("/")
    page.get_by_role("link", name="New request").click()
    check(page, "arrived", "schedule-2")
    page.get_by_role("button", name="Continue").click()
    page.select_option("[name=channel]", "SECURE_MAIL")
    check(page, "nation", "EW")
    page.select_option("[name=body]", label="Northshire Constabulary (fictitious)")
    page.fill("[name=requester_name]", "Kim Sample-Browser")
    page.select_option("[name=requester_rank]", "PC")
    page.fill("[name=requester_number]", "40999")
    page.fill("[name=requester_email]", "kim.sample@northshire.example")
    page.select_option("[name=instrument]", "P-DPA2")
    page.fill("[name=crime_reference]", "NS/99999/26")
    page.fill("[name=people-0-name]", NAME)
    page.select_option("[name=people-0-status]", "SUSPECT")
    fill_day(page, "people-0-born_on", 3, 2, 1979)
    page.fill("[name=people-0-account_number]", "ZX-99990000")
    page.select_option("[name=things-0-item_type]", "PAYMENTS")
    fill_day(page, "things-0-period_from", 1, 9, 2026)
    fill_day(page, "things-0-period_to", 30, 9, 2026)
    page.fill("[name=summary]", "A stolen card was used to pay an account.")
    check(page, "purposes", "PREVENT")
    page.fill("[name=offence]", "Fraud Act 2006 s.2")
    for name in ("necessity", "proportionality", "prejudice"):
        page.fill(f"[name={name}]", f"The form's words on {name}.")
    for name in (
        "special_category_sought",
        "child_or_vulnerable",
        "communications_data_sought",
        "do_not_notify",
    ):
        check(page, name, "no")
    today = datetime.now(ZoneInfo("Europe/London"))
    fill_day(page, "signed_on", today.day, today.month, today.year)
    page.check("[name=declared_purpose]")
    page.check("[name=declared_offence]")
    page.fill("[name=countersigner_name]", "Lee Specimen-Browser")
    page.select_option("[name=countersigner_rank]", "INSP")
    page.fill("[name=countersigner_number]", "10999")
    page.select_option("[name=return_channel]", "SECURE_MAIL")
    page.fill("[name=return_address]", "disclosure.unit@northshire.example")
    page.get_by_role("button", name="Save and submit to triage").click()
    page.wait_for_url(re.compile(r"/requests/CP-"))
    return re.search(r"CP-\w{4}-\w{4}", page.url)[0]  # type: ignore[index]


def verify(verifier: Person, reference: str) -> None:
    page = verifier.page
    for form, extra in (
        ("sender_address", {}),
        ("call_back", {"number_called": "01632 960000", "answered_by": "Control room, then the officer"}),
    ):
        verifier.opens(f"/requests/{reference}/evidence/")
        check(page, f"{form}-passed", "yes")
        for name, value in extra.items():
            page.fill(f"[name={form}-{name}]", value)
        page.locator(f"form:has([name={form}-passed]) button[type=submit]").click()
        page.wait_for_url(re.compile(rf"/requests/{reference}/(evidence/)?$"))
        expect(page.locator(".error-summary")).to_have_count(0)
    take(verifier, reference, "confirm")


def search(handler: Person, holder: Person, reference: str, *, name: str = NAME) -> None:
    handler.opens(f"/requests/{reference}/ask/")
    handler.page.get_by_label("Billing", exact=False).check()
    handler.page.locator("main form button[type=submit]").first.click()
    handler.page.wait_for_url(re.compile(rf"/requests/{reference}/$"))
    holder.opens("/searches/")
    assert not holder.sees(name), "a list names nobody"
    holder.page.locator("main table a").last.click()
    assert holder.sees(name), "the data holder is told whom to look for"
    assert not holder.sees("Fraud Act"), "and nothing of the investigation"
    assert not holder.sees("Sample-Browser"), "nor who asks"
    page = holder.page
    page.locator("[name$=result][value=FOUND]").check()
    page.locator("[name$=terms]").fill("Account number")
    page.locator("[name$=found]").fill(FOUND)
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator(".error-summary")).to_have_count(0)


def weigh(handler: Person, reference: str) -> None:
    page = handler.page
    handler.opens(f"/requests/{reference}/tests/")
    for name in ("authentic", "purpose_lawful", "necessary", "proportionate", "prejudice_likely"):
        check(page, name, "yes")
    check(page, "communications_data", "no")
    page.select_option("[name=compatibility]", "CRIME")
    for name in ("purpose", "necessity", "alternatives", "proportionality", "prejudice", "extent"):
        page.fill(f"[name={name}_note]", "Weighed against the form.")
    page.select_option("[name=basis]", "EA_CRIME")
    page.select_option("[name=exemption]", "SCH2_2")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(rf"/requests/{reference}/$"))
    handler.opens(f"/requests/{reference}/items/")
    page.locator("[name$='item-1-decision']:not([type=hidden])").select_option("DISCLOSE")
    assert page.locator("[name$='item-1-text']:not([type=hidden])").input_value() == FOUND
    page.get_by_role("button", name="Save the decisions").click()
    page.wait_for_url(re.compile(rf"/requests/{reference}/$"))
    handler.opens(f"/requests/{reference}/letter/answer/")
    assert FOUND in page.locator("[name=body]").input_value()
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(rf"/requests/{reference}/$"))


def advise(person: Person, reference: str) -> None:
    person.opens(f"/requests/{reference}/opinion/")
    check(person.page, "in_favour", "yes")
    person.page.fill("[name=advice]", "Nothing beside it is given.")
    person.page.locator("main form button[type=submit]").first.click()
    person.page.wait_for_url(re.compile(rf"/requests/{reference}/$"))


def test_a_police_request_goes_its_whole_road(desk: Desk) -> None:
    clerk, verifier, handler = desk["clerk"], desk["verifier"], desk["handler"]
    approver, release = desk["approver"], desk["release"]
    reference = record(clerk)
    address = f"/requests/{reference}/"

    # Somebody with a conflict of interest, and somebody from elsewhere: there is no such request.
    lead = desk["lead"]
    lead.opens(f"{address}exclude/")
    lead.page.locator("main select").first.select_option(label="Demo Second Approver")
    lead.page.fill("[name=reason]", "A neighbour of the person.")
    lead.page.locator("main form button[type=submit]").first.click()
    lead.page.wait_for_url(re.compile(rf"/requests/{reference}/$"))
    for stranger in ("second", "outsider", "auditor", "admin"):
        assert desk[stranger].opens(address) == 404
        forbidden = desk[stranger].page.locator("main").inner_html()
        assert desk[stranger].opens("/requests/CP-2222-2222/") == 404
        assert desk[stranger].page.locator("main").inner_html() == forbidden
    clerk.opens("/queue/team/")
    assert clerk.sees(reference)
    assert not clerk.sees(NAME), "lists hold no personal data"

    take(handler, reference, "accept")
    assert not offered(clerk, reference) & {"confirm", "propose"}
    verify(verifier, reference)
    search(handler, desk["holder"], reference)
    weigh(handler, reference)
    advise(desk["dpo"], reference)
    assert "propose" not in offered(verifier, reference), "who confirmed does not propose"
    take(handler, reference, "propose")
    assert not {"approve-release", "concur"} & offered(handler, reference), "who proposed does not approve"
    take(approver, reference, "approve-release")
    take(release, reference, "start-release")

    release.opens(f"{address}letter/answer/print/")
    assert release.sees(FOUND)
    release.opens(f"{address}letter/answer/sent/")
    release.page.select_option("[name=channel]", "SECURE_MAIL")
    release.page.locator("main form button[type=submit]").first.click()
    release.page.wait_for_url(re.compile(rf"/requests/{reference}/$"))
    assert release.sees("disclosure.unit@northshire.example"), "the letter is recorded as sent"
    take(release, reference, "close")
    assert release.sees("Closed")

    the_log_holds_everything(desk["auditor"], reference)


def the_log_holds_everything(auditor: Person, reference: str) -> None:
    auditor.opens(f"/log/?about={reference}")
    rows: list[str] = []
    while True:
        rows += auditor.page.locator("main table tbody tr").all_inner_texts()
        older = auditor.page.get_by_role("link", name="Older")
        if not older.count():
            break
        older.first.click()
    told = "\n".join(rows)
    steps = 8  # submit, accept, confirm, propose, approve, start, sent, close
    assert told.count("Step taken") == steps
    for words, least in (("Request recorded", 1), ("Person excluded", 1), ("Check of the requester recorded", 2),
                         ("Search asked for", 1), ("Search answered", 1), ("Tests answered", 1), ("Items decided", 1),
                         ("Letter prepared", 1), ("Request opened", 10)):  # fmt: skip
        assert told.count(words) >= least, words
    assert NAME not in auditor.page.content()


def test_a_refused_step_is_told_and_logged(desk: Desk) -> None:
    reference = record(desk["clerk"])
    verifier = desk["verifier"]
    verifier.opens(f"/requests/{reference}/")
    handler = desk["handler"]
    take(handler, reference, "accept")
    verifier.opens(f"/requests/{reference}/evidence/")
    page = verifier.page
    check(page, "call_back-passed", "yes")
    page.fill("[name=call_back-number_called]", "01632 960123")
    page.fill("[name=call_back-answered_by]", "Somebody")
    page.locator("form:has([name=call_back-passed]) button[type=submit]").click()
    expect(page.locator(".error-summary")).to_contain_text("Ring the number in the register")
    assert page.locator("[name=call_back-answered_by]").input_value() == "Somebody", "what was typed stays"
    desk["auditor"].opens(f"/log/?about={reference}")
    assert desk["auditor"].sees("Step refused")


def test_everybody_is_mailed_by_reference_alone(desk: Desk) -> None:
    reference = record(desk["clerk"])
    take(desk["handler"], reference, "accept")
    deadline = time.monotonic() + MAIL_SECONDS
    mails: list[str] = []
    while not any(reference in mail for mail in mails):
        assert time.monotonic() < deadline, "the step above promised a mail"
        time.sleep(0.5)
        mails = [path.read_text(errors="replace") for path in desk.site.mail_folder.iterdir()]
    for mail in mails:
        assert NAME not in mail
        assert "Example-" not in mail


def test_log_files_hold_no_name(desk: Desk) -> None:
    for path in desk.site.log_folder.glob("*.log"):
        text = path.read_text(errors="replace")
        assert NAME not in text, path.name
        assert "ZX-99990000" not in text, path.name
        assert desk.site.password not in text, path.name
