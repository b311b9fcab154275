"""What came from another body's scheme goes on only as its rules let it; an order binds all the same and is the ground."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.timezone import localdate

from disclosures.catalogue import INSTRUMENTS, RowType
from disclosures.demo import Road
from disclosures.demo_kinds import CompanyRoad, OrderRoad
from disclosures.models import Item, ItemDecision, SchemePermission
from disclosures.record import as_json
from disclosures.selectors import NotThere
from disclosures.selectors.decision_record import decision_record
from disclosures.services import ActionRefused
from disclosures.services.intake import ItemInput
from disclosures.services.schemes import record_scheme_permission
from disclosures.states import Action, State
from tests.services.log_lines import last
from tests.world import World

pytestmark = pytest.mark.django_db

MONTH = {"period_from": date(2026, 9, 1), "period_to": date(2026, 9, 30)}
SEARCHES = (ItemInput(item_type="CREDIT_SEARCHES", **MONTH), ItemInput(item_type="PAYMENTS", **MONTH))


def searched(world: World, kind: type[Road] = Road) -> Road:
    """A request for searches and payments that needs only its decisions."""
    world.made += 1
    road = kind(world.people, world.police, world.now, number=world.made)
    road.record(items=SEARCHES)
    road.confirm()
    road.search()
    return road


def weighed(world: World, kind: type[Road] = Road, ground: str = "SCHEME") -> Road:
    """Permitted and disclosed: only the proposal is missing."""
    road = searched(world, kind)
    answer(world, road, ground=ground)
    road.weigh()
    road.write()
    return road


def refusal(step: Callable[..., object], *args: object) -> str:
    with pytest.raises(ActionRefused, match="scheme_lets_it_be_passed_on") as refused:
        step(*args)
    return next(words for words in refused.value.sentences if words.startswith("Item 1"))


def answer(world: World, road: Road, who: str = "head", **changes: object) -> SchemePermission:
    given: dict[str, object] = {
        "position": 1, "ground": "SCHEME", "allowed": True, "scheme": "Exampleton credit exchange", "rule": "Rule 4.2",
        "checker": "House lawyer, with its compliance desk", "checked_on": localdate(world.now), "until": None,
    }  # fmt: skip
    return record_scheme_permission(
        request_id=road.request.pk, actor=world[who], now=world.now, **(given | changes)  # type: ignore[union-attr, arg-type]
    )  # fmt: skip


@pytest.mark.parametrize("kind", [Road, CompanyRoad])
def test_without_a_permission_it_cannot_even_be_decided_to_go(world: World, kind: type[Road]) -> None:
    road = searched(world, kind)
    sentence = refusal(road.decide)
    assert sentence.startswith(
        "Item 1 came from another body’s scheme, and no permission to pass it on is recorded."
    )
    assert "R-THIRD" in sentence
    assert "Item 2" not in sentence
    assert not ItemDecision.objects.filter(request=road.request).exists()


def test_a_recorded_permission_lets_it_go(world: World) -> None:
    road = weighed(world)
    entry = last("scheme.answered")
    assert (entry["detail"]["item"], entry["detail"]["allowed"], entry["detail"]["ground"]) == (
        1,
        True,
        "SCHEME",
    )
    assert "Exampleton" not in str(entry)
    assert road.step("handler", Action.PROPOSE).state == State.PENDING_APPROVAL


def test_what_was_permitted_when_it_was_decided_is_asked_again_when_it_is_proposed(world: World) -> None:
    road = weighed(world)
    answer(world, road, allowed=False)
    assert "may not be passed on by the rules of its scheme" in refusal(road.step, "handler", Action.PROPOSE)


def test_withheld_with_its_own_code_it_needs_no_permission(world: World) -> None:
    road = searched(world)
    road.refusal_code = "R-THIRD"
    road.weigh("WITHHOLD")
    road.write()
    assert road.step("handler", Action.PROPOSE).state == State.PENDING_APPROVAL


def test_every_voluntary_instrument_knows_the_code() -> None:
    voluntary = [row for row in INSTRUMENTS.values() if row.row_type is RowType.REQUEST and row.voluntary]
    assert [row.code for row in voluntary if "R-THIRD" not in row.refusals] == []


@pytest.mark.parametrize("then", ["taken back", "ended"])
def test_what_was_permitted_at_the_approval_is_asked_again_at_the_release(world: World, then: str) -> None:
    road = weighed(world)
    if then == "ended":
        answer(world, road, checked_on=localdate(world.now) - timedelta(days=9), until=localdate(world.now))
    road.step("handler", Action.PROPOSE)
    road.step("approver", Action.APPROVE_RELEASE)
    if then == "ended":
        road.now = world.now + timedelta(days=1)
    else:
        answer(world, road, allowed=False, who="second")
    words = {
        "ended": "could be passed on only until",
        "taken back": "may not be passed on by the rules of its scheme",
    }
    assert words[then] in refusal(road.step, "release", Action.START_RELEASE)


def test_what_was_permitted_when_it_was_fetched_is_asked_again_when_it_is_sent(world: World) -> None:
    road = weighed(world)
    road.step("handler", Action.PROPOSE)
    road.step("approver", Action.APPROVE_RELEASE)
    road.step("release", Action.START_RELEASE)
    answer(world, road, allowed=False)
    refusal(road.send)


def test_under_an_order_it_is_a_question_to_legal_whose_ground_is_the_order(world: World) -> None:
    road = searched(world, OrderRoad)
    sentence = refusal(road.decide)
    assert "binds whatever the rules of a scheme say" in sentence
    assert "R-THIRD" not in sentence
    answer(world, road, ground="ORDER", rule="Paragraph 3 of the order")
    road.weigh()
    road.write()
    assert road.step("handler", Action.PROPOSE).state == State.PENDING_APPROVAL


def test_nobody_calls_an_order_the_ground_where_none_came(world: World) -> None:
    with pytest.raises(ActionRefused, match="order_is_there"):
        answer(world, searched(world), ground="ORDER")


def test_every_fault_of_an_answer_is_told_at_once(world: World) -> None:
    road = searched(world)
    tomorrow = localdate(world.now) + timedelta(days=1)
    with pytest.raises(ActionRefused) as refused:
        answer(
            world, road, position=2, ground="", scheme=" ", checked_on=tomorrow, until=localdate(world.now)
        )
    assert {objection.guard for objection in refused.value.objections} == {
        "item_is_from_a_scheme", "permission_has_a_ground", "permission_says_of_what", "check_was_made", "permission_lasts",
    }  # fmt: skip
    with pytest.raises(ActionRefused, match="order_binds"):
        answer(world, searched(world, OrderRoad), ground="ORDER", allowed=False)
    assert not SchemePermission.objects.exists()


def test_only_legal_answers(world: World) -> None:
    road = searched(world)
    for who in ("handler", "clerk", "dpo", "mlro", "lead", "release", "admin", "outsider"):
        with pytest.raises(NotThere):
            answer(world, road, who=who)


def test_the_record_says_on_what_it_rested(world: World) -> None:
    road = weighed(world)
    record = decision_record(road.request, actor=world["handler"], now=world.now, form="JSON")  # type: ignore[arg-type]
    (said,) = record.third_parties.scheme_rules
    assert "Item 1 may be passed on: Exampleton credit exchange, Rule 4.2" in said
    assert "Rule 4.2" in as_json(record)


def test_the_database_keeps_an_answer_as_it_was_given(world: World) -> None:
    road = searched(world)
    row = answer(world, road)
    for change in ("allowed = false", "until = checked_on"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE disclosures_schemepermission SET {change} WHERE id = %s", [row.pk])
    unsealed = SchemePermission(
        request=row.request, item=Item.objects.get(pk=row.item_id), ground="SCHEME", allowed=True,
        checked_on=row.checked_on, recorded_at=world.now, recorded_by=world["head"],
    )  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        unsealed.save()


def test_a_request_without_such_an_item_asks_nothing(world: World) -> None:
    road = world.road()
    road.to(State.PENDING_APPROVAL)
    with pytest.raises(ActionRefused, match="item_is_from_a_scheme"):
        answer(world, road)
