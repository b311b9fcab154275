"""Searches: asked of those who hold it, answered for every person and item, a nil like a find."""

from dataclasses import replace
from datetime import date

import pytest

from disclosures.demo import Road
from disclosures.models import HeldSystem, OutboxRow, Request, SearchRecord, SearchTask
from disclosures.selectors import NotThere, search_task_for, searches_visible_to
from disclosures.services import ActionRefused
from disclosures.services.access import exclude_person, restrict_request
from disclosures.services.intake import ItemInput, SubjectInput
from disclosures.services.searching import Find, ask_for_search, record_search
from disclosures.states import Action, State
from tests.services.log_lines import last
from tests.world import World

pytestmark = pytest.mark.django_db

NOTHING = Find(result="NOT_HELD", terms="Account number")
ITEMS = (
    ItemInput(item_type="PAYMENTS", period_from=date(2026, 9, 1), period_to=date(2026, 9, 30)),
    ItemInput(item_type="CORRESPONDENCE", period_from=date(2026, 9, 1), period_to=date(2026, 9, 30)),
)
PEOPLE = (
    SubjectInput(status="SUSPECT", name="Alex Example", born_on="1988-04-17"),
    SubjectInput(status="OTHER", name="Sam Example", born_on="1990-01-02"),
)


@pytest.fixture
def road(world: World) -> Road:
    """Two people, two items, two systems; in review."""
    road = world.road()
    road.record(items=ITEMS, subjects=PEOPLE)
    road.confirm()
    return road


def ask(world: World, road: Road, system: str = "billing") -> SearchTask:
    pk = HeldSystem.objects.get(code=system).pk
    return ask_for_search(request_id=road.request.pk, system_id=pk, actor=world["handler"], now=world.now)


def answer(world: World, task: SearchTask, finds: dict[int, Find], who: str = "holder") -> SearchTask:
    return record_search(task_id=task.pk, finds=finds, actor=world[who], now=world.now)


def records(task: SearchTask) -> list[SearchRecord]:
    return list(SearchRecord.objects.filter(task=task).order_by("subject_id", "item_id"))


def test_a_system_is_asked_for_the_items_it_holds_and_for_every_person(world: World, road: Road) -> None:
    task = ask(world, road)
    asked = {(row.item.item_type, row.subject.position) for row in records(task)}
    assert asked == {("PAYMENTS", 1), ("PAYMENTS", 2)}
    assert {(row.period_from, row.period_to) for row in records(task)} == {
        (date(2026, 9, 1), date(2026, 9, 30))
    }
    assert task.due_on > world.now.date()
    assert OutboxRow.objects.filter(topic="search.asked", payload__task=task.pk).count() == 1


def test_a_system_that_holds_none_of_it_is_not_asked(world: World, road: Road) -> None:
    with pytest.raises(ActionRefused) as refused:
        ask(world, road, "shops")
    assert refused.value.sentences == ("Shops holds none of the items asked for.",)


def test_a_system_is_not_asked_again_before_it_has_answered(world: World, road: Road) -> None:
    task = ask(world, road)
    with pytest.raises(ActionRefused, match="asked_once"):
        ask(world, road)
    answer(world, task, {row.pk: NOTHING for row in records(task)})
    assert ask(world, road).pk != task.pk


def test_a_nil_is_recorded_like_a_find(world: World, road: Road) -> None:
    task = ask(world, road)
    first, second = records(task)
    found = Find(result="FOUND", terms="Name and birth", found="3 September 2026: £41.20")
    answer(world, task, {first.pk: found, second.pk: NOTHING})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.result, second.result) == ("FOUND", "NOT_HELD")
    assert first.searched_by == second.searched_by == world["holder"]
    assert second.terms is not None
    assert last("search.recorded")["detail"]["results"] == {"FOUND": "1.1", "NOT_HELD": "1.2"}


def test_every_pair_must_be_answered_and_every_fault_is_told_at_once(world: World, road: Road) -> None:
    task = ask(world, road)
    first, _ = records(task)
    with pytest.raises(ActionRefused) as refused:
        answer(world, task, {first.pk: Find(result="FOUND", terms="", found="")})
    assert refused.value.sentences == (
        "Person 1, item 1: say what was searched for.",
        "Person 1, item 1: write down what was found.",
        "Person 2, item 1: say whether something was found.",
    )
    task.refresh_from_db()
    assert task.completed_at is None


def test_what_is_not_held_keeps_no_text(world: World, road: Road) -> None:
    task = ask(world, road)
    answer(world, task, {row.pk: replace(NOTHING, found="typed by mistake") for row in records(task)})
    assert all(row.found is None for row in records(task))


def test_a_search_is_answered_once(world: World, road: Road) -> None:
    task = ask(world, road)
    finds = {row.pk: NOTHING for row in records(task)}
    answer(world, task, finds)
    with pytest.raises(ActionRefused, match="search_is_open"):
        answer(world, task, finds)


def test_only_data_holders_answer(world: World, road: Road) -> None:
    task = ask(world, road)
    for key in ("handler", "clerk", "approver", "auditor", "outsider"):
        with pytest.raises(NotThere):
            answer(world, task, {row.pk: NOTHING for row in records(task)}, who=key)


def test_a_data_holder_sees_searches_only_while_the_request_is_in_review(world: World, road: Road) -> None:
    task = ask(world, road)
    assert search_task_for(world["holder"], task.reference, world.now) == task
    road.step("clerk", Action.WITHDRAW)
    assert not searches_visible_to(world["holder"], world.now).exists()
    with pytest.raises(NotThere):
        search_task_for(world["holder"], task.reference, world.now)


def test_a_restricted_requests_searches_are_for_named_data_holders(world: World, road: Road) -> None:
    task = ask(world, road)
    restrict_request(
        request_id=road.request.pk, members={world["handler"]: "HANDLER"}, reason="An order.",
        actor=world["head"], now=world.now,
    )  # fmt: skip
    with pytest.raises(NotThere):
        search_task_for(world["holder"], task.reference, world.now)


def test_an_excluded_data_holder_finds_no_search(world: World, road: Road) -> None:
    task = ask(world, road)
    exclude_person(
        request_id=road.request.pk, person=world["holder"], reason="A relation.",
        actor=world["lead"], now=world.now,
    )  # fmt: skip
    assert not searches_visible_to(world["holder"], world.now).exists()
    with pytest.raises(NotThere):
        answer(world, task, {row.pk: NOTHING for row in records(task)})


def test_nobody_asks_before_the_requester_is_verified(world: World) -> None:
    request = world.request_in(State.VERIFYING)
    system = HeldSystem.objects.get(code="billing")
    with pytest.raises(NotThere):
        ask_for_search(request_id=request.pk, system_id=system.pk, actor=world["handler"], now=world.now)
    assert Request.objects.get(pk=request.pk).version == request.version
