"""The page that moves a clock: extended, taken back, our own date; each refusal in words, and only for who leads."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils.timezone import localdate

from disclosures.models import Deadline, Request
from tests.web.html import Page
from tests.world import World

Browsers = Callable[[str], Client]


def text(response) -> str:
    return Page(response.content.decode()).text


def here(request: Request) -> str:
    return f"/requests/{request.reference}/deadline/"


def day(name: str, when: date) -> dict[str, str]:
    return {f"{name}_day": str(when.day), f"{name}_month": str(when.month), f"{name}_year": str(when.year)}


@pytest.fixture
def request_of_ours(world: World) -> Request:
    return world.road().record()


def test_a_refusal_of_consent_asks_for_its_law_and_the_terrorism_act_sets_no_day(
    world: World, browser_of: Browsers
) -> None:
    case = world.road().record(restricted=True, instrument=None)
    officer = browser_of("mlro")
    assert officer.post(here(case), {"do": "asked"} | day("asked-on", localdate())).status_code == 302
    sent = {"do": "refused"} | day("refused-on", localdate())
    assert officer.post(here(case), sent).status_code == 422
    assert officer.post(here(case), sent | {"refused-law": "TACT"}).status_code == 302
    shown = " ".join(text(officer.get(f"/requests/{case.reference}/")).split())
    assert "consent was refused under the Terrorism Act 2000; there is no moratorium" in shown
    assert not Deadline.objects.filter(request=case, purpose="MORATORIUM").exists()


def test_a_deadline_is_extended_shown_and_taken_back(
    world: World, browser_of: Browsers, request_of_ours: Request
) -> None:
    lead, clock = browser_of("lead"), Deadline.objects.get(request=request_of_ours)
    until = clock.due_on + timedelta(days=10)
    sent = {"do": "extend", "extend-purpose": "ANSWER", "extend-reason": "The records are in an archive."}
    response = lead.post(here(request_of_ours), sent | day("extend-until", until))
    assert response.status_code == 302
    shown = text(lead.get(here(request_of_ours)))
    assert "The records are in an archive." in shown
    clock.refresh_from_db()
    assert clock.due_on == until
    assert request_of_ours.extension_set.count() == 1
    undo = {"do": "undo", "undo-extension": "1", "undo-reason": "A slip."}
    assert lead.post(here(request_of_ours), undo).status_code == 302
    assert "(taken back or over)" in text(lead.get(here(request_of_ours)))
    assert lead.post(here(request_of_ours), undo).status_code == 422


def test_all_that_is_missing_is_told_at_once(browser_of: Browsers, request_of_ours: Request) -> None:
    response = browser_of("lead").post(here(request_of_ours), {"do": "extend", "extend-reason": "Because."})
    assert response.status_code == 422
    assert "New date is needed" in text(response)
    assert "Because." in response.content.decode()


def test_a_refusal_is_shown_in_its_sentences(
    world: World, browser_of: Browsers, request_of_ours: Request
) -> None:
    sent = {"do": "extend", "extend-purpose": "ANSWER", "extend-reason": "Why not."}
    response = browser_of("lead").post(
        here(request_of_ours), sent | day("extend-until", world.now.date() - timedelta(days=3))
    )
    assert response.status_code == 422
    assert "The new date is past." in text(response)


@pytest.mark.parametrize("who", ["handler", "clerk", "auditor", "admin", "outsider"])
def test_for_everybody_else_the_page_is_not_there(
    browser_of: Browsers, request_of_ours: Request, who: str
) -> None:
    assert browser_of(who).get(here(request_of_ours)).status_code == 404
    assert browser_of(who).post(here(request_of_ours), {"do": "extend"}).status_code == 404


def test_what_is_no_act_changes_nothing(browser_of: Browsers, request_of_ours: Request) -> None:
    for sent in ({"do": "everything"}, {"do": "undo", "undo-extension": "x"}, {}):
        assert browser_of("lead").post(here(request_of_ours), sent).status_code in {200, 422}
    assert not request_of_ours.extension_set.exists()


def test_the_request_s_page_leads_here(browser_of: Browsers, request_of_ours: Request) -> None:
    page = browser_of("lead").get(f"/requests/{request_of_ours.reference}/").content.decode()
    assert here(request_of_ours) in page
