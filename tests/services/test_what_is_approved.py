"""An approval covers exactly what was approved; outcomes follow from what was decided; an order is refused as the law allows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import models
from django.utils.timezone import localdate

from accounts.models import Organisation
from disclosures.catalogue.versions import recorded
from disclosures.demo import Road
from disclosures.demo_kinds import CompanyRoad, OrderRoad
from disclosures.guards import deciding as d
from disclosures.models import (
    CourtApplication,
    Instrument,
    Item,
    ItemDecision,
    Letter,
    Officer,
    Request,
    Subject,
)
from disclosures.selectors.letter_text import answer, law_to_cite, refusal
from disclosures.selectors.opening import open_request
from disclosures.selectors.proposal import proposal_digest
from disclosures.selectors.work import refusals_open_to
from disclosures.services import ActionRefused
from disclosures.services.changes import record_change
from disclosures.services.intake import SubjectInput
from disclosures.services.weighing import PairDecision, decide_items, record_court_application
from disclosures.states import Action, Outcome, State
from disclosures.wording import LETTERS, faults_of, house_text
from tests.services.log_lines import last
from tests.world import World

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


# Bound to what was approved ------------------------------------------------------------------


def put(row: models.Model, **values: object) -> None:
    """Behind every guard's back, though not behind the log's."""
    for name, value in values.items():
        setattr(row, name, value)
    if isinstance(row, Request):
        record_change(row, event="request.amended", actor=None, role="", now=datetime.now(UTC), fields=values)
    else:
        row.save()


def sealed(row: models.Model, **texts: str) -> None:
    row.seal(**texts)  # type: ignore[attr-defined]
    put(row, **{name: getattr(row, name) for name in texts})


def of(model: type[models.Model], request: Request) -> models.Model:
    found = model._default_manager.filter(request=request).order_by("pk").first()
    assert found is not None
    return found


def another_item(request: Request) -> None:
    item = Item(request=request, position=2, item_type="CORRESPONDENCE")
    item.seal(detail="Letters of the month")
    item.save()


CHANGES: dict[str, Callable[[Request], None]] = {
    "a person's name": lambda r: sealed(of(Subject, r), name="Somebody Else"),
    "a person's account": lambda r: sealed(of(Subject, r), account_number="ZX-1"),
    "a person's place": lambda r: put(of(Subject, r), position=2),
    "one more item": another_item,
    "an item's kind": lambda r: put(of(Item, r), item_type="CORRESPONDENCE"),
    "an item's detail": lambda r: sealed(of(Item, r), detail="All payments"),
    "an item's period": lambda r: put(of(Item, r), period_to=date(2026, 10, 31)),
    "a decision": lambda r: put(of(ItemDecision, r), decision="WITHHOLD", refusal_code="R-NEC", text=None),
    "the text that is given": lambda r: sealed(of(ItemDecision, r), text="Everything"),
    "a decision less": lambda r: ItemDecision.objects.filter(request=r).delete() and None,
    "the officer": lambda r: sealed(of(Officer, r), name="Another Officer"),
    "the officer's mailbox": lambda r: sealed(of(Officer, r), email="other@elsewhere.example"),
    "the body": lambda r: put(r, body=Organisation.objects.exclude(pk=r.body_id).order_by("pk")[0]),
    "the channel of return": lambda r: put(r, return_channel="POST"),
    "the address of return": lambda r: sealed(r, return_address="somebody@private.example"),
    "the nation": lambda r: put(r, nation="SC"),
    "who is to use it": lambda r: sealed(r, data_recipient="Another team"),
    "a transfer abroad": lambda r: put(r, transfer_abroad=True, transfer_mechanism="IDTA"),
    "the handling": lambda r: sealed(r, handling="None"),
    "not to tell": lambda r: put(r, do_not_notify=False),
    "the instrument": lambda r: put(of(Instrument, r), code="P-VITAL"),
    "the instrument's end": lambda r: put(of(Instrument, r), valid_until=date(2030, 1, 1)),
    "the letter": lambda r: sealed(of(Letter, r), body="Another letter."),
    "the letter's recipient": lambda r: sealed(of(Letter, r), recipient="Somebody Else"),
    "a reason for refusing": lambda r: put(r, refusal_code="R-NEC"),
}  # fmt: skip


@pytest.mark.parametrize("what", list(CHANGES))
def test_any_change_of_what_was_approved_voids_the_approval(world: World, what: str) -> None:
    road = world.road()
    request = road.to(State.APPROVED)
    assert proposal_digest(request) == request.proposal_digest
    CHANGES[what](request)
    assert proposal_digest(Request.objects.get(pk=request.pk)) != request.proposal_digest
    with pytest.raises(ActionRefused, match="proposal_is_unchanged"):
        road.step("release", Action.START_RELEASE)


def test_other_terms_than_those_approved_void_the_approval(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    road = world.road()
    request = road.to(State.APPROVED)
    row = of(Instrument, request)
    later = {**recorded(), (row.code, 99): recorded()[row.code, row.catalogue_version]}  # type: ignore[attr-defined]
    monkeypatch.setattr("disclosures.catalogue.versions.recorded", lambda: later)
    put(row, catalogue_version=99)
    assert proposal_digest(Request.objects.get(pk=request.pk)) != request.proposal_digest
    with pytest.raises(ActionRefused, match="proposal_is_unchanged"):
        road.step("release", Action.START_RELEASE)


def test_a_change_between_proposal_and_approval_stops_the_approval_and_the_second_signature(
    world: World,
) -> None:
    road = world.road()
    request = road.to(State.PENDING_APPROVAL)
    sealed(of(Letter, request), body="Another letter.")
    for action in (Action.APPROVE_RELEASE, Action.CONCUR):
        with pytest.raises(ActionRefused, match="proposal_is_unchanged"):
            road.step("approver", action)


def test_a_change_after_the_release_began_stops_the_sending(world: World) -> None:
    road = world.road()
    request = road.to(State.RELEASING)
    sealed(request, return_address="somebody@private.example")
    with pytest.raises(ActionRefused, match="proposal_is_unchanged"):
        road.send()


# Outcomes ------------------------------------------------------------------------------------


def weighed(
    world: World, kind: type[Road], *decisions: PairDecision, people: int = 1, **changes: object
) -> Road:
    """In review, searched, tests answered, and each person's item decided; the letter is drafted as proposed."""
    world.made += 1
    road = kind(world.people, world.police, world.now, number=world.made)
    names = tuple(
        SubjectInput(status="SUSPECT" if kind is Road else "", name=f"Person {n}", account_number=f"ZX-{n}") for n in range(people)
    )  # fmt: skip
    road.record(**{"subjects": names, **changes})
    road.confirm()
    road.search()
    road.weigh("NOT_HELD")
    item = Item.objects.get(request=road.request)
    subjects = Subject.objects.filter(request=road.request).order_by("position")
    chosen = {(item.pk, subject.pk): made for subject, made in zip(subjects, decisions, strict=True)}
    decide_items(request_id=road.request.pk, decisions=chosen, actor=world["handler"], now=world.now)
    road.write()
    return road


