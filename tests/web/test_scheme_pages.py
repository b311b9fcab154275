"""The page of the rules of other bodies' schemes: everybody who sees the request reads it, legal answers."""

from datetime import date, timedelta

import pytest
from django.utils.timezone import localdate

from disclosures.demo import Road
from disclosures.models import SchemePermission
from disclosures.services.intake import ItemInput
from tests.world import World

from .test_company import words
from .work_pages import Browsers, address, page_of

pytestmark = pytest.mark.django_db

MONTH = {"period_from": date(2026, 9, 1), "period_to": date(2026, 9, 30)}


@pytest.fixture
def road(world: World) -> Road:
    made = world.road()
    made.record(
        items=(ItemInput(item_type="PAYMENTS", **MONTH), ItemInput(item_type="FRAUD_SEARCHES", **MONTH))
    )
    made.submit()
    return made


def given(day: date, **changes: str) -> dict[str, str]:
    return {
        "position": "2", "allowed": "yes", "ground": "SCHEME", "scheme": "Exampleton fraud database", "rule": "Rule 7",
        "checker": "House lawyer, by letter", "checked_on_day": str(day.day), "checked_on_month": str(day.month),
        "checked_on_year": str(day.year),
    } | changes  # fmt: skip


def test_the_request_says_what_may_not_go_on_until_legal_has_answered(
    world: World, browser_of: Browsers, road: Road
) -> None:
    where = f"/requests/{road.request.reference}/"  # type: ignore[union-attr]
    assert "Item 2 came from another body’s scheme, and no permission to pass it on is recorded." in words(
        browser_of("handler").get(where)
    )
    read = page_of(browser_of("handler").get(address(road, "schemes"))).text
    assert "The head of legal or an approver records the answer." in read
    assert "Record the answer" not in read
    legal = browser_of("head")
    assert "1. Payments" not in page_of(legal.get(address(road, "schemes"))).text
    assert legal.post(address(road, "schemes"), given(localdate(world.now))).status_code == 302
    shown = page_of(browser_of("handler").get(address(road, "schemes"))).text
    for said in ("may be passed on today", "Exampleton fraud database", "Rule 7", "House lawyer, by letter"):
        assert said in shown
    assert "Scheme rules" not in words(browser_of("handler").get(where))


def test_every_problem_is_told_at_once_and_what_was_typed_stays(
    world: World, browser_of: Browsers, road: Road
) -> None:
    legal = browser_of("head")
    empty = page_of(legal.post(address(road, "schemes"), {"rule": "Rule 99"}), 422).text
    for said in (
        "Which item",
        "May it be passed on?",
        "The scheme",
        "Who checked it",
        "The day it was checked is needed",
    ):
        assert said in empty
    assert "Rule 99" in empty
    ahead = given(localdate(world.now) + timedelta(days=2), ground="ORDER")
    refused = page_of(legal.post(address(road, "schemes"), ahead), 422).text
    assert "Nobody is bound to answer this request" in refused
    assert "The day of the check lies in the future" in refused
    assert not SchemePermission.objects.exists()


def test_nobody_else_answers_and_whoever_may_not_see_it_finds_nothing(
    world: World, browser_of: Browsers, road: Road
) -> None:
    for who in ("handler", "clerk", "dpo"):
        assert browser_of(who).post(address(road, "schemes"), given(localdate(world.now))).status_code == 404
    for who in ("admin", "auditor", "outsider"):
        assert browser_of(who).get(address(road, "schemes")).status_code == 404
    assert not SchemePermission.objects.exists()


def test_a_request_without_such_an_item_says_so(world: World, browser_of: Browsers) -> None:
    plain = world.road()
    plain.record()
    shown = page_of(browser_of("head").get(address(plain, "schemes"))).text
    assert "there is nothing to check" in shown
    assert "Record the answer" not in shown
