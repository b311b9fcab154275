"""Steps taken from the page: what happens, what is refused and how, and that nothing happens twice."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from disclosures.demo import Road
from disclosures.models import Request, Step
from disclosures.services.intake import InstrumentInput, OfficerInput
from disclosures.states import Action, State
from tests.services.log_lines import entries
from tests.web.filling import filled
from tests.web.html import Page
from tests.world import World

pytestmark = pytest.mark.django_db
Browsers = Callable[[str], Client]


def at(world: World, state: State) -> Road:
    road = world.road()
    road.to(state)
    return road


def home(road: Road) -> str:
    assert road.request is not None
    return f"/requests/{road.request.reference}/"


def take(browser: Client, road: Road, slug: str, **posted: Any) -> HttpResponse:
    """Presses the button of the page as it is, with the answers given."""
    where = f"{home(road)}step/{slug}/"
    page = browser.get(home(road)).content.decode()
    return browser.post(where, filled(page, where) | posted)


def state_of(road: Road) -> str:
    assert road.request is not None
    return Request.objects.get(pk=road.request.pk).state


def words_of(response: HttpResponse) -> str:
    return " ".join(Page(response.content.decode().replace("<", " <")).text.split())


def test_a_step_is_taken_said_and_written_down(world: World, browser_of: Browsers) -> None:
    road = at(world, State.SUBMITTED)
    response = take(browser_of("handler"), road, "accept")
    assert (response.status_code, response["Location"]) == (302, home(road))
    assert state_of(road) == State.VERIFYING
    shown = words_of(browser_of("handler").get(home(road)))
    assert f"Accepted for verification. {road.request.reference} is now “being verified”." in shown
    assert entries("request.step_taken")[-1]["detail"]["action"] == "ACCEPT"


def test_the_reason_typed_is_kept_with_the_step(world: World, browser_of: Browsers) -> None:
    road = at(world, State.SUBMITTED)
    take(browser_of("handler"), road, "return", reason="The period\r\nis missing.")
    assert state_of(road) == State.RETURNED
    assert "The period is missing." in words_of(browser_of("handler").get(home(road)))


def test_a_step_without_its_reason_shows_the_page_again(world: World, browser_of: Browsers) -> None:
    road = at(world, State.SUBMITTED)
    response = take(browser_of("handler"), road, "return", reason="  ")
    assert response.status_code == 422
    page = Page(response.content.decode())
    assert "#return-reason" in [link["href"] for link in page.every("a")]
    assert "return-reason" in page.ids
    (step,) = [attrs for attrs in page.every("details") if attrs.get("id") == "step-return"]
    assert "open" in step
    assert state_of(road) == State.SUBMITTED


def test_a_refused_step_names_every_reason_and_keeps_what_was_typed(
    world: World, browser_of: Browsers
) -> None:
    sergeant = OfficerInput(rank="SGT", name="Kim Specimen", number="77")
    road = world.road()
    road.record(instrument=InstrumentInput(code="P-LEG98"), necessity="", countersigner=sergeant)
    road.step("clerk", Action.SUBMIT)
    browser = browser_of("handler")
    response = browser.post(f"{home(road)}step/accept/", {"key": uuid4(), "seen": ""})
    assert response.status_code == 422
    shown = words_of(response)
    for sentence in (
        "3 things need putting right",
        "repealed on 25 May 2018",
        "A sergeant cannot countersign",
        "please add: the necessity statement",
    ):
        assert sentence in shown
    denial = entries("request.step_denied")[-1]
    assert denial["detail"]["action"] == "ACCEPT"
    assert set(denial["detail"]["objections"]) == {
        "instrument_is_one_we_work", "countersigner_outranks_the_requester", "everything_needed_to_review_is_there",
    }  # fmt: skip
    assert state_of(road) == State.SUBMITTED


def test_a_step_that_was_overtaken_says_so_and_gives_the_text_back(
    world: World, browser_of: Browsers
) -> None:
    road = at(world, State.SUBMITTED)
    where = f"{home(road)}step/return/"
    open_page = filled(browser_of("handler").get(home(road)).content.decode(), where)
    road.step("verifier", Action.RETURN)
    response = browser_of("handler").post(where, open_page | {"reason": "Please state the period."})
    assert response.status_code == 422
    assert "This step is not open any more: the request is now “returned for information”." in words_of(
        response
    )
    assert "Please state the period." in words_of(response)


def test_the_permission_comes_first(world: World, browser_of: Browsers) -> None:
    road = at(world, State.PENDING_APPROVAL)
    before = len(entries("request.step_denied"))
    for who in ("handler", "clerk", "release", "auditor", "admin", "outsider", "holder"):
        response = browser_of(who).post(f"{home(road)}step/approve-release/", {"key": uuid4(), "reason": "x"})
        assert response.status_code == 404, who
    assert state_of(road) == State.PENDING_APPROVAL
    assert len(entries("request.step_denied")) == before
    assert len(entries("access.missed")) == 7


def test_nobody_takes_the_clocks_own_step_and_no_step_that_is_none(
    world: World, browser_of: Browsers
) -> None:
    road = at(world, State.SUBMITTED)
    for slug in ("expire", "nothing", "ACCEPT", "accept_"):
        response = browser_of("handler").post(f"{home(road)}step/{slug}/", {"key": uuid4()})
        assert response.status_code == 404, slug


def test_a_step_is_never_taken_by_following_a_link(world: World, browser_of: Browsers) -> None:
    road = at(world, State.SUBMITTED)
    response = browser_of("handler").get(f"{home(road)}step/accept/")
    assert (response.status_code, response["Location"]) == (302, home(road))
    assert state_of(road) == State.SUBMITTED


def test_a_step_needs_the_pages_own_token(world: World, browser_of: Browsers) -> None:
    road = at(world, State.SUBMITTED)
    known = browser_of("handler")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = known.cookies
    assert strict.post(f"{home(road)}step/accept/", {"key": uuid4()}).status_code == 403
    assert state_of(road) == State.SUBMITTED


def test_pressing_twice_takes_one_step(world: World, browser_of: Browsers) -> None:
    road = at(world, State.DRAFT)
    where = f"{home(road)}step/submit/"
    open_page = filled(browser_of("clerk").get(home(road)).content.decode(), where)
    answers = [browser_of("clerk").post(where, open_page) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Step.objects.filter(request=road.request).count() == 1
    assert len(entries("request.step_taken")) == 1


@pytest.mark.parametrize("key", ["", "no-uuid", "\x00", "1" * 500])
def test_a_step_without_its_key_is_not_taken(world: World, browser_of: Browsers, key: str) -> None:
    road = at(world, State.SUBMITTED)
    response = browser_of("handler").post(f"{home(road)}step/accept/", {"key": key})
    assert response.status_code == 422
    assert "Please send this step again." in words_of(response)
    assert state_of(road) == State.SUBMITTED


@pytest.mark.parametrize("reason", ["x" * 5_001, "a\x00b"])
def test_a_reason_that_cannot_be_kept_comes_back(world: World, browser_of: Browsers, reason: str) -> None:
    road = at(world, State.SUBMITTED)
    response = take(browser_of("handler"), road, "return", reason=reason)
    assert response.status_code == 422
    assert state_of(road) == State.SUBMITTED


def test_an_approval_signs_the_proposal_that_was_on_the_page(world: World, browser_of: Browsers) -> None:
    road = at(world, State.PENDING_APPROVAL)
    where = f"{home(road)}step/approve-release/"
    open_page = filled(browser_of("approver").get(home(road)).content.decode(), where)
    road.step("second", Action.SEND_BACK)
    road.weigh()
    road.write()
    road.step("handler", Action.PROPOSE)
    response = browser_of("approver").post(where, open_page)
    assert response.status_code == 422
    assert "The proposal changed since you opened this page. Read it again before you decide." in words_of(
        response
    )
    assert take(browser_of("approver"), road, "approve-release").status_code == 302
    assert state_of(road) == State.APPROVED


def test_whoever_took_it_in_sees_that_a_colleague_must_decide(world: World, browser_of: Browsers) -> None:
    world.give("clerk", "APPROVER")
    road = at(world, State.PENDING_APPROVAL)
    shown = words_of(browser_of("clerk").get(home(road)))
    assert (
        "Approve release of 1 item , not possible now: You took this request in; a colleague must take this step."
        in shown
    )


def test_the_whole_road_is_walked_by_the_buttons(world: World, browser_of: Browsers) -> None:
    road = world.road()
    road.record()
    assert take(browser_of("clerk"), road, "submit").status_code == 302
    assert take(browser_of("handler"), road, "accept").status_code == 302
    road.ring_back()
    assert take(browser_of("verifier"), road, "confirm").status_code == 302
    road.search()
    road.weigh()
    road.write()
    assert take(browser_of("handler"), road, "propose").status_code == 302
    assert take(browser_of("approver"), road, "approve-release").status_code == 302
    assert take(browser_of("release"), road, "start-release").status_code == 302
    assert take(browser_of("release"), road, "undo-release").status_code == 302
    assert take(browser_of("release"), road, "start-release").status_code == 302
    road.send()
    assert take(browser_of("release"), road, "close").status_code == 302
    assert state_of(road) == State.CLOSED
