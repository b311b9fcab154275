"""The pages of the addressee, of hours and fee, and of the other person's part."""

from dataclasses import replace
from datetime import date

import pytest

from disclosures.demo_kinds import OrderRoad, production_order
from disclosures.models import AddresseeAnswer, Cost, ItemDecision
from disclosures.services.intake import ItemInput
from tests.world import World

from .test_company import words
from .test_work_items import names, with_shown
from .work_pages import Browsers, address, goes_back, page_of

pytestmark = pytest.mark.django_db

LETTERS = (ItemInput(item_type="CORRESPONDENCE", period_from=date(2026, 9, 1), period_to=date(2026, 9, 30)),)


@pytest.fixture
def order(world: World) -> OrderRoad:
    road = OrderRoad(world.people, world.police, world.now, number=960)
    road.record(instrument=replace(production_order(road), addressee="Another Company Limited"))
    road.submit()
    return road


def test_the_question_stands_on_the_page_and_legal_settles_it(
    world: World, browser_of: Browsers, order: OrderRoad
) -> None:
    where = f"/requests/{order.request.reference}/"
    shown = words(browser_of("handler").get(where))
    assert "A question to legal: to whom is it addressed?" in shown
    assert "It names Another Company Limited." in shown
    assert "Settle it" not in shown, "the handler does not settle it"
    assert "Settle it" in words(browser_of("head").get(where))
    page = page_of(browser_of("head").get(address(order, "addressee")))
    assert "Demo Company (fictitious)" in page.text
    wrong = page_of(browser_of("head").post(address(order, "addressee"), {}), 422)
    assert "Is it meant for this company?" in wrong.text
    assert "How you came to it" in wrong.text
    answer = {"ours": "no", "reason": "The court means our neighbour."}
    goes_back(browser_of("head").post(address(order, "addressee"), answer), order)
    assert AddresseeAnswer.objects.get().ours is False
    assert "Not addressed to us" in words(browser_of("handler").get(where))


def test_the_page_is_not_there_for_others_nor_for_a_request_that_is_not_there(
    browser_of: Browsers, order: OrderRoad
) -> None:
    for who in ("handler", "mlro", "clerk", "lead", "admin", "outsider"):
        assert browser_of(who).get(address(order, "addressee")).status_code == 404
        assert (
            browser_of(who).post(address(order, "addressee"), {"ours": "yes", "reason": "x"}).status_code
            == 404
        )
    assert not AddresseeAnswer.objects.exists()


def test_hours_and_a_fee_are_recorded_and_summed_on_the_request(world: World, browser_of: Browsers) -> None:
    road = world.road()
    road.record()
    client = browser_of("handler")
    for given in ({"hours": "1.5", "note": "Reading"}, {"hours": "2", "fee": "25", "note": "Archive"}):
        assert client.post(address(road, "costs"), given).status_code == 302
    assert "3.50 hours" in words(client.get(address(road, "costs")))
    assert "3.50 hours, £25.00" in words(client.get(f"/requests/{road.request.reference}/"))  # type: ignore[union-attr]
    wrong = page_of(client.post(address(road, "costs"), {"hours": "many", "fee": "x"}), 422).text
    for said in ("“Hours” must be a number such as 1.5.", "“Fee in pounds” must be a number", "What for"):
        assert said in wrong
    assert "many" in str(client.post(address(road, "costs"), {"hours": "many"}).content), (
        "what was typed stays"
    )
    assert Cost.objects.count() == 2


def test_the_other_persons_part_is_decided_on_the_items_page(world: World, browser_of: Browsers) -> None:
    road = world.road()
    road.record(items=LETTERS)
    road.confirm()
    road.search()
    page = page_of(browser_of("handler").get(address(road, "items")))
    assert "This item may show another person." in page.text
    asked = names(1, decision="DISCLOSE", others="DISCLOSE")
    shown = page_of(browser_of("handler").post(address(road, "items"), with_shown(page, **asked)), 422).text
    assert "Person 1, item 1: write the text about the other person." in shown
    assert "Person 1, item 1: say where the other person’s part is asked for" in shown
    given = asked | names(1, others_text="Her brother wrote it.", others_reason="The form names him.")
    goes_back(browser_of("handler").post(address(road, "items"), with_shown(page, **given)), road)
    assert ItemDecision.objects.get().others == "DISCLOSE"
    shown = words(browser_of("approver").get(f"/requests/{road.request.reference}/"))  # type: ignore[union-attr]
    for said in ("asked for, justified and given", "Her brother wrote it.", "The form names him."):
        assert said in shown
