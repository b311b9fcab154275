"""After an emergency release: the paper is chased, a third person ratifies, and what nobody ratified is assessed by a person's hand."""

from datetime import datetime, timedelta

import pytest
from django.core.mail import EmailMessage

from disclosures.catalogue.checks import LIMITS
from disclosures.models import OutboxRow, Request
from disclosures.selectors.queues import waiting_for
from disclosures.services import ActionRefused, perform
from disclosures.services.delivering import deliver
from disclosures.services.sweeping import sweep
from disclosures.states import Action, State
from tests.services.test_emergency import asked, release, ring_back, step, taken_by
from tests.world import World

pytestmark = pytest.mark.django_db

EVERY = timedelta(hours=LIMITS.chase_every_hours)


@pytest.fixture
def released(world: World) -> Request:
    request = taken_by(world, "clerk")
    ring_back(world, request, "verifier")
    step(world, request, "handler", Action.PROPOSE_EMERGENCY)
    return release(world, request, "approver", Action.RELEASE_EMERGENCY)


def chases() -> list[str]:
    rows = OutboxRow.objects.filter(topic="reminder", payload__threshold="PAPER").order_by("id")
    return list(rows.values_list("key", flat=True))


def mails_at(now: datetime, mailoutbox: list[EmailMessage]) -> list[tuple[str, str]]:
    mailoutbox.clear()
    sweep(now=now)
    while deliver(now=now):
        pass
    return sorted((mail.to[0], mail.subject) for mail in mailoutbox)


def overdue(request: Request) -> datetime:
    due = request.deadlines.get(purpose="RATIFICATION", stopped_at=None).due_at
    assert due is not None
    return due + timedelta(minutes=1)


def test_the_written_form_is_chased_every_few_hours_and_once_each_time(
    world: World, released: Request
) -> None:
    sweep(now=world.now + EVERY - timedelta(seconds=1))
    assert chases() == []
    for _ in range(3):
        sweep(now=world.now + EVERY)
    assert len(chases()) == 1
    sweep(now=world.now + 2 * EVERY)
    sweep(now=world.now + 2 * EVERY + timedelta(minutes=5))
    assert len(chases()) == 2


def test_the_chase_goes_to_whoever_takes_things_in_and_works_them_and_names_nobody(
    world: World, released: Request, mailoutbox: list[EmailMessage]
) -> None:
    while deliver(now=world.now):
        pass
    told = mails_at(world.now + EVERY, mailoutbox)
    subject = f"{released.reference} – Ratification: the written form has not come; ask the officer for it through the switchboard"
    assert (world["clerk"].email, subject) in told
    assert (world["handler"].email, subject) in told
    assert not any("Sample" in mail.body or "Example" in mail.body for mail in mailoutbox)


def test_once_the_form_has_come_nobody_is_chased(world: World, mailoutbox: list[EmailMessage]) -> None:
    road = world.road()
    road.to(State.AWAITING_RATIFICATION)
    sweep(now=world.now + EVERY)
    assert chases() == []


def test_a_chase_that_was_overtaken_is_not_sent(
    world: World, released: Request, mailoutbox: list[EmailMessage]
) -> None:
    while deliver(now=world.now):
        pass
    sweep(now=world.now + EVERY)
    perform(
        request_id=released.pk,
        action=Action.PAPER_NEVER_CAME,
        actor=world["dpo"],
        now=world.now,
        reason="The force denies it.",
    )
    mailoutbox.clear()
    while deliver(now=world.now + EVERY):
        pass
    assert not any("written form" in mail.subject for mail in mailoutbox)


def test_time_alone_assesses_nothing_and_raises_the_task(
    world: World, released: Request, mailoutbox: list[EmailMessage]
) -> None:
    late = overdue(released)
    assert released not in waiting_for(world["dpo"], world.now)
    while deliver(now=world.now):
        pass
    told = mails_at(late, mailoutbox)
    subject = f"{released.reference} – Ratification: not in time; begin the breach assessment"
    assert {address for address, words in told if words == subject} == {
        world["head"].email,
        world["dpo"].email,
    }
    assert Request.objects.get(pk=released.pk).state == State.EMERGENCY_RELEASED
    for key in ("dpo", "head"):
        assert released in waiting_for(world[key], late)


def test_what_nobody_ratified_in_time_is_assessed_by_a_persons_hand(world: World) -> None:
    road = world.road()
    request = road.to(State.AWAITING_RATIFICATION)
    with pytest.raises(ActionRefused) as refused:
        road.step("dpo", Action.NOT_RATIFIED_IN_TIME)
    assert refused.value.sentences == (
        "The time for ratifying has not run out yet. Ask a third person to ratify, or to refuse it.",
    )
    late = overdue(request)
    sweep(now=late)
    assert Request.objects.get(pk=request.pk).state == State.AWAITING_RATIFICATION
    moved = perform(
        request_id=request.pk, action=Action.NOT_RATIFIED_IN_TIME, actor=world["dpo"], now=late,
        reason="Nobody ratified it by the end of the next working day.",
    )  # fmt: skip
    assert moved.state == State.BREACH_ASSESSMENT
    clock = moved.deadlines.get(purpose="BREACH_72H", stopped_at=None)
    assert clock.due_at == late + timedelta(hours=72)


def test_an_emergency_asks_for_few_things_of_few_people(world: World) -> None:
    intake = asked(world)
    many = intake.items * (LIMITS.most_emergency_items + 1)
    request = taken_by(world, "clerk", items=many)
    ring_back(world, request, "verifier")
    with pytest.raises(ActionRefused) as refused:
        step(world, request, "handler", Action.PROPOSE_EMERGENCY)
    assert refused.value.sentences == (
        "An emergency release gives the minimum: at most 3 items of at most 5 people. "
        "Take out what does not meet the risk now; it can follow by the usual way.",
    )


def test_a_failed_call_back_stops_an_emergency_too(world: World) -> None:
    request = taken_by(world, "clerk")
    ring_back(world, request, "verifier")
    ring_back(world, request, "verifier", passed=False)
    with pytest.raises(ActionRefused) as refused:
        step(world, request, "handler", Action.PROPOSE_EMERGENCY)
    assert "came out against them" in " ".join(refused.value.sentences)
