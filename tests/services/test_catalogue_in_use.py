"""What the catalogue says is what happens: versions, switches, signatures, and rows that are recognised and not worked."""

from dataclasses import replace
from datetime import date

import pytest

from accounts.models import CompanyProfile, Organisation
from accounts.services.organisations import change_organisation
from disclosures.catalogue import INSTRUMENTS
from disclosures.catalogue import versions as catalogue_versions
from disclosures.demo import Road, sample_intake
from disclosures.demo_kinds import OrderRoad, production_order
from disclosures.models import Deadline, Instrument, InstrumentStanding, Letter, Request
from disclosures.selectors import NotThere
from disclosures.services import ActionRefused
from disclosures.services.intake import InstrumentInput
from disclosures.services.letters import prepare_letter
from disclosures.services.recording import amend_request
from disclosures.services.standing import StandingRefused, sign_off, switch_off, switch_on
from disclosures.states import Action, State
from tests.services.log_lines import last
from tests.world import World

pytestmark = pytest.mark.django_db

FORM = "P-DPA2"
FIRST = INSTRUMENTS[FORM].version
ORDER = INSTRUMENTS["A-PO"].version


def fresh(request: Request) -> Request:
    return Request.objects.get(pk=request.pk)


def terms_of(request: Request) -> tuple[int, int]:
    row = Instrument.objects.get(request=request)
    return row.terms.version, row.terms.approvals


@pytest.fixture
def new_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """The law changed: from now on the Schedule 2 form asks for two approvals."""
    old = INSTRUMENTS[FORM]
    line = {**{name: getattr(old, name) for name in old.__slots__}}
    known = {(FORM, old.version): line}
    monkeypatch.setattr(catalogue_versions, "recorded", lambda: known)
    monkeypatch.setitem(INSTRUMENTS, FORM, replace(old, version=old.version + 1, approvals=2))


# Versions ----------------------------------------------------------------------------------


def test_a_new_version_never_changes_a_decided_request(world: World, request: pytest.FixtureRequest) -> None:
    decided, open_one = world.road(), world.road()
    approved, reviewed = decided.to(State.APPROVED), open_one.to(State.IN_REVIEW)
    request.getfixturevalue("new_version")
    assert terms_of(approved) == (FIRST, 1)
    assert terms_of(reviewed) == (FIRST + 1, 2)
    decided.step("release", Action.START_RELEASE)
    decided.send()
    assert terms_of(approved) == (FIRST, 1)
    assert Instrument.objects.get(request=approved).catalogue_version == FIRST


def test_an_open_request_is_decided_under_the_new_version(
    world: World, request: pytest.FixtureRequest
) -> None:
    road = world.road()
    road.confirm()
    request.getfixturevalue("new_version")
    road.search()
    road.weigh()
    road.write()
    road.step("handler", Action.PROPOSE)
    with pytest.raises(ActionRefused) as refused:
        road.step("approver", Action.APPROVE_RELEASE)
    assert "two approvers" in " ".join(refused.value.sentences)
    road.step("second", Action.CONCUR)
    decided = road.step("approver", Action.APPROVE_RELEASE)
    row = Instrument.objects.get(request=decided)
    assert (row.catalogue_version, row.terms_pinned_at) == (FIRST + 1, world.now)


def test_what_was_proposed_under_the_old_version_is_proposed_again(
    world: World, request: pytest.FixtureRequest
) -> None:
    road = world.road()
    road.propose()
    request.getfixturevalue("new_version")
    with pytest.raises(ActionRefused) as refused:
        road.step("second", Action.CONCUR)
    assert "must be proposed again" in " ".join(refused.value.sentences)


def test_a_decision_made_anew_is_made_under_todays_law(world: World, request: pytest.FixtureRequest) -> None:
    road = world.road()
    approved = road.to(State.APPROVED)
    request.getfixturevalue("new_version")
    road.step("approver", Action.VOID_APPROVAL)
    assert terms_of(approved) == (FIRST + 1, 2)
    assert Instrument.objects.get(request=approved).terms_pinned_at is None


def test_the_paper_behind_an_emergency_does_not_change_under_what_it_was_released(
    world: World, request: pytest.FixtureRequest
) -> None:
    road = world.road()
    road.release_in_emergency()
    pinned = Instrument.objects.get(request=road.request)
    assert pinned.terms_pinned_at == world.now
    request.getfixturevalue("new_version")
    assert road.request is not None
    paper = replace(
        sample_intake(world.police, world.now, road.number), channel="TELEPHONE", urgency="IMMEDIATE",
        urgency_reason="A person is missing and at risk of harm.",
    )  # fmt: skip
    amend_request(request_id=road.request.pk, intake=paper, actor=world["clerk"], now=world.now)
    kept = Instrument.objects.get(request=road.request)
    assert (kept.catalogue_version, kept.terms_pinned_at) == (FIRST, world.now)


# Switched off ------------------------------------------------------------------------------


