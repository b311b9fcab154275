"""Holds: asked of those who hold it, confirmed, chased, moved and ended with the instrument, put away when all is said."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.utils.timezone import localdate

from accounts.roles import Role
from disclosures import notifications
from disclosures.demo import Road, sample_intake
from disclosures.models import Correspondence, HoldLine, HoldTask, Instrument, OutboxRow, Request
from disclosures.selectors import NotThere, hold_task_for, holds_visible_to
from disclosures.services import ActionRefused
from disclosures.services.access import exclude_person, restrict_request
from disclosures.services.compartment import add_member
from disclosures.services.holding import Kept, confirm_hold, move_end
from disclosures.services.intake import InstrumentInput, ItemInput
from disclosures.services.recording import amend_request
from disclosures.services.sweeping import sweep
from disclosures.states import Action, State
from tests.preserving import ITEMS, PEOPLE, hold_in, last_day, preservation
from tests.services.log_lines import entries, last
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def road(world: World) -> Road:
    return preservation(world)


def kept(world: World) -> Kept:
    return Kept(
        result="KEPT", kept_on=localdate(world.now), how="Deletion switched off.", note="Old records too."
    )


NOTHING = Kept(result="NOT_HELD")


def confirm(world: World, task: HoldTask, answer: Kept, who: str = "holder", later: int = 0) -> HoldTask:
    return confirm_hold(
        task_id=task.pk, answer=answer, actor=world[who], now=world.now + timedelta(days=later)
    )


def results(task: HoldTask) -> dict[str, str]:
    lines = HoldLine.objects.filter(task=task).select_related("item", "subject")
    return {f"{line.item.position}.{line.subject.position}": line.result for line in lines}


def after(world: World, days: int) -> datetime:
    return world.now + timedelta(days=days)


def promised(topic: str, task: HoldTask) -> int:
    return OutboxRow.objects.filter(topic=topic, payload__task=task.pk).count()


def test_a_system_is_asked_for_what_it_holds_of_everybody_until_the_instruments_end(
    world: World, road: Road
) -> None:
    task = hold_in(world, road)
    assert results(task) == {"1.1": "", "1.2": ""}
    assert task.until_on == last_day(world)
    assert task.due_on > world.now.date()
    assert {(line.period_from, line.period_to) for line in HoldLine.objects.filter(task=task)} == {
        (date(2026, 9, 1), date(2026, 9, 30))
    }
    assert promised("hold.asked", task) == 1
    assert last("hold.asked")["detail"]["until"] == last_day(world).isoformat()


def test_what_is_kept_already_is_not_asked_for_again(world: World, road: Road) -> None:
    task = hold_in(world, road)
    for _ in range(2):
        with pytest.raises(ActionRefused) as refused:
            hold_in(world, road)
        assert refused.value.sentences == ("Billing has already been asked to keep all of it.",)
        if not HoldTask.objects.get(pk=task.pk).confirmed_at:
            confirm(world, task, NOTHING)
    with pytest.raises(ActionRefused, match="system_holds_it"):
        hold_in(world, road, "shops")


def test_only_a_preservation_request_asks_that_something_be_kept(world: World) -> None:
    other = world.road()
    other.confirm()
    with pytest.raises(ActionRefused) as refused:
        hold_in(world, other)
    assert refused.value.sentences == ("Only a preservation request asks that something be kept.",)


def test_nobody_asks_before_the_requester_is_verified(world: World) -> None:
    road = world.road()
    road.accept()
    with pytest.raises(NotThere):
        hold_in(world, road)


def test_the_holder_confirms_line_by_line_how_and_since_when(world: World, road: Road) -> None:
    task = hold_in(world, road)
    second = HoldLine.objects.get(task=task, subject__position=2)
    task = confirm(world, task, replace(kept(world), not_held=frozenset({second.pk})))
    assert results(task) == {"1.1": "KEPT", "1.2": "NOT_HELD"}
    assert (task.confirmed_by, task.kept_on) == (world["holder"], localdate(world.now))
    assert task.how is not None
    assert task.note is not None
    assert last("hold.confirmed")["detail"]["not_held"] == 1
    assert promised("hold.confirmed", task) == 1


def test_nothing_held_is_an_answer_and_keeps_no_text_of_how(world: World, road: Road) -> None:
    task = confirm(world, hold_in(world, road), replace(kept(world), result="NOT_HELD"))
    assert set(results(task).values()) == {"NOT_HELD"}
    assert (task.how, task.kept_on) == (None, None)


def test_every_fault_of_a_confirmation_is_told_at_once(world: World, road: Road) -> None:
    task = hold_in(world, road)
    every = frozenset(HoldLine.objects.filter(task=task).values_list("pk", flat=True))
    with pytest.raises(ActionRefused) as refused:
        confirm(world, task, Kept(result="KEPT", not_held=every))
    assert refused.value.sentences == (
        "Say how it is kept.",
        "Say since which day it is kept.",
        "Nothing is held of any line, you say: choose “Nothing is held”.",
    )
    with pytest.raises(ActionRefused, match="hold_had_ended"):
        confirm(world, task, Kept(result="NOT_KEPT"))
    with pytest.raises(ActionRefused, match="it_has_happened"):
        confirm(world, task, replace(kept(world), kept_on=last_day(world)))


def test_a_hold_is_confirmed_once_and_by_data_holders_alone(world: World, road: Road) -> None:
    task = hold_in(world, road)
    for key in ("handler", "clerk", "approver", "head", "auditor", "outsider"):
        with pytest.raises(NotThere):
            confirm(world, task, NOTHING, who=key)
    confirm(world, task, NOTHING)
    with pytest.raises(ActionRefused, match="hold_is_open"):
        confirm(world, task, NOTHING)


def test_an_unconfirmed_hold_is_chased_once_a_day(world: World, road: Road) -> None:
    task = hold_in(world, road)
    late = (task.due_on - localdate(world.now)).days + 1
    sweep(now=after(world, late))
    sweep(now=after(world, late))
    assert promised("hold.chased", task) == 1
    sweep(now=after(world, late + 1))
    assert promised("hold.chased", task) == 2
    confirm(world, task, kept(world))
    sweep(now=after(world, late + 2))
    assert promised("hold.chased", task) == 2


def test_the_hold_ends_with_the_instrument_and_its_holder_is_told_once(world: World, road: Road) -> None:
    task = confirm(world, hold_in(world, road), kept(world))
    sweep(now=after(world, 30))
    assert HoldTask.objects.get(pk=task.pk).ended_at is None
    for _ in range(2):
        sweep(now=after(world, 31))
    task.refresh_from_db()
    assert task.ended_at == after(world, 31)
    assert promised("hold.ended", task) == 1
    assert last("hold.ended")["detail"]["tasks"] == [task.reference]
    notice = notifications.notice_for("hold.ended", {"request": task.request_id, "task": task.pk}, world.now)
    assert notice is not None
    assert (notice.about, notice.words) == (task.reference, "is a hold that has ended; lift it")
    assert [user.pk for user in notifications.recipients(notice, world.now)] == [world["holder"].pk]


def test_whoever_holds_nothing_has_nothing_to_lift(world: World, road: Road) -> None:
    task = confirm(world, hold_in(world, road), NOTHING)
    sweep(now=after(world, 31))
    assert HoldTask.objects.get(pk=task.pk).ended_at
    payload = {"request": task.request_id, "task": task.pk}
    assert notifications.notice_for("hold.ended", payload, world.now) is None


def test_a_body_that_lets_it_go_ends_the_hold_before_its_day(world: World, road: Road) -> None:
    task = hold_in(world, road)
    road.step("clerk", Action.WITHDRAW)
    sweep(now=world.now)
    assert HoldTask.objects.get(pk=task.pk).ended_at == world.now
    assert promised("hold.ended", task) == 1


def move(world: World, road: Road, until: date, who: str = "lead") -> Instrument:
    return move_end(
        request_id=road.request.pk, until=until, letter_on=localdate(world.now),
        words="They need it longer. Ref NS-7.", actor=world[who], now=world.now,
    )  # fmt: skip


def test_a_longer_end_moves_the_holds_and_tells_their_holders(world: World, road: Road) -> None:
    first, second = hold_in(world, road), hold_in(world, road, "care")
    assert move(world, road, last_day(world, 60)).valid_until == last_day(world, 60)
    for task in (first, second):
        task.refresh_from_db()
        assert task.until_on == last_day(world, 60)
        assert promised("hold.moved", task) == 1
    moved = last("hold.moved")["detail"]
    assert (moved["from"], moved["to"]) == (last_day(world).isoformat(), last_day(world, 60).isoformat())
    assert Correspondence.objects.filter(request=road.request, direction="IN").count() == 1
    sweep(now=after(world, 31))
    assert not HoldTask.objects.filter(request=road.request).exclude(ended_at=None).exists()
    sweep(now=after(world, 61))
    assert not HoldTask.objects.filter(request=road.request, ended_at=None).exists()


def corrected(road: Road, *, until: date, items: tuple[ItemInput, ...] = ITEMS) -> None:
    """Sent back for information, and corrected by the clerk."""
    road.step("handler", Action.RETURN)
    now = road.now
    intake = replace(
        sample_intake(road.body, now, road.number), received_at=now, subjects=PEOPLE, items=items,
        instrument=InstrumentInput(code="P-PRES", dated_on=localdate(now), valid_until=until),
    )  # fmt: skip
    amend_request(request_id=road.request.pk, intake=intake, actor=road.people["clerk"], now=now)


def test_an_end_corrected_on_the_form_moves_the_hold_at_the_next_sweep(world: World, road: Road) -> None:
    task = hold_in(world, road)
    assert sweep(now=world.now).holds == 0
    corrected(road, until=last_day(world, 45))
    assert [sweep(now=world.now).holds for _ in range(2)] == [1, 0]
    assert HoldTask.objects.get(pk=task.pk).until_on == last_day(world, 45)
    assert promised("hold.moved", task) == 1
    assert last("hold.moved")["detail"]["was"] == [last_day(world).isoformat()]


def test_what_is_kept_stays_on_the_request(world: World, road: Road) -> None:
    hold_in(world, road, "care")
    with pytest.raises(ActionRefused, match="kept_parts_stay"):
        corrected(road, until=last_day(world), items=ITEMS[:1])


def test_the_end_is_moved_by_who_leads_and_on_a_letter(world: World, road: Road) -> None:
    with pytest.raises(NotThere):
        move(world, road, last_day(world, 60), who="handler")
    with pytest.raises(ActionRefused) as refused:
        move_end(
            request_id=road.request.pk, until=localdate(world.now) - timedelta(days=1), letter_on=last_day(world),
            words=" ", actor=world["lead"], now=world.now,
        )  # fmt: skip
    assert refused.value.sentences == (
        "The new day is past. If the body lets it go, withdraw the request.",
        "The letter is dated in the future.",
        "Write down what the letter says, with its reference.",
    )


def test_the_request_is_closed_when_every_hold_is_confirmed(world: World, road: Road) -> None:
    billing, care = hold_in(world, road), hold_in(world, road, "care")
    confirm(world, billing, kept(world))
    sweep(now=after(world, 31))
    assert Request.objects.get(pk=road.request.pk).state == State.EXPIRED
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.CLOSE)
    assert refused.value.sentences == (
        "The hold is not confirmed yet in: Customer care. The data holder says what was kept, or that nothing was; "
        "only then is it closed.",
    )
    confirm(world, care, Kept(result="NOT_KEPT", note="The mail was read too late."), later=32)
    assert set(results(care).values()) == {"NOT_KEPT"}
    assert road.step("handler", Action.CLOSE).state == State.CLOSED


def test_a_preservation_request_has_holds_and_no_searches_to_wait_for(world: World, road: Road) -> None:
    road.decide("WITHHOLD")
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.PROPOSE)
    guards = {objection.guard for objection in refused.value.objections}
    assert "letter_is_prepared" in guards
    assert not guards & {"every_pair_was_searched", "only_what_was_found_is_disclosed"}
    road.decide("DISCLOSE")
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.PROPOSE)
    guards = {objection.guard for objection in refused.value.objections}
    assert "a_hold_hands_nothing_over" in guards
    assert not guards & {"every_pair_was_searched", "only_what_was_found_is_disclosed"}


def test_a_hold_is_seen_after_the_review_and_a_month_after_its_end(world: World, road: Road) -> None:
    task = confirm(world, hold_in(world, road), kept(world))
    sweep(now=after(world, 31))
    road.step("handler", Action.CLOSE)
    assert hold_task_for(world["holder"], task.reference, after(world, 40)) == task
    assert not holds_visible_to(world["holder"], after(world, 62)).exists()
    for key in ("handler", "head", "admin", "outsider"):
        assert not holds_visible_to(world[key], world.now).exists()


def test_a_restricted_requests_holds_are_for_named_data_holders(world: World, road: Road) -> None:
    task = hold_in(world, road)
    restrict_request(
        request_id=road.request.pk, members={world["handler"]: "HANDLER"}, reason="An order.",
        actor=world["head"], now=world.now,
    )  # fmt: skip
    with pytest.raises(NotThere):
        hold_task_for(world["holder"], task.reference, world.now)
    with pytest.raises(NotThere):
        confirm(world, task, NOTHING)
    with pytest.raises(ActionRefused) as refused:
        hold_in(world, road, "care")
    assert refused.value.sentences == (
        "No data holder is a member of this restricted request, so nobody could be asked. Have one named first.",
    )
    add_member(
        request_id=road.request.pk, person=world["holder"], member_role=Role.DATA_HOLDER, reason="Keeps the data.", until=None,
        actor=world["head"], now=world.now,
    )  # fmt: skip
    assert hold_task_for(world["holder"], task.reference, world.now) == task
    hold_in(world, road, "care")


def test_an_excluded_data_holder_finds_no_hold(world: World, road: Road) -> None:
    task = hold_in(world, road)
    exclude_person(
        request_id=road.request.pk, person=world["holder"], reason="A relation.",
        actor=world["lead"], now=world.now,
    )  # fmt: skip
    assert not holds_visible_to(world["holder"], world.now).exists()
    with pytest.raises(NotThere):
        confirm(world, task, NOTHING)


def test_the_log_tells_of_the_hold_without_a_word_of_it(world: World, road: Road) -> None:
    confirm(world, hold_in(world, road), kept(world))
    for name in ("hold.asked", "hold.confirmed"):
        assert "Deletion switched off" not in str(entries(name))
