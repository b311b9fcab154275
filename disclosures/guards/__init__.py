"""Objections: Facts in, the sentence a person will read out, or None. Pure; no Django.

A guard is named as the truth it demands. All of an arrow's guards are asked, so that a person
hears every reason at once.
"""

from collections.abc import Callable, Mapping

from ..catalogue import Tests
from ..catalogue.checks import CHECKS
from ..facts import Facts
from ..states import Kind, Outcome
from .verification import evidence_still_counts, more_than_an_address_was_checked
from .words import a_noun as _a

Guard = Callable[[Facts], str | None]


def _listed(words: tuple[str, ...]) -> str:
    return "; ".join(words)


# Completeness ------------------------------------------------------------------------------


def everything_needed_to_submit_is_there(facts: Facts) -> str | None:
    if facts.missing_to_submit:
        return f"Before it can be submitted, please add: {_listed(facts.missing_to_submit)}."
    return None


def everything_needed_to_review_is_there(facts: Facts) -> str | None:
    if facts.missing_to_review:
        return f"Before it can be reviewed, please add: {_listed(facts.missing_to_review)}."
    return None


def everything_needed_to_release_is_there(facts: Facts) -> str | None:
    if facts.missing_to_release:
        return f"Before anything can be released, please add: {_listed(facts.missing_to_release)}."
    return None


def reason_is_given(facts: Facts) -> str | None:
    return None if facts.reason.strip() else "Please give the reason; it is kept with the request."


# What arrived ------------------------------------------------------------------------------


def instrument_is_one_we_work(facts: Facts) -> str | None:
    if facts.instrument is None:
        return "Choose the instrument the request relies on."
    return facts.instrument.answer or None


def instrument_fits_the_kind(facts: Facts) -> str | None:
    if facts.instrument is None or facts.kind in facts.instrument.kinds:
        return None
    return f"{facts.instrument.name} is not an instrument for this kind of request."


def countersigner_outranks_the_requester(facts: Facts) -> str | None:
    """Inspector or above, another person, senior to the requester (practice; DOMAIN B.3)."""
    if facts.emergency or facts.instrument is None or not facts.instrument.countersignature:
        return None
    officer, senior = facts.requester, facts.countersigner
    if officer is None or senior is None:
        return "The form needs the officer who asks and an officer who countersigned."
    if facts.same_officer_signed_twice:
        return "The same officer signed and countersigned; ask for the signature of another, senior officer."
    if senior.level < facts.instrument.countersigner_minimum:
        return (
            f"The countersigning officer must be an inspector or above. {_a(senior.rank_name).capitalize()} "
            "cannot countersign; ask for an inspector's signature."
        )
    if senior.level <= officer.level and not (officer.level >= 50 and facts.rank_waiver_reason):
        return (
            f"The countersigning officer must be senior to the officer who asks. {_a(senior.rank_name).capitalize()} "
            f"is not senior to {_a(officer.rank_name)}; ask for a senior officer's signature."
        )
    return None


def nothing_asked_for_is_communications_data(facts: Facts) -> str | None:
    """CD Code 2025 1.4; Investigatory Powers Act 2016 s.11 and Part 3."""
    if facts.content_items:
        return (
            f"The content of communications ({_listed(facts.content_items)}) cannot be asked for in this way."
        )
    if facts.communications_items and facts.kind != Kind.POLICE:
        return (
            f"This asks for communications data ({_listed(facts.communications_items)}), which "
            f"“{facts.instrument.name if facts.instrument else 'this request'}” cannot ask for."
        )
    if facts.communications_items and facts.emergency:
        return (
            f"This asks for communications data ({_listed(facts.communications_items)}). Even where a life is at risk "
            "the force asks for it through its single point of contact, urgently and by word of mouth if need be "
            "(Investigatory Powers Act 2016, section 61A)."
        )
    if facts.communications_items:
        return (
            f"This asks for communications data ({_listed(facts.communications_items)}). A Schedule 2 form "
            "cannot: the force must ask through its single point of contact under Part 3 of the "
            "Investigatory Powers Act 2016. Return it with that advice, or propose a refusal."
        )
    return None


# Verification ------------------------------------------------------------------------------


def all_evidence_is_in(facts: Facts) -> str | None:
    if facts.instrument is None:
        return None
    ended = {row.code for row in facts.checked.ended}  # those are told by evidence_still_counts
    there = facts.evidence_passed | ended
    missing = tuple(CHECKS[code].done for code in facts.instrument.evidence if code not in there)
    return f"Not verified yet. Still to be recorded: {_listed(missing)}." if missing else None


