"""Letters: what is approved is what is sent, and it is recorded as sent once."""

from datetime import timedelta

import pytest

from disclosures.demo import Road
from disclosures.models import Letter, Request, Step
from disclosures.selectors import NotThere
from disclosures.services import ActionRefused, perform
from disclosures.services.letters import prepare_letter, record_letter_sent
from disclosures.states import Action, State
from tests.services.log_lines import entries, last
from tests.world import World

pytestmark = pytest.mark.django_db

ANSWER, RETURN = Letter.Purpose.OUTCOME, Letter.Purpose.RETURN


def write(world: World, road: Road, purpose: str = ANSWER, who: str = "handler", **changes: object) -> Letter:
    given = {"recipient": "PC Sample", "body": "Dear PC Sample, …", **changes}
    return prepare_letter(
        request_id=road.request.pk, purpose=purpose, actor=world[who], now=world.now, **given
    )


def send(world: World, road: Road, purpose: str = ANSWER, who: str = "release", key: str = "") -> Request:
    return record_letter_sent(
        request_id=road.request.pk, purpose=purpose, channel="POST", sent_to="1 Station Road",
        actor=world[who], now=world.now, idempotency_key=key,
    )  # fmt: skip


def at(world: World, state: State) -> Road:
    road = world.road()
    road.to(state)
    return road


def test_the_log_commits_to_the_letter_and_does_not_show_it(world: World) -> None:
    write(world, at(world, State.IN_REVIEW))
    entry = last("letter.prepared")
    assert {"purpose", "round", "refusal_code"} <= entry["detail"].keys()
    assert "Sample" not in str(entry)


def test_an_empty_letter_to_nobody_is_refused_with_both_reasons(world: World) -> None:
    with pytest.raises(ActionRefused) as refused:
        write(world, at(world, State.IN_REVIEW), recipient=" ", body="")
    assert refused.value.sentences == ("Say to whom the letter goes.", "The letter is empty.")


def test_a_refusal_before_review_carries_its_reason(world: World) -> None:
    road = at(world, State.SUBMITTED)
    with pytest.raises(ActionRefused, match="refusal_code_is_known"):
        write(world, road, refusal_code="R-NOSUCH")
    write(world, road, refusal_code="R-INST")
    request = road.step("handler", Action.PROPOSE_REFUSAL)
    assert (request.state, request.outcome) == (State.PENDING_APPROVAL, "REFUSED")


def test_a_refusal_written_before_review_is_not_proposed_after_it(world: World) -> None:
    road = at(world, State.VERIFYING)
    write(world, road, refusal_code="R-INST")
    later = world.now + timedelta(seconds=1)
    road.ring_back()
    road.step("verifier", Action.CONFIRM)
    road.now = later
    road.search()
    road.weigh()
    with pytest.raises(ActionRefused, match="letter_is_prepared"):
        road.step("handler", Action.PROPOSE)
    road.write()
    assert road.step("handler", Action.PROPOSE).outcome == "DISCLOSED_FULL"


def test_the_letter_cannot_change_once_it_is_proposed(world: World) -> None:
    road = at(world, State.PENDING_APPROVAL)
    with pytest.raises(NotThere):
        write(world, road, body="Another text.")


def test_an_answer_goes_out_only_when_its_release_has_begun(world: World) -> None:
    road = at(world, State.APPROVED)
    with pytest.raises(ActionRefused) as refused:
        send(world, road)
    assert refused.value.sentences == (
        "The answer goes out only after it has been approved and its release begun.",
    )


def test_an_unapproved_answer_never_goes_out_when_the_request_has_ended_otherwise(world: World) -> None:
    road = at(world, State.IN_REVIEW)
    write(world, road)
    road.step("clerk", Action.WITHDRAW)
    with pytest.raises(ActionRefused, match="answer_is_decided"):
        send(world, road)
    assert not Letter.objects.filter(sent_at__isnull=False).exists()


def test_the_letters_leaving_is_the_release(world: World) -> None:
    road = at(world, State.RELEASING)
    request = send(world, road)
    assert request.state == State.RELEASED
    step = Step.objects.get(request=request, action=Action.RECORD_SENT)
    assert step.actor == world["release"]
    assert last("request.step_taken")["detail"]["channel"] == "POST"


def test_a_release_repeated_with_its_key_is_made_once(world: World) -> None:
    road = at(world, State.RELEASING)
    for _ in range(2):
        assert send(world, road, key="k1").state == State.RELEASED
    assert Step.objects.filter(request=road.request, action=Action.RECORD_SENT).count() == 1


def test_a_letter_is_recorded_as_sent_once(world: World) -> None:
    road = at(world, State.REFUSED)
    send(world, road)
    with pytest.raises(ActionRefused) as refused:
        send(world, road)
    assert refused.value.sentences == ("This letter is already recorded as sent.",)
    assert len(entries("letter.sent")) == 1


def test_a_refusal_is_closed_only_after_its_letter_has_gone(world: World) -> None:
    road = at(world, State.REFUSED)
    with pytest.raises(ActionRefused, match="letter_was_sent"):
        road.step("release", Action.CLOSE)
    send(world, road)
    assert road.step("release", Action.CLOSE).state == State.CLOSED


def test_a_letter_needs_an_address(world: World) -> None:
    road = at(world, State.RELEASING)
    with pytest.raises(ActionRefused, match="letter_has_an_address"):
        record_letter_sent(
            request_id=road.request.pk, purpose=ANSWER, channel="POST", sent_to=" ",
            actor=world["release"], now=world.now,
        )  # fmt: skip
    assert Request.objects.get(pk=road.request.pk).state == State.RELEASING


def test_a_form_returned_twice_gets_two_letters(world: World) -> None:
    road = at(world, State.RETURNED)
    for _ in range(2):
        write(world, road, RETURN, who="clerk")
        send(world, road, RETURN, who="clerk")
        road.step("clerk", Action.RESUBMIT)
        road.step("handler", Action.RETURN)
    with pytest.raises(ActionRefused, match="letter_has_not_gone"):
        send(world, road, RETURN, who="clerk")
    assert Letter.objects.filter(request=road.request, purpose=RETURN, sent_at__isnull=False).count() == 2


def test_a_return_letter_that_has_gone_is_not_rewritten(world: World) -> None:
    road = at(world, State.RETURNED)
    write(world, road, RETURN)
    send(world, road, RETURN, who="handler")
    with pytest.raises(ActionRefused, match="letter_has_not_gone"):
        write(world, road, RETURN)


def test_a_return_letter_is_written_only_while_we_wait_for_paper(world: World) -> None:
    road = at(world, State.IN_REVIEW)
    with pytest.raises(NotThere):
        write(world, road, RETURN)
    emergency = at(world, State.EMERGENCY_RELEASED)
    assert write(world, emergency, RETURN, who="clerk").purpose == RETURN


def test_only_the_release_officer_sends_the_answer(world: World) -> None:
    road = at(world, State.RELEASING)
    for key in ("handler", "approver", "clerk", "lead"):
        with pytest.raises(NotThere):
            send(world, road, who=key)


def test_what_was_approved_is_voided_by_any_change_and_written_anew(world: World) -> None:
    road = at(world, State.APPROVED)
    request = road.step("approver", Action.VOID_APPROVAL)
    assert request.round == 2
    with pytest.raises(ActionRefused, match="letter_is_prepared"):
        perform(request_id=request.pk, action=Action.PROPOSE, actor=world["handler"], now=world.now)