GIVE = PairDecision(decision="DISCLOSE", text="£41.20")
KEEP = PairDecision(decision="WITHHOLD", refusal_code="R-NEC")
NONE = PairDecision(decision="NOT_HELD")
SILENT = PairDecision(decision="NEITHER", reason="They would learn of an enquiry.")


@pytest.mark.parametrize(
    ("decisions", "outcome"),
    [
        ((GIVE, GIVE), Outcome.DISCLOSED_FULL),
        ((GIVE, NONE), Outcome.DISCLOSED_FULL),
        ((GIVE, KEEP), Outcome.DISCLOSED_PART),
        ((GIVE, SILENT), Outcome.DISCLOSED_PART),
        ((KEEP, KEEP), Outcome.REFUSED),
        ((KEEP, NONE), Outcome.REFUSED),
        ((KEEP, SILENT), Outcome.REFUSED),
        ((NONE, NONE), Outcome.NO_DATA_HELD),
        ((SILENT, SILENT), Outcome.NCND),
        ((SILENT, NONE), Outcome.NCND),
    ],
)
def test_the_outcome_follows_from_the_decisions(
    world: World, decisions: tuple[PairDecision, ...], outcome: Outcome
) -> None:
    road = weighed(world, CompanyRoad, *decisions, people=2)
    assert road.step("handler", Action.PROPOSE).outcome == outcome


def test_neither_confirming_nor_denying_needs_its_reason_and_is_no_answer_to_an_authority(
    world: World,
) -> None:
    road = weighed(world, CompanyRoad, SILENT)
    with pytest.raises(ActionRefused, match="silence_has_a_reason"):
        decide_items(
            request_id=road.request.pk,
            decisions={_pair(road): replace(SILENT, reason="")},
            actor=world["handler"],
            now=world.now,
        )
    assert road.step("handler", Action.PROPOSE).outcome == Outcome.NCND
    assert road.step("approver", Action.APPROVE_REFUSAL).state == State.REFUSED
    authority = weighed(world, Road, SILENT)
    with pytest.raises(ActionRefused, match="only_others_are_neither_confirmed_nor_denied"):
        authority.step("handler", Action.PROPOSE)


def _pair(road: Road) -> tuple[int, int]:
    return Item.objects.get(request=road.request).pk, Subject.objects.get(request=road.request).pk


FIRM = (SubjectInput(type="ORGANISATION", status="OTHER", name="Sample Trading Ltd (fictitious)"),)


