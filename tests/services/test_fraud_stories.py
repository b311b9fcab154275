"""Ten ways in which somebody tries to get what is not theirs, or asks in a way that cannot be answered.

Each walks the services' road and ends where the law says; the sentence is the one on the page, word for word.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import localdate

from disclosures.catalogue.checks import POINTS
from disclosures.demo import Road
from disclosures.demo_kinds import OrderRoad, production_order
from disclosures.models import Evidence, Item, ItemDecision, Letter, Request, Step
from disclosures.selectors.facts import facts_for
from disclosures.services import ActionRefused
from disclosures.services.access import open_at_triage
from disclosures.services.expiring import expire_due
from disclosures.services.intake import InstrumentInput, ItemInput, OfficerInput
from disclosures.services.verification import record_evidence
from disclosures.states import Action, Outcome, State
from tests.web.browsers import browser_for
from tests.web.html import Page
from tests.web.work_pages import moment
from tests.world import World

pytestmark = pytest.mark.django_db

NOT_RUNG_BACK = "Not verified yet. Still to be recorded: the officer was rung back through the switchboard in the register."
THEY_KNOW_NOTHING = "A check of the requester came out against them. Propose a refusal, or record a new check that settles it."
THE_FORMS_NUMBER = (
    "Ring the number in the register (01632 960000), never a number from the form or the e-mail."
)
LOOKS_LIKE = (
    "The address on the form only looks like one of the register's and is not it. Treat it as somebody else's: "
    "tell the body through its switchboard, and propose a refusal (R-AUTH)."
)
ABROAD = (
    "The address on the form is outside the United Kingdom for this purpose, even if it ends in police.uk: the Crown Dependencies "
    "and the Overseas Territories are foreign. Without an order made here nothing can be given: record it as a foreign "
    "authority writing directly, and propose the refusal that names the central authority (R-MLA)."
)
TOO_JUNIOR = "The countersigning officer must be an inspector or above. A sergeant cannot countersign; ask for an inspector's signature."
NOT_SENIOR = (
    "The countersigning officer must be senior to the officer who asks. A chief inspector is not senior to a chief inspector; "
    "ask for a senior officer's signature."
)
TWICE = "The same officer signed and countersigned; ask for the signature of another, senior officer."
NO_INSTRUMENT = "A foreign authority wrote directly, without an instrument of the United Kingdom. Propose a refusal that names the central authority."
COMMUNICATIONS = (
    "This asks for communications data (Who holds a number, line or account of a telecoms service). A Schedule 2 form cannot: "
    "the force must ask through its single point of contact under Part 3 of the Investigatory Powers Act 2016. "
    "Return it with that advice, or propose a refusal."
)


@pytest.fixture
def browser(world: World) -> Callable[[str], Client]:
    return lambda key: browser_for(world[key], world.now)


def page(world: World, road: Road, who: str) -> str:
    """All the words of the request's page, as this person reads them."""
    assert road.request is not None
    response = browser_for(world[who], world.now).get(f"/requests/{road.request.reference}/")
    assert response.status_code == 200
    return " ".join(Page(response.content.decode()).text.split())


def is_told(world: World, road: Road, who: str, action: Action, sentence: str) -> None:
    """The step is refused for this person, with this very sentence, and the page says so before anybody tries."""
    with pytest.raises(ActionRefused) as refused:
        road.step(who, action)
    assert sentence in refused.value.sentences
    assert sentence in page(world, road, who)


def ends_refused(world: World, road: Road, code: str) -> None:
    """A handler proposes the refusal, as many approve as it needs, and nothing has left or can leave."""
    road.write(refusal_code=code)
    proposed = road.step("handler", Action.PROPOSE_REFUSAL)
    facts = facts_for(proposed, actor=world["approver"], now=world.now, action=Action.APPROVE_REFUSAL)
    if facts.approvals_needed > 1:
        road.step("second", Action.CONCUR)
    ended = road.step("approver", Action.APPROVE_REFUSAL)
    assert (ended.state, ended.outcome, ended.refusal_code) == (State.REFUSED, Outcome.REFUSED, code)
    assert not ItemDecision.objects.filter(request=ended, decision="DISCLOSE").exists()
    assert not Letter.objects.filter(request=ended, sent_at__isnull=False).exists()
    assert "Refused" in page(world, road, "handler")


def accepted(world: World, **changes: object) -> Road:
    road = submitted(world, **changes)
    road.step("handler", Action.ACCEPT)
    return road


def submitted(world: World, **changes: object) -> Road:
    road = world.road()
    road.record(**changes)
    road.submit()
    return road


def address_agrees(road: Road, address: str = "robin.sample@northshire.example") -> Evidence:
    assert road.request is not None
    return record_evidence(
        request_id=road.request.pk, code="SENDER_ADDRESS", passed=True, address=address,
        actor=road.people["verifier"], now=road.now, at=road.now,
    )  # fmt: skip


