"""Excluded or journalistic material on a request: asked about, held back, and the ways on."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from disclosures.catalogue import INSTRUMENTS
from disclosures.demo import Road
from disclosures.demo_kinds import OrderRoad
from disclosures.models import Assessment, Item, Subject
from disclosures.selectors.decision_record import decision_record
from disclosures.selectors.facts import facts_for
from disclosures.services import ActionRefused
from disclosures.services.counsel import record_counsel
from disclosures.services.intake import ItemInput
from disclosures.services.weighing import PairDecision, decide_items, record_tests
from disclosures.states import Action, Outcome, State
from tests.services.log_lines import last
from tests.services.test_each_instrument import AnyRoad
from tests.world import World

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=1)
OUTSIDE = (
    "“Production order, proceeds of crime” does not reach that (Proceeds of Crime Act 2002, section 348)."
)
MAY_BE = replace(OrderRoad.tests, excluded_material=True)


def order(world: World, **changes: object) -> Road:
    """Under the Proceeds of Crime Act, weighed and written; excluded material may be among it."""
    world.made += 1
    road = OrderRoad(world.people, world.police, world.now, number=world.made)
    road.record(**changes)
    road.to(State.IN_REVIEW)
    return prepared(road)


def judges_order(world: World) -> Road:
    """Under PACE 1984, Schedule 1, which may reach excluded material."""
    road = AnyRoad(world, INSTRUMENTS["P-PACE9"])
    road.begin()
    road.step("clerk", Action.SUBMIT)
    road.step("handler", Action.ACCEPT)
    road.check()
    road.step("verifier", Action.CONFIRM)
    return prepared(road)


def prepared(road: Road) -> Road:
    road.tests = MAY_BE
    road.search()
    road.weigh()
    road.write()
    return road


def refused(road: Road, who: str, action: Action) -> list[str]:
    with pytest.raises(ActionRefused) as caught:
        road.step(who, action)
    found = [row for row in caught.value.objections if row.guard.startswith("excluded_material")]
    return [row.sentence for row in found]


def counsel(
    world: World, road: Road, *, in_favour: bool = True, days: int = 0, when: timedelta = LATER
) -> None:
    record_counsel(
        request_id=road.request.pk,  # type: ignore[union-attr]
        adviser="Example Counsel, Sample Chambers (fictitious)",
        advised_on=localdate(world.now) - timedelta(days=days),
        in_favour=in_favour,
        advice="The second set of access conditions was met.",
        actor=world["handler"],
        now=world.now + when,
    )


def test_the_answer_is_kept_logged_and_printed(world: World) -> None:
    road = order(world)
    row = Assessment.objects.get(request=road.request)
    assert (row.excluded_material, row.questions, row.recorded_by) == (True, 3, world["handler"])
    assert last("tests.recorded")["detail"]["excluded_material"] is True
    record = decision_record(road._fresh(), actor=world["handler"], now=world.now, form="PDF")
    (asked,) = [row for row in record.tests if "excluded or journalistic" in row.question]
    assert (asked.question, asked.answer) == ("Might any of it be excluded or journalistic material?", "Yes")


def test_without_an_answer_no_tests_of_an_order_are_recorded(world: World) -> None:
    road = order(world)
    with pytest.raises(ActionRefused, match="tests_are_answered"):
        record_tests(
            request_id=road.request.pk,  # type: ignore[union-attr]
            tests=replace(MAY_BE, excluded_material=None),
            actor=world["handler"],
            now=world.now,
        )
    row = Assessment.objects.get(request=road.request)
    row.excluded_material = None
    wrong = pytest.raises(IntegrityError, match="compulsory_assessment_asks_of_excluded_material")
    with wrong, transaction.atomic():
        row.save()


def test_a_production_order_reaches_none_of_it_whatever_counsel_says(world: World) -> None:
    road = order(world)
    counsel(world, road)
    (said,) = refused(road, "handler", Action.PROPOSE)
    assert OUTSIDE in said
    assert "excluded_material_is_withheld_or_reached" in last("request.step_denied")["detail"]["objections"]


def test_once_it_is_withheld_and_the_test_answered_anew_the_rest_goes(world: World) -> None:
    road = order(world, items=(ItemInput(item_type="PAYMENTS"), ItemInput(item_type="CORRESPONDENCE")))
    assert refused(road, "handler", Action.PROPOSE)
    payments, letters = Item.objects.filter(request=road.request).order_by("position")
    subject = Subject.objects.get(request=road.request)
    held = PairDecision(decision="WITHHOLD", refusal_code="R-PRIV", reason="Letters with a counsellor.")
    given = PairDecision(decision="DISCLOSE", text="3 September 2026: £41.20")
    decisions = {(payments.pk, subject.pk): given, (letters.pk, subject.pk): held}
    decide_items(request_id=road.request.pk, decisions=decisions, actor=world["handler"], now=world.now)  # type: ignore[union-attr]
    road.write()
    assert refused(road, "handler", Action.PROPOSE), "the test still speaks of the whole"
    rest = replace(MAY_BE, excluded_material=False)
    record_tests(request_id=road.request.pk, tests=rest, actor=world["handler"], now=world.now)  # type: ignore[union-attr]
    proposed = road.step("handler", Action.PROPOSE)
    assert (proposed.state, proposed.outcome) == (State.PENDING_APPROVAL, Outcome.DISCLOSED_PART)


def test_a_judges_order_waits_for_counsel_who_knew_of_the_answer(world: World) -> None:
    road = judges_order(world)
    (said,) = refused(road, "handler", Action.PROPOSE)
    assert "Ask counsel whether “Production order for special procedure material” reaches it" in said
    counsel(world, road, when=timedelta())
    assert refused(road, "handler", Action.PROPOSE), "written down no later than the answer"
    counsel(world, road, days=1)
    assert refused(road, "handler", Action.PROPOSE), "advised the day before the answer"
    counsel(world, road, in_favour=False)
    assert refused(road, "handler", Action.PROPOSE), "advised against it"
    counsel(world, road)
    assert road.step("handler", Action.PROPOSE).state == State.PENDING_APPROVAL
    road.step("approver", Action.APPROVE_RELEASE)
    assert road.step("release", Action.START_RELEASE).state == State.RELEASING


def test_tests_answered_anew_ask_counsel_anew(world: World) -> None:
    road = judges_order(world)
    counsel(world, road)
    again = world.now + 2 * LATER
    record_tests(request_id=road.request.pk, tests=MAY_BE, actor=world["handler"], now=again)  # type: ignore[union-attr]
    assert refused(road, "handler", Action.PROPOSE)


def test_it_is_asked_again_on_every_step_that_leads_out_of_the_house(world: World) -> None:
    road = judges_order(world)
    counsel(world, road)
    road.step("handler", Action.PROPOSE)
    road.step("approver", Action.APPROVE_RELEASE)
    Assessment.objects.filter(request=road.request).update(recorded_at=world.now + 2 * LATER)
    (said,) = refused(road, "release", Action.START_RELEASE)
    assert said.endswith("For that it goes back to review.")
    assert road.step("approver", Action.VOID_APPROVAL).state == State.IN_REVIEW


def test_tests_from_before_the_question_are_answered_again(world: World) -> None:
    road = order(world)
    Assessment.objects.filter(request=road.request).update(questions=2, excluded_material=None)
    (said,) = refused(road, "handler", Action.PROPOSE)
    assert said.startswith("These tests were answered before it was asked")
    record = decision_record(road._fresh(), actor=world["handler"], now=world.now, form="PDF")
    assert [row.answer for row in record.tests if "excluded or" in row.question] == ["Not asked"]
    rest = replace(MAY_BE, excluded_material=False)
    record_tests(request_id=road.request.pk, tests=rest, actor=world["handler"], now=world.now)  # type: ignore[union-attr]
    assert road.step("handler", Action.PROPOSE).state == State.PENDING_APPROVAL


def test_a_voluntary_request_is_not_asked(world: World) -> None:
    road = world.road()
    road.to(State.IN_REVIEW)
    road.search()
    road.weigh()
    facts = facts_for(road._fresh(), actor=world["handler"], now=world.now, action=Action.PROPOSE)
    assert (facts.routing.excluded_asked, facts.routing.excluded_material) == (True, None)
