"""What a row of the catalogue holds. Frozen, without Django: law is data that a lawyer can read."""

from dataclasses import dataclass
from enum import StrEnum

from .second_periods import SecondPeriod, parse_second_period


class RowType(StrEnum):
    REQUEST = "REQUEST"  # arrives and is worked
    ROUTE = "ROUTE"  # recognised, clock set, handed to legal
    OUTGOING = "OUTGOING"  # a duty of ours
    CITATION = "CITATION"  # recognised and answered with the present law
    NOTE = "NOTE"  # never recorded here


class Force(StrEnum):
    VOLUNTARY = "VOLUNTARY"
    COMPULSORY = "COMPULSORY"
    GATEWAY = "GATEWAY"
    DUTY = "DUTY"


class Addressees(StrEnum):
    """Whom an instrument binds; what the company is was asked at set-up."""

    ANYBODY = "ANYBODY"
    FINANCIAL_INSTITUTION = "FINANCIAL_INSTITUTION"
    REGULATED_SECTOR = "REGULATED_SECTOR"
    TELECOMS_OPERATOR = "TELECOMS_OPERATOR"
    OUTSIDE_UK = "OUTSIDE_UK"


class Comms(StrEnum):
    """Classes of communications data: Investigatory Powers Act 2016 s.261."""

    NOT_COMMS = "NOT_COMMS"
    ENTITY = "ENTITY"
    EVENTS = "EVENTS"
    CONTENT = "CONTENT"


class Tests(StrEnum):
    """Which questions are weighed: of a voluntary request, of a compulsory one, or of a company of the group."""

    __test__ = False

    VOLUNTARY = "VOLUNTARY"  # necessity, proportionality, prejudice
    COMPULSORY = "COMPULSORY"  # valid, addressed to us, in its period, within its terms, privilege
    LEGITIMATE = "LEGITIMATE"  # purpose, necessity, balance: UK GDPR Article 6(1)(f)


class Document(StrEnum):
    """What must lie on the desk before the instrument binds or permits anything."""

    NONE = "NONE"
    COURT = "COURT"  # the order of a court or judge
    NOTICE = "NOTICE"  # the issuer's written notice


@dataclass(frozen=True, slots=True)
class Instrument:
    """One row of the law.

    `who`: who may make it and of which rank or office, in words. `answer`: for a row that is recognised and not
    worked, what to do with it; `present_law`: the codes of what is in force in its place. `comms`: the classes of
    communications data it can ask for. `oral`: may come by word of mouth where a life is at risk. `time_rule`: as in
    `time_rules.py` (`CI 7`, `MB`, `MIN_WN 10`, `CI 28 SERVED`); empty only for what is neither worked nor routed.
    `second_periods`: those beside the answer's own, as in `second_periods.py` (`REVIEW_REQUEST CX 7 SERVED`).
    `scheme`: PART of the UK, ANY_UK, REG (where we are registered), SLA. `needs_submit`, `needs_review`, `needs_release`: codes of what must be there by then, in the form's order.
    `ladder`: who is reminded when, as in ladders.toml; empty for what has no clock.
    """

    code: str
    version: int
    row_type: RowType
    name: str
    statute: str
    link: str
    who: str
    plain_words: str
    answer: str
    present_law: tuple[str, ...]
    kinds: tuple[str, ...]
    nations: tuple[str, ...]
    issuers: tuple[str, ...]
    issuer_minimum: int
    addressees: Addressees
    force: Force
    document: Document
    oral: bool
    tests: Tests
    comms: tuple[str, ...]
    countersignature: bool
    countersigner_minimum: int
    time_rule: str
    time_note: str
    second_periods: tuple[str, ...]
    working_days: int
    urgent_working_days: int
    emergency_decision_hours: int
    emergency_release_hours: int
    scheme: str
    secrecy: str
    sanction: str
    opinions: tuple[str, ...]
    approvals: int
    refusals: tuple[str, ...]
    evidence: tuple[str, ...]
    needs_submit: tuple[str, ...]
    needs_review: tuple[str, ...]
    needs_release: tuple[str, ...]
    ladder: str
    retention: str
    report_category: str
    conf: str
    needs_verification: bool

    @property
    def voluntary(self) -> bool:
        return self.force is not Force.COMPULSORY

    @property
    def may_be_born_open(self) -> bool:
        """Whether the clerk's word decides; everything else is restricted until triage opens it.

        A plain Schedule 2 form, a company of the group, and a danger to life, which cannot wait for triage.
        """
        return self.code in BORN_OPEN or "G" in self.kinds

    @property
    def arrives(self) -> bool:
        """Whether it can be chosen for something that came."""
        return self.row_type in {RowType.REQUEST, RowType.ROUTE, RowType.CITATION}

    @property
    def preserves(self) -> bool:
        return self.code == PRESERVATION

    @property
    def notifies_agency(self) -> bool:
        """Whether sharing is protected only if the National Crime Agency was notified before: POCA 2002 s.339ZB(4)."""
        return self.code in SHARED

    def second_period(self, purpose: str) -> SecondPeriod | None:
        """The second period of this purpose, if the instrument has it."""
        read = [parse_second_period(text) for text in self.second_periods]
        return next((period for period in read if period.purpose == purpose), None)

    @property
    def is_secret(self) -> bool:
        """Whether statute or order forbids telling; PREJ is a mark not to notify and nothing more."""
        return self.secrecy not in OPEN_SECRECY


