"""What became of what we sent: noted one after the other, and an answer that came back is no answer."""

from datetime import timedelta

import pytest

from disclosures.models import Correspondence, Delivery, Letter, Request
from disclosures.selectors import NotThere
from disclosures.selectors.decision_record import decision_record
from disclosures.services import ActionRefused
from disclosures.services.delivery import note_delivery
from disclosures.services.on_file import record_correspondence
from disclosures.states import Action, State
from tests.services.log_lines import last
from tests.world import World

pytestmark = pytest.mark.django_db


def note(world: World, request: Request, stage: str, **changes: object) -> Delivery:
    letter = Letter.objects.get(request=request, purpose="OUTCOME")
    given = {
        "stage": stage, "at": world.now, "reason": "Mailbox unknown, says the bounce.", "letter_id": letter.pk, **changes
    }  # fmt: skip
    return note_delivery(request_id=request.pk, actor=world["release"], now=world.now, **given)  # type: ignore[arg-type]


def write(world: World, request: Request, **changes: object) -> Correspondence:
    given = {
        "direction": "OUT",
        "channel": "MAIL",
        "at": world.now,
        "with_whom": "PC Sample",
        "words": "We asked.",
        **changes,
    }
    return record_correspondence(request_id=request.pk, actor=world["clerk"], now=world.now, **given)  # type: ignore[arg-type]


def stages(request: Request) -> list[str]:
    return list(Delivery.objects.filter(request=request).order_by("id").values_list("stage", flat=True))


def test_an_answer_that_came_back_keeps_the_request_open_until_it_has_arrived(world: World) -> None:
    road = world.road()
    request = road.to(State.RELEASED)
    assert stages(request) == ["SENT"]
    note(world, request, "BOUNCED")
    assert last("delivery.noted")["detail"]["stage"] == "BOUNCED"
    assert "Mailbox" not in str(last("delivery.noted"))
    with pytest.raises(ActionRefused) as refused:
        road.step("release", Action.CLOSE)
    assert refused.value.sentences[0].startswith("The answer came back")
    note(world, request, "SENT", reason="Sent again by recorded post.")
    note(world, request, "CONFIRMED", reason="Signed for.")
    assert stages(request) == ["SENT", "BOUNCED", "SENT", "CONFIRMED"]
    assert road.step("release", Action.CLOSE).state == State.CLOSED


def test_a_refusal_that_came_back_is_not_closed_either(world: World) -> None:
    road = world.road()
    request = road.to(State.REFUSED)
    road.send()
    note(world, request, "RETURNED", reason="Addressee gone away.")
    with pytest.raises(ActionRefused, match="answer_did_not_come_back"):
        road.step("release", Action.CLOSE)


def test_the_record_says_how_the_letter_stands(world: World) -> None:
    request = world.request_in(State.RELEASED)
    note(world, request, "CONFIRMED", reason="Signed for.")
    fresh = Request.objects.get(pk=request.pk)
    (release,) = decision_record(fresh, actor=world["dpo"], now=world.now, form="JSON").releases
    assert release.receipt == "Arrived, confirmed: Signed for."


def test_what_is_said_by_telephone_has_arrived_and_what_came_in_is_not_ours(world: World) -> None:
    request = world.request_in(State.SUBMITTED)
    write(world, request)
    write(world, request, channel="TELEPHONE")
    came = write(world, request, direction="IN")
    assert stages(request) == ["SENT", "CONFIRMED"]
    with pytest.raises(ActionRefused, match="it_was_sent"):
        note_delivery(
            request_id=request.pk, stage="BOUNCED", at=world.now, reason="No.", message_id=came.pk,
            actor=world["clerk"], now=world.now,
        )  # fmt: skip


def test_every_fault_is_told_at_once(world: World) -> None:
    request = world.request_in(State.RELEASED)
    with pytest.raises(ActionRefused) as refused:
        note(world, request, "SENT", at=world.now + timedelta(hours=1), reason=" ")
    assert {objection.guard for objection in refused.value.objections} == {
        "stage_is_new", "it_has_happened", "it_is_known_how"
    }  # fmt: skip
    with pytest.raises(ActionRefused, match="stage_is_known"):
        note(world, request, "LOST")
    with pytest.raises(ActionRefused, match="it_came_later"):
        note(world, request, "BOUNCED", at=world.now - timedelta(days=1))


def test_another_requests_letter_and_a_strangers_note_are_not_there(world: World) -> None:
    request, other = world.request_in(State.RELEASED), world.request_in(State.RELEASED)
    with pytest.raises(ActionRefused, match="it_was_sent"):
        note(world, request, "BOUNCED", letter_id=Letter.objects.get(request=other).pk)
    with pytest.raises(NotThere):
        note_delivery(
            request_id=request.pk, stage="BOUNCED", at=world.now, reason="No.", actor=world["outsider"], now=world.now,
            letter_id=Letter.objects.get(request=request).pk,
        )  # fmt: skip
