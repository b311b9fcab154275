"""Who has a request, who is kept out, who alone may know: through the browser."""

from typing import Any

import pytest

from disclosures.models import Exclusion, Request
from disclosures.states import Action, State
from tests.web.work_pages import Browsers, address, at, goes_back, page_of
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_request_is_given_to_somebody_and_taken_back(world: World, browser_of: Browsers) -> None:
    road = at(world, State.IN_REVIEW)
    for ref, holder in ((world["handler"].ref, world["handler"]), ("", None)):
        goes_back(browser_of("lead").post(address(road, "assign"), {"assignee": ref}), road)
        assert Request.objects.get(pk=road.request.pk).assignee == holder


def test_somebody_without_a_part_in_it_is_not_offered_and_not_taken(
    world: World, browser_of: Browsers
) -> None:
    road = at(world, State.IN_REVIEW)
    response = browser_of("lead").post(address(road, "assign"), {"assignee": world["auditor"].ref})
    assert response.status_code == 422
    assert Request.objects.get(pk=road.request.pk).assignee is None


def test_the_excluded_find_nothing_at_any_of_its_addresses(world: World, browser_of: Browsers) -> None:
    road = at(world, State.IN_REVIEW)
    data = {"person": world["handler"].ref, "reason": "A cousin of the person."}
    goes_back(browser_of("lead").post(address(road, "exclude"), data), road)
    assert Exclusion.objects.get(request=road.request).user == world["handler"]
    for page in ("tests", "items", "ask", "evidence"):
        assert browser_of("handler").get(address(road, page)).status_code == 404


def test_who_excludes_themselves_is_led_away_from_it(world: World, browser_of: Browsers) -> None:
    road = at(world, State.IN_REVIEW)
    data = {"person": world["lead"].ref, "reason": "A neighbour."}
    response = browser_of("lead").post(address(road, "exclude"), data)
    assert response["Location"] == "/"


def test_members_are_named_with_the_roles_they_hold(world: World, browser_of: Browsers) -> None:
    road = at(world, State.IN_REVIEW)
    data: dict[str, Any] = {
        "members": [f"{world['handler'].ref}:HANDLER", f"{world['approver'].ref}:APPROVER"],
        "reason": "An order forbids telling.",
    }
    goes_back(browser_of("head").post(address(road, "restrict"), data), road)
    assert browser_of("handler").get(address(road, "tests")).status_code == 200
    assert browser_of("verifier").get(address(road, "evidence")).status_code == 404
    shown = page_of(browser_of("handler").get(address(road, "tests")))
    assert "Restricted to named members" in shown.text


def test_only_roles_with_a_part_in_it_are_offered(world: World, browser_of: Browsers) -> None:
    shown = page_of(browser_of("head").get(address(at(world, State.IN_REVIEW), "restrict")))
    offered = {box["value"].split(":")[1] for box in shown.every("input") if box.get("name") == "members"}
    assert {"HANDLER", "APPROVER", "DATA_HOLDER"} <= offered
    assert not {"AUDITOR", "ADMIN"} & offered


def test_a_member_is_named_in_one_role(world: World, browser_of: Browsers) -> None:
    world.give("handler", "APPROVER")
    road = at(world, State.IN_REVIEW)
    ref = world["handler"].ref
    data = {"members": [f"{ref}:HANDLER", f"{ref}:APPROVER"], "reason": "An order."}
    shown = page_of(browser_of("head").post(address(road, "restrict"), data), 422)
    assert "Choose one role for Demo Handler." in shown.text


def test_triage_opens_what_was_restricted_out_of_caution(world: World, browser_of: Browsers) -> None:
    road = world.road()
    road.record(restricted=True)
    road.step("clerk", Action.SUBMIT)
    assert browser_of("handler").get(address(road, "evidence")).status_code == 404
    goes_back(browser_of("mlro").post(address(road, "open"), {"ground": "A plain form."}), road)
    assert browser_of("handler").get(address(road, "evidence")).status_code == 200


def test_a_refused_opening_says_why_and_keeps_the_words(world: World, browser_of: Browsers) -> None:
    road = at(world, State.SUBMITTED)
    shown = page_of(browser_of("mlro").post(address(road, "open"), {"ground": "A plain form."}), 422)
    assert "Only a request that was born restricted can be opened" in shown.text
    assert "A plain form." in shown.text
