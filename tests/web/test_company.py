"""A company's own people: their requests, one thing a page, and no trace of anything else."""

import csv
import io
import re

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation
from accounts.roles import Role
from disclosures.demo_kinds import CompanyRoad
from disclosures.models import Item, Request, Subject
from disclosures.selectors import company
from disclosures.services.delivering import deliver
from disclosures.states import State
from disclosures.tables import plain
from tests.every_state import USUAL, employ
from tests.world import World

from .browsers import browser_for
from .test_access_matrix import bare
from .work_pages import Browsers

pytestmark = pytest.mark.django_db


def walked(world: World, state: State) -> Request:
    world.made += 1
    road = CompanyRoad(world.people, world.police, world.now, number=world.made)
    return road.record() if state is State.DRAFT else road.to(state)


def words(response: object) -> str:
    return re.sub(r"\s+", " ", response.content.decode())  # type: ignore[attr-defined]


def answer(client: Client, reference: str, slug: str, **given: str) -> str:
    response = client.post(f"/company/{reference}/{slug}/", given)
    assert response.status_code == 302, words(response)
    return str(response["Location"])


THINGS = {
    "things-TOTAL_FORMS": "1", "things-INITIAL_FORMS": "0", "things-0-item_type": "PAYMENTS",
    "things-0-period_from_day": "1", "things-0-period_from_month": "9", "things-0-period_from_year": "2026",
    "things-0-period_to_day": "30", "things-0-period_to_month": "9", "things-0-period_to_year": "2026",
}  # fmt: skip
PEOPLE = {
    "people-TOTAL_FORMS": "2", "people-INITIAL_FORMS": "0",
    "people-0-own_reference": "=R1", "people-0-name": "Alex Example", "people-0-account_number": "ZX-1",
    "people-1-own_reference": "R2", "people-1-name": "Sam Example", "people-1-phone": "01632 960001",
}  # fmt: skip


def test_a_company_begins_at_its_own_requests(world: World, browser_of: Browsers) -> None:
    client = browser_of("outsider")
    assert client.get("/")["Location"] == "/company/"
    page = words(client.get("/company/"))
    assert "Demo Retail (fictitious)" in page
    assert "Your company has sent no request yet." in page


def test_one_thing_a_page_and_the_draft_is_kept_after_each(world: World, browser_of: Browsers) -> None:
    client = browser_of("outsider")
    begun = client.post("/company/new/", {"policy_purpose": "PU-FRD", "summary": "One card, many accounts."})
    request = Request.objects.get()
    where = request.reference
    assert begun["Location"] == f"/company/{where}/why/"
    assert "please add" in words(client.get(f"/company/{where}/check/"))
    answer(
        client,
        where,
        "why",
        necessity="They can be matched in no other way.",
        proportionality="Payments only.",
    )
    answer(
        client,
        where,
        "who",
        data_recipient="Two analysts",
        special_category_sought="no",
        transfer_abroad="no",
    )
    answer(client, where, "things", **THINGS)
    assert answer(client, where, "people", **PEOPLE) == f"/company/{where}/check/"
    check = words(client.get(f"/company/{where}/check/"))
    for said in ("To help detect fraud or loss", "Two analysts", "R2: Sam Example", "Payments made to us"):
        assert said in check
    sent = client.post(f"/company/{where}/check/")
    assert sent["Location"] == f"/company/{where}/"
    request.refresh_from_db()
    assert (request.state, request.kind) == (State.SUBMITTED, "G")
    assert "We are looking at it" in words(client.get(f"/company/{where}/"))


def test_sending_what_is_not_whole_says_everything_that_is_missing(
    world: World, browser_of: Browsers
) -> None:
    client = browser_of("outsider")
    client.post("/company/new/", {"policy_purpose": "PU-FRD", "summary": "One card."})
    response = client.post(f"/company/{Request.objects.get().reference}/check/")
    assert response.status_code == 422
    for said in ("who in the company will receive it", "at least one item", "at least one person"):
        assert said in words(response)


def test_a_page_with_a_fault_keeps_what_was_typed(world: World, browser_of: Browsers) -> None:
    client = browser_of("outsider")
    request = walked(world, State.DRAFT)
    response = client.post(
        f"/company/{request.reference}/who/",
        {"data_recipient": "Two analysts", "special_category_sought": "no", "transfer_abroad": "yes"},
    )
    assert response.status_code == 422
    assert "Say on what the transfer rests" in words(response)
    assert "Two analysts" in words(response)


def test_only_purposes_above_the_clause_and_no_communications_data_are_offered(
    world: World, browser_of: Browsers
) -> None:
    client = browser_of("outsider")
    page = client.get("/company/new/").content.decode()
    assert 'value="PU-FRD"' in page
    assert "PU-WEB" not in page
    assert "PU-EML" not in page
    things = client.get(f"/company/{walked(world, State.DRAFT).reference}/things/").content.decode()
    assert 'value="PAYMENTS"' in things
    assert "SUBSCRIBER" not in things
    assert "CALL_RECORDS" not in things


@pytest.mark.parametrize("state", USUAL)
def test_whatever_the_desk_does_the_company_reads_one_of_few_words(
    world: World, browser_of: Browsers, state: State
) -> None:
    request = walked(world, state)
    page = words(browser_of("outsider").get(f"/company/{request.reference}/"))
    inner = page.split("<main", 1)[1]
    for person in ("Demo Handler", "Demo Approver", "Demo Verifier", "Demo Release"):
        assert person not in inner
    assert "Reason of the demonstration" not in inner
    released = state in {State.RELEASED, State.CLOSED, State.BREACH_ASSESSMENT, State.UNDER_APPEAL}
    assert ("£41.20" in inner) == released


