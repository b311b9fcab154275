"""What steps and corrections do to the clocks of a request."""

from dataclasses import replace
from datetime import timedelta

import pytest

from disclosures.demo import sample_intake
from disclosures.models import Deadline, Request
from disclosures.services.intake import InstrumentInput
from disclosures.services.recording import amend_request
from disclosures.states import Action, State
from tests.world import World

pytestmark = pytest.mark.django_db


def running(request: Request) -> set[str]:
    return set(Deadline.objects.running().filter(request=request).values_list("purpose", flat=True))


def test_a_correction_while_returned_leaves_the_clock_paused(world: World) -> None:
    road = world.road()
    request = road.to(State.RETURNED)
    earlier = replace(
        sample_intake(world.police, world.now, road.number), received_at=world.now - timedelta(days=3)
    )
    amended = amend_request(request_id=request.pk, intake=earlier, actor=world["clerk"], now=world.now)
    assert amended.due_at is None
    assert running(request) == set()
    assert road.step("clerk", Action.RESUBMIT).due_at is not None
    assert running(request) == {"ANSWER"}


def test_naming_the_instrument_later_gives_a_cautious_request_its_clock(world: World) -> None:
    road = world.road()
    request = road.record(restricted=True, instrument=None)
    assert Deadline.objects.get(request=request).rule == "NO_DATE"
    intake = sample_intake(world.police, world.now, road.number)
    amend_request(request_id=request.pk, intake=intake, actor=world["clerk"], now=world.now)
    assert Deadline.objects.running().get(request=request).rule == "SLA"


def test_an_unchanged_correction_leaves_the_clock_alone(world: World) -> None:
    road = world.road()
    request = road.record()
    intake = replace(sample_intake(world.police, world.now, road.number), summary="Put more clearly.")
    amend_request(request_id=request.pk, intake=intake, actor=world["clerk"], now=world.now)
    assert Deadline.objects.filter(request=request).count() == 1


def test_standing_down_ends_the_hours_of_the_emergency(world: World) -> None:
    road = world.road()
    request = road.to(State.EMERGENCY_PENDING)
    assert running(request) == {"ANSWER", "EMERGENCY_DECISION", "EMERGENCY_RELEASE"}
    road.step("approver", Action.STAND_DOWN)
    assert running(request) == {"ANSWER"}


def test_a_breach_has_one_clock_of_seventy_two_hours(world: World) -> None:
    road = world.road()
    request = road.to(State.AWAITING_RATIFICATION)
    assert running(request) == {"RATIFICATION"}
    road.step("head", Action.REFUSE_RATIFICATION)
    clock = Deadline.objects.running().get(request=request)
    assert (clock.purpose, clock.due_at - world.now) == ("BREACH_72H", timedelta(hours=72))


def test_paper_typed_in_after_an_emergency_release_starts_no_clock_again(world: World) -> None:
    request = world.request_in(State.EMERGENCY_RELEASED)
    intake = replace(
        sample_intake(world.police, world.now, world.made),
        channel="POST",
        instrument=InstrumentInput(code="P-LEG98"),
    )
    amend_request(request_id=request.pk, intake=intake, actor=world["clerk"], now=world.now)
    assert running(request) == {"RATIFICATION"}
