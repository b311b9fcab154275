"""Objections about what came from another body's scheme: its rules may forbid passing it on (DOMAIN C.5)."""

from ..facts import Facts
from .words import listed_briefly


def scheme_lets_it_be_passed_on(facts: Facts) -> str | None:
    """Asked at the proposal, the approval, the release, and when it is sent; under an order a question to legal."""
    gaps = [f"Item {row.position} {row.why_not}." for row in facts.schemes if row.disclosed and row.why_not]
    if not gaps:
        return None
    if facts.is_compulsory:
        return (
            f"{listed_briefly(gaps)} An order or a notice binds whatever the rules of a scheme say, so nothing is withheld "
            "for them: the head of legal or an approver records the order as the ground, under “Scheme rules”."
        )
    return (
        f"{listed_briefly(gaps)} Withhold it with R-THIRD, or let the head of legal or an approver record under “Scheme rules” "
        "that the scheme permits it."
    )