def no_evidence_speaks_against_it(facts: Facts) -> str | None:
    if facts.evidence_failed:
        return "A check of the requester came out against them. Propose a refusal, or record a new check that settles it."
    return None


def caller_was_rung_back(facts: Facts) -> str | None:
    if "CALL_BACK" in facts.evidence_passed:
        return None
    return "Ring the officer back through the switchboard in the register first, and record the call."


def somebody_else_rang_back_than_took_it_in(facts: Facts) -> str | None:
    if facts.call_back_by and facts.call_back_by <= {facts.recorded_by_id}:
        return "The person who took the request in also rang back. A colleague must make the call."
    return None


# Four eyes ---------------------------------------------------------------------------------


def actor_took_no_other_deciding_act(facts: Facts) -> str | None:
    if facts.act and facts.acts_of_actor - {facts.act}:
        return "You have already decided on this request in another part; a colleague must take this step."
    return None


def actor_did_not_take_it_in(facts: Facts) -> str | None:
    if facts.actor_id == facts.recorded_by_id:
        return "You took this request in; a colleague must take this step."
    return None


def actor_did_not_concur(facts: Facts) -> str | None:
    if facts.actor_id in facts.concurred_by:
        return "You have already signed as the second approver; a colleague must give the approval."
    return None


# Weighing ----------------------------------------------------------------------------------


def every_pair_was_searched(facts: Facts) -> str | None:
    if facts.outcome is Outcome.NOT_PERSONAL_DATA or facts.asks_to_keep:
        return None
    open_pairs = facts.pairs - facts.pairs_searched
    if open_pairs:
        return f"{_searches(open_pairs)} still to come from the data holders."
    return None


def _searches(count: int) -> str:
    return "One search result is" if count == 1 else f"{count} search results are"


def every_pair_is_decided(facts: Facts) -> str | None:
    if facts.outcome is Outcome.NOT_PERSONAL_DATA:
        return None
    open_pairs = facts.pairs - facts.pairs_decided
    if not facts.pairs:
        return "There is nothing to decide: the request names no item or no subject."
    if open_pairs:
        return f"{'One item has' if open_pairs == 1 else f'{open_pairs} items have'} no decision yet."
    return None


def only_what_was_found_is_disclosed(facts: Facts) -> str | None:
    if facts.disclosed_without_find and not facts.asks_to_keep:
        return "Something is marked for disclosure that no search has found."
    return None


def refusals_are_open_to_the_instrument(facts: Facts) -> str | None:
    """Of a voluntary request; an order's refusals are `order_is_refused_as_the_law_allows`."""
    if facts.refusals_outside_the_instrument and not facts.is_compulsory:
        return f"This instrument may not be refused for: {_listed(facts.refusals_outside_the_instrument)}."
    return None


def tests_are_answered(facts: Facts) -> str | None:
    if facts.outcome is Outcome.NOT_PERSONAL_DATA:
        return None
    return None if facts.assessed else f"Answer the tests first: {TEST_WORDS[facts.tests]}."


def tests_support_disclosure(facts: Facts) -> str | None:
    releases = facts.outcome in {Outcome.DISCLOSED_FULL, Outcome.DISCLOSED_PART}
    if releases and facts.assessed and not facts.assessment_supports_disclosure:
        return "The tests were answered against disclosure, so nothing may be proposed for release."
    return None


TEST_WORDS: Mapping[str, str] = {
    Tests.VOLUNTARY: "necessity, proportionality and prejudice",
    Tests.COMPULSORY: "valid, addressed to us, in its period, within its terms, privilege, excluded material",
    Tests.LEGITIMATE: "the interest, necessity and the balance with the person's own interests",
}


def opinions_are_in(facts: Facts) -> str | None:
    missing = facts.opinions_needed - facts.opinions_given
    if missing and facts.outcome is not Outcome.NOT_PERSONAL_DATA:
        return (
            f"The opinion of the {' and the '.join(sorted(missing))} is needed first and is not recorded yet."
        )
    return None


def letter_is_prepared(facts: Facts) -> str | None:
    return (
        None
        if facts.letter_prepared
        else "Prepare the answer's letter, after the last decision on an item: what is approved is what is sent."
    )


def refusal_is_proposed(facts: Facts) -> str | None:
    return None if facts.outcome is Outcome.REFUSED else "Give the reason code of the refusal."


# Approval ----------------------------------------------------------------------------------


def proposal_is_unchanged(facts: Facts) -> str | None:
    if facts.digest != facts.proposed_digest:
        return "The request was changed after it was proposed. It must be proposed again."
    return None


def approver_saw_this_proposal(facts: Facts) -> str | None:
    if facts.seen_digest != facts.proposed_digest:
        return "The proposal changed since you opened this page. Read it again before you decide."
    return None


