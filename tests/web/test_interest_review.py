"""The page on which the weighing of the interests is looked at again."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from disclosures.demo_kinds import CompanyRoad
from disclosures.models import InterestReview
from disclosures.states import State
from tests.world import World

from .test_company import words
from .work_pages import Browsers, address, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def road(world: World) -> CompanyRoad:
    made = CompanyRoad(world.people, world.police, world.now, number=970)
    made.to(State.PENDING_APPROVAL)
    return made


def test_whoever_works_on_it_looks_at_it_again_and_everybody_reads_what_came_of_it(
    world: World, browser_of: Browsers, road: CompanyRoad
) -> None:
    where = f"/requests/{road.request.reference}/"  # type: ignore[union-attr]
    assert "Look at it again" in words(browser_of("approver").get(where))
    read = page_of(browser_of("approver").get(address(road, "interests"))).text
    assert "A handler, the data protection officer or the head of legal looks at it again." in read
    handler = browser_of("handler")
    wrong = page_of(handler.post(address(road, "interests"), {"note": ""}), 422).text
    for said in ("Does the weighing still stand?", "What has changed since"):
        assert said in wrong
    day = localdate(world.now) + timedelta(days=90)
    given = {
        "stands": "yes", "note": "The same analysts.", "next_on_day": str(day.day), "next_on_month": str(day.month),
        "next_on_year": str(day.year),
    }  # fmt: skip
    assert handler.post(address(road, "interests"), given).status_code == 302
    assert InterestReview.objects.get().next_on == day
    assert "The same analysts." in page_of(browser_of("approver").get(address(road, "interests"))).text


def test_nobody_else_records_it_and_an_order_has_nothing_to_look_at(
    world: World, browser_of: Browsers, road: CompanyRoad
) -> None:
    for who in ("approver", "clerk"):
        assert (
            browser_of(who).post(address(road, "interests"), {"stands": "no", "note": "x"}).status_code == 404
        )
    for who in ("auditor", "outsider"):
        assert browser_of(who).get(address(road, "interests")).status_code == 404
    plain = world.road()
    plain.record()
    assert "nothing to look at again" in page_of(browser_of("handler").get(address(plain, "interests"))).text
    assert not InterestReview.objects.exists()
