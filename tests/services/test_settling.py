"""An order in another name is a question to legal; hours and fees are recorded once; both with their entries."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from accounts.models import OrganisationAlias
from disclosures.demo import Road
from disclosures.demo_kinds import OrderRoad, production_order
from disclosures.models import AddresseeAnswer, Cost, Instrument, OutboxRow, Request
from disclosures.notifications import notice_for, recipients
from disclosures.selectors import NotThere
from disclosures.selectors.settled import spent_on
from disclosures.services import ActionRefused
from disclosures.services.settling import record_cost, settle_addressee
from disclosures.states import Action, State
from tests.services.log_lines import last
from tests.world import World

pytestmark = pytest.mark.django_db

ELSEWHERE = "Another Company Limited"


def order(world: World, addressee: str = ELSEWHERE) -> OrderRoad:
    world.made += 1
    road = OrderRoad(world.people, world.police, world.now, number=world.made)
    road.record(instrument=replace(production_order(road), addressee=addressee))
    return road


def ready(road: Road, decision: str = "DISCLOSE") -> Road:
    road.confirm()
    road.search()
    road.weigh(decision)
    road.write()
    return road


def settle(
    world: World, road: Road, *, ours: bool, who: str = "head", reason: str = "The court's slip."
) -> None:
    settle_addressee(request_id=road.request.pk, ours=ours, reason=reason, actor=world[who], now=world.now)  # type: ignore[union-attr]


def test_a_name_of_the_register_is_ours_and_asks_nothing(world: World) -> None:
    road = order(world, "The Secretary, DEMO COMPANY FICTITIOUS LTD, 1 Nowhere Lane")
    assert Instrument.objects.get(request=road.request).addressee_is_ours
    assert not OutboxRow.objects.filter(topic="addressee.question").exists()
    assert ready(road).step("handler", Action.PROPOSE).state == State.PENDING_APPROVAL


def test_another_name_asks_the_head_of_legal_and_stops_the_release_until_it_is_settled(world: World) -> None:
    road = order(world)
    promised = OutboxRow.objects.get(topic="addressee.question")
    assert promised.payload == {"request": road.request.pk}  # type: ignore[union-attr]
    notice = notice_for(promised.topic, promised.payload, world.now)
    assert notice is not None
    assert recipients(notice, world.now) == [world["head"]]
    ready(road)
    with pytest.raises(ActionRefused, match="addressee_was_settled") as refused:
        road.step("handler", Action.PROPOSE)
    assert "none of ours" in " ".join(refused.value.sentences)
    settle(world, road, ours=True)
    assert last("addressee.settled")["detail"]["ours"] is True
    assert road.step("handler", Action.PROPOSE).state == State.PENDING_APPROVAL


def test_what_legal_finds_meant_for_somebody_else_is_not_released_but_may_be_refused(world: World) -> None:
    road = ready(order(world))
    settle(world, road, ours=False)
    with pytest.raises(ActionRefused, match="addressee_was_settled"):
        road.step("handler", Action.PROPOSE)
    settle(
        world, road, ours=True, who="approver", reason="The court confirmed by telephone that we are meant."
    )
    assert road.step("handler", Action.PROPOSE).state == State.PENDING_APPROVAL
    assert AddresseeAnswer.objects.count() == 2


def test_a_wrong_name_alone_refuses_nothing(world: World) -> None:
    road = order(world)
    road.submit()
    road.write(refusal_code="R-INST")
    with pytest.raises(ActionRefused, match="wrong_name_alone_refuses_nothing"):
        road.step("handler", Action.PROPOSE_REFUSAL)
    settle(world, road, ours=False)
    assert road.step("handler", Action.PROPOSE_REFUSAL).state == State.PENDING_APPROVAL


def test_another_name_that_the_register_lists_is_ours_too(world: World) -> None:
    OrganisationAlias.objects.create(organisation=world.company, name="DCF")
    assert Instrument.objects.get(request=order(world, "D.C.F. Limited").request).addressee_is_ours is False
    assert Instrument.objects.get(request=order(world, "dcf, 1 Nowhere Lane").request).addressee_is_ours


def test_a_voluntary_request_has_no_such_question(world: World) -> None:
    road = world.road()
    road.to(State.IN_REVIEW)
    with pytest.raises(ActionRefused, match="addressee_is_in_question"):
        settle(world, road, ours=True)


def test_only_the_head_of_legal_and_approvers_who_know_of_it_settle_it_with_a_reason(world: World) -> None:
    road = order(world)
    for who in ("handler", "clerk", "mlro", "lead", "auditor", "admin", "outsider"):
        with pytest.raises(NotThere):
            settle(world, road, ours=True, who=who)
    with pytest.raises(ActionRefused, match="answer_has_a_reason"):
        settle(world, road, ours=True, reason=" ")
    assert not AddresseeAnswer.objects.exists()


def cost(
    world: World, road: Road, hours: str = "0", fee: str = "0", note: str = "Reading", who: str = "handler"
) -> Cost:
    return record_cost(
        request_id=road.request.pk, hours=Decimal(hours), fee=Decimal(fee), note=note, actor=world[who], now=world.now,  # type: ignore[union-attr]
    )  # fmt: skip


def test_hours_and_fee_are_summed_and_a_mistake_is_taken_back_by_a_minus(world: World) -> None:
    road = world.road()
    road.record()
    cost(world, road, hours="1.5")
    cost(world, road, hours="2", fee="25.00", note="Search in the archive", who="clerk")
    cost(world, road, hours="-0.25", note="Counted twice")
    spent = spent_on(Request.objects.get(pk=road.request.pk))  # type: ignore[union-attr]
    assert (spent.hours, spent.fee) == (Decimal("3.25"), Decimal("25.00"))
    detail = last("cost.recorded")["detail"]
    assert (detail["hours"], detail["fee"]) == ("-0.25", "0.00")
    assert "Counted twice" not in str(last("cost.recorded"))


def test_every_fault_of_a_cost_is_told_at_once(world: World) -> None:
    road = world.road()
    road.record()
    with pytest.raises(ActionRefused) as refused:
        cost(world, road, note="")
    assert refused.value.sentences == ("Give the hours, the fee, or both.", "Say what it was for.")
    with pytest.raises(ActionRefused, match="cost_stays_above_nothing"):
        cost(world, road, fee="-1")
    for who in ("holder", "auditor", "outsider"):
        with pytest.raises(NotThere):
            cost(world, road, hours="1", who=who)
    assert not Cost.objects.exists()


def test_what_was_spent_is_never_rewritten(world: World) -> None:
    road = world.road()
    road.record()
    row = cost(world, road, hours="1")
    for change in (lambda: Cost.objects.filter(pk=row.pk).update(hours=9), lambda: row.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