def outcome_is_a_release(facts: Facts) -> str | None:
    if facts.outcome in {Outcome.DISCLOSED_FULL, Outcome.DISCLOSED_PART}:
        return None
    return "Nothing is proposed for release, so no release can be approved."


def outcome_is_a_refusal(facts: Facts) -> str | None:
    return None if facts.outcome in {Outcome.REFUSED, Outcome.NCND} else "The proposal is not a refusal."


def outcome_is_nil(facts: Facts) -> str | None:
    nil = facts.outcome in {Outcome.NO_DATA_HELD, Outcome.NOT_PERSONAL_DATA}
    return None if nil else "The proposal is not that nothing is held."


def requester_is_verified(facts: Facts) -> str | None:
    asked = (
        all_evidence_is_in,
        evidence_still_counts,
        more_than_an_address_was_checked,
        no_evidence_speaks_against_it,
    )
    return " ".join(said for guard in asked if (said := guard(facts))) or None


def requester_is_not_verified(facts: Facts) -> str | None:
    if requester_is_verified(facts) is None:
        return "The requester is verified; send it back to review instead."
    return None


def second_approver_has_signed(facts: Facts) -> str | None:
    if len(facts.concurred_by) < facts.approvals_needed - 1:
        return "This request needs two approvers. A second approver must sign first."
    return None


def second_approver_is_needed(facts: Facts) -> str | None:
    if facts.approvals_needed < 2:
        return "This request needs one approver only."
    return None


def policy_is_in_force(facts: Facts) -> str | None:
    return (
        None
        if facts.policy_in_force
        else "No published version of the privacy policy is in force; nothing may be decided."
    )


# Ends --------------------------------------------------------------------------------------


def letter_was_sent(facts: Facts) -> str | None:
    return None if facts.letter_sent else "Record first how and to whom the letter was sent."


def release_is_still_held(facts: Facts) -> str | None:
    if facts.letter_is_leaving:
        return "The letter waits to leave by mail. Call it back first."
    return (
        None
        if facts.release_held
        else "The letter is recorded as sent and cannot be called back here. Report a wrong release instead."
    )


def instrument_has_ended(facts: Facts) -> str | None:
    return None if facts.instrument_ended else "The instrument is still in its period of validity."


def instrument_is_voluntary(facts: Facts) -> str | None:
    if facts.instrument is not None and facts.instrument.voluntary:
        return None
    return "A compulsory instrument is ended by a person, never by the clock."


# Emergency ---------------------------------------------------------------------------------


def risk_to_life_is_stated(facts: Facts) -> str | None:
    return (
        None
        if facts.risk_stated
        else "State the risk to life or of serious harm, and mark the request as immediate."
    )


def instrument_may_come_by_word_of_mouth(facts: Facts) -> str | None:
    """IPA 2016 s.64 lets an oral authorisation count that leaves a record; POCA and PACE know nothing of the kind."""
    if facts.instrument is None or facts.instrument.oral:
        return None
    return f"“{facts.instrument.name}” cannot be answered as an emergency; it needs its document and its usual way."


def two_people_release(facts: Facts) -> str | None:
    if facts.actor_id in facts.emergency_actors:
        return "You proposed the emergency release; another person must make it."
    return None


def one_of_the_two_is_an_approver(facts: Facts) -> str | None:
    if "APPROVER" in facts.actor_roles or facts.emergency_has_approver:
        return None
    return "At least one of the two people of an emergency release must be an approver."


def actor_is_an_approver(facts: Facts) -> str | None:
    return None if "APPROVER" in facts.actor_roles else "Only an approver may do this alone."


def everybody_on_call_was_rung(facts: Facts) -> str | None:
    return (
        None
        if facts.on_call_list_exhausted
        else "Ring every person on the on-call list first; each attempt is logged."
    )


def releasing_alone_is_switched_on(facts: Facts) -> str | None:
    return (
        None if facts.lone_release_allowed else "The head of legal has switched off releases by one person."
    )


def what_is_read_out_is_written_down(facts: Facts) -> str | None:
    if facts.read_out:
        return None
    return "Write down what you read out, to whom, on which number and when, on the page of the emergency."


def third_person_ratifies(facts: Facts) -> str | None:
    if facts.actor_id in facts.emergency_actors:
        return "You took part in the emergency release; a third person must ratify it."
    return None


def paper_has_come(facts: Facts) -> str | None:
    return None if facts.paper_received else "Record the written form that confirms the oral request first."


FOUR_EYES: tuple[Guard, ...] = (actor_took_no_other_deciding_act, actor_did_not_take_it_in)
