"""Gathers what the guards may know, from rows alone: nothing sealed is opened for it."""

from collections.abc import Iterable, Set
from datetime import datetime

from django.utils.timezone import localdate

from accounts.days import british
from accounts.models import User
from accounts.ownership import standing_of
from privacy.selectors import NoPolicyInForce, version_in_force

from ..catalogue import PURPOSES, RANKS, Comms, Tests
from ..catalogue import Instrument as Terms
from ..facts import Facts, OfficerFacts
from ..models import (
    Evidence,
    Item,
    ItemDecision,
    Letter,
    LetterMail,
    Officer,
    Request,
    SearchRecord,
    Step,
)
from ..models.letter_mail import WAITS
from ..models.request import Urgency
from ..permissions import roles_on
from ..states import Action, Kind, Outcome, State
from ..workflow import DECIDING
from .agency import agency_facts
from .calls import is_exhausted, lone_release_allowed
from .completeness import Form, missing_to_release, missing_to_review, missing_to_submit
from .deciding import OPINION_WORDS, asks_for_special, deciding_facts
from .facts_of_requester import asked_facts, checked_facts, still_counts
from .group import group_facts
from .holds import holding_facts
from .interests import fell, lapsed_on
from .proposal import is_about_people, outcome_of, proposal_digest
from .routing import routing_facts
from .rows import Rows
from .schemes import scheme_facts
from .second_periods import later_facts
from .secrecy import secrecy_has_ended
from .settled import addressee_question

MANY_SUBJECTS = 25
PROPOSED = frozenset({State.PENDING_APPROVAL, State.APPROVED, State.NO_DATA, State.RELEASING})