def test_what_is_switched_off_is_refused_at_triage_with_the_reason(world: World) -> None:
    road = world.road()
    road.submit()
    switch_off(code=FORM, reason="DOUBTED", actor=world["admin"], now=world.now)
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.ACCEPT)
    assert "is switched off here: a lawyer is looking at" in " ".join(refused.value.sentences)
    switch_on(code=FORM, actor=world["admin"], now=world.now)
    assert road.step("handler", Action.ACCEPT).state == State.VERIFYING


def test_switching_is_logged_and_takes_a_reason(world: World) -> None:
    with pytest.raises(StandingRefused, match="Choose why"):
        switch_off(code=FORM, reason="", actor=world["admin"], now=world.now)
    switch_off(code=FORM, reason="REPEALED", actor=world["admin"], now=world.now)
    entry = last("instrument.switched_off")
    assert (entry["object"]["ref"], entry["detail"]["reason"]) == (FORM, "REPEALED")
    with pytest.raises(StandingRefused, match="already"):
        switch_off(code=FORM, reason="REPEALED", actor=world["admin"], now=world.now)


@pytest.mark.parametrize("who", ["clerk", "handler", "auditor", "outsider"])
def test_nobody_else_switches_or_signs(world: World, who: str) -> None:
    with pytest.raises(NotThere):
        switch_off(code=FORM, reason="REPEALED", actor=world[who], now=world.now)
    with pytest.raises(NotThere):
        sign_off(code=FORM, version=1, actor=world[who], now=world.now)


def test_no_row_of_the_catalogue_is_signed_that_is_not_there(world: World) -> None:
    with pytest.raises(NotThere):
        sign_off(code="P-NONE", version=1, actor=world["head"], now=world.now)


# Signed off --------------------------------------------------------------------------------


def order_in_review(world: World) -> OrderRoad:
    road = OrderRoad(world.people, world.police, world.now, number=900)
    road.to(State.IN_REVIEW)
    return road


def write(world: World, road: Road, body: str) -> Letter:
    return prepare_letter(
        request_id=road.request.pk, purpose=Letter.Purpose.OUTCOME, recipient="The officer", body=body,  # type: ignore[union-attr]
        actor=world["handler"], now=world.now,
    )  # fmt: skip


CITING = "We answer your order under section 345 of the Proceeds of Crime Act 2002."


def test_what_rests_on_memory_is_cited_in_no_letter_until_a_house_lawyer_signs_it_off(world: World) -> None:
    road = order_in_review(world)
    with pytest.raises(ActionRefused) as refused:
        write(world, road, CITING)
    assert "no house lawyer has signed it off yet" in " ".join(refused.value.sentences)
    assert write(world, road, "We answer your order.").pk
    sign_off(code="A-PO", version=ORDER, actor=world["head"], now=world.now)
    assert write(world, road, CITING).pk
    row = InstrumentStanding.objects.get(code="A-PO")
    assert (row.signed_version, row.signed_by, row.signed_at) == (ORDER, world["head"], world.now)
    assert last("instrument.signed_off")["detail"]["of_version"] == ORDER


def test_a_signature_is_of_one_version_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_off(code="A-PO", version=ORDER, actor=world["head"], now=world.now)
    monkeypatch.setitem(INSTRUMENTS, "A-PO", replace(INSTRUMENTS["A-PO"], version=ORDER + 1))
    with pytest.raises(ActionRefused) as refused:
        write(world, order_in_review(world), CITING)
    assert "(A-PO)" in " ".join(refused.value.sentences)
    with pytest.raises(StandingRefused, match="changed since you opened"):
        sign_off(code="A-PO", version=ORDER, actor=world["head"], now=world.now)


def test_another_unsigned_row_is_not_cited_word_for_word_either(world: World) -> None:
    road = world.road()
    road.to(State.IN_REVIEW)
    with pytest.raises(ActionRefused) as refused:
        write(world, road, f"You could have come under {INSTRUMENTS['P-SOC62'].statute}.")
    assert "(P-SOC62)" in " ".join(refused.value.sentences)


# Recognised and not worked -----------------------------------------------------------------


def recorded(world: World, code: str, **of_instrument: object) -> Road:
    """A request under `code`, restricted as the service made it, with a handler among its members."""
    road = OrderRoad(world.people, world.police, world.now, number=700)
    given = replace(production_order(road), code=code, **of_instrument)  # type: ignore[arg-type]
    road.record(instrument=given)
    road.submit()
    return road


def test_what_is_outside_the_three_kinds_is_handed_to_legal_with_its_day(world: World) -> None:
    road = recorded(world, "O-DWP", stated_due_on=date(2026, 12, 14))
    assert Deadline.objects.get(request=road.request, purpose="ANSWER").due_on == date(2026, 12, 14)
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.ACCEPT)
    assert "none of the three kinds" in " ".join(refused.value.sentences)
    moved = road.step("handler", Action.TRANSFER)
    assert (moved.state, moved.kind, moved.outcome) == (State.TRANSFERRED, "", "TRANSFERRED")
    detail = last("request.step_taken")["detail"]
    assert (detail["instrument"], detail["due_on"]) == ("O-DWP", "2026-12-14")


