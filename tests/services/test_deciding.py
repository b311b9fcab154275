"""The ten questions, the advice, the two approvers and the one internal review."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils.timezone import localdate

from disclosures.catalogue import INSTRUMENTS
from disclosures.demo import Road
from disclosures.demo_kinds import OrderRoad
from disclosures.facts import DecidingFacts
from disclosures.forms.weighing import TESTS_FORMS
from disclosures.guards import deciding as d
from disclosures.models import Assessment, Deadline, Request, Step
from disclosures.selectors.decision_record import decision_record
from disclosures.selectors.facts import approvals_needed, facts_for
from disclosures.services import ActionRefused
from disclosures.services.intake import ItemInput
from disclosures.services.weighing import Tests, record_opinion, record_tests
from disclosures.states import Action, Outcome, State
from tests.rules.test_guards import says
from tests.services.log_lines import last
from tests.world import World

pytestmark = pytest.mark.django_db


def in_review(world: World, **changes: object) -> Road:
    road = world.road()
    road.record(**changes)
    road.confirm()
    return road


def answer(world: World, road: Road, **changes: object) -> Assessment:
    tests = replace(Road.tests, **changes)  # type: ignore[arg-type]
    return record_tests(request_id=road.request.pk, tests=tests, actor=world["handler"], now=world.now)


# The ten questions ---------------------------------------------------------------------------


def test_all_ten_answers_are_kept(world: World) -> None:
    row = answer(world, in_review(world), further_note="Asked twice.")
    assert (row.authentic, row.purpose_lawful, row.communications_data) == (True, True, False)
    assert (row.basis, row.exemption, row.compatibility, row.condition) == ("EA_CRIME", "SCH2_2", "CRIME", "")
    assert all((row.purpose_note, row.alternatives_note, row.extent_note, row.further_note))
    assert row.supports_disclosure
    assert last("tests.recorded")["detail"]["compatibility"] == "CRIME"
    assert "stolen card" not in str(last("tests.recorded"))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"authentic": None}, "tests_are_answered"),
        ({"communications_data": None}, "tests_are_answered"),
        ({"purpose_note": " "}, "tests_have_reasons"),
        ({"alternatives_note": ""}, "tests_have_reasons"),
        ({"compatibility": ""}, "purpose_is_compared"),
        ({"extent_note": ""}, "exemption_has_its_extent"),
        ({"prejudice_likely": False}, "exemption_has_its_prejudice"),
        ({"condition": "S1_10"}, "condition_has_its_reason"),
    ],
)
def test_an_answer_that_is_missing_or_does_not_fit_is_told(
    world: World, changes: dict[str, object], rule: str
) -> None:
    with pytest.raises(ActionRefused, match=rule):
        answer(world, in_review(world), **changes)
    assert not Assessment.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [{"authentic": False}, {"purpose_lawful": False}, {"necessary": False}, {"proportionate": False},
     {"compatibility": "NO"}, {"communications_data": True}],
)  # fmt: skip
def test_one_answer_against_it_is_enough(world: World, changes: dict[str, object]) -> None:
    assert not answer(world, in_review(world), **changes).supports_disclosure


def test_special_category_needs_a_named_condition(world: World) -> None:
    road = in_review(world, special_category_sought=True)
    with pytest.raises(ActionRefused, match="special_category_has_its_condition"):
        answer(world, road)
    answer(world, road, condition="NONE")
    road.tests = replace(road.tests, condition="NONE")
    road.search()
    road.weigh()
    road.write()
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.PROPOSE)
    assert any("withhold it with R-SCA" in sentence for sentence in refused.value.sentences)


@pytest.mark.parametrize("kind", list(TESTS_FORMS))
def test_nothing_is_filled_in_beforehand_and_consent_is_no_choice(kind: str) -> None:
    form = TESTS_FORMS[kind](None)
    assert {name: field.initial for name, field in form.fields.items() if field.initial} == {}
    offered = str(form["basis"]).split("<select", 1)[1].lower()
    assert "consent" not in offered
    assert not any("consent" in label.lower() for label in Assessment.Basis.labels)


# Advice --------------------------------------------------------------------------------------


def advise(world: World, road: Road, who: str = "dpo", *, in_favour: bool = False) -> None:
    record_opinion(
        request_id=road.request.pk, in_favour=in_favour, advice="The period is too long.", actor=world[who], now=world.now
    )  # fmt: skip


def ready(world: World) -> Road:
    road = in_review(world)
    road.search()
    road.weigh()
    road.write()
    return road


def test_advice_against_a_release_is_overridden_only_with_reasons_that_stay(world: World) -> None:
    road = ready(world)
    advise(world, road)
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.PROPOSE, reason="")
    assert refused.value.sentences == (
        "The data protection officer advised against it. Give the reason why it goes ahead all the same; "
        "it is kept with the decision.",
    )
    road.step("handler", Action.PROPOSE, reason="One month is the least that shows the payer.")
    with pytest.raises(ActionRefused, match="advice_against_it_is_answered"):
        road.step("approver", Action.APPROVE_RELEASE, reason=" ")
    road.step("approver", Action.APPROVE_RELEASE, reason="I agree with the handler.")
    assert Step.objects.get(request=road.request, action=Action.APPROVE_RELEASE).reason is not None


def test_the_latest_advice_counts(world: World) -> None:
    road = ready(world)
    advise(world, road)
    advise(world, road, in_favour=True)
    assert road.step("handler", Action.PROPOSE, reason="").state == State.PENDING_APPROVAL


def test_whoever_advised_does_not_approve(world: World) -> None:
    world.give("dpo", "APPROVER")
    road = ready(world)
    advise(world, road, in_favour=True)
    road.step("handler", Action.PROPOSE)
    with pytest.raises(ActionRefused, match="adviser_does_not_approve"):
        road.step("dpo", Action.APPROVE_RELEASE)


def test_a_new_basis_or_a_disagreement_waits_for_the_data_protection_officer(world: World) -> None:
    road = in_review(
        world,
        items=(
            ItemInput(item_type="VISIT_NOTES", period_from=date(2026, 9, 1), period_to=date(2026, 9, 30)),
        ),
    )
    road.search()
    road.decide()
    road.write()
    for asked in (True, False, True):
        answer(world, road, second_look=asked)
        request = Request.objects.get(pk=road.request.pk)
        facts = facts_for(request, actor=world["handler"], now=world.now, action=Action.PROPOSE)
        assert (facts.opinions_needed == {"data protection officer"}) is asked
    with pytest.raises(ActionRefused, match="opinions_are_in"):
        road.step("handler", Action.PROPOSE)
    advise(world, road, in_favour=True)
    record = decision_record(
        Request.objects.get(pk=road.request.pk), actor=world["handler"], now=world.now, form="JSON"
    )
    assert [row.answer for row in record.tests if "data protection officer" in row.question] == ["Yes"]
    assert road.step("handler", Action.PROPOSE).state == State.PENDING_APPROVAL


# Two approvers -------------------------------------------------------------------------------


def needed(code: str, *, special: bool = False, subjects: int = 1, **request: object) -> int:
    return approvals_needed(Request(**request), INSTRUMENTS[code], special=special, subjects=subjects)


@pytest.mark.parametrize(
    ("code", "changes", "approvers"),
    [
        ("P-DPA2", {}, 1),
        ("P-DPA2", {"special": True}, 2),
        ("P-DPA2", {"subjects": 25}, 1),
        ("P-DPA2", {"subjects": 26}, 2),
        ("P-DPA2", {"outcome": "REFUSED"}, 1),
        ("G-POL", {"transfer_abroad": True}, 2),
        ("A-MLR21", {}, 2),
        ("A-PO", {}, 1),
        ("A-PO", {"outcome": "REFUSED"}, 2),
    ],
)
def test_two_approvers_are_needed_where_it_is_grave(
    code: str, changes: dict[str, object], approvers: int
) -> None:
    assert needed(code, **changes) == approvers  # type: ignore[arg-type]


def test_every_voluntary_enquiry_about_laundering_needs_two() -> None:
    voluntary = [row.code for row in INSTRUMENTS.values() if row.kinds == ("A",) and row.voluntary]
    assert voluntary
    assert {needed(code, kind="A") for code in voluntary} == {2}


# The internal review -------------------------------------------------------------------------


def test_a_requester_has_one_review_of_ten_working_days_by_another_approver(world: World) -> None:
    world.give("handler", "APPROVER")
    road = world.road()
    request = road.to(State.UNDER_APPEAL)
    clock = Deadline.objects.get(request=request, stopped_at=None)
    assert (clock.rule, clock.n) == ("SLA", 10)
    assert clock.due_on is not None
    assert timedelta(days=13) <= clock.due_on - localdate(world.now) <= timedelta(days=20)
    for who in ("approver", "handler"):
        with pytest.raises(ActionRefused, match="actor_took_no_other_deciding_act"):
            road.step(who, Action.UPHOLD)
    assert road.step("second", Action.UPHOLD).outcome == Outcome.UPHELD
    with pytest.raises(ActionRefused) as refused:
        road.step("clerk", Action.APPEAL)
    assert refused.value.sentences == (
        "This request had its internal review, and there is only one. The requester can apply for an order, or make "
        "a new request with what is new.",
    )


def test_an_overturned_decision_goes_back_and_is_not_reviewed_twice(world: World) -> None:
    road = world.road()
    road.to(State.UNDER_APPEAL)
    assert road.step("second", Action.OVERTURN).state == State.IN_REVIEW
    assert says(
        d.review_is_asked_for_once, deciding=DecidingFacts(recorded_outcome="REFUSED", reviews_asked=1)
    )


def test_an_order_is_not_reviewed_here(world: World) -> None:
    road = OrderRoad(world.people, world.police, world.now, number=71)
    road.to(State.CLOSED)
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.APPEAL)
    assert "goes to the court or the authority that made it" in refused.value.sentences[0]


def test_a_money_laundering_enquiry_has_no_review_and_an_undecided_request_nothing_to_review() -> None:
    enquiry = INSTRUMENTS["A-MLR21"]
    assert "apply for an order" in (
        says(d.review_is_open_to_this_requester, kind="A", instrument=enquiry) or ""
    )
    for kind in ("P", "G"):
        assert says(d.review_is_open_to_this_requester, kind=kind) is None
    assert "Nothing was decided" in (says(d.there_is_a_decision_to_review) or "")
    for outcome in d.REVIEWABLE:
        decided = DecidingFacts(recorded_outcome=outcome)
        assert says(d.there_is_a_decision_to_review, deciding=decided) is None


def test_tests_of_an_order_keep_their_extent(world: World) -> None:
    assert isinstance(OrderRoad.tests, Tests)
    road = OrderRoad(world.people, world.police, world.now, number=72)
    road.confirm()
    road.tests = replace(road.tests, extent_note="")
    with pytest.raises(ActionRefused, match="exemption_has_its_extent"):
        road.weigh()
