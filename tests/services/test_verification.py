"""Checks of the requester: by the right person, through the right number, in the past."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from disclosures.models import Evidence, Request
from disclosures.selectors import NotThere
from disclosures.selectors.sender import about_the_sender
from disclosures.services import ActionRefused
from disclosures.services.verification import record_evidence
from disclosures.states import Action, State
from tests.services.log_lines import entries, last
from tests.world import World

pytestmark = pytest.mark.django_db

FROM_THE_FORM = "01632 960123"


@pytest.fixture
def call(world: World) -> Callable[..., Evidence]:
    """A call-back on a request that is being verified, as it should be unless told otherwise."""
    request = world.request_in(State.VERIFYING)

    def record(**changes: Any) -> Evidence:
        given = {
            "request_id": request.pk,
            "code": Evidence.Code.CALL_BACK,
            "passed": True,
            "actor": world["verifier"],
            "now": world.now,
            "at": world.now - timedelta(minutes=5),
            "number_called": world.police.switchboard,
            "answered_by": "Switchboard, then the officer",
        }
        return record_evidence(**{**given, **changes})

    return record


def sentences(refused: pytest.ExceptionInfo[ActionRefused]) -> str:
    return " ".join(refused.value.sentences)


def test_a_call_to_the_registers_number_is_recorded_with_its_source(
    world: World, call: Callable[..., Evidence]
) -> None:
    row = call()
    assert row.number_source == world.police.switchboard_source
    entry = last("evidence.recorded")
    assert entry["detail"]["code"] == "CALL_BACK"
    assert "960000" not in str(entry), "the log commits to the number and does not show it"


@pytest.mark.parametrize("written", ["+44 1632 960000", "01632960000", "(01632) 960 000"])
def test_the_registers_number_may_be_written_as_people_write_it(
    call: Callable[..., Evidence], written: str
) -> None:
    assert call(number_called=written).passed


def test_the_officers_own_number_is_refused(world: World, call: Callable[..., Evidence]) -> None:
    with pytest.raises(ActionRefused) as refused:
        call(number_called=FROM_THE_FORM)
    assert f"Ring the number in the register ({world.police.switchboard})" in sentences(refused)
    assert not Evidence.objects.exists()
    assert entries("request.step_denied")[-1]["detail"]["objections"] == ["number_is_from_the_register"]


def test_who_took_the_request_in_does_not_ring_back(world: World, call: Callable[..., Evidence]) -> None:
    world.give("clerk", "HANDLER")
    with pytest.raises(ActionRefused) as refused:
        call(actor=world["clerk"])
    assert "a colleague must ring the officer back" in sentences(refused)


def test_a_call_that_nobody_answered_is_no_check(call: Callable[..., Evidence]) -> None:
    with pytest.raises(ActionRefused, match="somebody_answered"):
        call(answered_by="  ")


def test_a_check_cannot_lie_in_the_future(world: World, call: Callable[..., Evidence]) -> None:
    with pytest.raises(ActionRefused, match="check_is_in_the_past"):
        call(at=world.now + timedelta(minutes=1))


def test_without_a_body_in_the_register_nobody_can_be_rung(world: World) -> None:
    road = world.road()
    road.record(body_id=None)
    request = Request.objects.get(pk=road.request.pk)
    with pytest.raises(NotThere):
        record_evidence(
            request_id=request.pk, code="CALL_BACK", passed=True, actor=world["verifier"],
            now=world.now, at=world.now, number_called="1", answered_by="x",
        )  # fmt: skip


def test_a_failed_check_stops_the_request_until_a_later_one_settles_it(world: World) -> None:
    road = world.road()
    road.accept()
    road.ring_back()
    request = Request.objects.get(pk=road.request.pk)
    check = {"request_id": request.pk, "code": "SENDER_ADDRESS", "actor": world["verifier"], "now": world.now}
    record_evidence(passed=False, at=world.now, note="Another domain.", **check)
    with pytest.raises(ActionRefused) as refused:
        road.step("verifier", Action.CONFIRM)
    assert "came out against them" in sentences(refused)
    record_evidence(passed=True, at=world.now, note="The force explained it.", **check)
    assert road.step("verifier", Action.CONFIRM).state == State.IN_REVIEW


def test_nobody_without_the_permission_records_a_check(world: World, call: Callable[..., Evidence]) -> None:
    for key in ("holder", "release", "auditor", "outsider"):
        with pytest.raises(NotThere):
            call(actor=world[key])


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("robin@northshire.example", "northshire.example is in the register"),
        ("Robin@NORTHSHIRE.example.cjsm.net", "northshire.example is in the register"),
        ("robin@cid.northshire.example", "northshire.example is in the register"),
        ("robin@evilnorthshire.example", "only looks like northshire.example"),
        ("robin@northshire.example.evil.example", "only looks like northshire.example"),
        ("northshire.example@mail.example", "is not in the register"),
        ("robin@nоrthshire.example", "letters that only look like ours"),
        ("", "no e-mail address"),
    ],
)
def test_a_senders_domain_is_compared_on_whole_labels(world: World, address: str, verdict: str) -> None:
    assert verdict in about_the_sender(address, world.police)


def test_an_address_no_longer_used_is_not_accepted_by_itself(world: World) -> None:
    world.police.domains.update(legacy=True)
    assert "no longer used" in about_the_sender("robin@northshire.example", world.police)
