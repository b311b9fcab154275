"""Objections to working a request here at all: whom the law binds, where it comes from, what the house switched off.

Each leaves a way on: another instrument, a return, a refusal that says why, or legal.
"""

from ..catalogue import Addressees, RowType
from ..catalogue.excluded import never_reached_by
from ..facts import Facts
from ..states import Kind, Outcome

RELEASES = frozenset({Outcome.DISCLOSED_FULL, Outcome.DISCLOSED_PART})


def instrument_is_switched_on(facts: Facts) -> str | None:
    if facts.instrument is None or not facts.routing.switched_off:
        return None
    return (
        f"“{facts.instrument.name}” is switched off here: {facts.routing.switched_off}. "
        "Choose the instrument that came, or ask legal."
    )


def instrument_binds_this_company(facts: Facts) -> str | None:
    """Proceeds of Crime Act 2002 s.363 and s.370, Terrorism Act 2000 Sch 6 and 6A bind financial institutions only;
    s.339ZB, s.339ZH and the regulations of 2017 the regulated sector; Part 3 of the 2016 Act telecommunications operators.
    """
    if facts.instrument is None or facts.instrument.addressees in facts.routing.company_is:
        return None
    whom = WHOM[facts.instrument.addressees]
    if facts.instrument.voluntary:
        return f"“{facts.instrument.name}” is only for {whom}, and the company is none. Tell legal, and propose a refusal."
    return (
        f"“{facts.instrument.name}” binds only {whom}, and the company is none. That is no ground to leave it lying: "
        "tell legal, and propose a refusal that says it has the wrong addressee (R-INST)."
    )


WHOM = {
    Addressees.ANYBODY: "anybody",
    Addressees.FINANCIAL_INSTITUTION: "financial institutions",
    Addressees.REGULATED_SECTOR: "businesses in the regulated sector for money laundering",
    Addressees.TELECOMS_OPERATOR: "telecommunications operators",
    Addressees.OUTSIDE_UK: "companies outside the United Kingdom",
}


def body_is_of_the_united_kingdom(facts: Facts) -> str | None:
    """Jersey, Guernsey, the Isle of Man and the overseas territories are other countries here."""
    if not facts.routing.body_is_abroad or facts.instrument is None or facts.kind == Kind.GROUP:
        return None
    if facts.instrument.row_type is not RowType.REQUEST:
        return None
    return (
        f"{facts.body_name} is outside the United Kingdom, whatever its mailbox ends in, and cannot use “{facts.instrument.name}”. "
        "Choose “Foreign authority writing directly”: it is answered with the way through the central authority."
    )


def privileged_material_is_withheld(facts: Facts) -> str | None:
    """Outside every order: Proceeds of Crime Act 2002 s.348, 354 and 361; Terrorism Act 2000 Sch 5 para 8; PACE 1984 s.10."""
    if facts.outcome not in RELEASES or facts.routing.privilege_excluded is not False:
        return None
    return (
        "The test of privilege says that privileged material may be among it. No order reaches that: withhold it with "
        "R-PRIV, and answer the test again for what is left."
    )


def excluded_material_was_asked_about(facts: Facts) -> str | None:
    """Tests of an order or a notice that were answered while the question was not yet put."""
    if facts.outcome not in RELEASES or facts.routing.excluded_asked:
        return None
    return (
        "These tests were answered before it was asked whether excluded or journalistic material may be among it. "
        "Answer them again."
    )


def excluded_material_is_withheld_or_reached(facts: Facts) -> str | None:
    """PACE 1984 s.9(2), s.11 to 14 and Schedule 1: only a judge's order, on conditions of its own, reaches it."""
    if facts.outcome not in RELEASES or not facts.routing.excluded_material or facts.instrument is None:
        return None
    among = "The tests say that excluded or journalistic material may be among it"
    withhold = "ithhold it with R-PRIV, and answer the test again for what is left."
    if section := never_reached_by(facts.instrument.code, facts.nation):
        return f"{among}, and “{facts.instrument.name}” does not reach that ({section}). W{withhold}"
    if facts.routing.counsel_since:
        return None
    return (
        f"{among}. Ask counsel whether “{facts.instrument.name}” reaches it, and record advice in favour that was given "
        f"after that answer; or w{withhold}"
    )


def excluded_material_stays_behind(facts: Facts) -> str | None:
    """As above, of what was proposed already."""
    said = excluded_material_is_withheld_or_reached(facts)
    return f"{said} For that it goes back to review." if said else None


def a_hold_hands_nothing_over(facts: Facts) -> str | None:
    if facts.instrument is None or not facts.instrument.preserves or facts.outcome not in RELEASES:
        return None
    return (
        "A preservation request asks that something be kept, not that it be handed over. Nothing can be released under it: "
        "wait for the order or the notice, and link it to this request."
    )


def what_is_handed_on_has_its_paper(facts: Facts) -> str | None:
    """What binds us outside the three kinds goes to legal together with the day it was served and whom it names."""
    if (
        facts.instrument is None
        or facts.instrument.row_type is not RowType.ROUTE
        or not facts.missing_to_review
    ):
        return None
    return f"Legal needs the document's own dates. Before it is handed on, please add: {'; '.join(facts.missing_to_review)}."


HERE = (instrument_is_switched_on, instrument_binds_this_company, body_is_of_the_united_kingdom)
