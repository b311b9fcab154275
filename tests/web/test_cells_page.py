"""The page of the standing compartments: who finds it, and what is said to whoever gets it wrong."""

import pytest
from django.test import Client

from disclosures.models import CellMember
from tests.services.log_lines import last
from tests.signed_in import sits_there_since
from tests.world import World

from .work_pages import Browsers, page_of

pytestmark = pytest.mark.django_db
WHERE = "/registers/cells/"


def named(world: World, key: str = "handler:HANDLER", cell: str = "AML", **changed: str) -> dict[str, str]:
    who, role = key.split(":")
    return {
        "cell": cell, "member": f"{world[who].ref}:{role}", "reason": "Works every such case.",
        "last_day_day": "1", "last_day_month": "2", "last_day_year": "2090", **changed,
    }  # fmt: skip


def text(client: Client) -> str:
    return page_of(client.get(WHERE)).text


@pytest.mark.parametrize(
    "who", ["clerk", "handler", "approver", "lead", "dpo", "auditor", "admin", "outsider"]
)
def test_for_others_there_is_no_such_page(world: World, browser_of: Browsers, who: str) -> None:
    assert browser_of(who).get(WHERE).status_code == 404
    assert browser_of(who).post(WHERE, named(world)).status_code == 404
    assert "Standing compartments" not in browser_of(who).get("/registers/").content.decode()
    assert not CellMember.objects.exists()


def test_the_keeper_names_somebody_gives_more_time_and_takes_them_out(
    world: World, browser_of: Browsers
) -> None:
    head = browser_of("head")
    assert "Nobody stands in it" in text(head)
    assert "Standing compartments" in head.get("/registers/").content.decode()
    assert head.post(WHERE, named(world)).status_code == 302
    row = CellMember.objects.get()
    shown = text(head)
    assert "Works every such case." in shown
    assert "2 February 2090" in shown
    assert last("cells.viewed")["detail"]["cells"] == ["AML", "COMMS"]
    day = {"time-last_day_day": "1", "time-last_day_month": "2", "time-last_day_year": "2091"}
    longer = {"time-member": row.ref, "time-reason": "Stays on.", **day}
    assert head.post(WHERE, longer).status_code == 302
    assert "2 February 2091" in text(head)
    assert head.post(WHERE, {"end": row.ref}).status_code == 302
    assert "Works every such case." not in text(head)
    assert head.post(WHERE, {"end": row.ref}).status_code == 422


def test_the_reporting_officer_sees_and_keeps_the_cell_of_that_law_alone(
    world: World, browser_of: Browsers
) -> None:
    browser_of("head").post(WHERE, named(world, cell="COMMS", reason="Reads every authorisation."))
    mlro = browser_of("mlro")
    assert mlro.post(WHERE, named(world)).status_code == 302
    shown = text(mlro)
    assert "Works every such case." in shown
    assert "Communications-data desk" not in shown
    assert "Reads every authorisation." not in shown
    assert mlro.post(WHERE, named(world, cell="COMMS")).status_code == 422
    other = CellMember.objects.get(cell="COMMS")
    assert mlro.post(WHERE, {"end": other.ref}).status_code == 404


def test_every_problem_is_said_and_what_was_typed_stays(world: World, browser_of: Browsers) -> None:
    head = browser_of("head")
    wrong = head.post(WHERE, {"reason": "KEPT-WORDS"})
    page = page_of(wrong, 422).text
    for sentence in ("Which of them: choose one.", "Choose a person.", "Last day"):
        assert sentence in page
    assert "KEPT-WORDS" in page
    assert head.post(WHERE, named(world)).status_code == 302
    again = page_of(head.post(WHERE, named(world)), 422).text
    assert "stands in it already in that role" in again
    assert head.post(WHERE, {"time-member": "", "time-reason": ""}).status_code == 422


def test_a_change_asks_for_a_fresh_proof(world: World, browser_of: Browsers) -> None:
    head = browser_of("head")
    sits_there_since(head, 11)
    sent = head.post(WHERE, named(world))
    assert sent["Location"].startswith("/account/2fa/reauthenticate/")
    assert not CellMember.objects.exists()
