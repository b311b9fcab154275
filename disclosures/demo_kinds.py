"""The roads of a company's request and of a production order; plainly fictitious, like the rest of the demonstration."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain, cycle, islice

from django.utils.timezone import localdate

from .catalogue.checks import POINTS
from .demo import Road, sample_intake
from .models import Letter, Request
from .services import companies, compartment, letters, verification, weighing
from .services.intake import InstrumentInput, Intake, ItemInput, OfficerInput
from .states import Action, State


class CompanyRoad(Road):
    """A related company asks through its own account."""

    submitter = "outsider"
    refusal_code = "R-NEC"
    recipient = "Demo Retail (fictitious), Fraud Team"
    tests = weighing.Tests(
        interest_note="Both companies lose by the same accounts; the purpose is to detect fraud.",
        whose_interest="SHARED", benefit_note="Fraud is found before more is lost.", recipient_note="It holds the other accounts.",
        items_note="Payments alone show the card.", alternatives_note="A yes or no would not show the sums.",
        anonymise_note="Without names nothing could be matched.", expectations_note="The policy names the detection of fraud.",
        impact_note="An account may be looked into.", vulnerable_note="Nobody is known to be.", objections_note="Nobody has objected.",
        safeguards_note="Two analysts see it; it is used for this alone.", keeping_note="In their case system, for six months.",
        agreement_reference="DSA-7", dpia_reference="DPIA-3", review_on=date(2099, 1, 31),
        necessary=True, necessity_note="The accounts can be matched in no other way.",
        proportionate=True, proportionality_note="Payments only; people expect fraud to be looked for.",
        basis="F", exemption="NONE",
    )  # fmt: skip

    def record(self, *, restricted: bool = False, **changes: object) -> Request:  # noqa: ARG002 -- a company's request is never born so
        company = self.people["outsider"].memberships.select_related("organisation").get().organisation
        intake = replace(company_intake(company.pk, self), **changes)  # type: ignore[arg-type]
        self.request = companies.draft_company_request(
            intake=intake, company=company, actor=self.people["outsider"], now=self.now,
            recording_key=f"demo-company-{self.number}-{self.now.timestamp()}",
        )  # fmt: skip
        return self.request

    def ring_back(self) -> None:
        """Its own submitter sent it, signed in: that is its evidence."""

    def send(self) -> None:
        letters.record_letter_sent(
            request_id=self._fresh().pk, purpose=Letter.Purpose.OUTCOME, channel="PORTAL",
            sent_to="The company's own account", actor=self.people["release"], now=self.now,
        )  # fmt: skip

    def expire(self) -> None:
        ended = InstrumentInput(code="G-POL", valid_until=date(2020, 1, 1))
        self.record(instrument=ended)
        self.then("submit", "head", Action.EXPIRE_BY_HAND)


class OrderRoad(Road):
    """A production order under the Proceeds of Crime Act: born restricted, worked by its named members."""

    refusal_code = "R-PRAC"
    recipient = "Robin Sample, Northshire Constabulary"
    members = {
        "handler": "HANDLER", "verifier": "HANDLER", "holder": "DATA_HOLDER", "approver": "APPROVER", "second": "APPROVER",
        "release": "RELEASE_OFFICER", "head": "HEAD_OF_LEGAL", "dpo": "DPO",
    }  # fmt: skip
    tests = weighing.Tests(
        valid=True, addressed_to_us=True, in_its_period=True, within_its_terms=True, privilege_excluded=True,
        excluded_material=False,
        terms_note="The order and its seal were checked; the items are those it names.",
        basis="C", exemption="SCH2_5", extent_note="Telling the person, while the order forbids it.",
    )  # fmt: skip

    def record(self, *, restricted: bool = True, **changes: object) -> Request:  # noqa: ARG002 -- an order always is
        super().record(restricted=True, **{"instrument": production_order(self), **changes})
        for key, role in self.members.items():
            compartment.add_member(
                request_id=self._fresh().pk, person=self.people[key], member_role=role, until=None,
                reason="Works on this order.", actor=self.people["mlro"], now=self.now,
            )  # fmt: skip
        return self._fresh()

    def ring_back(self) -> None:
        super().ring_back()
        verification.record_evidence(
            request_id=self._fresh().pk, code="COURT_DOCUMENT", points=dict.fromkeys(POINTS, True),
            note="Court, judge, dates and seal agree.",
            actor=self.people["verifier"], now=self.now, at=self.now,
        )  # fmt: skip

    def weigh(self, decision: str = "DISCLOSE") -> None:
        super().weigh(decision)
        self.advise("mlro", "Nothing in it would tip anybody off if sent by secure mail.")

    def refuse(self) -> None:
        self.propose("WITHHOLD")
        self.step("second", Action.CONCUR)
        self.step("approver", Action.APPROVE_REFUSAL)

    def expire(self) -> None:
        ended = replace(production_order(self), valid_until=date(2020, 1, 1))
        self.record(instrument=ended)
        self.then("submit", "head", Action.EXPIRE_BY_HAND)


def production_order(road: Road) -> InstrumentInput:
    made = localdate(road.now - road.age)
    return InstrumentInput(
        code="A-PO", made_on=made, served_on=made, court="Crown Court at Exampleton", judge="Her Honour Judge Sample",
        case_number=f"T2026{road.number:04d}", addressee="Demo Company (fictitious)", statute_typed="POCA 2002 s.345",
    )  # fmt: skip


def company_intake(company_id: int, road: Road) -> Intake:
    """A complete request of a related company; `road.number` makes the people differ."""
    sample = sample_intake(road.body, road.now, road.number)
    return Intake(
        channel="PORTAL",
        received_at=road.now,
        nation="EW",
        body_id=company_id,
        instrument=InstrumentInput(code="G-POL"),
        requester=OfficerInput(name="Demo Colleague Elsewhere", email="outsider@desk.example"),
        policy_purpose="PU-FRD",
        data_recipient="Fraud Team, two named analysts",
        transfer_abroad=False,
        summary="The same card was used to open several accounts in both companies within one week.",
        necessity="Only the payments show whether the accounts belong together.",
        proportionality="Payments of one month, of accounts already under suspicion.",
        special_category_sought=False,
        return_channel="PORTAL",
        subjects=tuple(
            replace(subject, status="", own_reference=f"R-{road.number:05d}") for subject in sample.subjects
        ),
        items=(ItemInput(item_type="PAYMENTS", period_from=date(2026, 9, 1), period_to=date(2026, 9, 30)),),
    )


# No company asks in an emergency, and no order is answered as one.
EMERGENCIES = (State.EMERGENCY_PENDING, State.EMERGENCY_RELEASED, State.AWAITING_RATIFICATION)
USUAL = tuple(state for state in State if state not in EMERGENCIES)
# An order or a notice has no internal review.
OF_ORDERS = tuple(state for state in USUAL if state is not State.UNDER_APPEAL)
OPEN = (State.SUBMITTED, State.VERIFYING, State.IN_REVIEW, State.PENDING_APPROVAL, State.APPROVED)
ROUNDS = 3
REACHED: Mapping[type[Road], tuple[State, ...]] = {CompanyRoad: USUAL, OrderRoad: OF_ORDERS}


def programme(count: int) -> Iterator[tuple[type[Road], State, timedelta]]:
    """The demonstration's requests: each kind in every state it can reach, three times over, then more that are open."""
    kinds: tuple[type[Road], ...] = (Road, CompanyRoad, OrderRoad)
    thrice = [
        (kind, state)
        for _ in range(ROUNDS)
        for state in State
        for kind in kinds
        if state in REACHED.get(kind, tuple(State))
    ]
    more = zip(cycle(kinds), cycle(OPEN), strict=False)
    for number, (kind, state) in enumerate(islice(chain(thrice, more), count)):
        yield kind, state, timedelta(minutes=30) + timedelta(hours=number * 17 % 430)


__all__ = ["CompanyRoad", "OrderRoad", "company_intake", "production_order", "programme"]
