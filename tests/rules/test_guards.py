"""Guards by themselves: the sentence a person reads, or nothing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from disclosures import guards as g
from disclosures.catalogue import INSTRUMENTS
from disclosures.facts import Facts, OfficerFacts
from disclosures.states import Outcome

FORM = INSTRUMENTS["P-DPA2"]
CONSTABLE = OfficerFacts("Constable", 10)
SERGEANT = OfficerFacts("Sergeant", 20)
INSPECTOR = OfficerFacts("Inspector", 30)
SUPERINTENDENT = OfficerFacts("Superintendent", 50)
PLAIN = Facts(
    now=datetime(2026, 11, 2, 9, 0, tzinfo=UTC),
    actor_id=2,
    actor_roles=frozenset({"HANDLER"}),
    recorded_by_id=1,
    kind="P",
    instrument=FORM,
    requester=CONSTABLE,
    countersigner=INSPECTOR,
)


def says(guard: g.Guard, **changes: object) -> str | None:
    return guard(replace(PLAIN, **changes))  # type: ignore[arg-type]


def test_an_inspector_countersigns_a_constable() -> None:
    assert says(g.countersigner_outranks_the_requester) is None


@pytest.mark.parametrize(
    ("requester", "countersigner", "sentence"),
    [
        (CONSTABLE, SERGEANT, "The countersigning officer must be an inspector or above. A sergeant cannot countersign; ask for an inspector's signature."),
        (INSPECTOR, INSPECTOR, "The countersigning officer must be senior to the officer who asks. An inspector is not senior to an inspector; ask for a senior officer's signature."),
        (SUPERINTENDENT, SUPERINTENDENT, "senior to the officer who asks"),
        (CONSTABLE, None, "The form needs the officer who asks and an officer who countersigned."),
    ],
)  # fmt: skip
def test_a_countersigner_too_junior_is_told_so(
    requester: OfficerFacts, countersigner: OfficerFacts | None, sentence: str
) -> None:
    said = says(g.countersigner_outranks_the_requester, requester=requester, countersigner=countersigner)
    assert said is not None
    assert sentence in said


def test_from_superintendent_up_seniority_is_waived_with_a_reason() -> None:
    pair = {"requester": SUPERINTENDENT, "countersigner": SUPERINTENDENT}
    assert says(g.countersigner_outranks_the_requester, **pair, rank_waiver_reason=True) is None
    assert says(
        g.countersigner_outranks_the_requester,
        requester=INSPECTOR,
        countersigner=INSPECTOR,
        rank_waiver_reason=True,
    )


def test_one_officer_cannot_sign_twice() -> None:
    assert "same officer" in (
        says(g.countersigner_outranks_the_requester, same_officer_signed_twice=True) or ""
    )


def test_an_emergency_needs_no_countersignature_yet() -> None:
    assert says(g.countersigner_outranks_the_requester, countersigner=None, emergency=True) is None


def test_the_repealed_act_is_answered_with_the_present_citation() -> None:
    said = says(g.instrument_is_one_we_work, instrument=INSTRUMENTS["P-LEG98"])
    assert said is not None
    assert "repealed on 25 May 2018" in said
    assert "Data Protection Act 2018, Schedule 2, Part 1, paragraph 2" in said


def test_communications_data_goes_to_the_single_point_of_contact() -> None:
    said = says(g.nothing_asked_for_is_communications_data, communications_items=("Records of calls",))
    assert said is not None
    assert "single point of contact" in said
    assert says(g.nothing_asked_for_is_communications_data) is None


def test_the_content_of_communications_is_asked_for_by_no_form_of_any_kind() -> None:
    for kind in ("P", "A", "G"):
        said = says(g.nothing_asked_for_is_communications_data, kind=kind, content_items=("Voice mails",))
        assert said == "The content of communications (Voice mails) cannot be asked for in this way."


def test_evidence_still_missing_is_listed() -> None:
    said = says(g.all_evidence_is_in, evidence_passed=frozenset({"SENDER_ADDRESS"}))
    assert (
        said
        == "Not verified yet. Still to be recorded: the officer was rung back through the switchboard in the register."
    )


def test_the_person_who_took_it_in_cannot_be_the_only_one_who_rang() -> None:
    assert says(g.somebody_else_rang_back_than_took_it_in, call_back_by=frozenset({1}))
    assert says(g.somebody_else_rang_back_than_took_it_in, call_back_by=frozenset({2})) is None


def test_one_deciding_act_shuts_out_the_others_but_not_itself() -> None:
    assert says(g.actor_took_no_other_deciding_act, act="APPROVE", acts_of_actor=frozenset({"PROPOSE"}))
    assert (
        says(g.actor_took_no_other_deciding_act, act="PROPOSE", acts_of_actor=frozenset({"PROPOSE"})) is None
    )


def test_who_took_it_in_decides_nothing() -> None:
    assert says(g.actor_did_not_take_it_in, actor_id=1)
    assert says(g.actor_did_not_take_it_in) is None


def test_an_approval_needs_the_proposal_that_was_seen_and_nothing_newer() -> None:
    assert says(g.approver_saw_this_proposal, proposed_digest="a", seen_digest="b")
    assert says(g.proposal_is_unchanged, proposed_digest="a", digest="b")
    assert says(g.proposal_is_unchanged, proposed_digest="a", digest="a") is None


def test_two_approvers_means_a_second_signature_by_somebody_else() -> None:
    assert says(g.second_approver_has_signed, approvals_needed=2)
    assert says(g.second_approver_has_signed, approvals_needed=2, concurred_by=frozenset({5})) is None
    assert says(g.actor_did_not_concur, concurred_by=frozenset({2}))


def test_an_outcome_is_approved_only_as_what_it_is() -> None:
    assert says(g.outcome_is_a_release, outcome=Outcome.REFUSED)
    assert says(g.outcome_is_a_refusal, outcome=Outcome.DISCLOSED_PART)
    assert says(g.outcome_is_nil, outcome=Outcome.NO_DATA_HELD) is None


def test_a_release_alone_needs_every_condition_at_once() -> None:
    for guard in (g.everybody_on_call_was_rung, g.releasing_alone_is_switched_on, g.actor_is_an_approver):
        assert says(guard)


def test_a_third_person_ratifies() -> None:
    assert says(g.third_person_ratifies, emergency_actors=frozenset({2}))
    assert says(g.third_person_ratifies, emergency_actors=frozenset({3, 4})) is None


def test_compulsory_instruments_are_never_ended_by_the_clock() -> None:
    assert says(g.instrument_is_voluntary, instrument=None)
    assert says(g.instrument_is_voluntary) is None
