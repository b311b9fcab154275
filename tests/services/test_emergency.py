"""At night: taken by telephone, rung back, read out and written down; by two people, or by one where nobody comes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import OnCall
from accounts.services import Refused, allow_lone_release, put_on_call, take_off_call
from disclosures.models import CallAttempt, ReadOut, Request
from disclosures.selectors import NotThere
from disclosures.selectors.opening import open_request
from disclosures.services import ActionRefused, perform
from disclosures.services.emergency import read_out_and_release, record_attempt, record_emergency
from disclosures.services.intake import InstrumentInput, Intake, ItemInput, OfficerInput, SubjectInput
from disclosures.services.verification import record_evidence
from disclosures.states import Action, State
from tests.world import World

pytestmark = pytest.mark.django_db


def asked(world: World, item: str = "VISIT_NOTES", code: str = "P-VITAL", **changes: object) -> Intake:
    intake = Intake(
        channel="TELEPHONE", received_at=world.now, nation="EW", urgency="IMMEDIATE", body_id=world.police.pk,
        urgency_reason="A child has not come home.", summary="A child has not come home.",
        instrument=InstrumentInput(code=code), requester=OfficerInput(name="Robin Sample", rank="SGT", number="4711"),
        subjects=(SubjectInput(status="MISSING", name="Alex Example"),), items=(ItemInput(item_type=item),),
    )  # fmt: skip
    return replace(intake, **changes)  # type: ignore[arg-type]


def taken_by(world: World, key: str, **changes: Any) -> Request:
    return record_emergency(
        intake=asked(world, **changes), actor=world[key], now=world.now, recording_key=f"night-{key}"
    )


def ring_back(world: World, request: Request, key: str, *, passed: bool = True) -> None:
    record_evidence(
        request_id=request.pk, code="CALL_BACK", passed=passed, at=world.now, number_called=world.police.switchboard,
        answered_by="Control room, then Sergeant Sample", actor=world[key], now=world.now,
    )  # fmt: skip


def step(world: World, request: Request, key: str, action: Action) -> Request:
    return perform(request_id=request.pk, action=action, actor=world[key], now=world.now, reason="At night.")


def release(world: World, request: Request, key: str, action: Action, **changes: Any) -> Request:
    given = {
        "at": world.now,
        "words": "Seen at home on Friday.",
        "read_to": "Sergeant Sample, 4711",
        "number": world.police.switchboard,
    }
    return read_out_and_release(
        request_id=request.pk, action=action, actor=world[key], now=world.now, **{**given, **changes}
    )  # fmt: skip


def put(world: World, key: str, position: int) -> OnCall:
    return put_on_call(
        user=world[key], position=position, phone="01632 960777", actor=world["head"], now=world.now
    )


@pytest.mark.parametrize("key", ["clerk", "handler", "approver"])
def test_whoever_is_on_duty_takes_it_in_and_it_is_at_triage_at_once(world: World, key: str) -> None:
    request = taken_by(world, key)
    assert (request.state, request.urgency, request.recorded_by) == (State.SUBMITTED, "IMMEDIATE", world[key])
    assert request.deadlines.filter(rule="HOURS").count() == 2


@pytest.mark.parametrize("key", ["holder", "auditor", "admin", "release", "outsider"])
def test_nobody_else_takes_it_in(world: World, key: str) -> None:
    with pytest.raises(NotThere):
        taken_by(world, key)


def test_this_road_is_for_the_telephone_and_a_life_at_risk_alone(world: World) -> None:
    for changed in ({"channel": "MAIL"}, {"urgency": "ROUTINE"}):
        with pytest.raises(ValueError, match="by telephone"):
            record_emergency(
                intake=replace(asked(world), **changed), actor=world["handler"], now=world.now, recording_key="x"
            )  # fmt: skip


def test_two_people_release_and_a_third_ratifies(world: World) -> None:
    request = taken_by(world, "clerk")
    ring_back(world, request, "verifier")
    step(world, request, "handler", Action.PROPOSE_EMERGENCY)
    released = release(world, request, "approver", Action.RELEASE_EMERGENCY)
    assert released.state == State.EMERGENCY_RELEASED
    assert released.deadlines.filter(purpose="RATIFICATION", stopped_at=None).count() == 1
    opened = open_request(released, actor=world["handler"], now=world.now)
    assert [(row.words, row.read_to) for row in opened.read_out] == [
        ("Seen at home on Friday.", "Sergeant Sample, 4711")
    ]


def test_without_writing_down_what_was_read_out_there_is_no_release(world: World) -> None:
    request = taken_by(world, "clerk")
    ring_back(world, request, "verifier")
    step(world, request, "handler", Action.PROPOSE_EMERGENCY)
    with pytest.raises(ActionRefused) as refused:
        step(world, request, "approver", Action.RELEASE_EMERGENCY)
    assert "Write down what you read out" in " ".join(refused.value.sentences)
    with pytest.raises(ActionRefused) as refused:
        release(world, request, "approver", Action.RELEASE_EMERGENCY, words=" ", read_to="", number="01632 1")
    assert len(refused.value.sentences) == 3
    assert not ReadOut.objects.exists()


def test_nothing_is_read_out_before_the_request_came(world: World) -> None:
    request = taken_by(world, "clerk")
    ring_back(world, request, "verifier")
    step(world, request, "handler", Action.PROPOSE_EMERGENCY)
    the_minute = request.received_at.replace(second=0, microsecond=0)
    for at, said in (
        (the_minute - timedelta(seconds=1), "lies before the request came"),
        (world.now + timedelta(seconds=1), "lies in the future"),
    ):
        with pytest.raises(ActionRefused) as refused:
            release(world, request, "approver", Action.RELEASE_EMERGENCY, at=at)
        assert refused.value.sentences == (
            f"The time of the reading {said}. Give the time at which you read it out.",
        )
    assert not ReadOut.objects.exists()
    released = release(world, request, "approver", Action.RELEASE_EMERGENCY, at=the_minute)
    assert released.state == State.EMERGENCY_RELEASED


def test_a_refused_release_leaves_nothing_written(world: World) -> None:
    request = taken_by(world, "clerk")
    ring_back(world, request, "verifier")
    step(world, request, "handler", Action.PROPOSE_EMERGENCY)
    with pytest.raises(ActionRefused):
        release(world, request, "handler", Action.RELEASE_EMERGENCY)
    assert not ReadOut.objects.exists()


def test_the_one_who_took_it_in_may_ring_back_but_two_people_need_another_call(world: World) -> None:
    request = taken_by(world, "handler")
    ring_back(world, request, "handler")
    step(world, request, "handler", Action.PROPOSE_EMERGENCY)
    with pytest.raises(ActionRefused) as refused:
        release(world, request, "approver", Action.RELEASE_EMERGENCY)
    assert "also rang back" in " ".join(refused.value.sentences)


def alone(world: World) -> Request:
    request = taken_by(world, "approver")
    ring_back(world, request, "approver")
    return step(world, request, "approver", Action.PROPOSE_EMERGENCY)


def test_one_approver_releases_alone_only_when_everybody_was_rung_and_nobody_comes(world: World) -> None:
    rows = [put(world, "second", 1), put(world, "handler", 2), put(world, "approver", 3)]
    request = alone(world)
    for row in rows[:2]:
        with pytest.raises(ActionRefused) as refused:
            release(world, request, "approver", Action.RELEASE_ALONE)
        assert "Ring every person" in " ".join(refused.value.sentences)
        record_attempt(
            request_id=request.pk, on_call_id=row.pk, result="NO_ANSWER", actor=world["approver"], now=world.now
        )  # fmt: skip
    assert release(world, request, "approver", Action.RELEASE_ALONE).state == State.EMERGENCY_RELEASED
    assert CallAttempt.objects.count() == 2


def test_while_somebody_comes_nobody_releases_alone(world: World) -> None:
    row = put(world, "second", 1)
    request = alone(world)
    record_attempt(
        request_id=request.pk, on_call_id=row.pk, result="COMES", actor=world["approver"], now=world.now
    )
    with pytest.raises(ActionRefused) as refused:
        release(world, request, "approver", Action.RELEASE_ALONE)
    assert "Ring every person" in " ".join(refused.value.sentences)


def test_with_nobody_on_the_list_nobody_releases_alone(world: World) -> None:
    request = alone(world)
    with pytest.raises(ActionRefused, match="everybody_on_call_was_rung"):
        release(world, request, "approver", Action.RELEASE_ALONE)


def test_the_head_of_legal_switches_it_off(world: World) -> None:
    row = put(world, "second", 1)
    request = alone(world)
    record_attempt(
        request_id=request.pk, on_call_id=row.pk, result="CANNOT", actor=world["approver"], now=world.now
    )
    with pytest.raises(Refused):
        allow_lone_release(allowed=False, actor=world["lead"], now=world.now)
    allow_lone_release(allowed=False, actor=world["head"], now=world.now)
    with pytest.raises(ActionRefused) as refused:
        release(world, request, "approver", Action.RELEASE_ALONE)
    assert "switched off" in " ".join(refused.value.sentences)


@pytest.mark.parametrize(("code", "objects"), [("P-VITAL", True), ("P-999", False)])
def test_who_rang_999_may_be_told_and_other_communications_data_goes_by_the_contact(
    world: World, code: str, objects: bool
) -> None:
    request = taken_by(world, "clerk", item="SUBSCRIBER", code=code)
    ring_back(world, request, "verifier")
    if not objects:
        assert step(world, request, "handler", Action.PROPOSE_EMERGENCY).state == State.EMERGENCY_PENDING
        return
    with pytest.raises(ActionRefused) as refused:
        step(world, request, "handler", Action.PROPOSE_EMERGENCY)
    assert "section 61A" in " ".join(refused.value.sentences)


def test_the_list_is_kept_by_leaders_and_holds_those_who_can_act(world: World) -> None:
    with pytest.raises(Refused):
        put_on_call(user=world["second"], position=1, phone="1", actor=world["handler"], now=world.now)
    with pytest.raises(Refused):
        put_on_call(user=world["clerk"], position=1, phone="1", actor=world["lead"], now=world.now)
    row = put(world, "second", 1)
    with pytest.raises(Refused):
        put(world, "second", 2)
    take_off_call(on_call_id=row.pk, actor=world["lead"], now=world.now)
    with pytest.raises(Refused):
        take_off_call(on_call_id=row.pk, actor=world["lead"], now=world.now)