def test_the_result_file_has_a_line_for_each_person_and_item(world: World, browser_of: Browsers) -> None:
    request = walked(world, State.RELEASED)
    response = browser_of("outsider").get(f"/company/{request.reference}/result.csv")
    assert response["Content-Disposition"] == f'attachment; filename="{request.reference}.csv"'
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    pairs = Subject.objects.filter(request=request).count() * Item.objects.filter(request=request).count()
    assert len(rows) == pairs == 1
    assert rows[0]["your reference"].startswith("R-")
    assert (rows[0]["result"], rows[0]["reason"]) == ("Given", "")
    assert "£41.20" in rows[0]["information"]


@pytest.mark.parametrize("cell", ["=1+1", "+44", "-1", "@x", "\tx", " =1"])
def test_a_cell_that_would_run_is_plain_text(cell: str) -> None:
    assert plain(cell) == f"'{cell}"
    assert plain("Alex") == "Alex"


def test_there_is_no_result_before_the_answer_has_gone(world: World, browser_of: Browsers) -> None:
    for state in (State.IN_REVIEW, State.APPROVED, State.RELEASING, State.REFUSED):
        request = walked(world, state)
        assert browser_of("outsider").get(f"/company/{request.reference}/result.csv").status_code == 404


def test_a_repeated_request_has_the_same_answers_and_no_people(world: World, browser_of: Browsers) -> None:
    request = walked(world, State.CLOSED)
    response = browser_of("outsider").post(f"/company/{request.reference}/repeat/")
    again = Request.objects.exclude(pk=request.pk).get()
    assert response["Location"] == f"/company/{again.reference}/people/"
    assert again.state == State.DRAFT
    assert again.policy_purpose == "PU-FRD"
    assert not Subject.objects.filter(request=again).exists()
    assert Item.objects.filter(request=again).count() == 1


def test_it_is_withdrawn_and_looked_at_again_with_a_reason(world: World, browser_of: Browsers) -> None:
    client = browser_of("outsider")
    one, other = walked(world, State.IN_REVIEW), walked(world, State.CLOSED)
    assert client.post(f"/company/{one.reference}/end/withdraw/", {"reason": ""}).status_code == 422
    assert (
        client.post(f"/company/{one.reference}/end/withdraw/", {"reason": "Not needed."}).status_code == 302
    )
    assert (
        client.post(f"/company/{other.reference}/end/appeal/", {"reason": "It is needed."}).status_code == 302
    )
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.state, other.state) == (State.WITHDRAWN, State.UNDER_APPEAL)


def test_what_was_sent_back_is_completed_and_sent_again(world: World, browser_of: Browsers) -> None:
    request = walked(world, State.RETURNED)
    client = browser_of("outsider")
    assert "We need something from you" in words(client.get(f"/company/{request.reference}/"))
    answer(client, request.reference, "why", necessity="Said better.", proportionality="Payments only.")
    assert client.post(f"/company/{request.reference}/check/").status_code == 302
    request.refresh_from_db()
    assert request.state == State.SUBMITTED


def test_for_everybody_else_the_companys_pages_are_not_there(world: World, browser_of: Browsers) -> None:
    request = walked(world, State.CLOSED)
    energy = Organisation.objects.get(code="demo-energy")
    stranger = browser_for(employ(world, "stranger", Role.GROUP_SUBMITTER, at=energy), world.now)
    pages = [f"/company/{{}}/{page}" for page in ("", "check/", "why/", "result.csv")]
    for client in (stranger, browser_of("handler"), browser_of("head"), browser_of("admin")):
        for page in pages:
            there, absent = (
                client.get(page.format(reference)) for reference in (request.reference, "CP-2222-2222")
            )
            assert (there.status_code, absent.status_code) == (404, 404)
            assert bare(there, request.reference)[0] == bare(absent, "CP-2222-2222")[0]
    assert browser_of("handler").get("/company/").status_code == 404
    assert words(stranger.get("/company/")).count("Your company has sent no request yet.") == 1


def test_the_list_costs_the_same_for_one_and_for_many(world: World, browser_of: Browsers) -> None:
    client, counts = browser_of("outsider"), []
    for _ in range(2):
        walked(world, State.SUBMITTED)
        walked(world, State.CLOSED)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(reverse("disclosures:company")).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_next_page_begins_behind_a_reference(
    world: World, browser_of: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of a row would tell a company how many requests others have made in between."""
    monkeypatch.setattr(company, "ROWS", 2)
    first, second, third = (walked(world, State.DRAFT).reference for _ in range(3))
    home = reverse("disclosures:company")
    newest = browser_of("outsider").get(home).content.decode()
    assert f'href="?before={second}"' in newest
    assert third in newest
    earlier = browser_of("outsider").get(home, {"before": second}).content.decode()
    assert first in earlier
    assert third not in earlier
    for odd in ("1", "CP-2222-2222", world.request_in(State.DRAFT).reference):
        assert (
            "There is nothing earlier" in browser_of("outsider").get(home, {"before": odd}).content.decode()
        )


def test_the_company_is_mailed_by_reference_when_something_is_asked_or_answered(world: World) -> None:
    request = walked(world, State.RELEASED)
    while deliver(now=world.now):
        pass
    to_company = [m for m in mail.outbox if m.to == ["outsider@desk.example"]]
    assert [m.subject for m in to_company] == [f"{request.reference} is answered"]
    assert f"/company/{request.reference}/" in to_company[0].body