def test_what_is_handed_to_legal_has_its_paper(world: World) -> None:
    road = recorded(world, "O-DWP", served_on=None, addressee="")
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.TRANSFER)
    assert "Legal needs the document's own dates" in " ".join(refused.value.sentences)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("P-LEG98", "repealed on 25 May 2018"),
        ("A-MLAD", "names the central authority"),
        ("A-EIO", "ended for the United Kingdom on 31 December 2020"),
        ("A-FATF", "give nobody a power"),
        ("A-COPO", "binds a company that works outside the United Kingdom"),
        ("A-USDAA", "compels nothing"),
        ("A-EUEPOC", "eight hours in an emergency"),
    ],
)
def test_what_is_recognised_is_answered(world: World, code: str, sentence: str) -> None:
    road = recorded(world, code)
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.ACCEPT)
    assert sentence in " ".join(refused.value.sentences)


@pytest.mark.parametrize("code", ["A-SAR330", "A-DAML", "A-T38B", "P-IPA2"])
def test_our_own_duties_and_what_is_never_recorded_arrive_from_nobody(world: World, code: str) -> None:
    before = Request.objects.count()
    with pytest.raises(ValueError, match=r"not something that arrives|never recorded here"):
        world.road().record(instrument=InstrumentInput(code=code))
    assert Request.objects.count() == before


def test_only_a_plain_form_a_company_and_a_danger_to_life_are_born_open() -> None:
    plain = {"P-DPA2", "P-LEG98", "P-VITAL", "P-RLIE", "P-999"}
    open_ones = {code for code, row in INSTRUMENTS.items() if row.may_be_born_open}
    assert open_ones == plain | {code for code in INSTRUMENTS if code.startswith("G-")}


def test_whatever_the_clerk_said_an_order_without_secrecy_waits_for_triage_to_open_it(world: World) -> None:
    road = world.road()
    made = road.record(restricted=False, instrument=replace(production_order(road), code="P-PACE9"))
    assert made.restricted
    assert made.born_restricted


# Whom the law binds ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "whom"),
    [
        ("A-CIO", "financial institutions"),
        ("A-AMO", "financial institutions"),
        ("A-T6", "financial institutions"),
        ("A-T6A", "financial institutions"),
        ("A-IO", "regulated sector"),
        ("A-SHARE", "regulated sector"),
        ("A-MLR66", "regulated sector"),
    ],
)
def test_an_instrument_that_binds_others_is_told_so_and_never_left_lying(
    world: World, code: str, whom: str
) -> None:
    road = recorded(world, code)
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.ACCEPT)
    said = " ".join(refused.value.sentences)
    assert whom in said
    assert "propose a refusal" in said
    assert "instrument_binds_this_company" in last("request.step_denied")["detail"]["objections"]


@pytest.mark.parametrize("code", ["A-DO", "A-CIO", "A-T5A", "P-CJA2", "P-SOC62"])
def test_nobody_is_bound_who_was_not_shown_the_authority(world: World, code: str) -> None:
    """Proceeds of Crime Act 2002, section 357(6), and its like: without it nothing is worked, and so nothing released."""
    road = recorded(world, code)
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.ACCEPT)
    assert "evidence of authority that was shown" in " ".join(refused.value.sentences)


def test_a_company_that_is_a_financial_institution_is_bound(world: World) -> None:
    road = recorded(world, "A-AMO")
    CompanyProfile.objects.update(is_financial_institution=True)
    assert road.step("handler", Action.ACCEPT).state == State.VERIFYING


def test_no_notice_for_communications_data_binds_a_company_without_a_telecommunications_service(
    world: World,
) -> None:
    road = recorded(world, "P-IPA60A")
    CompanyProfile.objects.update(is_telecoms_operator=False)
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.ACCEPT)
    assert "telecommunications operators" in " ".join(refused.value.sentences)


def test_a_force_of_the_crown_dependencies_is_foreign_whatever_its_mailbox(world: World) -> None:
    road = world.road()
    road.submit()
    force = world.police
    change_organisation(
        organisation_id=force.pk, name=force.name, nation=Organisation.Nation.ABROAD, switchboard=force.switchboard,
        switchboard_source=force.switchboard_source, is_active=True, needs_verification=False,
        switchboard_checked_on=force.switchboard_checked_on, actor=None, now=world.now,
    )  # fmt: skip
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.ACCEPT)
    said = " ".join(refused.value.sentences)
    assert "is outside the United Kingdom, whatever its mailbox ends in" in said
    assert "Foreign authority writing directly" in said


def test_privileged_material_is_released_under_no_order(world: World) -> None:
    road = order_in_review(world)
    road.tests = replace(road.tests, privilege_excluded=False)
    road.search()
    road.weigh()
    road.write()
    with pytest.raises(ActionRefused) as refused:
        road.step("handler", Action.PROPOSE)
    assert "No order reaches that" in " ".join(refused.value.sentences)
