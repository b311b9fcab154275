"""The letters beside the answer, through the browser."""

import pytest

from disclosures.states import Action, State
from tests.web.test_letters import Browsers, address, at, drafted, page_of
from tests.world import World

pytestmark = pytest.mark.django_db


def test_the_letter_on_a_review_has_its_pages_and_stands_on_the_requests_own(
    world: World, browser_of: Browsers
) -> None:
    road = at(world, State.UNDER_APPEAL)
    handler = browser_of("handler")
    assert "No review of this request has been decided" in page_of(handler.get(address(road, "review/"))).text
    road.step("second", Action.UPHOLD)
    assert "The answer stands" in drafted(handler, road, "review/")
    assert (
        handler.post(address(road, "review/"), {"recipient": "PC", "body": "It stands."}).status_code == 302
    )
    shown = page_of(handler.get(f"/requests/{road.request.reference}/")).text
    assert "Record the letter on the review as sent" in shown
    assert "The letter on the review drafted" in shown