def from_address(email: str) -> OfficerInput:
    return OfficerInput(rank="PC", name="Robin Sample", number="40901", email=email, phone="01632 960123")


# 1 -------------------------------------------------------------------------------------------


def test_a_hijacked_mailbox_writes_from_the_right_domain_and_the_officer_knows_nothing_of_it(
    world: World,
) -> None:
    road = accepted(world)
    assert address_agrees(road).standing == "LISTED"
    is_told(world, road, "verifier", Action.CONFIRM, NOT_RUNG_BACK)
    record_evidence(
        request_id=road.request.pk, code="CALL_BACK", passed=False, number_called="01632 960000",  # type: ignore[union-attr]
        answered_by="Switchboard, then the officer herself", note="She has sent nothing.",
        actor=world["verifier"], now=world.now, at=world.now,
    )  # fmt: skip
    is_told(world, road, "verifier", Action.CONFIRM, THEY_KNOW_NOTHING)
    ends_refused(world, road, "R-AUTH")


# 2 -------------------------------------------------------------------------------------------


def test_a_call_to_the_number_on_the_form_is_refused_and_only_the_registers_number_verifies(
    world: World, browser: Callable[[str], Client]
) -> None:
    road = accepted(world)
    address_agrees(road)
    where = f"/requests/{road.request.reference}/evidence/"  # type: ignore[union-attr]
    call = {
        "code": "CALL_BACK", "call_back-number_called": "01632 960123", "call_back-answered_by": "A friendly voice",
        "call_back-passed": "yes", **moment("call_back-at", world.now),
    }  # fmt: skip
    answer = browser("verifier").post(where, call)
    assert answer.status_code == 422
    assert THE_FORMS_NUMBER in " ".join(Page(answer.content.decode()).text.split())
    assert not Evidence.objects.filter(code="CALL_BACK").exists()
    is_told(world, road, "verifier", Action.CONFIRM, NOT_RUNG_BACK)
    assert (
        browser("verifier").post(where, call | {"call_back-number_called": "+44 1632 960000"}).status_code
        == 302
    )
    assert road.step("verifier", Action.CONFIRM).state == State.IN_REVIEW


# 3 -------------------------------------------------------------------------------------------


def test_a_domain_that_only_looks_like_the_forces_is_stopped_at_triage_and_refused(
    world: World, browser: Callable[[str], Client]
) -> None:
    road = submitted(world, requester=from_address("robin.sample@northshire-police.example"))
    is_told(world, road, "handler", Action.ACCEPT, LOOKS_LIKE)
    with pytest.raises(ActionRefused) as refused:
        address_agrees(road, "robin.sample@northshire-police.example")
    assert refused.value.sentences == (
        "This address does not agree with the register. northshire-police.example only looks like northshire.example and is "
        "not it. Treat it as somebody else's.",
    )
    shown = browser("handler").get(f"/requests/{road.request.reference}/evidence/").content.decode()  # type: ignore[union-attr]
    assert "northshire-police.example only looks like northshire.example and is not it." in shown
    ends_refused(world, road, "R-AUTH")


# 4 -------------------------------------------------------------------------------------------


def test_a_crown_dependency_is_abroad_even_with_a_mailbox_below_police_uk(world: World) -> None:
    road = submitted(world, requester=from_address("robin.sample@jersey.police.uk"))
    is_told(world, road, "handler", Action.ACCEPT, ABROAD)
    with pytest.raises(ActionRefused) as refused:
        address_agrees(road, "robin.sample@jersey.police.uk.cjsm.net")
    assert "jersey.police.uk is outside the United Kingdom for this purpose" in " ".join(
        refused.value.sentences
    )
    with pytest.raises(ActionRefused) as closed:
        road.step("handler", Action.PROPOSE_EMERGENCY)
    assert ABROAD in closed.value.sentences
    ends_refused(world, road, "R-AUTH")


# 5 -------------------------------------------------------------------------------------------


def test_an_order_that_has_ended_gives_nothing_and_is_ended_by_a_persons_hand(world: World) -> None:
    road = OrderRoad(world.people, world.police, world.now, number=905)
    yesterday = localdate(world.now) - timedelta(days=1)
    road.record(instrument=replace(production_order(road), valid_until=yesterday))
    road.submit()
    sentence = (
        f"The instrument ended on {yesterday.day} {yesterday:%B %Y}. Nothing is given under it any more: ask for a new one, "
        "propose a refusal (R-INST), or have the head of legal or the team lead record that it has ended."
    )
    is_told(world, road, "handler", Action.ACCEPT, sentence)
    assert expire_due(now=world.now) == 0, "the clock ends no order"
    ended = road.step("head", Action.EXPIRE_BY_HAND)
    assert (ended.state, ended.outcome) == (State.EXPIRED, Outcome.EXPIRED)


