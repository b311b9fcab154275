"""The decision record: every part that makes a decision stand up (UK GDPR Articles 5(2), 6, 9, 10, 24 and 30).

Complete by construction: no field has a default, so a part that was forgotten is a type error, and a part that
there is nothing to say of is None, which the page prints as "None recorded". The words beside a type are what a
reader sees; PDF, JSON and the schema in docs/ all come from these classes alone. Pure; no Django.
"""

import json
import types
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Annotated as An
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from accounts.days import british

FORMAT_VERSION = 1
NONE = "None recorded"
LONDON = ZoneInfo("Europe/London")
Words = str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    made_at: An[datetime, "Made"]
    made_by: An[str, "Made for"]
    made_in_role: An[str, "In the role of"]
    request_version: An[int, "Version of the request"]
    log: An[str, "Log that holds its entries"]
    format_version: An[int, "Version of this format"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    reference: An[str, "Our reference"]
    their_reference: An[Words, "Their reference"]
    kind: An[str, "Kind"]
    state: An[str, "State"]
    round: An[int, "Round"]
    nation: An[str, "Nation"]
    channel: An[str, "How it came"]
    received_at: An[datetime, "Received"]
    recorded_at: An[datetime, "Recorded"]
    recorded_by: An[str, "Taken in by"]
    form: An[Words, "Form"]
    dated_on: An[date | None, "Dated"]
    purposes: An[tuple[str, ...], "Purposes stated"]
    policy_purpose: An[Words, "Purpose of the policy, and its clause"]
    offence: An[Words, "Offence stated"]
    summary: An[Words, "What it is about"]
    urgency: An[str, "Urgency"]
    urgency_reason: An[Words, "Why it is urgent"]
    signed_on: An[date | None, "Signed"]
    countersigned_on: An[date | None, "Countersigned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentPart:
    code: An[str, "Code"]
    name: An[str, "Instrument"]
    statute: An[str, "Law"]
    catalogue_version: An[int, "Version of the catalogue"]
    governs: An[bool, "Governs the request"]
    force: An[str, "Force"]
    cited_as: An[Words, "As cited on the form"]
    court: An[Words, "Court"]
    judge: An[Words, "Judge"]
    case_number: An[Words, "Case number"]
    addressee: An[Words, "Addressee"]
    dated_on: An[date | None, "Dated"]
    made_on: An[date | None, "Made"]
    served_on: An[date | None, "Served"]
    valid_until: An[date | None, "Valid until"]
    stated_due_on: An[date | None, "Date it states"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    at_receipt: An[Words, "Version in force at receipt"]
    at_decision: An[Words, "Version in force at the decision"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    body: An[Words, "Body or company"]
    unit: An[Words, "Unit"]
    address: An[Words, "Address"]
    officer: An[Words, "Who asks"]
    officer_mail: An[Words, "Mailbox"]
    countersigner: An[Words, "Countersigned by"]
    rank_waiver: An[Words, "Why seniority was waived"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    what: An[str, "Check"]
    passed: An[bool, "It holds"]
    at: An[datetime, "When"]
    by: An[str, "By"]
    number_called: An[Words, "Number rung"]
    answered_by: An[Words, "Who answered"]
    note: An[Words, "What was seen or said"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    position: An[int, "Person"]
    type: An[str, "Type"]
    status: An[Words, "Status"]
    name: An[Words, "Name"]
    born_on: An[date | None, "Born"]
    address: An[Words, "Address"]
    phone: An[Words, "Telephone"]
    email: An[Words, "E-mail"]
    account_number: An[Words, "Account"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPart:
    person: An[int, "Person"]
    item: An[int, "Item"]
    what: An[str, "Asked for"]
    classed: An[tuple[str, ...], "Classed as"]
    decision: An[str, "Decision"]
    reason: An[Words, "Reason for withholding"]
    note: An[Words, "Note"]
    given_sha256: An[Words, "SHA-256 of what was given"]
    others: An[Words, "Another person's part"]
    others_reason: An[Words, "Why that part is given or withheld"]
    others_sha256: An[Words, "SHA-256 of what was given of another person"]
    decided_at: An[datetime | None, "Decided"]
    decided_by: An[Words, "Decided by"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    basis: An[Words, "Lawful basis"]
    exemption: An[Words, "Exemption"]
    extent: An[Words, "To what extent it is relied on"]
    compatibility: An[Words, "Compatible purpose"]
    condition: An[Words, "Condition under Articles 9 and 10"]
    condition_note: An[Words, "Why the condition is met"]
    special_category: An[bool | None, "The form asks for special category data"]
    child_or_vulnerable: An[bool | None, "A child or a vulnerable person is concerned"]
    answered_by: An[Words, "Tests answered by"]
    answered_at: An[datetime | None, "Tests answered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    question: An[str, "Question"]
    answer: An[str, "Answer"]
    reason: An[Words, "Reason"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdParties:
    as_the_form_says: An[Words, "Others shown, as the form says"]
    items_showing_others: An[tuple[str, ...], "Items that may show another person"]
    scheme_rules: An[tuple[str, ...], "Rules of other bodies’ schemes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    legitimate_interests: An[Words, "Legitimate-interests assessment"]
    impact_assessment: An[Words, "Data protection impact assessment"]
    sharing_agreement: An[Words, "Data sharing agreement"]
    transfer_abroad: An[bool | None, "Leaves the United Kingdom"]
    transfer_mechanism: An[Words, "Transfer mechanism"]
    recipient: An[Words, "Who is to use it"]
    agency_notices: An[tuple[str, ...], "Notices to the National Crime Agency"]
    period_events: An[tuple[str, ...], "What its second periods hang on"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    by: An[str, "Advice of"]
    person: An[str, "Given by"]
    at: An[datetime, "Recorded"]
    advised_on: An[date | None, "Date of the advice"]
    in_favour: An[bool, "In favour"]
    words: An[str, "Advice"]
    followed: An[str, "Followed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    outcome: An[Words, "Outcome"]
    refusal: An[Words, "Refused as a whole for"]
    court_application: An[Words, "Application to the court"]
    proposal_digest: An[Words, "Digest of what was approved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    act: An[str, "Step"]
    by: An[str, "By"]
    role: An[str, "In the role of"]
    delegation: An[Words, "Delegation"]
    at: An[datetime, "When"]
    round: An[int, "Round"]
    reason: An[Words, "Reason"]
    digest: An[Words, "Digest signed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    handling_asked: An[Words, "Handling asked for by the requester"]
    marking: An[Words, "Protective marking"]
    set_by_letter: An[Words, "Set on the recipient by the letter with SHA-256"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    system: An[str, "System"]
    person: An[int, "Person"]
    item: An[int, "Item"]
    terms: An[Words, "Searched with"]
    result: An[Words, "Result"]
    at: An[datetime | None, "When"]
    by: An[Words, "By"]
    asked_by: An[str, "Asked by"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    what: An[str, "What"]
    format: An[str, "Format"]
    sha256: An[str, "SHA-256"]
    channel: An[Words, "Channel"]
    to: An[Words, "To whom"]
    at: An[datetime | None, "When"]
    by: An[Words, "By"]
    receipt: An[Words, "Receipt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    told: An[Words, "The person was told"]
    do_not_tell: An[bool | None, "Not to be told"]
    why_not: An[Words, "Why not"]
    review_on: An[date | None, "Looked at again on"]
    secrecy: An[Words, "Secrecy code"]
    restricted: An[bool, "Restricted to named members"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    retention: An[Words, "Retention class"]
    hold: An[Words, "Legal hold"]
    fee_asked: An[bool | None, "Costs to be recovered"]
    fee: An[Words, "Fee"]
    hours: An[Words, "Hours"]
    review_route: An[str, "Review and complaint"]
    reviews: An[tuple[str, ...], "Reviews asked for"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    what: An[str, "Clock"]
    rule: An[str, "Rule"]
    due_on: An[date | None, "Due"]
    state: An[str, "State"]
    derivation: An[tuple[str, ...], "How the date was worked out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    name: An[str, "Name"]
    purpose: An[str, "What it is"]
    sha256: An[str, "SHA-256"]
    attached_at: An[datetime, "Attached"]
    attached_by: An[str, "By"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    origin: An[Origin, "This record"]
    asked: An[Asked, "The request"]
    instruments: An[tuple[InstrumentPart, ...], "Instruments"]
    policy: An[Policy, "Privacy policy"]
    requester: An[Requester, "The requester"]
    verification: An[tuple[Check, ...], "Verification of the requester"]
    people: An[tuple[Person, ...], "The people concerned"]
    items: An[tuple[ItemPart, ...], "Items asked for, given and withheld"]
    law: An[Law, "Lawful basis, exemption and conditions"]
    tests: An[tuple[Question, ...], "Tests: necessity, proportionality, prejudice and the others"]
    third_parties: An[ThirdParties, "Third parties"]
    references: An[References, "Assessments, agreements and transfer"]
    advice: An[tuple[Advice, ...], "Advice taken"]
    outcome: An[Outcome, "Outcome"]
    decisions: An[tuple[Decision, ...], "Decisions and who took them"]
    conditions: An[Conditions, "Conditions set on the recipient"]
    searches: An[tuple[Search, ...], "Search log"]
    releases: An[tuple[Release, ...], "Release log"]
    telling: An[Telling, "Telling the person, and secrecy"]
    clocks: An[tuple[Clock, ...], "Clocks"]
    papers: An[tuple[Paper, ...], "Documents on file"]
    keeping: An[Keeping, "Fee, review and retention"]


# As JSON -------------------------------------------------------------------------------------


def as_json(record: DecisionRecord) -> str:
    """UTF-8 text; instants in ISO 8601 with their offset, days as ISO dates. docs/decision-record.schema.json describes it."""
    return json.dumps(asdict(record), default=_iso, ensure_ascii=False, indent=1)


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"A record holds no {type(value).__name__}.")


def schema() -> dict[str, Any]:
    """The JSON Schema of a record, from the classes above."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Decision record",
        "description": f"Format version {FORMAT_VERSION}. Null means that there is none, and that somebody could see so.",
        **_schema_of(DecisionRecord),
    }


SIMPLE: dict[object, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}


def _schema_of(hint: Any) -> dict[str, Any]:
    if get_origin(hint) is An:
        inner, words = get_args(hint)
        return {**_schema_of(inner), "description": words}
    if is_dataclass(hint):
        hints = get_type_hints(hint, include_extras=True)
        return {
            "type": "object",
            "additionalProperties": False,
            "required": list(hints),
            "properties": {name: _schema_of(inner) for name, inner in hints.items()},
        }
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _schema_of(get_args(hint)[0])}
    if get_origin(hint) in {types.UnionType, Union}:
        (some,) = (inner for inner in get_args(hint) if inner is not type(None))
        found = _schema_of(some)
        return {**found, "type": [found["type"], "null"]}
    return dict(SIMPLE[hint])


# As a reader sees it -------------------------------------------------------------------------


class Section(NamedTuple):
    """`parts` are the rows of each part, as (label, words); none for a section of which there is nothing."""

    title: str
    parts: list[list[tuple[str, str]]]


def sections(record: DecisionRecord) -> list[Section]:
    """Every part in its order, in words."""
    found = []
    for name, title in _labels(DecisionRecord):
        value = getattr(record, name)
        parts = value if isinstance(value, tuple) else (value,)
        found.append(Section(title, [list(_rows(part)) for part in parts]))
    return found


def _labels(kind: Any) -> list[tuple[str, str]]:
    hints = get_type_hints(kind, include_extras=True)
    return [(field.name, get_args(hints[field.name])[1]) for field in fields(kind)]


def _rows(part: Any) -> Iterator[tuple[str, str]]:
    for name, label in _labels(type(part)):
        yield label, in_words(getattr(part, name))


def in_words(value: object) -> str:
    if value is None or value == () or value == "":
        return NONE
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        local = value.astimezone(LONDON)
        return f"{british(local)}, {local:%H:%M %Z}"
    if isinstance(value, date):
        return british(value)
    if isinstance(value, tuple):
        return "\n".join(value)
    return str(value)
