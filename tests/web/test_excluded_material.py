"""The page of a request that may hold excluded material: the question, the mark, the sentence and its end."""

from dataclasses import replace

import pytest

from disclosures.demo_kinds import OrderRoad
from disclosures.services.weighing import record_tests
from disclosures.states import State
from tests.world import World

from .test_three_kinds_pages import shown
from .work_pages import Browsers

pytestmark = pytest.mark.django_db
MARK = '<span class="flag flag-excluded">May hold excluded material</span>'


def test_the_question_stands_in_plain_words_and_nothing_is_answered_beforehand(
    world: World, browser_of: Browsers
) -> None:
    request = OrderRoad(world.people, world.police, world.now, number=61).to(State.IN_REVIEW)
    page = shown(browser_of("handler"), request.reference, "tests/")
    assert "Might any of it be excluded or journalistic material?" in page
    assert "Yes, it may be among it" in page
    assert "checked" not in page.split("Might any of it be excluded", 1)[1].split("</fieldset>", 1)[0]


def test_the_mark_stands_until_the_test_is_answered_for_what_is_left(
    world: World, browser_of: Browsers
) -> None:
    road = OrderRoad(world.people, world.police, world.now, number=62)
    request = road.to(State.IN_REVIEW)
    road.search()
    handler = browser_of("handler")
    assert MARK not in shown(handler, request.reference)
    road.tests = replace(road.tests, excluded_material=True)
    road.weigh()
    road.write()
    page = shown(handler, request.reference)
    assert MARK in page
    assert "<dt>Excluded or journalistic material</dt><dd>May be among it</dd>" in page
    assert "does not reach that (Proceeds of Crime Act 2002, section 348). Withhold it with R-PRIV" in page
    rest = replace(road.tests, excluded_material=False)
    record_tests(request_id=request.pk, tests=rest, actor=world["handler"], now=world.now)
    page = shown(handler, request.reference)
    assert MARK not in page
    assert "<dt>Excluded or journalistic material</dt><dd>None of it</dd>" in page
