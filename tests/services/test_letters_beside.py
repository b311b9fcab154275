"""The letters beside the answer: what is kept and until when, and what came of a review."""

import pytest
from django.utils.timezone import localdate

from disclosures.demo import Road
from disclosures.models import Letter, Request
from disclosures.selectors.letter_text import british
from disclosures.selectors.letters_beside import preserved, reviewed
from disclosures.selectors.opening import OpenedRequest, open_request
from disclosures.services import ActionRefused
from disclosures.services.holding import Kept, confirm_hold
from disclosures.services.letters import prepare_letter, record_letter_sent
from disclosures.states import Action, State
from tests.preserving import hold_in, last_day, preservation
from tests.world import World

pytestmark = pytest.mark.django_db


def opened(world: World, road: Road) -> OpenedRequest:
    assert road.request is not None
    return open_request(Request.objects.get(pk=road.request.pk), actor=world["handler"], now=world.now)


def write(world: World, road: Road, purpose: str, body: str) -> Letter:
    assert road.request is not None
    return prepare_letter(
        request_id=road.request.pk,
        purpose=purpose,
        recipient="PC Sample",
        body=body,
        actor=world["handler"],
        now=world.now,
    )


def send(world: World, road: Road, purpose: str) -> None:
    assert road.request is not None
    record_letter_sent(
        request_id=road.request.pk, purpose=purpose, channel="POST", sent_to="1 Station Road", actor=world["handler"],
        now=world.now,
    )  # fmt: skip


def confirmed(world: World, road: Road, result: str = "KEPT") -> None:
    task = hold_in(world, road)
    kept = (
        Kept(result=result, kept_on=localdate(world.now), how="Deletion switched off.")
        if result == "KEPT"
        else Kept(result=result)
    )
    confirm_hold(task_id=task.pk, answer=kept, actor=world["holder"], now=world.now)


def test_what_is_kept_is_written_with_its_last_day(world: World) -> None:
    road = preservation(world)
    confirmed(world, road)
    text = preserved(opened(world, road))
    assert f"until the end of {british(last_day(world))}" in text
    assert ", 1 September 2026 to 30 September 2026, about Alex Example, born 17 April 1988" in text
    assert "could not keep" not in text
    write(world, road, "PRESERVED", text)
    send(world, road, "PRESERVED")
    assert Letter.objects.get(purpose="PRESERVED").sent_channel == "POST"


def test_where_nothing_is_held_the_letter_says_so(world: World) -> None:
    road = preservation(world)
    confirmed(world, road, "NOT_HELD")
    text = preserved(opened(world, road))
    assert "We keep nothing of what you named." in text
    assert "Sam Example" in text


def test_each_answer_of_a_hold_has_a_letter_of_its_own(world: World) -> None:
    road = preservation(world)
    confirmed(world, road)
    for _ in range(2):
        write(world, road, "PRESERVED", "It is kept.")
        send(world, road, "PRESERVED")
    assert list(Letter.objects.order_by("round").values_list("purpose", "round")) == [
        ("PRESERVED", 1),
        ("PRESERVED", 2),
    ]


def test_no_letter_says_that_something_is_kept_before_a_holder_said_so(world: World) -> None:
    road = preservation(world)
    hold_in(world, road)
    with pytest.raises(ActionRefused) as refused:
        write(world, road, "PRESERVED", "It is kept.")
    assert "No data holder has confirmed a hold yet" in " ".join(refused.value.sentences)
    plain = world.road()
    plain.to(State.IN_REVIEW)
    with pytest.raises(ActionRefused, match="it_preserves"):
        write(world, plain, "PRESERVED", "It is kept.")


@pytest.mark.parametrize(
    ("action", "sentence"),
    [(Action.UPHOLD, "The answer stands."), (Action.OVERTURN, "The answer does not stand")],
)
def test_what_came_of_a_review_is_written_to_whoever_asked(
    world: World, action: Action, sentence: str
) -> None:
    road = world.road()
    road.to(State.UNDER_APPEAL)
    with pytest.raises(ActionRefused, match="there_was_a_review"):
        write(world, road, "REVIEW", "It stands.")
    road.step("second", action)
    text = reviewed(opened(world, road))
    assert sentence in text
    assert british(localdate(world.now)) in text
    write(world, road, "REVIEW", text)
    send(world, road, "REVIEW")
    assert Letter.objects.get(purpose="REVIEW").round == 1
