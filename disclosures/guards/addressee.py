"""Objections about an order or notice that names somebody who is none of our names: a question to legal, never a refusal by itself."""

from ..facts import Facts
from ..states import Outcome

OPEN, OURS, NOT_OURS = "OPEN", "OURS", "NOT_OURS"
RELEASES = frozenset({Outcome.DISCLOSED_FULL, Outcome.DISCLOSED_PART})


def addressee_was_settled(facts: Facts) -> str | None:
    if facts.addressee == OPEN:
        return (
            "It is addressed to a name that is none of ours. The head of legal or an approver settles first whether it is "
            "meant for us."
        )
    if facts.addressee == NOT_OURS and facts.outcome in RELEASES:
        return "Legal found that it is not addressed to us, so nothing is released under it. Send it back, or refuse it."
    return None


def wrong_name_alone_refuses_nothing(facts: Facts) -> str | None:
    if facts.addressee == OPEN and "R-INST" in facts.refusal_codes:
        return (
            "A name on it that is none of ours is a question to legal and no refusal. The head of legal or an approver "
            "settles first whether it is meant for us."
        )
    return None
