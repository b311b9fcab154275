"""An item that may show another person: that part is left out unless it was asked for and giving it is justified."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from disclosures.demo import Road
from disclosures.demo_kinds import OrderRoad, production_order
from disclosures.models import Item, ItemDecision, Subject
from disclosures.selectors.letter_text import answer
from disclosures.selectors.opening import open_request
from disclosures.services import ActionRefused
from disclosures.services.intake import ItemInput
from disclosures.services.weighing import PairDecision, decide_items
from disclosures.states import Action
from tests.services.log_lines import last
from tests.world import World

pytestmark = pytest.mark.django_db

LETTERS = (ItemInput(item_type="CORRESPONDENCE", period_from=date(2026, 9, 1), period_to=date(2026, 9, 30)),)
OWN = PairDecision(decision="DISCLOSE", text="A letter of 3 September.")
GIVEN = replace(
    OWN, others="DISCLOSE", others_text="Her brother wrote it.", others_reason="The form names him."
)
WITHHELD = replace(OWN, others="WITHHOLD", others_reason="He has no part in the matter.")


@pytest.fixture
def road(world: World) -> Road:
    made = world.road()
    made.record(items=LETTERS)
    made.confirm()
    made.search()
    return made


def decide(world: World, road: Road, decision: PairDecision) -> ItemDecision:
    pair = (Item.objects.get(request=road.request).pk, Subject.objects.get(request=road.request).pk)
    decide_items(
        request_id=road.request.pk, decisions={pair: decision}, actor=world["handler"], now=world.now
    )  # type: ignore[union-attr]
    return ItemDecision.objects.get(request=road.request)


def letter(world: World, road: Road) -> str:
    return answer(open_request(road.request, actor=world["handler"], now=world.now))  # type: ignore[arg-type]


def test_left_out_is_the_rule_and_the_letter_says_so(world: World, road: Road) -> None:
    assert decide(world, road, OWN).others == "NOT_ASKED"
    assert "What shows another person is left out: it was not asked for." in letter(world, road)
    assert last("items.decided")["detail"]["decisions"] == {"DISCLOSE": "1.1"}


def test_it_is_given_where_it_was_asked_for_and_justified(world: World, road: Road) -> None:
    assert decide(world, road, GIVEN).others == "DISCLOSE"
    assert "About another person: Her brother wrote it." in letter(world, road)
    assert last("items.decided")["detail"]["decisions"] == {"DISCLOSE +OTHERS": "1.1"}
    assert "brother" not in str(last("items.decided"))


def test_it_is_never_given_or_withheld_without_the_reason(world: World, road: Road) -> None:
    for decision, rules in (
        (replace(GIVEN, others_text="", others_reason=" "), "others_have_text, others_have_a_reason"),
        (replace(WITHHELD, others_reason=""), "others_have_a_reason"),
        (replace(OWN, others="PERHAPS"), "others_are_decided"),
    ):
        with pytest.raises(ActionRefused, match=rules):
            decide(world, road, decision)
    assert not ItemDecision.objects.exists()


def test_what_was_asked_for_and_withheld_makes_the_answer_a_part(world: World, road: Road) -> None:
    decide(world, road, WITHHELD)
    text = letter(world, road)
    assert "What shows another person is not given." in text
    assert "does not justify giving it" in text
    assert "He has no part" not in text, "the note stays with us"


def test_an_item_that_shows_nobody_else_has_no_such_part(world: World) -> None:
    made = world.road()
    made.confirm()
    made.search()
    assert decide(world, made, GIVEN).others == ""
    assert "another person" not in letter(world, made)


def test_nothing_of_it_remains_where_nothing_is_disclosed(world: World, road: Road) -> None:
    decide(world, road, GIVEN)
    row = decide(world, road, PairDecision(decision="WITHHOLD", refusal_code="R-NEC"))
    assert (row.others, row.others_text, row.others_reason) == ("", None, None)


def test_an_order_is_not_given_in_part_by_choice(world: World) -> None:
    road = OrderRoad(world.people, world.police, world.now, number=950)
    road.record(instrument=production_order(road), items=LETTERS)
    road.confirm()
    road.search()
    road.weigh()
    decide(world, road, WITHHELD)
    road.write()
    with pytest.raises(ActionRefused, match="another_persons_part_of_an_order_is_given"):
        road.step("handler", Action.PROPOSE)
    decide(world, road, GIVEN)
    road.write()
    road.step("handler", Action.PROPOSE)


def test_the_database_knows_the_rule_as_well(world: World, road: Road) -> None:
    row = decide(world, road, OWN)
    for change in ({"others": "DISCLOSE"}, {"others": "WITHHOLD"}, {"decision": "NOT_HELD"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ItemDecision.objects.filter(pk=row.pk).update(**change)
