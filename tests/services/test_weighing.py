"""Weighing: the tests and their reasons, the opinions, and a decision for every item of every person."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from disclosures.demo import Road
from disclosures.models import Assessment, Item, ItemDecision, Opinion, Subject
from disclosures.selectors import NotThere
from disclosures.services import ActionRefused
from disclosures.services.intake import ItemInput, SubjectInput
from disclosures.services.weighing import PairDecision, Tests, decide_items, record_opinion, record_tests
from disclosures.states import Action
from tests.services.log_lines import last
from tests.world import World

pytestmark = pytest.mark.django_db

ANSWERS = Tests(
    necessary=True,
    necessity_note="No other way.",
    proportionate=True,
    proportionality_note="One month.",
    prejudice_likely=True,
    prejudice_note="They would flee.",
    authentic=True,
    purpose_lawful=True,
    purpose_note="An investigation of fraud.",
    alternatives_note="A shorter period would not show the payer.",
    compatibility="CRIME",
    communications_data=False,
    basis="EA_CRIME",
    exemption="SCH2_2",
    extent_note="Telling the person, for six months.",
)
DISCLOSE = PairDecision(decision="DISCLOSE", text="3 September 2026: £41.20")


@pytest.fixture
def road(world: World) -> Road:
    road = world.road()
    road.confirm()
    return road


def people(number: int) -> tuple[SubjectInput, ...]:
    return tuple(
        SubjectInput(status="SUSPECT", name=f"Person {n}", account_number=f"ZX-{n}") for n in range(number)
    )


def pair(road: Road) -> tuple[int, int]:
    return (
        Item.objects.get(request_id=road.request.pk).pk,
        Subject.objects.get(request_id=road.request.pk).pk,
    )


def decide(world: World, road: Road, decisions: Mapping[tuple[int, int], PairDecision]) -> None:
    decide_items(request_id=road.request.pk, decisions=decisions, actor=world["handler"], now=world.now)


def test_the_answers_need_their_reasons(world: World, road: Road) -> None:
    with pytest.raises(ActionRefused, match="tests_have_reasons"):
        record_tests(
            request_id=road.request.pk,
            tests=replace(ANSWERS, prejudice_note=" "),
            actor=world["handler"],
            now=world.now,
        )
    assert not Assessment.objects.exists()


def test_answers_given_again_in_the_same_round_replace_the_first(world: World, road: Road) -> None:
    for answers in (ANSWERS, replace(ANSWERS, proportionate=False)):
        record_tests(request_id=road.request.pk, tests=answers, actor=world["handler"], now=world.now)
    row = Assessment.objects.get(request_id=road.request.pk)
    assert not row.supports_disclosure


def test_answers_against_it_stop_a_proposal_to_disclose(world: World, road: Road) -> None:
    road.search()
    road.weigh()
    road.write()
    record_tests(
        request_id=road.request.pk,
        tests=replace(ANSWERS, necessary=False),
        actor=world["handler"],
        now=world.now,
    )
    with pytest.raises(ActionRefused, match="tests_support_disclosure"):
        road.step("handler", Action.PROPOSE)


def test_an_opinion_bears_the_role_it_was_given_in(world: World, road: Road) -> None:
    for key, by in (("dpo", "DPO"), ("mlro", "MLRO")):
        row = record_opinion(
            request_id=road.request.pk, in_favour=True, advice="Go on.", actor=world[key], now=world.now
        )
        assert row.by_role == by
    detail = last("opinion.recorded")["detail"]
    assert detail == {"as_of": detail["as_of"], "by": "MLRO", "in_favour": True, "rows": detail["rows"]}


def test_an_opinion_needs_words_and_an_adviser(world: World, road: Road) -> None:
    with pytest.raises(ActionRefused, match="advice_has_words"):
        record_opinion(
            request_id=road.request.pk, in_favour=True, advice="", actor=world["dpo"], now=world.now
        )
    with pytest.raises(NotThere):
        record_opinion(
            request_id=road.request.pk, in_favour=True, advice="Go on.", actor=world["handler"], now=world.now
        )
    assert not Opinion.objects.exists()


def test_every_fault_of_the_decisions_is_told_at_once(world: World) -> None:
    road = world.road()
    road.record(subjects=people(2))
    road.confirm()
    item = Item.objects.get(request_id=road.request.pk)
    one, two = Subject.objects.filter(request_id=road.request.pk).order_by("position")
    with pytest.raises(ActionRefused) as refused:
        decide(
            world,
            road,
            {
                (item.pk, one.pk): PairDecision(decision="DISCLOSE"),
                (item.pk, two.pk): PairDecision(decision="WITHHOLD", refusal_code="R-NOSUCH"),
            },
        )
    assert refused.value.sentences == (
        "Person 1, item 1: write what is to be disclosed.",
        "Person 2, item 1: choose the reason for withholding it.",
    )
    assert not ItemDecision.objects.exists()


def test_a_pair_decided_again_is_replaced_and_the_log_keeps_both(world: World, road: Road) -> None:
    decide(world, road, {pair(road): DISCLOSE})
    assert last("items.decided")["detail"]["decisions"] == {"DISCLOSE": "1.1"}
    decide(
        world,
        road,
        {pair(road): PairDecision(decision="WITHHOLD", refusal_code="R-PROP", reason="Too wide.")},
    )
    row = ItemDecision.objects.get(request_id=road.request.pk)
    assert (row.decision, row.refusal_code, row.text) == ("WITHHOLD", "R-PROP", None)
    assert last("items.decided")["detail"]["decisions"] == {"WITHHOLD R-PROP": "1.1"}
    assert "Too wide" not in str(last("items.decided"))


def test_decisions_on_many_pairs_with_their_reasons_fit_into_one_entry(world: World) -> None:
    road = world.road()
    month = {"period_from": date(2026, 9, 1), "period_to": date(2026, 9, 30)}
    road.record(
        subjects=people(25),
        items=tuple(ItemInput(item_type="PAYMENTS", detail=str(number), **month) for number in range(12)),
    )
    road.confirm()
    items = Item.objects.filter(request_id=road.request.pk)
    subjects = Subject.objects.filter(request_id=road.request.pk)
    withheld = PairDecision(
        decision="WITHHOLD", refusal_code="R-BROAD", reason="Too many people and too long."
    )
    decide(world, road, {(item.pk, subject.pk): withheld for item in items for subject in subjects})
    assert ItemDecision.objects.filter(request_id=road.request.pk).count() == 300
    places = last("items.decided")["detail"]["decisions"]["WITHHOLD R-BROAD"].split()
    assert places == [f"{item}.1-25" for item in range(1, 13)]


def test_nothing_is_decided_before_review_or_by_others(world: World, road: Road) -> None:
    with pytest.raises(NotThere):
        decide_items(
            request_id=road.request.pk,
            decisions={pair(road): DISCLOSE},
            actor=world["approver"],
            now=world.now,
        )
    early = world.road()
    early.accept()
    with pytest.raises(NotThere):
        decide(world, early, {pair(early): DISCLOSE})


def test_what_no_search_has_found_is_never_proposed_for_release(world: World, road: Road) -> None:
    road.search(held=False)
    road.weigh("DISCLOSE")
    road.write()
    with pytest.raises(ActionRefused, match="only_what_was_found_is_disclosed"):
        road.step("handler", Action.PROPOSE)


def test_a_letter_older_than_the_last_decision_is_not_proposed(world: World, road: Road) -> None:
    road.search()
    road.weigh()
    road.write()
    later = world.now + timedelta(seconds=1)
    decide_items(
        request_id=road.request.pk,
        decisions={pair(road): PairDecision(decision="WITHHOLD", refusal_code="R-NEC")},
        actor=world["handler"],
        now=later,
    )
    with pytest.raises(ActionRefused, match="letter_is_prepared"):
        road.step("handler", Action.PROPOSE)
