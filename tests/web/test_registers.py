"""The pages of the registers: who reads them, who keeps them, and what is said to whoever gets it wrong."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from accounts.models import Organisation, Relationship
from audit.models import Entry
from disclosures.models import ItemDecision, Request
from privacy.models import CreditAgency, Preference, TermsVersion
from privacy.services import Clause
from tests.services.test_group_companies import agency, credit_road, publish, terms
from tests.services.test_objections import ANN, consent, road
from tests.world import World

pytestmark = pytest.mark.django_db
Browsers = Callable[[str], Client]
WHERE = "/registers/companies/"


def text(response) -> str:
    """What is read on the page; cells stand apart."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def day(name: str, when) -> dict[str, str]:
    return {f"{name}_day": str(when.day), f"{name}_month": str(when.month), f"{name}_year": str(when.year)}


def line(world: World, **changes: str) -> dict[str, str]:
    media = Organisation.objects.get(code="demo-media")
    given = {
        "add": "1",
        "holder": world.company.ref,
        "company": media.ref,
        "test": "1159_VOTES",
        "percent": "51",
    }
    kept = {"evidence": "Share purchase agreement of today", "document_reference": "L-77"}
    return given | kept | day("valid_from", localdate(world.now)) | changes


@pytest.mark.parametrize("who", ["clerk", "handler", "approver", "head", "admin", "auditor"])
def test_the_desk_reads_where_each_company_stands(world: World, browser_of: Browsers, who: str) -> None:
    shown = text(browser_of(who).get(WHERE))
    assert "Demo Retail (fictitious) Yes: our subsidiary" in shown
    assert "Demo Energy (fictitious) → Demo Insurance (fictitious): Majority of the votes" in shown
    sold = localdate(world.now) - timedelta(days=30)
    assert f"No , the last day was {sold:%A} {sold.day} {sold:%B %Y}" in shown
    assert "Minority stake: no control, 20 per cent" in shown
    assert ("Enter a holding" in shown) == (who in {"head", "admin"})


@pytest.mark.parametrize("who", ["outsider", "holder"])
@pytest.mark.parametrize("page", ["/registers/", WHERE])
def test_for_others_there_are_no_registers(world: World, browser_of: Browsers, who: str, page: str) -> None:
    assert browser_of(who).get(page).status_code == 404


def test_the_head_of_legal_enters_a_line_and_ends_it(world: World, browser_of: Browsers) -> None:
    head = browser_of("head")
    assert head.post(WHERE, line(world)).status_code == 302
    shown = text(head.get(WHERE))
    assert "Demo Media (fictitious) Yes: our subsidiary" in shown
    assert "Share purchase agreement of today (L-77)" in shown
    row = Relationship.objects.get(company__code="demo-media", test="1159_VOTES")
    ending = {"end": str(row.pk)} | {
        f"end-{row.pk}-{name}": value for name, value in day("last_day", localdate(world.now)).items()
    }
    assert head.post(WHERE, ending).status_code == 302
    row.refresh_from_db()
    assert (row.valid_until, row.ended_by) == (localdate(world.now), world["head"])
    assert f"{world['head'].display_name}" in text(head.get(WHERE))


def test_every_problem_is_named_and_what_was_typed_stays(world: World, browser_of: Browsers) -> None:
    answer = browser_of("head").post(WHERE, line(world, evidence="", test="", percent="many"))
    assert answer.status_code == 422
    shown = text(answer)
    assert "Write the per cent as a number" in shown
    assert "“The document that shows it, and its date” needs an answer" in shown
    assert 'value="L-77"' in answer.content.decode()


def test_a_refusal_of_the_register_is_a_sentence_on_the_page(world: World, browser_of: Browsers) -> None:
    answer = browser_of("head").post(WHERE, line(world, percent="50"))
    assert answer.status_code == 422
    assert "A minority stake is no relationship" in text(answer)


def test_a_clerk_who_posts_changes_nothing(world: World, browser_of: Browsers) -> None:
    before = Relationship.objects.count()
    assert browser_of("clerk").post(WHERE, line(world)).status_code == 200
    assert Relationship.objects.count() == before


def test_the_page_asks_the_same_number_of_questions_whatever_it_holds(
    world: World, browser_of: Browsers
) -> None:
    client = browser_of("clerk")
    client.get(WHERE)

    with CaptureQueriesContext(connection) as few:
        client.get(WHERE)
    for number in range(8):
        browser_of("head").post(WHERE, line(world, evidence=f"Document {number}"))
    with CaptureQueriesContext(connection) as many:
        client.get(WHERE)
    assert len(many) == len(few)


