"""The weighing of a legitimate interest has a day: its owner is told, and nothing rests on it once that has passed."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.timezone import localdate

from disclosures.demo import Road
from disclosures.demo_kinds import CompanyRoad
from disclosures.models import Assessment, InterestReview, OutboxRow
from disclosures.notifications import notice_for, recipients
from disclosures.selectors import NotThere
from disclosures.services import ActionRefused
from disclosures.services.access import assign_request
from disclosures.services.interests import review_interests
from disclosures.services.sweeping import sweep
from disclosures.states import Action, State
from tests.services.log_lines import last
from tests.world import World

pytestmark = pytest.mark.django_db
DAYS = 20


@pytest.fixture
def road(world: World) -> Road:
    """A company's request, weighed today, to be looked at again in twenty days."""
    world.made += 1
    made = CompanyRoad(world.people, world.police, world.now, number=world.made)
    made.tests = replace(made.tests, review_on=localdate(world.now) + timedelta(days=DAYS))
    made.propose()
    return made


def review(
    world: World, road: Road, who: str = "handler", *, at: datetime | None = None, **changes: object
) -> InterestReview:
    moment = at or world.now
    given: dict[str, object] = {
        "stands": True, "note": "Nothing has changed: the same two analysts use it.",
        "next_on": localdate(moment) + timedelta(days=180),
    }  # fmt: skip
    return review_interests(
        request_id=road.request.pk, actor=world[who], now=moment, **(given | changes)  # type: ignore[union-attr, arg-type]
    )  # fmt: skip


def called_out() -> list[OutboxRow]:
    return list(OutboxRow.objects.filter(topic="interests.due").order_by("id"))


def test_on_its_day_the_owner_is_told_once_and_each_week_after(world: World, road: Road) -> None:
    assign_request(request_id=road.request.pk, assignee=world["handler"], actor=world["lead"], now=world.now)  # type: ignore[union-attr]
    sweep(now=world.now + timedelta(days=DAYS - 1))
    assert called_out() == []
    day = world.now + timedelta(days=DAYS)
    for _ in range(2):
        sweep(now=day)
    (row,) = called_out()
    notice = notice_for(row.topic, row.payload, day)
    assert notice is not None
    assert set(recipients(notice, day)) == {world["handler"], world["dpo"]}
    assert notice.path.endswith("/interests/")
    sweep(now=day + timedelta(days=6))
    assert len(called_out()) == 1
    sweep(now=day + timedelta(days=7))
    assert len(called_out()) == 2


def test_what_was_released_is_looked_at_again_too_and_what_was_refused_is_not(
    world: World, road: Road
) -> None:
    road.step("approver", Action.APPROVE_RELEASE)
    road.step("release", Action.START_RELEASE)
    road.send()
    road.step("release", Action.CLOSE)
    world.made += 1
    other = CompanyRoad(world.people, world.police, world.now, number=world.made)
    other.tests = replace(other.tests, review_on=localdate(world.now) + timedelta(days=DAYS))
    other.propose("WITHHOLD")
    other.step("approver", Action.APPROVE_REFUSAL)
    sweep(now=world.now + timedelta(days=DAYS))
    requests = {row.payload["request"] for row in called_out()}
    assert road.request.pk in requests  # type: ignore[union-attr]
    assert other.request.pk not in requests  # type: ignore[union-attr]


def test_once_the_day_has_passed_nothing_is_approved_on_it(world: World, road: Road) -> None:
    road.now = world.now + timedelta(days=DAYS)
    assert road.step("approver", Action.APPROVE_RELEASE).state == State.APPROVED, (
        "on the day itself it still holds"
    )
    road.now = world.now + timedelta(days=DAYS + 1)
    with pytest.raises(ActionRefused, match="weighing_was_looked_at_again") as refused:
        road.step("release", Action.START_RELEASE)
    assert "was to be looked at again on" in " ".join(refused.value.sentences)
    review(world, road, at=road.now)
    assert road.step("release", Action.START_RELEASE).state == State.RELEASING


def test_a_review_that_stands_sets_the_next_day_and_says_so_in_the_log(world: World, road: Road) -> None:
    row = review(world, road)
    assert Assessment.objects.get(request=road.request).review_on == row.next_on
    entry = last("interests.reviewed")
    assert entry["detail"]["stands"] is True
    assert "analysts" not in str(entry)
    sweep(now=world.now + timedelta(days=DAYS))
    assert called_out() == []


def test_what_does_not_stand_is_called_out_no_more_and_nothing_rests_on_it(world: World, road: Road) -> None:
    late = world.now + timedelta(days=DAYS + 1)
    sweep(now=late)
    assert len(called_out()) == 1
    review(world, road, "dpo", at=late, stands=False, next_on=None, note="The purpose has ended.")
    sweep(now=late + timedelta(days=14))
    assert len(called_out()) == 1
    road.now = late
    with pytest.raises(ActionRefused, match="weighing_was_looked_at_again"):
        road.step("approver", Action.APPROVE_RELEASE)


def test_what_fell_before_its_day_lets_nothing_out_either(world: World, road: Road) -> None:
    review(world, road, "dpo", stands=False, next_on=None, note="The company has sold the business.")
    with pytest.raises(ActionRefused, match="weighing_was_looked_at_again") as refused:
        road.step("approver", Action.APPROVE_RELEASE)
    assert "found not to stand" in " ".join(refused.value.sentences)


def test_every_fault_of_a_review_is_told_at_once(world: World, road: Road) -> None:
    with pytest.raises(ActionRefused) as refused:
        review(world, road, note=" ", next_on=localdate(world.now))
    assert {row.guard for row in refused.value.objections} == {
        "review_has_its_reason",
        "weighing_is_looked_at_again",
    }
    with pytest.raises(ActionRefused, match="what_fell_has_no_next_day"):
        review(world, road, stands=False)
    plain = world.road()
    plain.record()
    with pytest.raises(ActionRefused, match="interest_was_weighed"):
        review(world, plain)


def test_others_do_not_look_at_it_again(world: World, road: Road) -> None:
    for who in ("clerk", "approver", "release", "lead", "outsider"):
        with pytest.raises(NotThere):
            review(world, road, who)


def test_the_database_keeps_a_review_as_it_was_given(world: World, road: Road) -> None:
    row = review(world, road)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE disclosures_interestreview SET stands = false WHERE id = %s", [row.pk])
