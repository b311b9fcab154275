"""A plainly fictitious desk, its systems, and requests that walked the real road, through the services with every trigger on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from django.utils.timezone import localdate

import privacy
from accounts.models import Organisation, OrganisationDomain, User
from accounts.roles import Role
from accounts.services import (
    MailDomain,
    Profile,
    grant_membership,
    register_organisation,
    register_user,
)
from privacy.clauses import read_clauses
from privacy.services import publish_policy

from .demo_companies import COMPANIES, make_company
from .models import HeldSystem, Item, ItemDecision, Letter, Request, SearchRecord, SearchTask, Subject
from .services import emergency, letters, perform, recording, searching, verification, weighing
from .services.intake import InstrumentInput, Intake, ItemInput, OfficerInput, SubjectInput
from .services.systems import register_system
from .states import Action, State

A, S = Action, State
POLICY = Path(privacy.__file__).with_name("demo_policy.txt")


@dataclass(frozen=True, slots=True)
class DemoPerson:
    key: str
    name: str
    roles: tuple[Role, ...]

    @property
    def email(self) -> str:
        return f"{self.key}@desk.example"


PEOPLE = (
    DemoPerson("clerk", "Demo Clerk", (Role.INTAKE_CLERK,)),
    DemoPerson("verifier", "Demo Verifier", (Role.HANDLER,)),
    DemoPerson("handler", "Demo Handler", (Role.HANDLER,)),
    DemoPerson("holder", "Demo Data Holder", (Role.DATA_HOLDER,)),
    DemoPerson("approver", "Demo Approver", (Role.APPROVER,)),
    DemoPerson("second", "Demo Second Approver", (Role.APPROVER,)),
    DemoPerson("release", "Demo Release Officer", (Role.RELEASE_OFFICER,)),
    DemoPerson("lead", "Demo Team Lead", (Role.TEAM_LEAD,)),
    DemoPerson("head", "Demo Head of Legal", (Role.HEAD_OF_LEGAL,)),
    DemoPerson("dpo", "Demo Data Protection Officer", (Role.DPO,)),
    DemoPerson("mlro", "Demo Reporting Officer", (Role.MLRO,)),
    DemoPerson("auditor", "Demo Auditor", (Role.AUDITOR,)),
    DemoPerson("admin", "Demo Administrator", (Role.ADMIN,)),
)
OUTSIDER = DemoPerson("outsider", "Demo Colleague Elsewhere", (Role.GROUP_SUBMITTER,))

SYSTEMS = (
    ("billing", "Billing", "Billing team", ["PAYMENTS", "IDENTITY_DOCUMENTS"]),
    ("care", "Customer care", "Customer care team", ["CORRESPONDENCE", "CALL_RECORDING", "SUPPORT_NEEDS"]),
    ("field", "Field service", "Field service office", ["VISIT_NOTES"]),
    ("shops", "Shops", "Shop managers", ["SHOP_CCTV"]),
    ("checks", "Credit and fraud checks", "Credit team", ["CREDIT_SEARCHES", "FRAUD_SEARCHES"]),
    ("claims", "Claims checks", "Claims team", ["CLAIMS_SEARCHES"]),
)


def make_desk(*, now: datetime, password: str) -> tuple[Organisation, Organisation, dict[str, User]]:
    """The controller, a police force and everybody in office since yesterday; also a colleague of another company."""
    kinds = Organisation.Kind
    profile = Profile(
        is_telecoms_operator=True,
        is_regulated_sector=False,
        is_financial_institution=False,
        mlro_is_stand_in=False,
    )
    company = register_organisation(
        code="demo-company",
        name="Demo Company (fictitious)",
        kind=kinds.CONTROLLER,
        nation="EW",
        profile=profile,
        actor=None,
        now=now,
    )
    companies = {company.code: make_company(company, now) for company in COMPANIES}
    elsewhere = companies["demo-retail"]
    police = register_organisation(
        code="northshire", name="Northshire Constabulary (fictitious)", kind=kinds.POLICE_FORCE, nation="EW",
        switchboard="01632 960000", switchboard_source="The force's own website",
        switchboard_checked_on=localdate(now), may_use=["P", "A"],
        domains=[MailDomain("northshire.example", OrganisationDomain.Certainty.HIGH)], actor=None, now=now,
    )  # fmt: skip
    people = {person.key: _employ(person, company, password, now) for person in PEOPLE}
    people[OUTSIDER.key] = _employ(OUTSIDER, elsewhere, password, now)
    for code, name, keeper, holds in SYSTEMS:
        register_system(code=code, name=name, keeper=keeper, holds=holds, actor=None, now=now)
    publish_policy(
        number=1, text=POLICY.read_text("utf-8"), posted_at=now - timedelta(days=400), effective_from=now - timedelta(days=400),
        url="https://desk.example/privacy", clauses=read_clauses(), actor=None, now=now,
    )  # fmt: skip
    return company, police, people


def _employ(person: DemoPerson, organisation: Organisation, password: str, now: datetime) -> User:
    user = register_user(email=person.email, display_name=person.name, password=password, actor=None, now=now)
    for role in person.roles:
        grant_membership(
            user=user,
            organisation=organisation,
            role=role,
            valid_from=now - timedelta(days=1),
            valid_until=None,
            actor=None,
            now=now,
        )
    return user


def sample_intake(body: Organisation, now: datetime, number: int = 0) -> Intake:
    """A complete Schedule 2 form of invented people; `number` makes them differ."""
    today = localdate(now)
    return Intake(
        channel="SECURE_MAIL",
        received_at=now - timedelta(minutes=30),
        nation="EW",
        body_id=body.pk,
        unit="Volume Crime Team",
        form_name="Schedule 2 request",
        dated_on=today,
        crime_reference=f"NS/{26000 + number}/26",
        purposes=("PREVENT", "APPREHEND"),
        offence="Fraud by false representation, Fraud Act 2006 s.2",
        summary="Payments were made from a stolen card to an account with the company.",
        necessity="The payer can be identified in no other way.",
        proportionality="Payments of one month only; no other records are asked for.",
        prejudice="Without the records the person who used the card is likely not to be found.",
        special_category_sought=False,
        child_or_vulnerable=False,
        communications_data_sought=False,
        do_not_notify=True,
        do_not_notify_reason="The person does not know of the investigation.",
        do_not_notify_review_on=today + timedelta(days=180),
        return_channel="SECURE_MAIL",
        return_address="disclosure.unit@northshire.example",
        declared_purpose=True,
        declared_offence=True,
        signed_on=today,
        countersigned_on=today,
        instrument=InstrumentInput(code="P-DPA2", dated_on=today, statute_typed="DPA 2018 Sch 2 para 2"),
        requester=OfficerInput(
            rank="PC", name="Robin Sample", number=f"40{number:03d}", email="robin.sample@northshire.example", phone="01632 960123"
        ),
        countersigner=OfficerInput(rank="INSP", name="Jo Specimen", number=f"10{number:03d}", email="jo.specimen@northshire.example"),
        subjects=(
            SubjectInput(
                status="SUSPECT", name=f"Alex Example-{number:03d}", born_on="1988-04-17", address="1 Nowhere Lane, Exampleton",
                phone=f"01632 9604{number % 100:02d}", account_number=f"ZX-7700{number:04d}",
            ),
        ),
        items=(ItemInput(item_type="PAYMENTS", detail="Card payments", period_from=date(2026, 9, 1), period_to=date(2026, 9, 30)),),
    )  # fmt: skip


class Road:
    """Drives one request along the table with the people who may: `Road(…).to(State.APPROVED)`.

    This one is a police request; those of the other kinds stand in `demo_kinds`.
    """

    submitter = "clerk"
    age = timedelta(minutes=30)  # how long ago it was received
    refusal_code = "R-NEC"
    recipient = "Robin Sample, Northshire Constabulary"
    tests = weighing.Tests(
        necessary=True, necessity_note="The payer cannot be found otherwise.",
        proportionate=True, proportionality_note="One month of payments.",
        prejudice_likely=True, prejudice_note="The person would not be found.",
        authentic=True, purpose_lawful=True, purpose_note="To find who used a stolen card: an investigation of fraud.",
        alternatives_note="The payments alone, without letters or calls.", compatibility="CRIME", communications_data=False,
        basis="EA_CRIME", exemption="SCH2_2", extent_note="Telling the person, until the review date.",
    )  # fmt: skip

    def __init__(
        self, people: Mapping[str, User], body: Organisation, now: datetime, *, number: int = 0
    ) -> None:
        self.people, self.body, self.now, self.number = people, body, now, number
        self.request: Request | None = None

    def record(self, *, restricted: bool = False, **changes: object) -> Request:
        arrived = self.now - self.age
        received = {"received_at": arrived, **changes}
        intake = replace(sample_intake(self.body, arrived, self.number), **received)  # type: ignore[arg-type]
        key = f"demo-{self.number}-{self.now.timestamp()}"
        self.request = recording.record_request(
            intake=intake, restricted=restricted, actor=self.people["clerk"], now=self.now, recording_key=key
        )
        return self.request

    def step(self, who: str, action: Action, reason: str = "Reason of the demonstration.") -> Request:
        current = self._fresh()
        self.request = perform(
            request_id=current.pk, action=action, actor=self.people[who], now=self.now, reason=reason,
            seen_digest=current.proposal_digest,
        )  # fmt: skip
        return self.request

    def to(self, state: State) -> Request:
        """From nothing to `state`, by the shortest usual road."""
        ROADS[state](self)
        return self._fresh()

    def _fresh(self) -> Request:
        assert self.request is not None  # noqa: S101 -- record() comes first
        return Request.objects.get(pk=self.request.pk)

    # The stretches of the road.

    def submit(self) -> None:
        if self.request is None:
            self.record()
        self.step(self.submitter, A.SUBMIT)

    def accept(self) -> None:
        self.submit()
        self.step("handler", A.ACCEPT)

    def ring_back(self) -> None:
        check = partial(
            verification.record_evidence,
            request_id=self._fresh().pk,
            actor=self.people["verifier"],
            now=self.now,
            at=self.now,
            passed=True,
        )
        check(
            code="SENDER_ADDRESS", address="robin.sample@northshire.example", note="Domain in the register."
        )
        check(
            code="CALL_BACK",
            number_called=self.body.switchboard,
            answered_by="Control room, then the officer",
        )

    def confirm(self) -> None:
        self.accept()
        self.ring_back()
        self.step("verifier", A.CONFIRM)

    def search(self, *, held: bool = True) -> None:
        request = self._fresh()
        wanted = set(Item.objects.filter(request=request).values_list("item_type", flat=True))
        for system in HeldSystem.objects.order_by("code"):
            if wanted & set(system.holds):
                task = searching.ask_for_search(
                    request_id=request.pk, system_id=system.pk, actor=self.people["handler"], now=self.now
                )
                self.answer(task, held=held)

    def answer(self, task: SearchTask, *, held: bool = True) -> None:
        finds = {
            record.pk: searching.Find(
                result="FOUND" if held else "NOT_HELD",
                terms="Account number and name",
                found="3 September 2026: £41.20 by card ending 0000" if held else "",
            )
            for record in SearchRecord.objects.filter(task=task)
        }
        searching.record_search(task_id=task.pk, finds=finds, actor=self.people["holder"], now=self.now)

    def weigh(self, decision: str = "DISCLOSE") -> None:
        self.decide(decision)
        self.advise()

    def decide(self, decision: str = "DISCLOSE") -> None:
        request, handler = self._fresh(), self.people["handler"]
        weighing.record_tests(request_id=request.pk, tests=self.tests, actor=handler, now=self.now)
        chosen = weighing.PairDecision(
            decision=decision,
            refusal_code=self.refusal_code if decision == "WITHHOLD" else "",
            text="3 September 2026: £41.20 by card ending 0000" if decision == "DISCLOSE" else "",
        )
        pairs = {
            (item.pk, subject.pk): chosen
            for item in Item.objects.filter(request=request)
            for subject in Subject.objects.filter(request=request)
        }
        weighing.decide_items(request_id=request.pk, decisions=pairs, actor=handler, now=self.now)

    def advise(self, who: str = "dpo", advice: str = "Nothing beside it is given.") -> None:
        """Payments ask for the data protection officer's opinion: they show how somebody pays."""
        actor, pk = self.people[who], self._fresh().pk
        weighing.record_opinion(request_id=pk, in_favour=True, advice=advice, actor=actor, now=self.now)

    def write(self, *, refusal_code: str = "", who: str = "handler") -> None:
        letters.prepare_letter(
            request_id=self._fresh().pk, purpose=Letter.Purpose.OUTCOME, recipient=self.recipient,
            body="Thank you for your request. Our answer follows.", refusal_code=refusal_code, actor=self.people[who], now=self.now,
        )  # fmt: skip

    def propose(self, decision: str = "DISCLOSE") -> None:
        self.confirm()
        self.search(held=decision != ItemDecision.Decision.NOT_HELD)
        self.weigh(decision)
        self.write()
        self.step("handler", A.PROPOSE)

    def approve(self) -> None:
        self.propose()
        self.step("approver", A.APPROVE_RELEASE)

    def begin_release(self) -> None:
        self.approve()
        self.step("release", A.START_RELEASE)

    def send(self) -> None:
        letters.record_letter_sent(
            request_id=self._fresh().pk, purpose=Letter.Purpose.OUTCOME, channel="SECURE_MAIL",
            sent_to="disclosure.unit@northshire.example", actor=self.people["release"], now=self.now,
        )  # fmt: skip

    def release(self) -> None:
        self.begin_release()
        self.send()

    def close(self) -> None:
        self.release()
        self.step("release", A.CLOSE)

    def propose_emergency(self) -> None:
        self.record(
            channel="TELEPHONE", urgency="IMMEDIATE", urgency_reason="A person is missing and at risk of harm.",
            signed_on=None, countersigned_on=None, countersigner=OfficerInput(),
        )  # fmt: skip
        self.submit()
        self.ring_back()
        self.step("handler", A.PROPOSE_EMERGENCY)

    def release_in_emergency(self) -> None:
        self.propose_emergency()
        emergency.read_out_and_release(
            request_id=self._fresh().pk, action=A.RELEASE_EMERGENCY, words="Last payment: 3 September 2026, £41.20.",
            read_to="PC Sample", number=self.body.switchboard, at=self.now, actor=self.people["approver"], now=self.now,
        )  # fmt: skip

    def paper(self) -> None:
        self.release_in_emergency()
        intake = replace(sample_intake(self.body, self.now, self.number), channel="TELEPHONE", urgency="IMMEDIATE",
                         urgency_reason="A person is missing and at risk of harm.")  # fmt: skip
        recording.amend_request(
            request_id=self._fresh().pk, intake=intake, actor=self.people["clerk"], now=self.now
        )
        self.step("clerk", A.RECORD_PAPER)

    def then(self, stretch: str, who: str, action: Action) -> None:
        getattr(self, stretch)()
        self.step(who, action)

    def expire(self) -> None:
        ended = InstrumentInput(code="P-DPA2", valid_until=localdate(self.now) - timedelta(days=1))
        self.record(instrument=ended)
        self.then("submit", "head", A.EXPIRE_BY_HAND)

    def refuse(self) -> None:
        self.propose("WITHHOLD")
        self.step("approver", A.APPROVE_REFUSAL)

    def nil(self) -> None:
        self.propose("NOT_HELD")
        self.step("approver", A.APPROVE_NIL)