@dataclass(frozen=True, slots=True)
class ItemType:
    """`short` is what a list shows; `category` the code of the published policy's category it belongs to."""

    code: str
    name: str
    short: str
    category: str
    comms: Comms
    art9: bool
    art10: bool
    high_risk: bool
    others: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    code: str
    words: str
    way_on: str


@dataclass(frozen=True, slots=True)
class PolicyPurpose:
    """A purpose of the published policy. `open_to_group`: it stands above the disclosure clause and can be picked."""

    code: str
    name: str
    clause: str
    open_to_group: bool
    marketing: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class Rank:
    """Level: police ranks in tens, an inspector being 30; grades of other bodies are mapped onto them."""

    code: str
    name: str
    level: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """Who is reminded at which point of a clock, by role; HANDLER is whoever has the request.

    `clocks`: the purposes of clock it belongs to, whatever the instrument; empty where instruments name it.
    `overdue_days`: days between two reminders of what is overdue, 0 for once only. `contempt_risk`: an overdue
    answer is marked as such.
    """

    code: str
    name: str
    plain_words: str
    clocks: tuple[str, ...]
    half: tuple[str, ...]
    three_quarters: tuple[str, ...]
    last_day: tuple[str, ...]
    overdue: tuple[str, ...]
    overdue_days: int
    emergency: tuple[str, ...]
    emergency_overdue: tuple[str, ...]
    emergency_minutes: int
    contempt_risk: bool


PRESERVATION = "P-PRES"
SHARED = frozenset({"A-SHARE", "A-T21CA"})
BORN_OPEN = frozenset({"P-DPA2", "P-LEG98", "P-VITAL", "P-RLIE", "P-999"})
OPEN_SECRECY = frozenset({"", "PREJ"})
EVIDENCE_CODES = (
    "SENDER_ADDRESS", "CALL_BACK", "WARRANT_CARD", "COURT_DOCUMENT", "NOTICE_CHECKED", "AUTHORITY_SHOWN", "COMPANY_KNOWN",
)  # fmt: skip
ISSUERS = ("POLICE_FORCE", "AGENCY", "COURT", "GROUP_COMPANY")
OPINIONS = ("DPO", "MLRO")
# Each has its words and its test in selectors/completeness.py.
FORM_CODES = (
    "BODY", "SUBJECTS", "ITEMS", "SUMMARY", "REQUESTER_NAME", "REQUESTER_RANK", "REQUESTER_NUMBER", "REQUESTER_EMAIL",
    "CRIME_REFERENCE", "PURPOSES", "OFFENCE", "NECESSITY", "PROPORTIONALITY", "PREJUDICE", "SUBJECT_STATUS", "ITEM_PERIOD",
    "SPECIAL_CATEGORY", "CHILD", "COMMUNICATIONS", "DO_NOT_NOTIFY", "URGENCY_REASON", "RISK", "COURT", "JUDGE", "CASE_NUMBER",
    "MADE_ON", "SERVED_ON", "ADDRESSEE", "POLICY_PURPOSE", "RECIPIENT", "TRANSFER", "SIGNED_ON", "DECLARED_PURPOSE",
    "DECLARED_OFFENCE", "RETURN_CHANNEL", "IDENTIFIERS", "STATUTE", "AUTHORITY_SHOWN", "VICTIM_NOTICE", "COUNSELLING", "VALID_UNTIL",
)  # fmt: skip
