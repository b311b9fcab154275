"""Excluded or journalistic material: what keeps it back, and what lets it go."""

from dataclasses import replace

import pytest

from disclosures.catalogue import INSTRUMENTS, Tests
from disclosures.catalogue.excluded import NEVER_REACHED_BY
from disclosures.facts import RoutingFacts
from disclosures.guards import Guard
from disclosures.guards import routing as r
from disclosures.states import Action, Outcome
from disclosures.workflow import TRANSITIONS
from tests.rules.test_guards import PLAIN

MAY_BE = RoutingFacts(excluded_material=True)
ADVISED = RoutingFacts(excluded_material=True, counsel_since=True)
WITHHOLD = "ithhold it with R-PRIV, and answer the test again for what is left."
HELD_BACK = (r.excluded_material_is_withheld_or_reached, r.excluded_material_stays_behind)


def says(guard: Guard, code: str, routing: RoutingFacts, **changes: object) -> str | None:
    given: dict[str, object] = {"outcome": Outcome.DISCLOSED_FULL, "nation": "EW", **changes}
    return guard(replace(PLAIN, instrument=INSTRUMENTS[code], routing=routing, **given))  # type: ignore[arg-type]


@pytest.mark.parametrize("code", sorted(NEVER_REACHED_BY))
@pytest.mark.parametrize("routing", [MAY_BE, ADVISED], ids=["not advised", "advised"])
def test_what_the_law_keeps_outside_an_instrument_no_advice_lets_out(
    code: str, routing: RoutingFacts
) -> None:
    said = says(r.excluded_material_is_withheld_or_reached, code, routing)
    assert said is not None
    assert f"“{INSTRUMENTS[code].name}” does not reach that ({NEVER_REACHED_BY[code]})" in said
    assert said.endswith(f"W{WITHHOLD}")


@pytest.mark.parametrize("code", ["P-PACE9", "P-PACE12", "P-PACENI", "A-T5PO", "A-T5W", "P-WSUM"])
def test_what_an_order_may_reach_waits_for_counsel(code: str) -> None:
    said = says(r.excluded_material_is_withheld_or_reached, code, MAY_BE)
    assert said is not None
    assert f"Ask counsel whether “{INSTRUMENTS[code].name}” reaches it" in said
    assert said.endswith(f"or w{WITHHOLD}")
    assert says(r.excluded_material_is_withheld_or_reached, code, ADVISED) is None


def test_the_scottish_orders_know_no_such_class_and_counsel_is_asked() -> None:
    said = says(r.excluded_material_is_withheld_or_reached, "A-PO", MAY_BE, nation="SC")
    assert said is not None
    assert "Ask counsel" in said
    assert says(r.excluded_material_is_withheld_or_reached, "A-PO", ADVISED, nation="SC") is None
    unknown = says(r.excluded_material_is_withheld_or_reached, "A-PO", ADVISED, nation="")
    assert unknown is not None
    assert "does not reach that" in unknown


@pytest.mark.parametrize("guard", HELD_BACK)
def test_nothing_stands_in_the_way_of_what_gives_nothing_or_of_material_that_is_none(guard: Guard) -> None:
    for outcome in (Outcome.REFUSED, Outcome.NO_DATA_HELD, Outcome.NCND, None):
        assert says(guard, "A-PO", MAY_BE, outcome=outcome) is None
    for answer in (False, None):
        assert says(guard, "A-PO", RoutingFacts(excluded_material=answer)) is None
    for outcome in r.RELEASES:
        assert says(guard, "A-PO", MAY_BE, outcome=outcome) is not None


def test_what_was_proposed_is_told_the_way_back() -> None:
    said = says(r.excluded_material_stays_behind, "A-PO", MAY_BE)
    assert said is not None
    assert said.endswith(f"W{WITHHOLD} For that it goes back to review.")


def test_tests_from_before_the_question_are_answered_again() -> None:
    before = RoutingFacts(excluded_asked=False)
    said = says(r.excluded_material_was_asked_about, "A-PO", before)
    assert said is not None
    assert said.endswith("Answer them again.")
    assert says(r.excluded_material_was_asked_about, "A-PO", before, outcome=Outcome.REFUSED) is None
    assert says(r.excluded_material_was_asked_about, "A-PO", RoutingFacts()) is None


def test_it_is_asked_at_the_proposal_and_at_whatever_leads_out_of_the_house() -> None:
    asked = {row.action for row in TRANSITIONS if set(row.guards) & set(HELD_BACK)}
    assert asked == {
        Action.PROPOSE,
        Action.APPROVE_RELEASE,
        Action.APPROVE_NIL,
        Action.START_RELEASE,
        Action.RECORD_SENT,
    }
    privilege = {row.action for row in TRANSITIONS if r.privileged_material_is_withheld in row.guards}
    assert privilege <= asked


def test_only_instruments_that_are_worked_and_asked_are_named() -> None:
    for code in NEVER_REACHED_BY:
        row = INSTRUMENTS[code]
        assert (row.tests, row.row_type) == (Tests.COMPULSORY, "REQUEST")
        assert "R-PRIV" in row.refusals, "withholding it must be open"