ROADS: Mapping[State, Callable[[Road], object]] = {
    S.DRAFT: lambda road: road.record(),
    S.SUBMITTED: lambda road: road.submit(),
    S.RETURNED: lambda road: road.then("submit", "handler", A.RETURN),
    S.VERIFYING: lambda road: road.accept(),
    S.IN_REVIEW: lambda road: road.confirm(),
    S.PENDING_APPROVAL: lambda road: road.propose(),
    S.APPROVED: lambda road: road.approve(),
    S.REFUSED: lambda road: road.refuse(),
    S.NO_DATA: lambda road: road.nil(),
    S.TRANSFERRED: lambda road: road.then("submit", "handler", A.TRANSFER),
    S.WITHDRAWN: lambda road: road.then("submit", road.submitter, A.WITHDRAW),
    S.EXPIRED: lambda road: road.expire(),
    S.RELEASING: lambda road: road.begin_release(),
    S.RELEASED: lambda road: road.release(),
    S.EMERGENCY_PENDING: lambda road: road.propose_emergency(),
    S.EMERGENCY_RELEASED: lambda road: road.release_in_emergency(),
    S.AWAITING_RATIFICATION: lambda road: road.paper(),
    S.BREACH_ASSESSMENT: lambda road: road.then("release", "dpo", A.REPORT_WRONG_RELEASE),
    S.UNDER_APPEAL: lambda road: road.then("close", "clerk", A.APPEAL),
    S.CLOSED: lambda road: road.close(),
}