def facts_for(
    request: Request,
    *,
    actor: User | None,
    now: datetime,
    action: Action,
    reason: str = "",
    seen_digest: str = "",
    rows: Rows | None = None,
    roles: frozenset[str] | None = None,
) -> Facts:
    """Facts for one step. Reads each kind of row once; the caller holds the request's lock, or only asks.

    `rows` and `roles` (those of the actor on this request): what a page has read already.
    """
    rows = rows or Rows(request)
    instrument = next(iter(rows.governing), None)
    officers = {officer.part: officer for officer in rows.officers}
    subjects, items, decisions, records = rows.subjects, rows.items, rows.decisions, rows.records
    evidence, opinions, applied = latest(rows.evidence), rows.opinions, bool(rows.applications)
    steps = rows.steps[::-1]
    assessment = next(iter(rows.assessments), None)
    asked = assessment is not None and assessment.second_look
    letter = next(
        (row for row in rows.letters if row.purpose == Letter.Purpose.OUTCOME and row.round == request.round),
        None,
    )
    terms = instrument.terms if instrument else None
    emergency = request.urgency == Urgency.IMMEDIATE
    answered = {(r.item_id, r.subject_id) for r in records if r.result}
    found = {(r.item_id, r.subject_id) for r in records if r.result == SearchRecord.Result.FOUND}
    disclosed = {(d.item_id, d.subject_id) for d in decisions if d.decision == ItemDecision.Decision.DISCLOSE}
    withheld = {d.refusal_code for d in decisions if d.refusal_code} | ({request.refusal_code} - {""})
    special = asks_for_special(request, (item.item_type for item in items))
    risky = any(item.catalogued.high_risk for item in items)
    form = Form(request, subjects, items, officers, instrument)
    outcome = outcome_of(request, decisions, about_people=is_about_people(subjects, terms))
    kind = kind_of(request, terms)
    related, unrelated_since = _relationship(request, kind, now)
    return Facts(
        now=now,
        actor_id=actor.pk if actor else 0,
        actor_roles=roles if roles is not None else roles_on(actor, request, now) if actor else frozenset(),
        recorded_by_id=request.recorded_by_id,
        kind=kind,
        instrument=terms,
        reason=reason,
        restricted=request.restricted,
        secrecy_ended=terms is not None and terms.is_secret and secrecy_has_ended(request),
        nation=request.nation,
        body_kind=request.body.kind if request.body else "",
        body_name=request.body.name if request.body else "",
        policy_purpose=PURPOSES.get(request.policy_purpose),
        company_is_related=related,
        unrelated_since=unrelated_since,
        group=group_facts(
            request,
            kind=kind,
            terms=terms,
            subjects=subjects,
            disclosed={pair[1] for pair in disclosed},
            now=now,
        ),
        missing_to_submit=missing_to_submit(form),
        missing_to_review=missing_to_review(form),
        missing_to_release=missing_to_release(form),
        requester=_officer(officers.get(Officer.Part.REQUESTER)),
        countersigner=_officer(officers.get(Officer.Part.COUNTERSIGNER)),
        same_officer_signed_twice=any(officer.same_as_requester for officer in officers.values()),
        rank_waiver_reason=request.rank_waiver_reason is not None,
        emergency=emergency,
        communications_items=_classed(
            items, {Comms.ENTITY, Comms.EVENTS} - set(terms.comms if terms else ())
        ),
        content_items=_classed(items, {Comms.CONTENT} - set(terms.comms if terms else ())),
        evidence_passed=frozenset(
            code for code, row in evidence.items() if row.passed and still_counts(code, row.at, now)
        ),
        evidence_failed=frozenset(code for code, row in evidence.items() if not row.passed),
        call_back_by=frozenset(
            row.recorded_by_id for code, row in evidence.items() if code == Evidence.Code.CALL_BACK
        ),
        checked=checked_facts(request, evidence, now),
        asked=asked_facts(
            request,
            officers.get(Officer.Part.REQUESTER),
            instrument,
            items=len(items),
            people=len(subjects),
        ),
        pairs=len(subjects) * len(items),
        pairs_searched=len(answered - {(r.item_id, r.subject_id) for r in records if not r.result}),
        pairs_decided=len(decisions),
        disclosed_without_find=len(disclosed - found),
        refusals_outside_the_instrument=tuple(sorted(withheld - set(terms.refusals))) if terms else (),
        outcome=outcome,
        disclosed=len(disclosed),
        refusal_codes=frozenset(withheld),
        addressee=addressee_question(request, instrument),
        others_withheld=sum(d.others == ItemDecision.Others.WITHHOLD for d in decisions),
        tests=terms.tests if terms else Tests.VOLUNTARY,
        assessed=assessment is not None and (terms is None or assessment.tests == terms.tests),
        assessment_supports_disclosure=assessment is not None and assessment.supports_disclosure,
        weighing_lapsed_on=lapsed_on(assessment, now),
        weighing_fell=fell(assessment),
        opinions_needed=opinions_needed(
            request, terms, special=special, risky=risky, subjects=len(subjects), asked=asked
        ),
        opinions_given=frozenset(OPINION_WORDS[opinion.by_role] for opinion in opinions),
        routing=routing_facts(request, terms, assessment, opinions),
        holding=holding_facts(request, terms),
        agency=agency_facts(request, terms),
        later=later_facts(request, terms, now),
        schemes=scheme_facts(request, items, terms, disclosed={pair[0] for pair in disclosed}, now=now),
        deciding=deciding_facts(
            request, subjects, items, decisions, assessment, opinions, steps, applied, letter
        ),
        letter_prepared=letter is not None and all(row.decided_at <= letter.prepared_at for row in decisions),
        letter_sent=letter is not None and letter.sent_at is not None,
        digest=proposal_digest(request) if State(request.state) in PROPOSED else "",
        proposed_digest=request.proposal_digest,
        seen_digest=seen_digest,
        approvals_needed=approvals_needed(request, terms, special=special, subjects=len(subjects)),
        concurred_by=_concurred(steps),
        acts_of_actor=frozenset(
            step.act for step in steps if step.act and actor and step.actor_id == actor.pk
        ),
        act=DECIDING.get(action, ""),
        policy_in_force=_policy_in_force(now),
        release_held=letter is None or letter.sent_at is None,
        letter_is_leaving=letter is not None and LetterMail.objects.filter(WAITS, letter=letter).exists(),
        instrument_ended=bool(
            instrument and instrument.valid_until and instrument.valid_until < localdate(now)
        ),
        emergency_actors=frozenset(s.actor_id for s in steps if s.actor_id and "EMERGENCY" in s.act),
        emergency_has_approver=any(s.act == "PROPOSE_EMERGENCY" and s.role == "APPROVER" for s in steps),
        on_call_list_exhausted=is_exhausted(request, actor, now) if action is Action.RELEASE_ALONE else False,
        lone_release_allowed=lone_release_allowed() if action is Action.RELEASE_ALONE else False,
        read_out=any(row.round == request.round for row in rows.read_out),
        paper_received=request.signed_on is not None,
        risk_stated=emergency and request.urgency_reason is not None,
    )


