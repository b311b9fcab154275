"""The page on which two members end a secrecy."""

import pytest
from django.test import Client
from django.utils.timezone import localdate

from disclosures.demo_kinds import OrderRoad
from disclosures.models import Request
from disclosures.states import State
from tests.world import World

from .work_pages import Browsers

pytestmark = pytest.mark.django_db


@pytest.fixture
def where(world: World) -> str:
    world.made += 1
    request = OrderRoad(world.people, world.police, world.now, number=world.made).to(State.IN_REVIEW)
    return f"/requests/{request.reference}/secrecy/"


def proposal(world: World, **changed: object) -> dict[str, object]:
    today = localdate(world.now)
    return {
        "do": "propose", "end-ground": "ORDER_ENDED", "end-cited": "The judge discharged it, ref. 7.",
        "end-cited_on_day": today.day, "end-cited_on_month": today.month, "end-cited_on_year": today.year, **changed,
    }  # fmt: skip


def words(client: Client, where: str) -> str:
    return client.get(where).content.decode()


def test_two_members_end_it_on_the_page_and_everybody_sees_it_then(
    world: World, browser_of: Browsers, where: str
) -> None:
    handler, mlro, lead = browser_of("handler"), browser_of("mlro"), browser_of("lead")
    assert lead.get(where).status_code == 404
    assert handler.post(where, proposal(world)).status_code == 302
    assert "another member must confirm it" in words(handler, where)
    assert 'value="confirm"' not in words(handler, where)
    assert handler.post(where, {"do": "confirm"}).status_code == 422
    assert "The judge discharged it, ref. 7." in words(mlro, where)
    assert mlro.post(where, {"do": "confirm"}).status_code == 302
    assert "nothing is due of itself" in words(lead, where)
    assert not Request.objects.get().restricted


def test_every_problem_of_a_proposal_is_said_at_once(world: World, browser_of: Browsers, where: str) -> None:
    response = browser_of("handler").post(where, {"do": "propose"})
    assert response.status_code == 422
    for sentence in (
        "A date for looking again is none.",
        "“What says so” needs an answer.",
        "Day of the answer, or of the order’s end is needed",
    ):
        assert sentence in response.content.decode()


def test_who_has_no_part_in_it_reads_why(world: World, browser_of: Browsers, where: str) -> None:
    clerk = browser_of("clerk")
    assert "Nothing is proposed." in words(clerk, where)
    refused = clerk.post(where, proposal(world))
    assert refused.status_code == 422
    assert "among the members takes this step" in refused.content.decode()


def test_the_keeper_sets_a_day_and_the_members_read_it(
    world: World, browser_of: Browsers, where: str
) -> None:
    mlro = browser_of("mlro")
    day = {"review-on_day": "1", "review-on_month": "2", "review-on_year": "2090"}
    assert mlro.post(where, {"do": "look-again", **day}).status_code == 302
    page = words(mlro, where.removesuffix("secrecy/"))
    assert "1 February 2090, which ends nothing by itself" in page
    assert mlro.post(where, {"do": "turn-down", "no-why": " "}).status_code == 422