# Preferences ---------------------------------------------------------------------------------

PREFERENCES = "/registers/preferences/"


def said(world: World, **changes: str) -> dict[str, str]:
    given = {
        "add": "1",
        "record_id": "desk-1",
        "drawn_at": world.now.isoformat(),
        "kind": "OPT_OUT",
        "channel": "POST",
        "company": "",
        "source": "TELEPHONE",
    }
    return given | {"email": "ann@example.org"} | day("said_on", localdate(world.now)) | changes


def test_what_somebody_says_on_the_telephone_is_recorded_and_found_again(
    world: World, browser_of: Browsers
) -> None:
    clerk = browser_of("clerk")
    assert clerk.post(PREFERENCES, said(world)).status_code == 302
    assert clerk.post(PREFERENCES, said(world)).status_code == 302, "sent twice, it is one"
    assert Preference.objects.count() == 1
    answer = clerk.post(PREFERENCES, {"find": "1", "who-email": "Ann@Example.org"})
    assert answer.status_code == 200
    shown = text(answer)
    assert "Opt-out Post Every company Telephone" in shown
    assert "ann@example.org" not in clerk.get(PREFERENCES).content.decode()
    assert "Nothing is on record" in text(
        clerk.post(PREFERENCES, {"find": "1", "who-email": "ben@example.org"})
    )
    assert Entry.objects.filter(event="preference.looked_up").count() == 2


def test_all_that_is_wrong_with_it_is_said_at_once(world: World, browser_of: Browsers) -> None:
    answer = browser_of("clerk").post(PREFERENCES, said(world, kind="", email="", source=""))
    assert answer.status_code == 422
    assert text(answer).count("needs an answer") >= 2
    nobody = browser_of("clerk").post(PREFERENCES, said(world, email="", name="Ann Example"))
    assert "Nothing says whose it is" in text(nobody)
    assert 'value="Ann Example"' in nobody.content.decode()
    empty = browser_of("clerk").post(PREFERENCES, {"find": "1"})
    assert "Give an account number" in text(empty)


@pytest.mark.parametrize("who", ["outsider", "holder", "auditor"])
def test_preferences_are_for_the_desk(world: World, browser_of: Browsers, who: str) -> None:
    assert browser_of(who).get(PREFERENCES).status_code == 404
    assert browser_of(who).post(PREFERENCES, said(world)).status_code == 404


def test_the_page_of_a_companys_request_leaves_the_barred_out(world: World, browser_of: Browsers) -> None:
    consent(world, ANN)
    walked = road(world)
    walked.confirm()
    where = f"/requests/{walked._fresh().reference}/group/"
    handler = browser_of("handler")
    shown = text(handler.get(where))
    assert "1 of 2 may not be given to this company today" in shown
    assert "2. Ben Example No: has given no consent to e-mail that names Demo Retail" in shown
    assert handler.post(where, {"withhold": "1"}).status_code == 302
    rows = ItemDecision.objects.filter(request=walked._fresh())
    assert {(row.subject.position, row.refusal_code) for row in rows} == {(2, "R-OPT")}
    assert browser_of("clerk").get(where).status_code == 404
    assert browser_of("outsider").get(where).status_code == 404


def test_the_company_is_asked_for_its_channels_when_the_purpose_is_marketing(
    world: World, browser_of: Browsers
) -> None:
    outsider = browser_of("outsider")
    given = {"policy_purpose": "PU-MKT-OWN", "summary": "A new tariff."}
    asked = outsider.post("/company/new/", given)
    assert asked.status_code in {200, 422}
    assert "Choose by which channels" in text(asked)
    kept = outsider.post("/company/new/", given | {"marketing_channels": ["EMAIL", "POST"]})
    assert kept.status_code == 302
    assert Request.objects.get(own_submission=True).marketing_channels == ["EMAIL", "POST"]


# Credit checks and the policy ----------------------------------------------------------------

CREDIT = "/registers/credit/"


