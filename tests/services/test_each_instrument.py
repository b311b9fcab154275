"""For every instrument that is worked: a request under it sees its own fields, rank, checks, clock, refusals and secrecy, and ends."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils.timezone import localdate

from accounts.models import CompanyProfile, Organisation, OrganisationDomain
from accounts.services import MailDomain, register_organisation
from disclosures.catalogue import INSTRUMENTS, LADDERS, RANKS, Instrument, RowType
from disclosures.catalogue.checks import POINTS_OF
from disclosures.demo import Road
from disclosures.demo_kinds import CompanyRoad, OrderRoad
from disclosures.facts import OfficerFacts
from disclosures.guards.kinds import officer_has_the_rank_it_needs
from disclosures.models import Deadline, Letter, Request
from disclosures.models import Instrument as InstrumentRow
from disclosures.notifications import notice_for
from disclosures.selectors.completeness import CHECKS, Form, missing_to_review
from disclosures.selectors.deciding import OPINION_WORDS
from disclosures.selectors.facts import facts_for
from disclosures.selectors.ladders import runs_contempt_risk
from disclosures.selectors.queues import flags_of
from disclosures.selectors.work import refusals_open_to
from disclosures.services import ActionRefused, compartment, verification
from disclosures.services.agency import record_agency_notice
from disclosures.services.expiring import expire_due
from disclosures.services.intake import InstrumentInput, OfficerInput
from disclosures.services.letters import record_letter_sent
from disclosures.states import Action, State
from tests.world import World

pytestmark = pytest.mark.django_db
WORKED = sorted(code for code, row in INSTRUMENTS.items() if row.row_type is RowType.REQUEST)
MADE_DAYS_AGO, SERVED_DAYS_AGO = 2, 1
STATED_IN_DAYS = 12
KEPT_DAYS = 90


def rank_at(level: int) -> str:
    return min((rank for rank in RANKS.values() if rank.level >= level), key=lambda rank: rank.level).code


class AnyRoad(OrderRoad):
    """The road of whichever instrument of kinds P and A: restricted or opened, bound or asked."""

    def __init__(self, world: World, terms: Instrument) -> None:
        world.made += 1
        super().__init__(world.people, world.police, world.now, number=world.made)
        self.terms = terms
        self.tests = OrderRoad.tests if terms.tests == "COMPULSORY" else Road.tests
        self.refusal_code = next(code for code in terms.refusals if code in {"R-PRAC", "R-NEC"})

    def begin(self) -> Request:
        today, terms = localdate(self.now), self.terms
        instrument = InstrumentInput(
            code=terms.code, made_on=today - timedelta(days=MADE_DAYS_AGO), served_on=today - timedelta(days=SERVED_DAYS_AGO),
            court="Crown Court at Exampleton", judge="Her Honour Judge Sample", case_number="T20260001",
            addressee="Demo Company (fictitious)", statute_typed="The law it names", authority_shown="Warrant card and authority",
            valid_until=today + timedelta(days=KEPT_DAYS) if terms.preserves else None,
            stated_due_on=today + timedelta(days=STATED_IN_DAYS) if terms.time_rule.startswith(("ON_INSTR", "M")) else None,
        )  # fmt: skip
        officer = OfficerInput(
            name="Robin Sample",
            rank=rank_at(terms.issuer_minimum),
            number="40001",
            email=f"robin.sample@{self.domain}",
        )
        request = Road.record(
            self, restricted=False, instrument=instrument, nation=terms.nations[0], victim_told_on=today, counselling_sought=False,
            urgency_reason="A person is at risk." if "RISK" in terms.needs_review else "", requester=officer,
            return_address=f"disclosure.unit@{self.domain}",
        )  # fmt: skip
        if request.restricted:
            for key, role in self.members.items():
                compartment.add_member(
                    request_id=request.pk, person=self.people[key], member_role=role, until=None,
                    reason="Works on it.", actor=self.people["mlro"], now=self.now,
                )  # fmt: skip
        return self._fresh()

    @property
    def domain(self) -> str:
        return OrganisationDomain.objects.get(organisation=self.body).domain

    def check(self, *, all_but: str = "") -> None:
        said: dict[str, dict[str, object]] = {
            "SENDER_ADDRESS": {"address": f"robin.sample@{self.domain}"},
            "CALL_BACK": {
                "number_called": self.body.switchboard,
                "answered_by": "Control room, then the officer",
            },
            **{check: {"points": dict.fromkeys(points, True)} for check, points in POINTS_OF.items()},
        }
        for code in self.terms.evidence:
            if code != all_but:
                verification.record_evidence(
                    request_id=self._fresh().pk, code=code, passed=True, note="As it should be.", at=self.now, now=self.now,
                    actor=self.people["verifier"], **said.get(code, {}),  # type: ignore[arg-type]
                )  # fmt: skip

    def send(self) -> None:
        record_letter_sent(
            request_id=self._fresh().pk, purpose=Letter.Purpose.OUTCOME, channel="SECURE_MAIL",
            sent_to=f"disclosure.unit@{self.domain}", actor=self.people["release"], now=self.now,
        )  # fmt: skip


def agency(world: World, kind: str) -> Organisation:
    return register_organisation(
        code="demo-body", name="Demo Body (fictitious)", kind=kind, nation="EW", switchboard="01632 960111",
        switchboard_source="The body's own website, read on the day of set-up", switchboard_checked_on=localdate(world.now),
        may_use=["P", "A"], domains=[MailDomain("body.example", OrganisationDomain.Certainty.HIGH)], actor=None, now=world.now,
    )  # fmt: skip


@pytest.fixture
def bound(world: World) -> World:
    """A company that every instrument can bind."""
    CompanyProfile.objects.update(
        is_financial_institution=True, is_regulated_sector=True, is_telecoms_operator=True
    )
    return world


def law_of_time(terms: Instrument, clock: Deadline, request: Request) -> None:
    """The clock is the row's: its rule, its number, and the day it comes to by a count of the test's own."""
    code, *rest = terms.time_rule.split()
    today = localdate(request.received_at)
    made, served = today - timedelta(days=MADE_DAYS_AGO), today - timedelta(days=SERVED_DAYS_AGO)
    starts = {"SERVED": served, "RECEIVED": today}.get(rest[-1] if rest else "", made)
    if code == "ON_INSTR":
        assert (clock.rule, clock.due_on) == ("ON_INSTR", today + timedelta(days=STATED_IN_DAYS))
    elif code == "SLA":
        assert (clock.rule, clock.n) == ("SLA", terms.working_days)
    elif code == "IMM":
        assert (clock.rule, clock.due_on) == ("IMM", today)
    elif code in {"CI", "CX"}:
        days = int(rest[0]) - (code == "CI")
        assert (clock.rule, clock.due_on) == (code, starts + timedelta(days=days))
    else:
        assert (clock.rule, clock.n) == (code, int(rest[0]))


def late_by_its_ladder(terms: Instrument, request: Request, clock: Deadline) -> None:
    """Overdue, the rung of its own ladder is told, and a compulsory one is marked as a risk of contempt."""
    late = datetime.combine(clock.due_on or localdate(request.received_at), time(12), UTC) + timedelta(days=1)
    payload = {"deadline": clock.pk, "due_version": clock.due_version, "threshold": "OVERDUE"}
    notice = notice_for("reminder", payload, late)
    assert notice is not None
    assert set(notice.roles) == set(LADDERS[terms.ladder].overdue) >= {"HEAD_OF_LEGAL", "DPO"}
    assert notice.contempt_risk == (terms.force == "COMPULSORY")
    flags = {flag.words for flag in flags_of(request, 1, late, contempt_risk=runs_contempt_risk(terms))}
    assert "Overdue" in flags
    assert ("Contempt risk" in flags) == (terms.force == "COMPULSORY")


def told(road: Road, what: str) -> None:
    record_agency_notice(
        request_id=road.request.pk, what=what, on=localdate(road.now), reference="NCA-1", by_whom="Our nominated officer",  # type: ignore[union-attr]
        actor=road.people["mlro"], now=road.now,
    )  # fmt: skip


def refused_by(road: Road, who: str, action: Action) -> set[str]:
    with pytest.raises(ActionRefused) as refused:
        road.step(who, action)
    return {objection.guard for objection in refused.value.objections}


def test_a_blank_form_is_asked_for_exactly_the_fields_of_its_instrument() -> None:
    for code in WORKED:
        terms = INSTRUMENTS[code]
        blank = Form(Request(), [], [], {}, InstrumentRow(code=code))
        asked = [CHECKS[need](blank) for need in terms.needs_review]
        # What depends on an answer (why it is urgent) or on rows that are not there yet asks for nothing of a blank form.
        later = {"URGENCY_REASON", "SUBJECT_STATUS", "ITEM_PERIOD"}
        assert all(
            tuple(words) for need, words in zip(terms.needs_review, asked, strict=True) if need not in later
        ), code
        assert missing_to_review(blank) == tuple(
            words for need in terms.needs_review for words in CHECKS[need](blank)
        )


@pytest.mark.parametrize("code", [code for code in WORKED if "G" not in INSTRUMENTS[code].kinds])
def test_each_instrument_of_police_and_agencies_is_worked_as_its_row_says(bound: World, code: str) -> None:
    terms = INSTRUMENTS[code]
    if "POLICE_FORCE" not in terms.issuers:
        bound.police = agency(bound, terms.issuers[0])
    road = AnyRoad(bound, terms)
    request = road.begin()
    # Secrecy, clock, refusals, version.
    assert request.restricted == (not terms.may_be_born_open)
    assert request.restricted >= terms.is_secret
    clock = Deadline.objects.get(request=request, purpose="ANSWER")
    law_of_time(terms, clock, request)
    late_by_its_ladder(terms, request, clock)
    assert [refusal.code for refusal in refusals_open_to(request)] == list(terms.refusals)
    assert InstrumentRow.objects.get(request=request).catalogue_version == terms.version
    # Fields, approvals, opinions, rank.
    facts = facts_for(request, actor=bound["handler"], now=bound.now, action=Action.ACCEPT)
    assert facts.missing_to_review == ()
    assert facts.approvals_needed == terms.approvals
    assert facts.opinions_needed >= {OPINION_WORDS[role] for role in terms.opinions}
    junior = replace(facts, requester=OfficerFacts("Constable", 10))
    assert (officer_has_the_rank_it_needs(junior) is None) == (terms.issuer_minimum <= 10)
    # Evidence: with one check left out it is not confirmed.
    road.step("clerk", Action.SUBMIT)
    road.step("handler", Action.ACCEPT)
    road.check(all_but=terms.evidence[-1])
    assert "all_evidence_is_in" in refused_by(road, "verifier", Action.CONFIRM)
    road.check()
    assert road.step("verifier", Action.CONFIRM).state == State.IN_REVIEW
    if terms.preserves:
        assert expire_due(now=bound.now + timedelta(days=KEPT_DAYS + 1)) == 1
        assert Request.objects.get(pk=request.pk).state == State.EXPIRED
        return
    # Tests, opinions, approvals, and the end.
    road.search()
    road.decide()
    road.write()
    assert "opinions_are_in" in refused_by(road, "handler", Action.PROPOSE)
    for role in sorted({"DPO", *terms.opinions}):
        road.advise(role.lower())
    road.step("handler", Action.PROPOSE)
    if terms.approvals == 2:
        assert "second_approver_has_signed" in refused_by(road, "approver", Action.APPROVE_RELEASE)
        road.step("second", Action.CONCUR)
    if terms.notifies_agency:
        assert "agency_was_notified" in refused_by(road, "approver", Action.APPROVE_RELEASE)
        told(road, "NOTIFICATION")
    road.step("approver", Action.APPROVE_RELEASE)
    road.step("release", Action.START_RELEASE)
    road.send()
    if terms.notifies_agency:
        assert "joint_report_was_made" in refused_by(road, "release", Action.CLOSE)
        told(road, "REPORT")
    assert road.step("release", Action.CLOSE).state == State.CLOSED


@pytest.mark.parametrize("code", [code for code in WORKED if "G" in INSTRUMENTS[code].kinds])
def test_each_instrument_of_a_company_is_worked_as_its_row_says(bound: World, code: str) -> None:
    terms = INSTRUMENTS[code]
    bound.made += 1
    road = CompanyRoad(bound.people, bound.police, bound.now, number=bound.made)
    marketing = code == "G-MKT"
    request = road.record(
        instrument=InstrumentInput(code=code),
        policy_purpose="PU-MKT-OWN" if marketing else "PU-FRD",
        marketing_channels=("EMAIL",) if marketing else (),
    )
    assert not request.restricted
    assert [refusal.code for refusal in refusals_open_to(request)] == list(terms.refusals)
    request = road.step("outsider", Action.SUBMIT)
    law_of_time(terms, Deadline.objects.get(request=request, purpose="ANSWER"), request)
    facts = facts_for(request, actor=bound["handler"], now=bound.now, action=Action.ACCEPT)
    assert facts.missing_to_review == ()
    assert facts.approvals_needed == terms.approvals
    road.step("handler", Action.ACCEPT)
    assert road.step("verifier", Action.CONFIRM).state == State.IN_REVIEW
    road.search()
    road.weigh("WITHHOLD")
    for role in set(terms.opinions) - {"DPO"}:
        road.advise(role.lower())
    road.write()
    road.step("handler", Action.PROPOSE)
    if terms.approvals == 2:
        road.step("second", Action.CONCUR)
    assert road.step("approver", Action.APPROVE_REFUSAL).state == State.REFUSED
