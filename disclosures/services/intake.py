"""What an intake clerk types from a form, a letter or a telephone call, before it is a request."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerInput:
    rank: str = ""
    name: str = ""
    number: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectInput:
    """`own_reference` is the company's own name for its line. `born_on` is an ISO date, as text: it is sealed like every other personal value."""

    own_reference: str = ""
    type: str = "INDIVIDUAL"
    status: str = ""
    name: str = ""
    aliases: str = ""
    born_on: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    account_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemInput:
    item_type: str
    detail: str = ""
    period_from: date | None = None
    period_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentInput:
    code: str
    dated_on: date | None = None
    made_on: date | None = None
    served_on: date | None = None
    valid_until: date | None = None
    stated_due_on: date | None = None
    statute_typed: str = ""
    court: str = ""
    judge: str = ""
    case_number: str = ""
    addressee: str = ""
    authority_shown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One recorded request. Only the first four are needed to register it; the rest by its own time."""

    channel: str
    received_at: datetime
    nation: str
    urgency: str = "ROUTINE"
    body_id: int | None = None
    unit: str = ""
    station_address: str = ""
    form_name: str = ""
    form_version: str = ""
    protective_marking: str = ""
    dated_on: date | None = None
    crime_reference: str = ""
    urn: str = ""
    operation_name: str = ""
    purposes: tuple[str, ...] = ()
    offence: str = ""
    offence_withheld: bool = False
    summary: str = ""
    necessity: str = ""
    proportionality: str = ""
    less_intrusive: str = ""
    prejudice: str = ""
    collateral: str = ""
    special_category_sought: bool | None = None
    child_or_vulnerable: bool | None = None
    communications_data_sought: bool | None = None
    urgency_reason: str = ""
    required_by_on: date | None = None
    do_not_notify: bool | None = None
    do_not_notify_reason: str = ""
    do_not_notify_review_on: date | None = None
    consent: str = ""
    victim_told_on: date | None = None
    victim_not_told_reason: str = ""
    counselling_sought: bool | None = None
    handling: str = ""
    evidential_format: str = ""
    cost_recovery_asked: bool | None = None
    policy_purpose: str = ""
    data_recipient: str = ""
    transfer_abroad: bool | None = None
    transfer_mechanism: str = ""
    marketing_channels: tuple[str, ...] = ()
    return_channel: str = ""
    return_address: str = ""
    declared_purpose: bool = False
    declared_offence: bool = False
    declared_part3: bool = False
    signed_on: date | None = None
    countersigned_on: date | None = None
    rank_waiver_reason: str = ""
    instrument: InstrumentInput | None = None
    requester: OfficerInput = field(default_factory=OfficerInput)
    countersigner: OfficerInput = field(default_factory=OfficerInput)
    subjects: tuple[SubjectInput, ...] = ()
    items: tuple[ItemInput, ...] = ()