def test_a_voluntary_request_about_organisations_alone_asks_for_no_personal_data(world: World) -> None:
    road = world.road()
    road.record(subjects=FIRM)
    road.confirm()
    text = answer(open_request(road.request, actor=world["handler"], now=world.now))
    assert "names organisations alone" in text
    road.write()
    assert road.step("handler", Action.PROPOSE).outcome == Outcome.NOT_PERSONAL_DATA
    with pytest.raises(ActionRefused, match="outcome_is_a_release"):
        road.step("approver", Action.APPROVE_RELEASE)
    assert road.step("approver", Action.APPROVE_NIL).state == State.NO_DATA
    assert road.step("release", Action.START_RELEASE).state == State.RELEASING


def test_nothing_is_given_about_an_organisation_alone(world: World) -> None:
    road = weighed(world, Road, GIVE, subjects=FIRM)
    with pytest.raises(ActionRefused, match="nothing_of_an_organisation_is_given"):
        road.step("handler", Action.PROPOSE)


def test_an_order_about_an_organisation_goes_its_usual_way(world: World) -> None:
    road = weighed(world, OrderRoad, GIVE, subjects=FIRM)
    assert road.step("handler", Action.PROPOSE).outcome == Outcome.DISCLOSED_FULL


# An order refused ----------------------------------------------------------------------------


def apply_to_court(world: World, road: Road, **changes: object) -> CourtApplication:
    given = {"wanted": "VARY", "applied_on": localdate(world.now), "court": "Crown Court at Exampleton",
             "grounds": "It names a period before the account was opened.", **changes}  # fmt: skip
    return record_court_application(
        request_id=road.request.pk, actor=world["handler"], now=world.now, **given  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize("code", sorted(d.OPEN_TO_ORDERS))
def test_an_order_is_refused_for_four_reasons(world: World, code: str) -> None:
    road = weighed(world, OrderRoad, PairDecision(decision="WITHHOLD", refusal_code=code))
    assert road.step("handler", Action.PROPOSE).outcome == Outcome.REFUSED


def test_for_any_other_reason_the_court_is_asked_first_and_two_approve(world: World) -> None:
    road = weighed(world, OrderRoad, PairDecision(decision="WITHHOLD", refusal_code="R-PROP"))
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.PROPOSE)
    assert refused.value.sentences[0].startswith("An order or a notice may not be refused for R-PROP.")
    assert "R-PROP" not in {reason.code for reason in refusals_open_to(road.request)}
    apply_to_court(world, road)
    assert last("court.applied_to")["detail"]["wanted"] == "VARY"
    assert "R-PROP" in {reason.code for reason in refusals_open_to(road.request)}
    road.step("handler", Action.PROPOSE)
    with pytest.raises(ActionRefused, match="second_approver_has_signed"):
        road.step("approver", Action.APPROVE_REFUSAL)
    road.step("second", Action.CONCUR)
    assert road.step("approver", Action.APPROVE_REFUSAL).state == State.REFUSED


def test_an_application_needs_an_order_a_court_grounds_and_a_day_that_has_been(world: World) -> None:
    road = world.road()
    road.confirm()
    with pytest.raises(ActionRefused) as refused:
        apply_to_court(
            world, road, court=" ", grounds="", applied_on=localdate(world.now) + timedelta(days=2)
        )
    assert len(refused.value.sentences) == 4


# Letters -------------------------------------------------------------------------------------


def test_a_letter_shows_the_right_way_on(world: World) -> None:
    road = world.road()
    road.to(State.SUBMITTED)
    opened = open_request(road.request, actor=world["handler"], now=world.now)
    assert "single point of contact, with an authorisation under Part 3" in refusal(opened, "R-CDROUTE")
    assert "UK Central Authority at the Home Office" in refusal(opened, "R-MLA")
    assert "look at the decision again" in refusal(opened, "R-AUTH")


def test_an_orders_refusal_names_the_court_and_no_internal_review(world: World) -> None:
    road = weighed(world, OrderRoad, PairDecision(decision="WITHHOLD", refusal_code="R-PRAC"))
    text = answer(open_request(road.request, actor=world["handler"], now=world.now))
    assert "the court or the authority that made the order" in text
    assert "look at the decision again" not in text


def test_a_law_that_nobody_has_signed_off_is_cited_in_no_letter(world: World) -> None:
    road = weighed(world, CompanyRoad, GIVE)
    opened = open_request(road.request, actor=world["handler"], now=world.now)
    terms = opened.instrument.terms if opened.instrument else None
    assert terms is not None
    assert terms.needs_verification
    assert law_to_cite(terms) == ""
    assert terms.statute not in answer(opened)
    assert "Thank you for your request. We have considered it" in answer(opened)
    assert law_to_cite(replace(terms, needs_verification=False)) == terms.statute


def test_every_house_letter_is_a_wording(world: World) -> None:
    assert {code: faults_of(house_text(code), letter.names) for code, letter in LETTERS.items()} == {code: [] for code in LETTERS}  # fmt: skip
