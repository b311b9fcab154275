"""The check of an authority has before it what came with the notice."""

from disclosures.catalogue import INSTRUMENTS
from disclosures.states import Action
from tests.services.test_each_instrument import AnyRoad, bound
from tests.web.work_pages import Browsers, address, page_of
from tests.world import World

__all__ = ["bound"]


def test_whoever_looks_at_it_has_before_them_what_came_with_the_notice(
    bound: World, browser_of: Browsers
) -> None:
    road = AnyRoad(bound, INSTRUMENTS["A-DO"])
    road.begin()
    road.step("clerk", Action.SUBMIT)
    road.step("handler", Action.ACCEPT)
    page = page_of(browser_of("verifier").get(address(road, "evidence")))
    assert "<dt>Recorded when it came in</dt><dd>Warrant card and authority</dd>" in page.html
