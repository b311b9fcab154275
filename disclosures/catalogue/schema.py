"""What a row of the catalogue holds. Frozen, without Django: law is data that a lawyer can read."""

from dataclasses import dataclass
from enum import StrEnum


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


class Comms(StrEnum):
    """Classes of communications data: Investigatory Powers Act 2016 s.261."""

    NOT_COMMS = "NOT_COMMS"
    ENTITY = "ENTITY"
    EVENTS = "EVENTS"
    CONTENT = "CONTENT"


@dataclass(frozen=True, slots=True)
class Instrument:
    code: str
    version: int
    row_type: RowType
    name: str
    statute: str
    link: str
    plain_words: str
    kinds: tuple[str, ...]
    nations: tuple[str, ...]
    issuers: tuple[str, ...]
    force: Force
    document: str
    countersignature: bool
    countersigner_minimum: int
    time_rule: str
    working_days: int
    urgent_working_days: int
    emergency_decision_hours: int
    emergency_release_hours: int
    scheme: str
    secrecy: str
    approvals: int
    refusals: tuple[str, ...]
    evidence: tuple[str, ...]
    retention: str
    report_category: str
    conf: str
    needs_verification: bool

    @property
    def voluntary(self) -> bool:
        return self.force is Force.VOLUNTARY


@dataclass(frozen=True, slots=True)
class ItemType:
    """`short` is what a list shows."""

    code: str
    name: str
    short: str
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
class Rank:
    """Level: police ranks in tens, an inspector being 30."""

    code: str
    name: str
    level: int


EVIDENCE_CODES = ("SENDER_ADDRESS", "CALL_BACK", "WARRANT_CARD")