def test_an_order_that_ends_after_its_approval_stops_the_release(world: World) -> None:
    road = OrderRoad(world.people, world.police, world.now, number=906)
    today = localdate(world.now)
    road.record(instrument=replace(production_order(road), valid_until=today))
    road.approve()
    road.now = world.now + timedelta(days=1)
    with pytest.raises(ActionRefused) as refused:
        road.step("release", Action.START_RELEASE)
    assert f"The instrument ended on {today.day} {today:%B %Y}." in " ".join(refused.value.sentences)
    assert Request.objects.get(pk=road.request.pk).state == State.APPROVED  # type: ignore[union-attr]


# 6 -------------------------------------------------------------------------------------------


def test_an_order_to_another_addressee_is_a_question_to_legal_and_never_refused_for_it(world: World) -> None:
    road = OrderRoad(world.people, world.police, world.now, number=907)
    road.record(instrument=replace(production_order(road), addressee="Another Company Limited"))
    road.accept()
    road.ring_back()
    row = record_evidence(
        request_id=road.request.pk, code="COURT_DOCUMENT", points=dict.fromkeys(POINTS, True) | {"ADDRESSEE": False},  # type: ignore[union-attr]
        note="It names another company.", actor=world["verifier"], now=world.now, at=world.now,
    )  # fmt: skip
    assert row.passed, "a wrong name on it does not make the order false"
    assert (
        "Answered with no: Is it addressed to this company, by its name or one of its other names?"
        in page(world, road, "handler")
    )
    assert not Step.objects.filter(request=road.request, action=Action.PROPOSE_REFUSAL).exists()
    assert Request.objects.get(pk=road.request.pk).state == State.VERIFYING  # type: ignore[union-attr]


# 7 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asks", "signs", "sentence"),
    [("PC", "SGT", TOO_JUNIOR), ("INSP", "SGT", TOO_JUNIOR), ("CI", "CI", NOT_SENIOR)],
)
def test_a_countersigner_too_junior_is_named_and_the_form_goes_back(
    world: World, asks: str, signs: str, sentence: str
) -> None:
    officer = replace(from_address("robin.sample@northshire.example"), rank=asks)
    road = submitted(
        world, requester=officer, countersigner=OfficerInput(rank=signs, name="Pat Hale", number="10901")
    )
    is_told(world, road, "handler", Action.ACCEPT, sentence)
    assert road.step("handler", Action.RETURN, sentence).state == State.RETURNED


# 8 -------------------------------------------------------------------------------------------


def test_one_officer_who_signs_twice_is_found_by_the_number_however_it_is_written(world: World) -> None:
    asks = replace(from_address("robin.sample@northshire.example"), number="40-901 a")
    signs = OfficerInput(rank="SUPT", name="Robin Samples", number="40901A")
    road = submitted(world, requester=asks, countersigner=signs)
    is_told(world, road, "handler", Action.ACCEPT, TWICE)
    assert road.step("handler", Action.RETURN, TWICE).state == State.RETURNED


def test_one_colleague_who_wants_to_take_both_halves_is_stopped_as_well(world: World) -> None:
    """The same person twice on our side of the table."""
    road = world.road()
    road.propose()
    world.give("handler", "APPROVER")
    is_told(
        world, road, "handler", Action.APPROVE_RELEASE,
        "You have already decided on this request in another part; a colleague must take this step.",
    )  # fmt: skip


# 9 -------------------------------------------------------------------------------------------


def test_a_foreign_letter_without_an_instrument_of_this_country_ends_at_the_central_authority(
    world: World,
) -> None:
    road = world.road()
    road.record(
        restricted=True, body_id=None, instrument=InstrumentInput(code="A-MLAD"), channel="POST",
        requester=OfficerInput(name="Inspektor Muster", email="muster@polizei.example"), countersigner=OfficerInput(),
    )  # fmt: skip
    road.submit()
    open_at_triage(
        request_id=road.request.pk, ground="A letter without any secrecy.", actor=world["mlro"], now=world.now
    )  # type: ignore[union-attr]
    is_told(world, road, "handler", Action.ACCEPT, NO_INSTRUMENT)
    ends_refused(world, road, "R-MLA")


# 10 ------------------------------------------------------------------------------------------


def test_communications_data_on_a_schedule_2_form_goes_to_the_single_point_of_contact(world: World) -> None:
    road = submitted(world, items=(ItemInput(item_type="SUBSCRIBER"),), communications_data_sought=False)
    assert Item.objects.filter(request=road.request, item_type="SUBSCRIBER").exists()
    is_told(world, road, "handler", Action.ACCEPT, COMMUNICATIONS)
    ends_refused(world, road, "R-CDROUTE")