def kind_of(request: Request, terms: Terms | None) -> str:
    """The kind triage has given it, or the only one its instrument can have."""
    if request.kind or terms is None or len(terms.kinds) != 1 or terms.kinds[0] not in list(Kind):
        return request.kind
    return terms.kinds[0]


def approvals_needed(request: Request, terms: Terms | None, *, special: bool, subjects: int) -> int:
    """Two for special category data, many people, a transfer abroad, a money laundering enquiry that nobody is
    bound to answer, and the refusal of a compulsory instrument (DOMAIN E.1)."""
    refused = request.outcome == Outcome.REFUSED and terms is not None and not terms.voluntary
    enquiry = terms is not None and terms.voluntary and kind_of(request, terms) == Kind.AML
    grave = special or subjects > MANY_SUBJECTS or request.transfer_abroad or refused or enquiry
    return max(2 if grave else 1, terms.approvals if terms else 1)


def opinions_needed(
    request: Request, terms: Terms | None, *, special: bool, risky: bool, subjects: int, asked: bool = False
) -> frozenset[str]:
    """Whose advice must be heard: by the instrument; the data protection officer's by what the items are, how many
    people they show, where they go, and where the reviewer asked for it (a new basis, a disagreement: DOMAIN E.1)."""
    many = subjects > MANY_SUBJECTS
    grave = special or risky or many or asked or request.child_or_vulnerable or request.transfer_abroad
    codes = {*(terms.opinions if terms else ()), *(("DPO",) if grave else ())}
    return frozenset(OPINION_WORDS[code] for code in codes)


def _relationship(request: Request, kind: str, now: datetime) -> tuple[bool, str]:
    """Whether the company that asks is related to the controller today; if no more, since when not."""
    if kind != Kind.GROUP or request.body is None:
        return False, ""
    standing = standing_of(request.body, localdate(now))
    ended = standing.last_day
    return standing.is_related, british(ended) if ended else ""


def latest(rows: Iterable[Evidence]) -> dict[str, Evidence]:
    """The newest check of each kind: a later one settles an earlier."""
    return {row.code: row for row in rows}


def _officer(row: Officer | None) -> OfficerFacts | None:
    if row is None or row.rank not in RANKS:
        return None
    rank = RANKS[row.rank]
    return OfficerFacts(rank_name=rank.name, level=rank.level)


def _classed(items: list[Item], classes: Set[str]) -> tuple[str, ...]:
    return tuple(item.catalogued.name for item in items if item.catalogued.comms in classes)


def _concurred(steps: list[Step]) -> frozenset[int]:
    """Second signatures since the last proposal: a new proposal asks for new ones."""
    since: set[int] = set()
    for step in steps:
        if step.target == State.PENDING_APPROVAL and step.source != State.PENDING_APPROVAL:
            since = set()
        elif step.action == Action.CONCUR and step.actor_id:
            since.add(step.actor_id)
    return frozenset(since)


def _policy_in_force(now: datetime) -> bool:
    try:
        version_in_force(now)
    except NoPolicyInForce:
        return False
    return True
