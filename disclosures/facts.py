"""What the guards may know. Gathered by `selectors.facts`, judged by `guards`; pure, no Django."""

from dataclasses import dataclass
from datetime import datetime

from .catalogue import Addressees, Instrument, PolicyPurpose, Tests
from .states import Outcome


@dataclass(frozen=True, slots=True)
class OfficerFacts:
    rank_name: str
    level: int


@dataclass(frozen=True, slots=True)
class DecidingFacts:
    """About the decision. `advice_against` names whose latest opinion speaks against a release; `erased` the people
    of whom nothing is left, by their place."""

    special_disclosed: bool = False
    condition_named: bool = False
    advice_against: tuple[str, ...] = ()
    advised_by: frozenset[int] = frozenset()
    recorded_outcome: str = ""
    reviews_asked: int = 0
    withheld_codes: tuple[str, ...] = ()
    neither_confirmed: int = 0
    applied_to_court: bool = False
    answer_came_back: bool = False
    erased: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class EndedCheck:
    """A check whose time is over; the days are in words."""

    code: str
    made: str
    until: str


@dataclass(frozen=True, slots=True)
class CheckedFacts:
    """How the requester was checked. `ended`: the newest check of its kind held once and counts no longer."""

    ended: tuple[EndedCheck, ...] = ()
    rung_back_lately: bool = False
    ratification_overdue: bool = False


@dataclass(frozen=True, slots=True)
class AskedFacts:
    """Who asks for how much, and where the answer goes. Standings as in `accounts.bodies.addresses`."""

    standing: str = ""
    may_use: tuple[str, ...] = ()
    items: int = 0
    people: int = 0
    return_channel: str = ""
    return_standing: str = ""
    return_is_listed: bool = False
    ended_on: str = ""


@dataclass(frozen=True, slots=True)
class Barred:
    """Somebody to be disclosed who may not be: the position on the request, and why, in words behind it."""

    position: int
    why: str


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """What is asked only of a company of the group. `credit_gaps`: sentences of what a credit check lacks.

    `purpose_above`: whether the version of the policy in force puts the purpose above its disclosure clause;
    None where that version does not name it. `partner`: whose direct approach we consented to, today.
    """

    policy_number: int | None = None
    purpose_clause: str = ""
    purpose_above: bool | None = None

    is_abroad: bool = False
    transfer_abroad: bool | None = None
    transfer_mechanism: str = ""
    channels: tuple[str, ...] = ()
    partner: str = ""
    barred: tuple[Barred, ...] = ()
    credit_gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoutingFacts:
    """Whether it can be worked here at all. `switched_off`: why, in words; empty while the instrument is on.

    `excluded_material`: whether it may be among it; `excluded_asked`: False where these tests are from before it was
    asked. `counsel_since`: counsel's latest advice is in favour, and later than that answer.
    """

    company_is: frozenset[Addressees] = frozenset(Addressees)
    switched_off: str = ""
    body_is_abroad: bool = False
    privilege_excluded: bool | None = None
    excluded_asked: bool = True
    excluded_material: bool | None = None
    counsel_since: bool = False


@dataclass(frozen=True, slots=True)
class HoldingFacts:
    """Of a preservation request. `unconfirmed`: the systems whose holder has not said what was done."""

    unconfirmed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SchemeItem:
    """An item from another body's scheme. `why_not` follows “Item 2”; empty while it may be passed on."""

    position: int
    disclosed: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class AgencyFacts:
    """Of sharing in the regulated sector; the days are in words, empty where there is none yet."""

    notified_on: str = ""
    reported_on: str = ""
    report_due_on: str = ""


@dataclass(frozen=True, slots=True)
class LaterFacts:
    """Of material that an order covers and we did not hold: until when the window is open, and what is due; in words."""

    window_until: str = ""
    hand_over_by: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the guards may know of a request, its history and the person who acts.

    Pairs are (item, subject) combinations; counts are of pairs unless said otherwise.
    """

    now: datetime
    actor_id: int
    actor_roles: frozenset[str]
    recorded_by_id: int
    kind: str
    instrument: Instrument | None
    reason: str = ""
    # Completeness: what is still missing, in the words of the form.
    restricted: bool = False
    secrecy_ended: bool = False
    nation: str = ""
    body_kind: str = ""
    body_name: str = ""
    policy_purpose: PolicyPurpose | None = None
    company_is_related: bool = False
    unrelated_since: str = ""
    group: GroupFacts = GroupFacts()
    missing_to_submit: tuple[str, ...] = ()
    missing_to_review: tuple[str, ...] = ()
    missing_to_release: tuple[str, ...] = ()
    # Who asks.
    requester: OfficerFacts | None = None
    countersigner: OfficerFacts | None = None
    same_officer_signed_twice: bool = False
    rank_waiver_reason: bool = False
    emergency: bool = False
    communications_items: tuple[str, ...] = ()
    content_items: tuple[str, ...] = ()
    # Verification.
    evidence_passed: frozenset[str] = frozenset()
    evidence_failed: frozenset[str] = frozenset()
    call_back_by: frozenset[int] = frozenset()
    checked: CheckedFacts = CheckedFacts()
    asked: AskedFacts = AskedFacts()
    # Weighing.
    pairs: int = 0
    pairs_searched: int = 0
    pairs_decided: int = 0
    disclosed_without_find: int = 0
    refusals_outside_the_instrument: tuple[str, ...] = ()
    outcome: Outcome | None = None
    disclosed: int = 0
    others_withheld: int = 0
    refusal_codes: frozenset[str] = frozenset()
    addressee: str = ""  # of an order: empty, OPEN, OURS or NOT_OURS
    tests: Tests = Tests.VOLUNTARY
    assessed: bool = False
    assessment_supports_disclosure: bool = False
    weighing_lapsed_on: str = (
        ""  # of a legitimate interest: the day, in words, on which nobody looked at it again
    )
    weighing_fell: bool = False
    opinions_needed: frozenset[str] = frozenset()
    opinions_given: frozenset[str] = frozenset()
    deciding: DecidingFacts = DecidingFacts()
    routing: RoutingFacts = RoutingFacts()
    holding: HoldingFacts = HoldingFacts()
    schemes: tuple[SchemeItem, ...] = ()
    agency: AgencyFacts = AgencyFacts()
    later: LaterFacts = LaterFacts()
    letter_prepared: bool = False
    letter_sent: bool = False
    letter_is_leaving: bool = False
    # Approval.
    digest: str = ""
    proposed_digest: str = ""
    seen_digest: str = ""
    approvals_needed: int = 1
    concurred_by: frozenset[int] = frozenset()
    acts_of_actor: frozenset[str] = frozenset()
    act: str = ""
    policy_in_force: bool = False
    release_held: bool = False
    # Ends and emergencies.
    instrument_ended: bool = False
    emergency_actors: frozenset[int] = frozenset()
    emergency_has_approver: bool = False
    on_call_list_exhausted: bool = False
    lone_release_allowed: bool = False
    paper_received: bool = False
    read_out: bool = False
    risk_stated: bool = False

    @property
    def is_compulsory(self) -> bool:
        return self.instrument is not None and not self.instrument.voluntary

    @property
    def asks_to_keep(self) -> bool:
        """A preservation request has holds and no searches: nothing is handed over under it."""
        return self.instrument is not None and self.instrument.preserves
