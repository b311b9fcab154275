"""A company's request and a production order walk the whole road, each under its own law."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils.timezone import localdate

from accounts.models import Organisation, Relationship
from accounts.services import end_relationship
from disclosures.demo import Road
from disclosures.demo_kinds import CompanyRoad, OrderRoad, company_intake, production_order
from disclosures.models import Deadline, Request, RequestGroupGrant
from disclosures.permissions import may
from disclosures.selectors import NotThere, visible_to
from disclosures.services import ActionRefused
from disclosures.services.companies import draft_company_request
from disclosures.states import Action, Perm, State
from tests.world import World

pytestmark = pytest.mark.django_db

# No company asks in an emergency, and no order is answered as one.
EMERGENCIES = {State.EMERGENCY_PENDING, State.EMERGENCY_RELEASED, State.AWAITING_RATIFICATION}
USUAL = [state for state in State if state not in EMERGENCIES]


def road(world: World, kind: type[Road]) -> Road:
    world.made += 1
    return kind(world.people, world.police, world.now, number=world.made)


# An order has no internal review: whoever got it made goes back to the court.
REACHED = [(kind, state) for kind in (CompanyRoad, OrderRoad) for state in USUAL]
REACHED.remove((OrderRoad, State.UNDER_APPEAL))


@pytest.mark.parametrize(("kind", "state"), REACHED)
def test_each_kind_reaches_every_state_that_it_can(world: World, kind: type[Road], state: State) -> None:
    assert road(world, kind).to(state).state == state


def test_an_order_has_no_internal_review(world: World) -> None:
    with pytest.raises(ActionRefused, match="review_is_open_to_this_requester"):
        road(world, OrderRoad).to(State.UNDER_APPEAL)


def test_a_companys_draft_is_its_own_and_has_no_clock(world: World) -> None:
    request = road(world, CompanyRoad).to(State.DRAFT)
    assert may(world["outsider"], request.reference, Perm.FOLLOW, world.now)
    assert not any(may(person, request.reference, Perm.VIEW, world.now) for person in world.people.values())
    assert not Deadline.objects.filter(request=request).exists()
    assert request.due_at is None


def test_a_companys_request_arrives_when_it_is_submitted(world: World) -> None:
    walked = road(world, CompanyRoad)
    walked.record()
    walked.now = world.now + timedelta(hours=1)
    walked.step("outsider", Action.SUBMIT)
    request = Request.objects.get(pk=walked.request.pk)  # type: ignore[union-attr]
    assert request.received_at == request.recorded_at == walked.now
    assert request.due_at is not None
    assert may(world["handler"], request.reference, Perm.TRIAGE, walked.now)


def test_a_company_never_gets_the_desks_view_of_its_request(world: World) -> None:
    for state in USUAL:
        request = road(world, CompanyRoad).to(state)
        held = {perm for perm in Perm if may(world["outsider"], request.reference, perm, world.now)}
        assert Perm.FOLLOW in held
        assert held <= {Perm.FOLLOW, Perm.COMPOSE, Perm.SUBMIT, Perm.WITHDRAW, Perm.APPEAL}
        assert not visible_to(world["outsider"], world.now).filter(pk=request.pk).exists()


def test_nobody_writes_for_a_company_they_do_not_act_for(world: World) -> None:
    other = Organisation.objects.get(code="demo-energy")
    intake = company_intake(other.pk, road(world, CompanyRoad))
    with pytest.raises(NotThere):
        draft_company_request(
            intake=intake, company=other, actor=world["outsider"], now=world.now, recording_key="x"
        )


def test_a_company_sold_before_the_release_gets_nothing(world: World) -> None:
    walked = road(world, CompanyRoad)
    request = walked.to(State.APPROVED)
    sold = localdate(world.now) - timedelta(days=1)
    row = Relationship.objects.get(company_id=request.body_id)
    end_relationship(relationship_id=row.pk, last_day=sold, actor=None, now=world.now)
    with pytest.raises(ActionRefused) as refused:
        walked.step("release", Action.START_RELEASE)
    assert f"since {sold.day} {sold:%B %Y}" in " ".join(refused.value.sentences)


@pytest.mark.parametrize(
    ("purpose", "instrument", "sentence"),
    [
        ("PU-WEB", "G-POL", "below the disclosure clause"),
        ("PU-NEED", "G-POL", "too vague"),
        ("PU-MKT-OWN", "G-POL", "is marketing"),
        ("PU-ACC", "G-MKT", "is not marketing"),
    ],
)
def test_a_purpose_the_policy_does_not_open_is_refused_at_triage(
    world: World, purpose: str, instrument: str, sentence: str
) -> None:
    walked = road(world, CompanyRoad)
    chosen = replace(company_intake(1, walked).instrument, code=instrument)  # type: ignore[type-var]
    walked.record(policy_purpose=purpose, instrument=chosen)
    walked.step("outsider", Action.SUBMIT)
    with pytest.raises(ActionRefused) as refused:
        walked.step("handler", Action.ACCEPT)
    assert sentence in " ".join(refused.value.sentences)


def test_an_order_is_born_restricted_whatever_the_clerk_said(world: World) -> None:
    walked = road(world, Road)
    request = walked.record(restricted=False, instrument=production_order(walked))
    assert request.restricted
    assert not RequestGroupGrant.objects.filter(content_object_id=request.reference).exists()


def test_an_order_is_due_on_the_seventh_day_beginning_with_the_day_it_was_made(world: World) -> None:
    walked = road(world, OrderRoad)
    made = date(2026, 11, 16)
    request = walked.record(instrument=replace(production_order(walked), made_on=made, served_on=made))
    clock = Deadline.objects.get(request=request)
    assert (clock.rule, clock.n, clock.due_on) == ("CI", 7, date(2026, 11, 22))
    assert "answer by this working day" in clock.derivation[-1]["words"]


def test_an_order_without_its_day_is_due_at_once(world: World) -> None:
    walked = road(world, OrderRoad)
    request = walked.record(instrument=replace(production_order(walked), made_on=None))
    assert Deadline.objects.get(request=request).rule == "NO_DATE"


def test_refusing_an_order_takes_two_approvers(world: World) -> None:
    walked = road(world, OrderRoad)
    walked.propose("WITHHOLD")
    with pytest.raises(ActionRefused, match="APPROVE_REFUSAL"):
        walked.step("approver", Action.APPROVE_REFUSAL)


def test_an_order_is_proposed_only_with_the_reporting_officers_opinion(world: World) -> None:
    walked = road(world, OrderRoad)
    walked.confirm()
    walked.search()
    Road.weigh(walked)
    walked.write()
    with pytest.raises(ActionRefused) as refused:
        walked.step("handler", Action.PROPOSE)
    assert "money laundering reporting officer" in " ".join(refused.value.sentences)


def test_an_order_cannot_be_answered_as_an_emergency(world: World) -> None:
    walked = road(world, OrderRoad)
    walked.record(urgency="IMMEDIATE", urgency_reason="Somebody is at risk.")
    walked.submit()
    walked.ring_back()
    with pytest.raises(ActionRefused) as refused:
        walked.step("handler", Action.PROPOSE_EMERGENCY)
    assert "cannot be answered as an emergency" in " ".join(refused.value.sentences)
