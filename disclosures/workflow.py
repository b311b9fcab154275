"""THE TABLE: one row per arrow. Buttons, permissions, docs, diagram and the database's own rule follow from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from . import guards as g
from .facts import Facts
from .guards import FOUR_EYES, Guard
from .guards import addressee as a
from .guards import deciding as d
from .guards import group as gr
from .guards import holding as h
from .guards import kinds as k
from .guards import parts as o
from .guards import routing as r
from .guards import schemes as s
from .guards import second_periods as sp
from .guards import sharing as sh
from .guards import verification as v
from .states import Action, Perm, State


class Objection(NamedTuple):
    """`guard` is what the log names, `sentence` what the person reads."""

    guard: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Transition:
    source: State
    action: Action
    target: State
    perm: Perm
    guards: tuple[Guard, ...] = ()


# Acts that decide exclude one another by person, over all rounds; the same act may be repeated.
# An approval is one act whatever is approved. RELEASE_ALONE is the proposer's own second half.
DECIDING: dict[Action, str] = {
    Action.CONFIRM: "CONFIRM",
    Action.PROPOSE: "PROPOSE",
    Action.PROPOSE_REFUSAL: "PROPOSE",
    Action.CONCUR: "CONCUR",
    Action.APPROVE_RELEASE: "APPROVE",
    Action.APPROVE_REFUSAL: "APPROVE",
    Action.APPROVE_NIL: "APPROVE",
    Action.PROPOSE_EMERGENCY: "PROPOSE_EMERGENCY",
    Action.RELEASE_EMERGENCY: "RELEASE_EMERGENCY",
    Action.RELEASE_ALONE: "PROPOSE_EMERGENCY",
    Action.RATIFY: "RATIFY",
    Action.REFUSE_RATIFICATION: "RATIFY",
    Action.UPHOLD: "DECIDE_APPEAL",
    Action.OVERTURN: "DECIDE_APPEAL",
}

# Not without a second factor that is minutes old: what is signed, and what leaves the house.
PROVED = frozenset({
    Action.CONCUR, Action.APPROVE_RELEASE, Action.APPROVE_REFUSAL, Action.APPROVE_NIL, Action.START_RELEASE,
    Action.RECORD_SENT, Action.RELEASE_EMERGENCY, Action.RELEASE_ALONE, Action.RATIFY, Action.REFUSE_RATIFICATION,
    Action.UPHOLD, Action.OVERTURN,
})  # fmt: skip

TRIAGE = (g.instrument_is_one_we_work, *r.HERE, g.instrument_fits_the_kind, k.body_may_use_the_instrument, k.instrument_reaches_this_nation,
          k.officer_has_the_rank_it_needs, v.officer_writes_from_an_address_of_the_body, v.body_may_ask_in_this_way,
          v.instrument_is_in_its_period, g.countersigner_outranks_the_requester, k.secret_instrument_is_restricted,
          g.nothing_asked_for_is_communications_data, k.purpose_is_open_to_the_group, k.company_is_related,
          *gr.AT_TRIAGE,
          g.everything_needed_to_review_is_there)  # fmt: skip
# Of a company of the group: asked when it is proposed, when it is approved, when it goes out, and when it has gone.
COMPANY = (k.company_is_related, *gr.TO_RELEASE)
VERIFIED = (
    g.all_evidence_is_in,
    *v.STILL_VERIFIED,
    g.no_evidence_speaks_against_it,
    g.somebody_else_rang_back_than_took_it_in,
)
# Asked again on every arrow that leads towards something leaving the house.
LEAVES = (
    g.requester_is_verified,
    v.instrument_is_in_its_period,
    v.answer_goes_to_the_bodys_own_mailbox,
    s.scheme_lets_it_be_passed_on,
    sh.agency_was_notified,
    r.excluded_material_stays_behind,
    *COMPANY,
)
WEIGHED = (r.a_hold_hands_nothing_over, r.privileged_material_is_withheld, r.excluded_material_was_asked_about,
           r.excluded_material_is_withheld_or_reached, g.every_pair_was_searched, g.every_pair_is_decided, g.only_what_was_found_is_disclosed,
           g.refusals_are_open_to_the_instrument, g.tests_are_answered, g.tests_support_disclosure, g.opinions_are_in,
           d.special_category_has_its_condition, d.advice_against_it_is_answered, d.order_is_refused_as_the_law_allows,
           d.only_others_are_neither_confirmed_nor_denied, d.nothing_of_an_organisation_is_given, s.scheme_lets_it_be_passed_on,
           *COMPANY,
           gr.marketing_names_its_channels, k.purpose_is_open_to_the_group,
           v.instrument_is_in_its_period, v.answer_goes_to_the_bodys_own_mailbox,
           o.another_persons_part_of_an_order_is_given, a.addressee_was_settled,
           g.everything_needed_to_release_is_there, g.letter_is_prepared)  # fmt: skip
REFUSAL = (g.refusal_is_proposed, g.refusals_are_open_to_the_instrument, d.order_is_refused_as_the_law_allows,
           a.wrong_name_alone_refuses_nothing, g.letter_is_prepared)  # fmt: skip
SIGNED = (
    g.proposal_is_unchanged,
    g.approver_saw_this_proposal,
    g.policy_is_in_force,
    d.adviser_does_not_approve,
)
URGENT = (*r.HERE, g.risk_to_life_is_stated, g.caller_was_rung_back, v.call_back_is_of_this_emergency, g.no_evidence_speaks_against_it,
          v.officer_writes_from_an_address_of_the_body, v.emergency_asks_for_the_minimum, g.instrument_may_come_by_word_of_mouth,
          g.nothing_asked_for_is_communications_data)  # fmt: skip

S, A, P = State, Action, Perm

# fmt: off
TRANSITIONS: tuple[Transition, ...] = (
    Transition(S.DRAFT,                 A.SUBMIT,               S.SUBMITTED,             P.SUBMIT,        (g.everything_needed_to_submit_is_there,)),
    Transition(S.DRAFT,                 A.WITHDRAW,             S.WITHDRAWN,             P.WITHDRAW,      (g.reason_is_given,)),

    Transition(S.SUBMITTED,             A.ACCEPT,               S.VERIFYING,             P.TRIAGE,        TRIAGE),
    Transition(S.SUBMITTED,             A.RETURN,               S.RETURNED,              P.TRIAGE,        (g.reason_is_given,)),
    Transition(S.SUBMITTED,             A.TRANSFER,             S.TRANSFERRED,           P.TRIAGE,        (g.reason_is_given, r.what_is_handed_on_has_its_paper)),
    Transition(S.SUBMITTED,             A.PROPOSE_REFUSAL,      S.PENDING_APPROVAL,      P.PROPOSE,       (*REFUSAL, *FOUR_EYES)),
    Transition(S.SUBMITTED,             A.PROPOSE_EMERGENCY,    S.EMERGENCY_PENDING,     P.EMERGENCY,     (*URGENT, g.actor_took_no_other_deciding_act)),
    Transition(S.SUBMITTED,             A.WITHDRAW,             S.WITHDRAWN,             P.WITHDRAW,      (g.reason_is_given,)),
    Transition(S.SUBMITTED,             A.EXPIRE,               S.EXPIRED,               P.SYSTEM,        (g.instrument_has_ended, g.instrument_is_voluntary)),
    Transition(S.SUBMITTED,             A.EXPIRE_BY_HAND,       S.EXPIRED,               P.EXPIRE,        (g.instrument_has_ended, g.reason_is_given)),

    Transition(S.RETURNED,              A.RESUBMIT,             S.SUBMITTED,             P.SUBMIT,        (g.everything_needed_to_submit_is_there,)),
    Transition(S.RETURNED,              A.PROPOSE_REFUSAL,      S.PENDING_APPROVAL,      P.PROPOSE,       (*REFUSAL, *FOUR_EYES)),
    Transition(S.RETURNED,              A.WITHDRAW,             S.WITHDRAWN,             P.WITHDRAW,      (g.reason_is_given,)),
    Transition(S.RETURNED,              A.EXPIRE,               S.EXPIRED,               P.SYSTEM,        (g.instrument_has_ended, g.instrument_is_voluntary)),
    Transition(S.RETURNED,              A.EXPIRE_BY_HAND,       S.EXPIRED,               P.EXPIRE,        (g.instrument_has_ended, g.reason_is_given)),
    Transition(S.RETURNED,              A.PROPOSE_EMERGENCY,    S.EMERGENCY_PENDING,     P.EMERGENCY,     (*URGENT, g.actor_took_no_other_deciding_act)),

    Transition(S.VERIFYING,             A.CONFIRM,              S.IN_REVIEW,             P.VERIFY,        (*VERIFIED, *FOUR_EYES)),
    Transition(S.VERIFYING,             A.RETURN,               S.RETURNED,              P.TRIAGE,        (g.reason_is_given,)),
    Transition(S.VERIFYING,             A.PROPOSE_REFUSAL,      S.PENDING_APPROVAL,      P.PROPOSE,       (*REFUSAL, *FOUR_EYES)),
    Transition(S.VERIFYING,             A.PROPOSE_EMERGENCY,    S.EMERGENCY_PENDING,     P.EMERGENCY,     (*URGENT, g.actor_took_no_other_deciding_act)),
    Transition(S.VERIFYING,             A.WITHDRAW,             S.WITHDRAWN,             P.WITHDRAW,      (g.reason_is_given,)),
    Transition(S.VERIFYING,             A.EXPIRE,               S.EXPIRED,               P.SYSTEM,        (g.instrument_has_ended, g.instrument_is_voluntary)),
    Transition(S.VERIFYING,             A.EXPIRE_BY_HAND,       S.EXPIRED,               P.EXPIRE,        (g.instrument_has_ended, g.reason_is_given)),

    Transition(S.IN_REVIEW,             A.PROPOSE,              S.PENDING_APPROVAL,      P.PROPOSE,       (*WEIGHED, *VERIFIED, *FOUR_EYES)),
    Transition(S.IN_REVIEW,             A.RETURN,               S.RETURNED,              P.TRIAGE,        (g.reason_is_given,)),
    Transition(S.IN_REVIEW,             A.TRANSFER,             S.TRANSFERRED,           P.TRIAGE,        (g.reason_is_given, r.what_is_handed_on_has_its_paper)),
    Transition(S.IN_REVIEW,             A.PROPOSE_EMERGENCY,    S.EMERGENCY_PENDING,     P.EMERGENCY,     (*URGENT, g.actor_took_no_other_deciding_act)),
    Transition(S.IN_REVIEW,             A.WITHDRAW,             S.WITHDRAWN,             P.WITHDRAW,      (g.reason_is_given,)),
    Transition(S.IN_REVIEW,             A.EXPIRE,               S.EXPIRED,               P.SYSTEM,        (g.instrument_has_ended, g.instrument_is_voluntary)),
    Transition(S.IN_REVIEW,             A.EXPIRE_BY_HAND,       S.EXPIRED,               P.EXPIRE,        (g.instrument_has_ended, g.reason_is_given)),

    Transition(S.PENDING_APPROVAL,      A.CONCUR,               S.PENDING_APPROVAL,      P.APPROVE,       (g.second_approver_is_needed, *COMPANY, *SIGNED, *FOUR_EYES)),
    Transition(S.PENDING_APPROVAL,      A.APPROVE_RELEASE,      S.APPROVED,              P.APPROVE,       (g.outcome_is_a_release, k.purpose_is_open_to_the_group, *LEAVES, d.advice_against_it_is_answered, *SIGNED, g.second_approver_has_signed, g.actor_did_not_concur, *FOUR_EYES)),
    Transition(S.PENDING_APPROVAL,      A.APPROVE_REFUSAL,      S.REFUSED,               P.APPROVE,       (g.outcome_is_a_refusal, *SIGNED, g.second_approver_has_signed, g.actor_did_not_concur, *FOUR_EYES)),
    Transition(S.PENDING_APPROVAL,      A.APPROVE_NIL,          S.NO_DATA,               P.APPROVE,       (g.outcome_is_nil, *LEAVES, *SIGNED, g.second_approver_has_signed, g.actor_did_not_concur, *FOUR_EYES)),
    Transition(S.PENDING_APPROVAL,      A.SEND_BACK,            S.IN_REVIEW,             P.APPROVE,       (g.reason_is_given, g.requester_is_verified)),
    Transition(S.PENDING_APPROVAL,      A.SEND_BACK_TO_TRIAGE,  S.SUBMITTED,             P.APPROVE,       (g.reason_is_given, g.requester_is_not_verified)),
    Transition(S.PENDING_APPROVAL,      A.OBJECTED,             S.IN_REVIEW,             P.SYSTEM,        (gr.somebody_barred_is_disclosed,)),
    Transition(S.PENDING_APPROVAL,      A.PROPOSE_EMERGENCY,    S.EMERGENCY_PENDING,     P.EMERGENCY,     (*URGENT, g.actor_took_no_other_deciding_act)),
    Transition(S.PENDING_APPROVAL,      A.WITHDRAW,             S.WITHDRAWN,             P.WITHDRAW,      (g.reason_is_given,)),
    Transition(S.PENDING_APPROVAL,      A.EXPIRE,               S.EXPIRED,               P.SYSTEM,        (g.instrument_has_ended, g.instrument_is_voluntary)),
    Transition(S.PENDING_APPROVAL,      A.EXPIRE_BY_HAND,       S.EXPIRED,               P.EXPIRE,        (g.instrument_has_ended, g.reason_is_given)),

    Transition(S.APPROVED,              A.START_RELEASE,        S.RELEASING,             P.RELEASE,       (g.proposal_is_unchanged, *LEAVES)),
    Transition(S.APPROVED,              A.VOID_APPROVAL,        S.IN_REVIEW,             P.APPROVE,       (g.reason_is_given, g.requester_is_verified)),
    Transition(S.APPROVED,              A.SEND_BACK_TO_TRIAGE,  S.SUBMITTED,             P.APPROVE,       (g.reason_is_given, g.requester_is_not_verified)),
    Transition(S.APPROVED,              A.OBJECTED,             S.IN_REVIEW,             P.SYSTEM,        (gr.somebody_barred_is_disclosed,)),
    Transition(S.APPROVED,              A.WITHDRAW,             S.WITHDRAWN,             P.WITHDRAW,      (g.reason_is_given,)),
    Transition(S.APPROVED,              A.EXPIRE,               S.EXPIRED,               P.SYSTEM,        (g.instrument_has_ended, g.instrument_is_voluntary)),
    Transition(S.APPROVED,              A.EXPIRE_BY_HAND,       S.EXPIRED,               P.EXPIRE,        (g.instrument_has_ended, g.reason_is_given)),

    Transition(S.NO_DATA,               A.START_RELEASE,        S.RELEASING,             P.RELEASE,       (g.proposal_is_unchanged, *LEAVES)),
    Transition(S.NO_DATA,               A.SEND_BACK_TO_TRIAGE,  S.SUBMITTED,             P.APPROVE,       (g.reason_is_given, g.requester_is_not_verified)),
    Transition(S.RELEASING,             A.UNDO_RELEASE,         S.APPROVED,              P.RELEASE,       (g.release_is_still_held, g.outcome_is_a_release)),
    Transition(S.RELEASING,             A.UNDO_NIL,             S.NO_DATA,               P.RELEASE,       (g.release_is_still_held, g.outcome_is_nil)),
    Transition(S.RELEASING,             A.RECORD_SENT,          S.RELEASED,              P.RELEASE,       (g.proposal_is_unchanged, *LEAVES, g.letter_was_sent)),

    Transition(S.RELEASED,              A.CLOSE,                S.CLOSED,                P.CLOSE,         (d.answer_did_not_come_back, h.every_hold_is_confirmed, sh.joint_report_was_made, sp.later_material_was_handed_over, sp.nothing_can_come_in_any_more)),
    Transition(S.RELEASED,              A.REPORT_WRONG_RELEASE, S.BREACH_ASSESSMENT,     P.BREACH,        (g.reason_is_given,)),
    Transition(S.REFUSED,               A.CLOSE,                S.CLOSED,                P.CLOSE,         (g.letter_was_sent, d.answer_did_not_come_back, h.every_hold_is_confirmed)),
    Transition(S.TRANSFERRED,           A.CLOSE,                S.CLOSED,                P.CLOSE,         (h.every_hold_is_confirmed,)),
    Transition(S.WITHDRAWN,             A.CLOSE,                S.CLOSED,                P.CLOSE,         (h.every_hold_is_confirmed,)),
    Transition(S.EXPIRED,               A.CLOSE,                S.CLOSED,                P.CLOSE,         (h.every_hold_is_confirmed,)),

    Transition(S.EMERGENCY_PENDING,     A.RELEASE_EMERGENCY,    S.EMERGENCY_RELEASED,    P.EMERGENCY,     (*URGENT, g.what_is_read_out_is_written_down, g.two_people_release, g.one_of_the_two_is_an_approver, g.somebody_else_rang_back_than_took_it_in, g.actor_took_no_other_deciding_act)),
    Transition(S.EMERGENCY_PENDING,     A.RELEASE_ALONE,        S.EMERGENCY_RELEASED,    P.EMERGENCY,     (*URGENT, g.what_is_read_out_is_written_down, g.actor_is_an_approver, g.everybody_on_call_was_rung, g.releasing_alone_is_switched_on, g.actor_took_no_other_deciding_act)),
    Transition(S.EMERGENCY_PENDING,     A.STAND_DOWN,           S.SUBMITTED,             P.EMERGENCY,     (g.reason_is_given,)),
    Transition(S.EMERGENCY_PENDING,     A.WITHDRAW,             S.WITHDRAWN,             P.WITHDRAW,      (g.reason_is_given,)),
    Transition(S.EMERGENCY_RELEASED,    A.RECORD_PAPER,         S.AWAITING_RATIFICATION, P.CORRESPOND,    (g.paper_has_come,)),
    Transition(S.EMERGENCY_RELEASED,    A.PAPER_NEVER_CAME,     S.BREACH_ASSESSMENT,     P.BREACH,        (g.reason_is_given,)),
    Transition(S.EMERGENCY_RELEASED,    A.REPORT_WRONG_RELEASE, S.BREACH_ASSESSMENT,     P.BREACH,        (g.reason_is_given,)),
    Transition(S.AWAITING_RATIFICATION, A.RATIFY,               S.CLOSED,                P.RATIFY,        (g.third_person_ratifies, *FOUR_EYES)),
    Transition(S.AWAITING_RATIFICATION, A.NOT_RATIFIED_IN_TIME, S.BREACH_ASSESSMENT,     P.BREACH,        (g.reason_is_given, v.ratification_is_overdue)),
    Transition(S.AWAITING_RATIFICATION, A.REFUSE_RATIFICATION,  S.BREACH_ASSESSMENT,     P.RATIFY,        (g.reason_is_given, g.third_person_ratifies, *FOUR_EYES)),
    Transition(S.BREACH_ASSESSMENT,     A.CONCLUDE_BREACH,      S.CLOSED,                P.BREACH,        (g.reason_is_given,)),

    Transition(S.CLOSED,                A.APPEAL,               S.UNDER_APPEAL,          P.APPEAL,        (g.reason_is_given, d.review_is_open_to_this_requester, d.there_is_a_decision_to_review, d.review_is_asked_for_once)),
    Transition(S.CLOSED,                A.REPORT_WRONG_RELEASE, S.BREACH_ASSESSMENT,     P.BREACH,        (g.reason_is_given,)),
    Transition(S.UNDER_APPEAL,          A.UPHOLD,               S.CLOSED,                P.DECIDE_APPEAL, (g.reason_is_given, *FOUR_EYES)),
    Transition(S.UNDER_APPEAL,          A.OVERTURN,             S.IN_REVIEW,             P.DECIDE_APPEAL, (g.reason_is_given, g.requester_is_verified, d.nobody_was_erased, *FOUR_EYES)),
)
# fmt: on

_BY_KEY = {(row.source, row.action): row for row in TRANSITIONS}

# A person's hand may still be on these; in the others only correspondence and the next arrow remain.
OPEN_STATES = frozenset({
    S.DRAFT, S.SUBMITTED, S.RETURNED, S.VERIFYING, S.IN_REVIEW, S.PENDING_APPROVAL, S.APPROVED, S.NO_DATA,
    S.RELEASING, S.EMERGENCY_PENDING, S.EMERGENCY_RELEASED, S.AWAITING_RATIFICATION, S.BREACH_ASSESSMENT, S.UNDER_APPEAL,
})  # fmt: skip
# The answer's clock stops with these: what was asked for has been decided and told.
ANSWERED_STATES = frozenset({
    S.RELEASED, S.REFUSED, S.TRANSFERRED, S.WITHDRAWN, S.EXPIRED, S.EMERGENCY_RELEASED, S.AWAITING_RATIFICATION,
    S.BREACH_ASSESSMENT, S.CLOSED,
})  # fmt: skip
# Before triage has said which kind it is, and the endings that need none.
KINDLESS_STATES = frozenset({
    S.DRAFT, S.SUBMITTED, S.RETURNED, S.PENDING_APPROVAL, S.REFUSED, S.TRANSFERRED, S.WITHDRAWN, S.EXPIRED, S.CLOSED,
    S.UNDER_APPEAL,
})  # fmt: skip


def find(state: State, action: Action) -> Transition | None:
    """The one arrow that (state, action) names, or None."""
    return _BY_KEY.get((state, action))


def actions_from(state: State) -> tuple[Transition, ...]:
    return tuple(row for row in TRANSITIONS if row.source is state)


def objections(arrow: Transition, facts: Facts) -> tuple[Objection, ...]:
    """Every guard's sentence, in the table's order, none twice."""
    found: dict[str, Objection] = {}
    for guard in arrow.guards:
        if sentence := guard(facts):
            found.setdefault(sentence, Objection(guard.__name__, sentence))
    return tuple(found.values())


def moves() -> Iterable[tuple[State, State]]:
    """The (from, to) pairs that the database may see, self-loops left out."""
    return sorted({(row.source, row.target) for row in TRANSITIONS if row.source is not row.target})
