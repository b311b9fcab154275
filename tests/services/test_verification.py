"""Checks of the requester: by the right person, through the right number, in the past."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from accounts.services import change_organisation
from disclosures import demo
from disclosures.catalogue.checks import POINTS
from disclosures.demo_kinds import OrderRoad
from disclosures.models import Evidence, Request
from disclosures.selectors import NotThere
from disclosures.selectors.facts import facts_for
from disclosures.selectors.sender import about_the_sender
from disclosures.services import ActionRefused
from disclosures.services.verification import record_evidence
from disclosures.states import Action, State
from disclosures.workflow import find, objections
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
    assert row.number_source.startswith(f"{world.police.switchboard_source} (")
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
    record_evidence(
        passed=True, at=world.now, note="The force explained it.", address="robin.sample@northshire.example", **check
    )  # fmt: skip
    assert road.step("verifier", Action.CONFIRM).state == State.IN_REVIEW


def test_nobody_without_the_permission_records_a_check(world: World, call: Callable[..., Evidence]) -> None:
    for key in ("holder", "release", "auditor", "outsider"):
        with pytest.raises(NotThere):
            call(actor=world[key])


def test_without_a_number_that_somebody_found_elsewhere_there_is_no_call_back(
    world: World, call: Callable[..., Evidence]
) -> None:
    change_organisation(
        organisation_id=world.police.pk, name=world.police.name, nation="EW", switchboard="", switchboard_source="",
        is_active=True, needs_verification=False, actor=world["admin"], now=world.now,
    )  # fmt: skip
    with pytest.raises(ActionRefused) as refused:
        call()
    assert sentences(refused) == (
        "The register holds no switchboard number for this body. An administrator must enter it first, with its source "
        "and the day it was read: an independent source, never the form or the e-mail."
    )


def test_a_call_made_before_the_request_came_was_about_something_else(
    world: World, call: Callable[..., Evidence]
) -> None:
    with pytest.raises(ActionRefused, match="call_follows_the_request"):
        call(at=world.now - timedelta(days=2))


def old_road(world: World) -> demo.Road:
    """A request of ten weeks ago, which was checked a week after it came."""
    road = world.road()
    road.record(received_at=world.now - timedelta(days=70))
    road.accept()
    checked(road, world.now - timedelta(days=60))
    return road


def checked(road: demo.Road, at: datetime) -> None:
    check = {
        "request_id": road.request.pk,
        "passed": True,
        "actor": road.people["verifier"],
        "now": road.now,
        "at": at,
    }  # type: ignore[union-attr]
    record_evidence(code="SENDER_ADDRESS", address="robin.sample@northshire.example", **check)  # type: ignore[arg-type]
    record_evidence(code="CALL_BACK", number_called="01632 960000", answered_by="The officer", **check)  # type: ignore[arg-type]


def test_a_call_back_of_sixty_days_ago_does_not_verify_today(world: World) -> None:
    road = old_road(world)
    with pytest.raises(ActionRefused) as refused:
        road.step("verifier", Action.CONFIRM)
    assert "counted until" in sentences(refused)
    assert "Ring the officer back again through the switchboard in the register." in sentences(refused)
    checked(road, world.now)
    assert road.step("verifier", Action.CONFIRM).state == State.IN_REVIEW


@pytest.mark.parametrize(
    ("state", "who", "action"),
    [
        (State.IN_REVIEW, "handler", Action.PROPOSE),
        (State.PENDING_APPROVAL, "approver", Action.APPROVE_RELEASE),
        (State.APPROVED, "release", Action.START_RELEASE),
    ],
)
def test_while_it_waits_a_check_can_run_out_and_be_made_again(
    world: World, state: State, who: str, action: Action
) -> None:
    """Time is moved by asking forty days later; the approval of then stands, and the check of now is added to it."""
    request = world.request_in(state)
    later = world.now + timedelta(days=40)
    found = objections_to(request, actor=world[who], action=action, now=later)
    assert any("counted until" in sentence for sentence in found)


def objections_to(request: Request, *, actor: User, action: Action, now: datetime) -> list[str]:
    arrow = find(State(request.state), action)
    assert arrow is not None
    facts = facts_for(request, actor=actor, now=now, action=action, seen_digest=request.proposal_digest)
    return [objection.sentence for objection in objections(arrow, facts)]


@pytest.mark.parametrize("state", [State.APPROVED, State.NO_DATA])
def test_who_turns_out_to_be_somebody_else_after_the_approval_goes_back_to_triage(
    world: World, state: State
) -> None:
    road = world.road()
    road.to(state)
    with pytest.raises(ActionRefused):
        road.step("approver", Action.SEND_BACK_TO_TRIAGE)
    record_evidence(
        request_id=road.request.pk, code="CALL_BACK", passed=False, actor=world["verifier"], now=world.now,
        at=world.now, number_called="01632 960000", answered_by="The officer, who knows nothing of it",
    )  # fmt: skip
    with pytest.raises(ActionRefused, match="requester_is_verified"):
        road.step("release", Action.START_RELEASE)
    assert road.step("approver", Action.SEND_BACK_TO_TRIAGE).state == State.SUBMITTED


def address(world: World, typed: str, **changes: Any) -> Evidence:
    request = world.request_in(State.VERIFYING)
    given = {"passed": True, "actor": world["verifier"], "now": world.now, "at": world.now, "address": typed}
    return record_evidence(request_id=request.pk, code="SENDER_ADDRESS", **{**given, **changes})


def test_an_address_of_the_register_agrees_and_its_standing_is_kept(world: World) -> None:
    row = address(world, "robin@cid.northshire.example.cjsm.net")
    assert (row.standing, row.passed) == ("LISTED", True)
    assert last("evidence.recorded")["detail"]["standing"] == "LISTED"
    assert "robin@" not in str(last("evidence.recorded"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("robin@gmail.com", "gives a mailbox to anybody"),
        ("robin@northshire-police.example", "only looks like northshire.example"),
        ("robin@jersey.police.uk", "outside the United Kingdom"),
        ("Robin <robin@northshire.example>", "Type the address alone"),
        ("", "Type the address that the mail came from"),
        ("robin@elsewhere.police.uk", "Write down what the switchboard said of it."),
    ],
)
def test_an_address_that_is_not_the_bodys_own_cannot_be_ticked_as_agreeing(
    world: World, typed: str, said: str
) -> None:
    with pytest.raises(ActionRefused) as refused:
        address(world, typed)
    assert said in sentences(refused)


def test_that_it_does_not_agree_is_recorded_without_ado(world: World) -> None:
    row = address(world, "robin@gmail.com", passed=False)
    assert (row.passed, row.standing) == (False, "FREE_MAIL")


def test_an_address_off_the_register_agrees_with_the_switchboards_word(world: World) -> None:
    assert (
        address(world, "robin@elsewhere.police.uk", note="The switchboard: our new unit.").standing
        == "RESTRICTED"
    )


def test_a_warrant_card_is_noted_and_never_copied(world: World) -> None:
    request = world.request_in(State.VERIFYING)
    card = {
        "request_id": request.pk,
        "code": "WARRANT_CARD",
        "actor": world["verifier"],
        "now": world.now,
        "at": world.now,
    }
    with pytest.raises(ActionRefused) as refused:
        record_evidence(passed=True, **card)  # type: ignore[arg-type]
    assert sentences(refused) == (
        "Write down the force, the name and the number on the card. Do not copy or photograph it."
    )
    assert record_evidence(passed=True, note="Northshire, R. Sample, 40001", **card).passed  # type: ignore[arg-type]


def order(world: World) -> OrderRoad:
    road = OrderRoad(world.people, world.police, world.now, number=901)
    road.accept()
    return road


def looked_at(road: OrderRoad, **noes: bool) -> Evidence:
    return record_evidence(
        request_id=road.request.pk, code="COURT_DOCUMENT", points=dict.fromkeys(POINTS, True) | noes,
        note="Rang the court office.", actor=road.people["verifier"], now=road.now, at=road.now,
    )  # fmt: skip


def test_a_court_document_holds_by_its_points_and_the_addressee_is_for_legal(world: World) -> None:
    road = order(world)
    assert looked_at(road).passed is True
    assert looked_at(road, ADDRESSEE=False).passed is True
    row = looked_at(road, SEAL=False)
    assert (row.passed, row.points["SEAL"]) == (False, False)
    assert last("evidence.recorded")["detail"]["points"]["SEAL"] is False


def test_a_court_document_is_looked_at_point_by_point(world: World) -> None:
    road = order(world)
    with pytest.raises(ActionRefused) as refused:
        record_evidence(
            request_id=road.request.pk, code="COURT_DOCUMENT", points={"COURT": True}, actor=world["verifier"],
            now=world.now, at=world.now,
        )  # fmt: skip
    assert len(refused.value.sentences) == 2
    assert "Answer each point of the document" in sentences(refused)


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
