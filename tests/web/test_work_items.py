"""Deciding the items: what the searches found stands ready, and only what was touched is saved."""

import pytest

from disclosures.catalogue import INSTRUMENTS
from disclosures.demo import Road
from disclosures.models import ItemDecision, Request
from disclosures.services.intake import SubjectInput
from disclosures.states import State
from tests.services.log_lines import entries
from tests.web.html import Page
from tests.web.work_pages import Browsers, address, at, goes_back, page_of
from tests.world import World

pytestmark = pytest.mark.django_db

TWO_PEOPLE = (
    SubjectInput(status="SUSPECT", name="Alex Example", born_on="1988-04-17"),
    SubjectInput(status="OTHER", name="Sam Example", born_on="1990-01-02"),
)


def with_shown(page: Page, **chosen: str) -> dict[str, str]:
    """What a browser posts: every box as it was shown, but for what was chosen."""
    posted = {
        box["name"]: box.get("value", "")
        for box in page.every("input")
        if box.get("type") == "hidden" and box["name"].startswith("initial-")
    }
    shown = {name.removeprefix("initial-"): value for name, value in posted.items()}
    return {**posted, **shown, **chosen}


def names(person: int, **values: str) -> dict[str, str]:
    return {f"person-{person}-item-1-{name}": value for name, value in values.items()}


@pytest.fixture
def searched(world: World) -> Road:
    """Two people; something was found of each."""
    road = world.road()
    road.record(subjects=TWO_PEOPLE)
    road.confirm()
    road.search()
    return road


def decided(road: Road) -> dict[int, str]:
    rows = ItemDecision.objects.filter(request=road.request)
    return dict(rows.values_list("subject__position", "decision"))


def test_the_finds_stand_ready_as_the_text_to_disclose(searched: Road, browser_of: Browsers) -> None:
    shown = page_of(browser_of("handler").get(address(searched, "items")))
    assert "Alex Example" in shown.text
    assert shown.text.count("3 September 2026: £41.20 by card ending 0000") >= 4, "as found, and as text"
    assert "Not decided yet" in shown.text


def test_what_nobody_touched_stays_as_it_is(searched: Road, browser_of: Browsers) -> None:
    page = page_of(browser_of("handler").get(address(searched, "items")))
    data = with_shown(page, **names(1, decision="DISCLOSE"))
    goes_back(browser_of("handler").post(address(searched, "items"), data), searched)
    assert decided(searched) == {1: "DISCLOSE"}
    page = page_of(browser_of("handler").get(address(searched, "items")))
    data = with_shown(page, **names(2, decision="WITHHOLD", refusal_code="R-PROP"))
    goes_back(browser_of("handler").post(address(searched, "items"), data), searched)
    assert decided(searched) == {1: "DISCLOSE", 2: "WITHHOLD"}
    assert entries("items.decided")[-1]["detail"]["decisions"] == {"WITHHOLD R-PROP": "1.2"}


def test_a_page_opened_earlier_does_not_undo_what_a_colleague_decided(
    searched: Road, browser_of: Browsers
) -> None:
    old = page_of(browser_of("handler").get(address(searched, "items")))
    first = with_shown(old, **names(1, decision="DISCLOSE"), **names(2, decision="DISCLOSE"))
    browser_of("handler").post(address(searched, "items"), first)
    page = page_of(browser_of("verifier").get(address(searched, "items")))
    second = with_shown(page, **names(1, decision="WITHHOLD", refusal_code="R-NEC"))
    browser_of("verifier").post(address(searched, "items"), second)
    stale = with_shown(page, **names(2, decision="WITHHOLD", refusal_code="R-NEC"))
    browser_of("handler").post(address(searched, "items"), stale)
    assert decided(searched) == {1: "WITHHOLD", 2: "WITHHOLD"}


def test_saving_a_page_without_a_change_records_nothing(searched: Road, browser_of: Browsers) -> None:
    version = Request.objects.get(pk=searched.request.pk).version
    page = page_of(browser_of("handler").get(address(searched, "items")))
    goes_back(browser_of("handler").post(address(searched, "items"), with_shown(page)), searched)
    assert Request.objects.get(pk=searched.request.pk).version == version


def test_every_row_that_lacks_something_is_named(searched: Road, browser_of: Browsers) -> None:
    page = page_of(browser_of("handler").get(address(searched, "items")))
    data = with_shown(page, **names(1, decision="DISCLOSE", text=""), **names(2, decision="WITHHOLD"))
    shown = page_of(browser_of("handler").post(address(searched, "items"), data), 422)
    assert "Person 1, item 1: write the text to disclose." in shown.text
    assert "Person 2, item 1: choose the reason for withholding it." in shown.text
    assert decided(searched) == {}


def test_what_is_not_held_cannot_be_disclosed_and_is_suggested_as_not_held(
    world: World, browser_of: Browsers
) -> None:
    road = at(world, State.IN_REVIEW)
    road.search(held=False)
    page = page_of(browser_of("handler").get(address(road, "items")))
    assert "DISCLOSE" not in {option.get("value") for option in page.every("option")}
    goes_back(browser_of("handler").post(address(road, "items"), with_shown(page)), road)
    assert decided(road) == {1: "NOT_HELD"}


def test_only_reasons_open_to_the_instrument_are_offered(searched: Road, browser_of: Browsers) -> None:
    page = page_of(browser_of("handler").get(address(searched, "items")))
    offered = {option.get("value") for option in page.every("option")}
    assert "R-NEC" in offered
    assert offered <= {"", "DISCLOSE", "WITHHOLD", "NOT_HELD", "NEITHER", *INSTRUMENTS["P-DPA2"].refusals}
