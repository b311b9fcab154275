"""The pages of keeping a person's own request: its period, its holds, its disposal and the certificate."""

import json
from http import HTTPStatus

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from disclosures.models import AccessDisposal, AccessHold, AccessRequest
from disclosures.services.access_disposing import destroy_confirmed_access
from disclosures.views import access_keeping as pages
from tests.accounting import an_access_request, an_answered_access, destroy_access, propose_access
from tests.disposal_desk import later
from tests.signed_in import sits_there_since
from tests.world import World

from .test_company import words
from .work_pages import Browsers

pytestmark = pytest.mark.django_db
PLACE = {
    "place": "yes", "place-ground": "LITIGATION", "place-reason": "Letter before claim.", "place-review_on_day": "1",
    "place-review_on_month": "6", "place-review_on_year": "2099",
}  # fmt: skip


def page_of(access: AccessRequest) -> str:
    return f"/access/{access.ref}/"


@pytest.fixture
def in_eight_years(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The period is over for the pages; whoever is signed in is so today."""
    monkeypatch.setattr(pages, "moment", lambda: later(world))


def test_the_page_shows_how_long_it_is_kept_and_why(world: World, browser_of: Browsers) -> None:
    access = an_answered_access(world)
    assert "Keeping and legal holds" in words(browser_of("handler").get(page_of(access)))
    shown = words(browser_of("clerk").get(f"{page_of(access)}keeping/"))
    assert "RET-CPL" in shown
    assert "Limitation Act 1980" in shown
    assert "Place a hold" not in shown
    begun = words(browser_of("clerk").get(f"{page_of(an_access_request(world))}keeping/"))
    assert "begins when the request is answered" in begun


def test_it_is_closed_without_an_answer_by_those_who_answer(world: World, browser_of: Browsers) -> None:
    access = an_access_request(world)
    closing = {"do": "close", "how": "WITHDRAWN", "why": "By telephone, called back."}
    assert "close it without an answer" not in words(browser_of("handler").get(page_of(access))).lower()
    assert browser_of("handler").post(page_of(access), closing).status_code == HTTPStatus.NOT_FOUND
    wrong = browser_of("approver").post(page_of(access), {"do": "close"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert browser_of("approver").post(page_of(access), closing).status_code == HTTPStatus.FOUND
    shown = words(browser_of("handler").get(page_of(access)))
    assert "The person withdrew it: By telephone, called back." in shown
    assert "Prepare the answer" not in shown
    assert "Closed without an answer" in words(browser_of("handler").get("/access/"))


def test_a_hold_is_placed_and_lifted_on_its_page(world: World, browser_of: Browsers) -> None:
    access = an_answered_access(world)
    where = f"{page_of(access)}keeping/"
    wrong = browser_of("head").post(where, {"place": "yes"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "3 things need putting right" in words(wrong)
    assert browser_of("handler").post(where, PLACE).status_code == HTTPStatus.NOT_FOUND
    assert browser_of("head").post(where, PLACE).status_code == HTTPStatus.FOUND
    row = AccessHold.objects.get()
    assert "Letter before claim." in words(browser_of("handler").get(where))
    lift = {"lift": "yes", "lift-hold": row.reference, "lift-reason": "Settled."}
    sits_there_since(browser_of("dpo"), 11)
    assert browser_of("dpo").post(where, lift)["Location"].startswith("/account/2fa/reauthenticate/")
    assert browser_of("head").post(where, lift).status_code == HTTPStatus.FOUND
    assert "Settled." in words(browser_of("head").get(where))


@pytest.mark.usefixtures("in_eight_years")
def test_one_proposes_another_confirms_and_both_take_the_certificate(
    world: World, browser_of: Browsers
) -> None:
    access = an_answered_access(world)
    listed = browser_of("dpo").get("/access/due/").content.decode()
    assert f'value="{access.ref}"' in listed
    assert "Alex Example" not in listed
    assert (
        browser_of("approver").post("/access/due/", {"chosen": access.ref}).status_code
        == HTTPStatus.NOT_FOUND
    )
    nothing = browser_of("dpo").post("/access/due/", {})
    assert nothing.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    went = browser_of("dpo").post("/access/due/", {"chosen": access.ref})
    page = f"/access/due/{AccessDisposal.objects.get().batch}/"
    assert went["Location"] == page
    own = words(browser_of("dpo").get(page))
    assert "a colleague must confirm it" in own
    assert "Confirm that it is destroyed" not in own
    refused = browser_of("dpo").post(page, {"confirm": "yes"})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert browser_of("lead").post(page, {"confirm": "yes"}).status_code == HTTPStatus.NOT_FOUND
    assert browser_of("head").get(f"{page}certificate.json").status_code == HTTPStatus.NOT_FOUND
    sits_there_since(browser_of("approver"), 11)
    proof = browser_of("approver").post(page, {"confirm": "yes"})
    assert proof["Location"].startswith("/account/2fa/reauthenticate/")
    assert browser_of("head").post(page, {"confirm": "yes"}).status_code == HTTPStatus.FOUND
    destroy_confirmed_access(now=later(world))
    certificate = json.loads(browser_of("dpo").get(f"{page}certificate.json").content)
    assert certificate["destroyed"][0]["reference"] == access.ref
    assert browser_of("head").get(f"{page}certificate.pdf").content.startswith(b"%PDF-")
    assert browser_of("head").get(f"{page}certificate.xml").status_code == HTTPStatus.NOT_FOUND
    assert "Destroyed" in words(browser_of("lead").get(page))


@pytest.mark.usefixtures("in_eight_years")
def test_what_is_held_cannot_be_ticked_and_what_was_proposed_can_be_withdrawn(
    world: World, browser_of: Browsers
) -> None:
    access, other = an_answered_access(world), an_answered_access(world)
    batch = propose_access(world, other).batch
    assert browser_of("head").post(f"{page_of(access)}keeping/", PLACE).status_code == HTTPStatus.FOUND
    listed = browser_of("dpo").get("/access/due/").content.decode()
    assert f'value="{access.ref}"' not in listed
    assert "Proceedings are under way" in listed
    assert batch in listed
    assert browser_of("dpo").post("/access/due/", {"chosen": access.ref}).status_code == 422
    assert browser_of("lead").post(f"/access/due/{batch}/", {"withdraw": "yes"}).status_code == 302
    assert AccessDisposal.objects.get().withdrawn_by == world["lead"]


def test_a_stone_has_one_page_and_nothing_personal_on_it(world: World, browser_of: Browsers) -> None:
    access = an_answered_access(world)
    destroy_access(world, access)
    shown = words(browser_of("handler").get(page_of(access)))
    assert "This request was destroyed on" in shown
    for personal in ("Alex Example", "ZX-1", "Nowhere Lane"):
        assert personal not in shown
    for other in ("letter/", "answer.pdf", "keeping/"):
        assert browser_of("handler").get(f"{page_of(access)}{other}").status_code == HTTPStatus.NOT_FOUND, (
            other
        )
    assert browser_of("approver").post(page_of(access), {"do": "propose"}).status_code == HTTPStatus.OK
    assert "Destroyed" in words(browser_of("clerk").get("/access/"))


def test_the_pages_are_not_there_for_others(world: World, browser_of: Browsers) -> None:
    row = propose_access(world, an_answered_access(world))
    for who in ("clerk", "handler", "release", "mlro", "holder", "auditor", "admin", "outsider"):
        for page in ("/access/due/", f"/access/due/{row.batch}/", f"/access/due/{row.batch}/certificate.pdf"):
            assert browser_of(who).get(page).status_code == HTTPStatus.NOT_FOUND, (who, page)
        shown = browser_of(who).get("/access/")
        assert shown.status_code == 404 or "due for disposal" not in words(shown)
    assert "due for disposal" in words(browser_of("lead").get("/access/"))


@pytest.mark.usefixtures("in_eight_years")
def test_the_list_takes_as_many_queries_for_many_as_for_few(world: World, browser_of: Browsers) -> None:
    browser = browser_of("dpo")
    for _ in range(2):
        an_answered_access(world)
    browser.get("/access/due/")
    with CaptureQueriesContext(connection) as few:
        browser.get("/access/due/")
    for _ in range(4):
        an_answered_access(world)
    with CaptureQueriesContext(connection) as many:
        browser.get("/access/due/")
    assert len(few) == len(many)