def test_an_agency_and_terms_are_entered_looked_up_and_ended(world: World, browser_of: Browsers) -> None:
    head, today = browser_of("head"), localdate(world.now)
    bureau = {
        "agency": "1",
        "name": "Sample Bureau",
        "firm_number": "600001",
        "permission": "Providing credit references",
    }
    assert head.post(CREDIT, bureau | day("looked_up_on", today - timedelta(days=400))).status_code == 302
    assert "More than a year ago" in text(head.get(CREDIT))
    row = CreditAgency.objects.get()
    assert head.post(CREDIT, {"look_up": row.pk, "licensed": "yes"}).status_code == 302
    assert "More than a year ago" not in text(head.get(CREDIT))
    assert head.post(CREDIT, {"look_up": row.pk, "licensed": "no"}).status_code == 302
    assert "Ended after" in text(browser_of("clerk").get(CREDIT))
    version = {"terms": "1", "name": "T-7", "clause": "Clause 12"}
    assert head.post(CREDIT, version | day("effective_from", today)).status_code == 302
    found = TermsVersion.objects.get()
    early = {"end": found.pk} | day(f"end-{found.pk}-last_day", today - timedelta(days=1))
    assert "before the first" in text(head.post(CREDIT, early))
    assert head.post(CREDIT, {"end": found.pk} | day(f"end-{found.pk}-last_day", today)).status_code == 302


def test_the_agencys_number_and_day_are_asked_for_at_once(world: World, browser_of: Browsers) -> None:
    shown = text(browser_of("head").post(CREDIT, {"agency": "1", "name": "Sample Bureau"}))
    assert shown.count("needs an answer") >= 3
    refused = browser_of("head").post(
        CREDIT,
        {"agency": "1", "name": "S", "firm_number": "12", "permission": "P"}
        | day("looked_up_on", localdate(world.now)),
    )
    assert "six or seven digits" in text(refused)


def test_a_reader_of_the_credit_registers_changes_nothing(world: World, browser_of: Browsers) -> None:
    bureau = {
        "agency": "1",
        "name": "Sample Bureau",
        "firm_number": "600001",
        "permission": "Providing credit references",
    }
    assert (
        browser_of("clerk").post(CREDIT, bureau | day("looked_up_on", localdate(world.now))).status_code
        == 200
    )
    assert not CreditAgency.objects.exists()


def test_the_policys_page_says_what_stands_above_and_below(world: World, browser_of: Browsers) -> None:
    shown = text(browser_of("auditor").get("/registers/policy/"))
    for words in (
        "Version 1 is in force",
        "To help detect fraud or loss PU-FRD Use of personal information, fourth point Yes, it stands above",
        "To understand traffic on the web site (cookies) PU-WEB The Internet No: it stands below",
        "To meet a customer's particular needs PU-NEED Introduction No. It is too vague",
        "CAT-ACC Personal information, fourth point shows somebody else too",
        "SRC-PUBLIC Collection, third point Of the electoral register",
    ):
        assert words in shown


def test_a_company_is_offered_what_the_version_in_force_opens_and_nothing_else(
    world: World, browser_of: Browsers
) -> None:
    outsider = browser_of("outsider")
    assert "To help detect fraud or loss" in text(outsider.get("/company/new/"))
    publish(world, 2, Clause("PURPOSE", "PU-ACC", "Uses", True))
    shown = text(outsider.get("/company/new/"))
    assert "To help detect fraud or loss" not in shown
    assert "To manage accounts, services and products" in shown
    refused = outsider.post("/company/new/", {"policy_purpose": "PU-FRD", "summary": "Fraud."})
    assert refused.status_code in {200, 422}
    assert not Request.objects.filter(own_submission=True).exists()


def test_an_application_is_recorded_on_the_companys_page(world: World, browser_of: Browsers) -> None:
    walked = credit_road(world)
    walked.confirm()
    bureau, version = agency(world), terms(world)
    where = f"/requests/{walked._fresh().reference}/group/"
    handler = browser_of("handler")
    assert "No application of person 1 is on record." in text(handler.get(where))
    given = {
        "application": "1",
        "position": "1",
        "terms_ref": version.ref,
        "agency_ref": bureau.ref,
        "reference": "",
    }
    when = day("applied_on", localdate(world.now))
    wrong = handler.post(where, given | when)
    assert wrong.status_code == 422
    assert "“Reference of the application” needs an answer" in text(wrong)
    assert handler.post(where, given | when | {"reference": "APP-1"}).status_code == 302
    assert "Nothing is missing for anybody" in text(handler.get(where))
