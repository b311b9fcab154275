"""The checks as data, and the guards that read them: how long each counts, and what it is never worth."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from accounts.bodies.addresses import Standing
from disclosures.catalogue import INSTRUMENTS
from disclosures.catalogue.checks import CHECKS, FILE, LIMITS, POINTS, ChecksError, load_checks
from disclosures.catalogue.schema import RowType
from disclosures.facts import AskedFacts, CheckedFacts, EndedCheck
from disclosures.guards import requester_is_verified
from disclosures.guards import verification as v
from disclosures.states import Action, Outcome
from disclosures.workflow import TRANSITIONS

from .test_guards import PLAIN

BOTH = frozenset({"SENDER_ADDRESS", "CALL_BACK"})
LEAVING = {
    Action.PROPOSE, Action.APPROVE_RELEASE, Action.APPROVE_NIL, Action.START_RELEASE, Action.RECORD_SENT,
    Action.RELEASE_EMERGENCY, Action.RELEASE_ALONE,
}  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [row for row in TRANSITIONS if row.action in LEAVING],
    ids=lambda row: f"{row.source}-{row.action}",
)
def test_no_arrow_towards_a_release_is_open_to_a_requester_nobody_verified(row) -> None:  # type: ignore[no-untyped-def]
    nobody = replace(PLAIN, evidence_passed=frozenset())
    said = [sentence for guard in row.guards if (sentence := guard(nobody))]
    assert any("Still to be recorded" in sentence or "Ring the officer back" in sentence for sentence in said)


@pytest.mark.parametrize(
    "row",
    [row for row in TRANSITIONS if row.action in LEAVING],
    ids=lambda row: f"{row.source}-{row.action}",
)
def test_a_check_that_came_out_against_them_stops_every_arrow_towards_a_release(row) -> None:  # type: ignore[no-untyped-def]
    doubted = replace(PLAIN, evidence_passed=BOTH, evidence_failed=frozenset({"CALL_BACK"}))
    assert any("came out against them" in (guard(doubted) or "") for guard in row.guards)


def test_a_right_address_alone_verifies_nobody_whatever_an_instrument_says() -> None:
    lax = replace(PLAIN.instrument, evidence=("SENDER_ADDRESS",))  # type: ignore[type-var]
    said = requester_is_verified(
        replace(PLAIN, instrument=lax, evidence_passed=frozenset({"SENDER_ADDRESS"}))
    )
    assert (
        said
        == "A right address or a paper alone verifies nobody: mailboxes are taken over. Record a check of the person as well."
    )


def test_no_instrument_of_the_catalogue_rests_on_an_address_alone() -> None:
    worked = [row for row in INSTRUMENTS.values() if row.row_type is RowType.REQUEST]
    assert worked
    assert [row.code for row in worked if not any(CHECKS[code].alone for code in row.evidence)] == []


def test_a_check_whose_time_is_over_is_named_with_its_days_and_what_to_do() -> None:
    ended = CheckedFacts(ended=(EndedCheck("CALL_BACK", "3 September 2026", "3 October 2026"),))
    facts = replace(PLAIN, evidence_passed=frozenset({"SENDER_ADDRESS"}), checked=ended)
    assert v.evidence_still_counts(facts) == (
        "The call-back of 3 September 2026 counted until 3 October 2026 and verifies nobody now. "
        "Ring the officer back again through the switchboard in the register."
    )
    assert "counted until" in (requester_is_verified(facts) or "")


def test_a_call_back_counts_thirty_days_and_the_last_of_them_whole() -> None:
    assert CHECKS["CALL_BACK"].counts_until(date(2026, 9, 3)) == date(2026, 10, 3)


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Standing.FOREIGN, "outside the United Kingdom"),
        (Standing.FREE_MAIL, "a mailbox that anybody can have"),
        (Standing.LOOK_ALIKE, "only looks like"),
        (Standing.OTHER_BODY, "belongs to another body"),
        (Standing.UNREADABLE, "not one plain e-mail address"),
        (Standing.LISTED, ""),
        (Standing.RETIRED, ""),
        (Standing.RESTRICTED, ""),
        (Standing.UNLISTED, ""),
        (Standing.NONE, ""),
    ],
)
def test_what_an_address_can_never_be_stops_it_at_triage(standing: Standing, words: str) -> None:
    said = v.officer_writes_from_an_address_of_the_body(replace(PLAIN, asked=AskedFacts(standing=standing)))
    assert (said is None) is (words == "")
    assert words in (said or "")


def test_a_body_asks_only_in_the_kinds_the_register_gives_it() -> None:
    regulator = replace(PLAIN, body_name="Demo Regulator", asked=AskedFacts(may_use=("A", "O")))
    assert "Demo Regulator is in the register for requests under the money laundering" in (
        v.body_may_ask_in_this_way(regulator) or ""
    )
    assert v.body_may_ask_in_this_way(replace(regulator, kind="A")) is None
    assert v.body_may_ask_in_this_way(PLAIN) is None


def test_an_answer_by_mail_goes_to_a_listed_mailbox_and_a_refusal_waits_for_none() -> None:
    private = replace(
        PLAIN, asked=AskedFacts(return_channel="SECURE_MAIL", return_standing=Standing.FREE_MAIL)
    )
    assert "never to private mail" in (v.answer_goes_to_the_bodys_own_mailbox(private) or "")
    assert v.answer_goes_to_the_bodys_own_mailbox(replace(private, outcome=Outcome.REFUSED)) is None
    listed = replace(PLAIN, asked=replace(private.asked, return_is_listed=True))
    assert v.answer_goes_to_the_bodys_own_mailbox(listed) is None
    nowhere = replace(PLAIN, asked=AskedFacts(return_channel="SECURE_MAIL", return_standing=Standing.NONE))
    assert "Say to which mailbox" in (v.answer_goes_to_the_bodys_own_mailbox(nowhere) or "")


def test_an_instrument_past_its_end_gives_nothing_and_may_still_be_refused() -> None:
    over = replace(PLAIN, instrument_ended=True, asked=AskedFacts(ended_on="1 October 2026"))
    assert "The instrument ended on 1 October 2026. Nothing is given under it any more" in (
        v.instrument_is_in_its_period(over) or ""
    )
    assert v.instrument_is_in_its_period(replace(over, outcome=Outcome.REFUSED)) is None


def test_an_emergency_asks_for_the_minimum() -> None:
    few = AskedFacts(items=LIMITS.most_emergency_items, people=LIMITS.most_emergency_people)
    assert v.emergency_asks_for_the_minimum(replace(PLAIN, asked=few)) is None
    for many in (replace(few, items=few.items + 1), replace(few, people=few.people + 1)):
        assert "gives the minimum" in (v.emergency_asks_for_the_minimum(replace(PLAIN, asked=many)) or "")
    assert "item by item" in (v.emergency_asks_for_the_minimum(PLAIN) or "")


def test_a_call_of_yesterday_opens_no_emergency_of_today() -> None:
    facts = replace(PLAIN, evidence_passed=BOTH)
    assert "more than 24 hours old" in (v.call_back_is_of_this_emergency(facts) or "")
    fresh = CheckedFacts(rung_back_lately=True)
    assert v.call_back_is_of_this_emergency(replace(facts, checked=fresh)) is None


def test_of_a_court_document_the_addressee_alone_is_a_question_to_legal() -> None:
    assert [point.code for point in POINTS.values() if point.legal] == ["ADDRESSEE"]
    assert {"COURT", "JUDGE", "MADE_ON", "SERVED_ON", "ADDRESSEE", "PERIOD", "SEAL"} <= POINTS.keys()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('code = "CALL_BACK"', 'code = "CALL"', "check CALL is in no register"),
        ("counts_days = 7", "counts_days = 0", "WARRANT_CARD: a check that counts for no day is none"),
        ('of = "NOTICE_CHECKED"', 'of = "CALL_BACK"', "NOTICE_ISSUER: CALL_BACK is no check of a document"),
        ("alone = false", "alone = true", "an address never verifies anybody by itself"),
        ("legal = true", 'legal = "yes"', "legal may not be 'yes'"),
        ("many_people = 10", "", "many_people is missing"),
        ("many_people = 10", "many_people = 10\ncolour = 1", "unknown key 'colour'"),
    ],
)
def test_a_wrong_file_is_refused_by_its_fault(tmp_path: Path, old: str, new: str, fault: str) -> None:
    text = FILE.read_text("utf-8")
    assert old in text
    wrong = tmp_path / "checks.toml"
    wrong.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ChecksError) as refused:
        load_checks(wrong)
    assert fault in str(refused.value)
