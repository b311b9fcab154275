"""The road through the services: every state is reached, and nobody decides twice."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from disclosures.demo import sample_intake
from disclosures.models import Deadline, Request, Step
from disclosures.selectors import NotThere, visible_to
from disclosures.services import ActionRefused, expire_due, perform
from disclosures.services.access import exclude_person, open_at_triage
from disclosures.services.intake import InstrumentInput, ItemInput, SubjectInput
from disclosures.services.recording import amend_request
from disclosures.services.weighing import record_opinion
from disclosures.states import Action, State
from tests.world import World

pytestmark = pytest.mark.django_db
MONTH = {"period_from": date(2026, 9, 1), "period_to": date(2026, 9, 30)}


@pytest.mark.parametrize("state", list(State))
def test_every_state_is_reached_by_the_services(world: World, state: State) -> None:
    request = world.request_in(state)
    assert request.state == state


def test_the_same_person_may_propose_again_but_never_approve(world: World) -> None:
    road = world.road()
    road.to(State.PENDING_APPROVAL)
    road.step("approver", Action.SEND_BACK)
    road.write()
    assert road.step("handler", Action.PROPOSE).state == State.PENDING_APPROVAL
    world.give("handler", "APPROVER")
    with pytest.raises(ActionRefused, match="actor_took_no_other_deciding_act"):
        road.step("handler", Action.APPROVE_RELEASE)


def test_the_clerk_who_took_it_in_never_decides(world: World) -> None:
    world.give("clerk", "APPROVER")
    road = world.road()
    road.to(State.PENDING_APPROVAL)
    with pytest.raises(ActionRefused) as refused:
        road.step("clerk", Action.APPROVE_RELEASE)
    assert refused.value.sentences == ("You took this request in; a colleague must take this step.",)


def test_an_excluded_person_finds_nothing(world: World) -> None:
    road = world.road()
    request = road.to(State.PENDING_APPROVAL)
    exclude_person(
        request_id=request.pk,
        person=world["approver"],
        reason="A neighbour.",
        actor=world["lead"],
        now=world.now,
    )
    with pytest.raises(NotThere):
        road.step("approver", Action.APPROVE_RELEASE)
    assert road.step("second", Action.APPROVE_RELEASE).state == State.APPROVED


def test_a_step_repeated_with_its_key_is_taken_once(world: World) -> None:
    request = world.request_in(State.SUBMITTED)
    again = {
        "request_id": request.pk,
        "action": Action.ACCEPT,
        "actor": world["handler"],
        "now": world.now,
        "idempotency_key": "k1",
    }
    perform(**again)
    perform(**again)
    assert Step.objects.filter(request=request, action=Action.ACCEPT).count() == 1


def test_a_changed_proposal_is_not_approved(world: World) -> None:
    road = world.road()
    request = road.to(State.PENDING_APPROVAL)
    with pytest.raises(ActionRefused, match="approver_saw_this_proposal"):
        perform(
            request_id=request.pk,
            action=Action.APPROVE_RELEASE,
            actor=world["approver"],
            now=world.now,
            seen_digest="0" * 64,
        )


def test_special_category_needs_the_opinion_and_a_second_approver(world: World) -> None:
    road = world.road()
    road.record(special_category_sought=True)
    road.confirm()
    road.search()
    road.tests = replace(
        road.tests, condition="S1_10", condition_note="The fraud would otherwise go undetected."
    )
    road.decide()
    road.write()
    with pytest.raises(ActionRefused, match="opinions_are_in"):
        road.step("handler", Action.PROPOSE)
    request = Request.objects.get(pk=road.request.pk)
    record_opinion(
        request_id=request.pk, in_favour=True, advice="Condition met.", actor=world["dpo"], now=world.now
    )
    road.step("handler", Action.PROPOSE)
    with pytest.raises(ActionRefused, match="second_approver_has_signed"):
        road.step("approver", Action.APPROVE_RELEASE)
    road.step("second", Action.CONCUR)
    with pytest.raises(ActionRefused):
        road.step("second", Action.APPROVE_RELEASE)
    assert road.step("approver", Action.APPROVE_RELEASE).state == State.APPROVED


def test_an_item_that_harms_in_the_wrong_hands_needs_the_opinion_and_one_approver(world: World) -> None:
    road = world.road()
    road.record(items=(ItemInput(item_type="PAYMENTS", **MONTH),))
    road.confirm()
    road.search()
    road.decide()
    road.write()
    with pytest.raises(ActionRefused, match="opinions_are_in"):
        road.step("handler", Action.PROPOSE)
    road.advise()
    road.step("handler", Action.PROPOSE)
    assert road.step("approver", Action.APPROVE_RELEASE).state == State.APPROVED


def test_an_item_without_a_mark_needs_no_opinion(world: World) -> None:
    road = world.road()
    road.record(items=(ItemInput(item_type="VISIT_NOTES", **MONTH),))
    road.confirm()
    road.search()
    road.decide()
    road.write()
    assert road.step("handler", Action.PROPOSE).state == State.PENDING_APPROVAL


def test_many_people_need_the_opinion_and_a_second_approver(world: World) -> None:
    people = tuple(
        SubjectInput(status="OTHER", name=f"Person {n}", account_number=f"ZX-{n}") for n in range(26)
    )
    road = world.road()
    road.record(subjects=people, items=(ItemInput(item_type="VISIT_NOTES", **MONTH),))
    road.confirm()
    road.search()
    road.decide()
    road.write()
    with pytest.raises(ActionRefused, match="opinions_are_in"):
        road.step("handler", Action.PROPOSE)
    road.advise()
    road.step("handler", Action.PROPOSE)
    with pytest.raises(ActionRefused, match="second_approver_has_signed"):
        road.step("approver", Action.APPROVE_RELEASE)
    road.step("second", Action.CONCUR)
    assert road.step("approver", Action.APPROVE_RELEASE).state == State.APPROVED


def test_all_objections_are_told_at_once(world: World) -> None:
    road = world.road()
    road.to(State.IN_REVIEW)
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.PROPOSE)
    assert len(refused.value.sentences) >= 4


def test_a_repealed_citation_goes_back_and_comes_again(world: World) -> None:
    road = world.road()
    road.record(instrument=InstrumentInput(code="P-LEG98", statute_typed="s.29(3) DPA 1998"))
    road.step("clerk", Action.SUBMIT)
    with pytest.raises(ActionRefused, match="instrument_is_one_we_work"):
        road.step("handler", Action.ACCEPT)
    request = road.step("handler", Action.RETURN)
    assert request.due_at is None, "the clock of a voluntary kind stands still"
    intake = sample_intake(world.police, world.now, road.number)
    amend_request(request_id=request.pk, intake=intake, actor=world["clerk"], now=world.now)
    assert road.step("clerk", Action.RESUBMIT).due_at is not None
    assert road.step("handler", Action.ACCEPT).kind == "P"


def test_a_restricted_request_is_known_to_its_members_alone(world: World) -> None:
    request = world.road().record(restricted=True)
    knows = {
        key
        for key, person in world.people.items()
        if visible_to(person, world.now).filter(pk=request.pk).exists()
    }
    assert knows == {"clerk", "mlro"}


def test_triage_opens_what_was_restricted_out_of_caution(world: World) -> None:
    road = world.road()
    request = road.record(restricted=True)
    road.step("clerk", Action.SUBMIT)
    with pytest.raises(NotThere):
        road.step("handler", Action.ACCEPT)
    open_at_triage(
        request_id=request.pk, ground="A plain form; no order came.", actor=world["mlro"], now=world.now
    )
    assert road.step("handler", Action.ACCEPT).state == State.VERIFYING


def test_an_answered_request_has_no_running_clock(world: World) -> None:
    request = world.request_in(State.RELEASED)
    assert request.due_at is None
    assert not Deadline.objects.running().filter(request=request).exists()


def test_an_emergency_runs_in_hours_from_receipt(world: World) -> None:
    request = world.request_in(State.EMERGENCY_PENDING)
    hours = {
        row.purpose: (row.due_at - request.received_at).total_seconds() / 3600
        for row in Deadline.objects.filter(request=request, rule="HOURS")
    }
    assert hours == {"EMERGENCY_DECISION": 1, "EMERGENCY_RELEASE": 4}


def test_the_policy_is_pinned_at_receipt_and_at_decision(world: World) -> None:
    request = world.request_in(State.APPROVED)
    assert request.policy_at_receipt is not None
    assert request.policy_at_decision == request.policy_at_receipt


def test_a_voluntary_instrument_past_its_validity_expires_by_the_clock(world: World) -> None:
    road = world.road()
    request = road.record(instrument=InstrumentInput(code="P-DPA2", valid_until=world.now.date()))
    road.step("clerk", Action.SUBMIT)
    assert expire_due(now=world.now) == 0
    assert expire_due(now=world.now + timedelta(days=2)) == 1
    request.refresh_from_db()
    assert request.state == State.EXPIRED
    assert Step.objects.get(request=request, action=Action.EXPIRE).actor is None
