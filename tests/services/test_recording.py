"""Registering what arrived: once, under a free reference, with its clock, and never from the future."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from audit.models import Entry
from disclosures.demo import sample_intake
from disclosures.models import Request, Subject
from disclosures.selectors import NotThere
from disclosures.services import ActionRefused, recording
from disclosures.services.intake import SubjectInput
from disclosures.services.recording import FutureReceipt, amend_request, record_request
from disclosures.states import Action, State
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_reference_in_use_is_drawn_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = world.road().record().reference
    drawn: Iterator[str] = iter([taken, taken, "CP-2345-6789"])
    monkeypatch.setattr(recording, "new_reference", lambda: next(drawn))
    assert world.road().record().reference == "CP-2345-6789"


def test_a_double_click_records_one_request(world: World) -> None:
    intake = sample_intake(world.police, world.now)
    twice = [
        record_request(
            intake=intake, restricted=False, actor=world["clerk"], now=world.now, recording_key="the same"
        )
        for _ in range(2)
    ]
    assert twice[0].pk == twice[1].pk
    assert Request.objects.count() == 1


def test_nothing_arrives_in_the_future(world: World) -> None:
    later = world.now + timedelta(minutes=1)
    with pytest.raises(FutureReceipt):
        world.road().record(received_at=later)
    assert not Request.objects.exists()


@pytest.mark.parametrize("who", ["handler", "approver", "admin", "auditor", "outsider"])
def test_only_an_intake_clerk_records(world: World, who: str) -> None:
    intake = sample_intake(world.police, world.now)
    with pytest.raises(NotThere):
        record_request(intake=intake, restricted=False, actor=world[who], now=world.now, recording_key="k")


def test_a_draft_has_a_running_clock_and_one_entry(world: World) -> None:
    request = world.road().record()
    assert (request.state, request.version) == (State.DRAFT, 1)
    assert request.due_at is not None
    entries = Entry.objects.filter(object_ref=request.reference, object_version__isnull=False)
    assert list(entries.values_list("event", "object_version", "log")) == [("request.recorded", 1, "main")]


def test_a_request_restricted_from_birth_goes_to_the_sealed_log_from_the_first(world: World) -> None:
    road = world.road()
    request = road.record(restricted=True)
    assert set(Entry.objects.filter(object_ref=request.reference).values_list("log", flat=True)) == {"sealed"}


def test_a_person_already_searched_for_stays_on_the_request(world: World) -> None:
    road = world.road()
    two = (
        *sample_intake(world.police, world.now, 1).subjects,
        SubjectInput(name="Robin Other", status="WITNESS"),
    )
    road.record(subjects=two)
    road.confirm()
    road.search()
    request = road.step("handler", Action.RETURN)
    with pytest.raises(ActionRefused, match="searched_parts_stay"):
        amend_request(
            request_id=request.pk,
            intake=sample_intake(world.police, world.now),
            actor=world["clerk"],
            now=world.now,
        )
    intake = replace(sample_intake(world.police, world.now), subjects=two, summary="Clearer now.")
    amend_request(request_id=request.pk, intake=intake, actor=world["clerk"], now=world.now)
    assert Subject.objects.filter(request=request).count() == len(two)


def test_a_person_removed_from_a_draft_is_gone_with_their_key(world: World) -> None:
    one = sample_intake(world.police, world.now).subjects
    road = world.road()
    request = road.record(subjects=(*one, SubjectInput(name="Typed By Mistake")))
    amend_request(
        request_id=request.pk,
        intake=sample_intake(world.police, world.now),
        actor=world["clerk"],
        now=world.now,
    )
    assert Subject.objects.get(request=request).data_key.parent == request.data_key
    assert request.data_key.children.count() == 1
