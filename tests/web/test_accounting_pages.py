"""The pages of a person's own request: from the letter that came to the answer that is printed."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from disclosures.models import AccessRequest
from disclosures.wording.accounting import SENTENCE
from tests.signed_in import sits_there_since
from tests.world import World

from .html import Page
from .work_pages import Browsers, moment

pytestmark = pytest.mark.django_db
NEW = "/access/new/"


def came(world: World, browser_of: Browsers) -> str:
    given = {"name": "Alex Example", "account_number": "ZX-1", "reply_to": "1 Nowhere Lane", "channel": "POST",
             "born_on_day": "3", "born_on_month": "4", "born_on_year": "1980", **moment("received_at", world.now)}  # fmt: skip
    answer = browser_of("clerk").post(NEW, given)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def test_a_letter_becomes_an_answer_on_one_page(world: World, browser_of: Browsers) -> None:
    here = came(world, browser_of)
    assert "born 3 April 1980" in browser_of("handler").get(here).content.decode()
    acts = [
        ("handler", {"do": "identity", "how": "ADDRESS", "note": "Wrote to the address we hold."}),
        ("dpo", {"do": "consider", "why": "Weighed."}),
        ("handler", {"do": "propose"}),
    ]
    for who, act in acts:
        assert browser_of(who).post(here, act).status_code == 302, act
    draft = browser_of("handler").get(f"{here}letter/").content.decode()
    assert SENTENCE in draft
    assert "not yet approved" in draft
    seen = AccessRequest.objects.get().digest
    assert f'value="{seen}"' in browser_of("approver").get(here).content.decode()
    assert browser_of("approver").get(f"{here}answer.pdf").status_code == 404
    assert browser_of("approver").post(here, {"do": "approve", "seen": seen}).status_code == 302
    assert "not yet approved" not in browser_of("handler").get(f"{here}letter/").content.decode()
    taken = browser_of("handler").get(f"{here}answer.pdf")
    assert taken.content.startswith(b"%PDF")
    assert "attachment" in taken["Content-Disposition"]


def test_approving_and_taking_the_file_need_a_fresh_proof(world: World, browser_of: Browsers) -> None:
    here = came(world, browser_of)
    sits_there_since(browser_of("approver"), 11)
    asked = browser_of("approver").post(here, {"do": "approve", "seen": "0" * 64})
    assert asked["Location"].startswith("/account/2fa/reauthenticate/")


def test_every_fault_is_said_at_once_and_what_was_typed_stays(world: World, browser_of: Browsers) -> None:
    wrong = browser_of("clerk").post(NEW, {"phone": "01632 960001"})
    page = Page(wrong.content.decode())
    assert wrong.status_code == 422
    for said in ("Give the person’s name", "Say where the answer goes", "When it came is needed"):
        assert said in page.text
    assert 'value="01632 960001"' in wrong.content.decode()
    here = came(world, browser_of)
    refused = browser_of("handler").post(here, {"do": "propose"})
    assert refused.status_code == 422
    assert "identity was checked" in refused.content.decode()


def test_the_list_says_when_each_is_due_and_names_nobody(world: World, browser_of: Browsers) -> None:
    assert "Nobody has asked yet" in browser_of("handler").get("/access/").content.decode()
    came(world, browser_of)
    page = browser_of("handler").get("/access/").content.decode()
    assert AccessRequest.objects.get().ref in page
    assert "Alex Example" not in page


def test_for_others_it_is_not_there(world: World, browser_of: Browsers) -> None:
    here = came(world, browser_of)
    for who in ("auditor", "admin", "holder", "outsider", "mlro"):
        for path in ("/access/", NEW, here, f"{here}letter/", f"{here}answer.pdf"):
            assert browser_of(who).get(path).status_code == 404, (who, path)
    assert browser_of("handler").get("/access/SA-2222-2222/").status_code == 404


def test_the_list_takes_as_many_queries_for_many_as_for_few(world: World, browser_of: Browsers) -> None:
    browser = browser_of("clerk")
    came(world, browser_of)
    browser.get("/access/")
    with CaptureQueriesContext(connection) as few:
        browser.get("/access/")
    for _ in range(5):
        came(world, browser_of)
    browser.get("/access/")
    with CaptureQueriesContext(connection) as many:
        browser.get("/access/")
    assert len(few) == len(many)


@pytest.mark.parametrize("who", ["clerk", "dpo"])
def test_every_button_of_a_persons_request_looks_like_one(
    world: World, browser_of: Browsers, who: str
) -> None:
    """A name of the frame's own, `look`, had taken the place of the buttons' look: they stood there as bare words."""
    page = browser_of(who).get(came(world, browser_of)).content.decode()
    main = page.split("<main", 1)[1].split("</main>", 1)[0]
    looks = re.findall(r'<button class="btn ([^"]*)"', main)
    assert len(looks) > 3
    assert {look.split()[0] for look in looks} <= {"btn-primary", "btn-secondary", "btn-link"}, looks
