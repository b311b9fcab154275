"""Objections to ending a request's secrecy (DOMAIN A.7): two members, and a ground that is no mere date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

KEEPERS = frozenset({"HEAD_OF_LEGAL", "MLRO"})
ENDERS = KEEPERS | {"HANDLER", "APPROVER"}


@dataclass(frozen=True, kw_only=True)
class EndFacts:
    """`roles` are the actor's in this compartment; `proposer_*` those of whoever proposed it, while it is open."""

    actor_id: int
    roles: frozenset[str]
    restricted: bool
    is_open: bool
    cited: str = ""
    cited_on: date | None = None
    today: date
    proposer_id: int | None = None
    proposer_roles: frozenset[str] = frozenset()


EndGuard = Callable[[EndFacts], str | None]


def it_is_a_secret(facts: EndFacts) -> str | None:
    return None if facts.restricted else "This request is open to the desk; there is nothing to end."


def the_member_has_a_part_in_ending_it(facts: EndFacts) -> str | None:
    if facts.roles & ENDERS:
        return None
    return (
        "A handler, an approver, the reporting officer or a head of legal among the members takes this step."
    )


def no_other_proposal_waits(facts: EndFacts) -> str | None:
    return "It is proposed already, and waits for another member." if facts.is_open else None


def something_is_cited(facts: EndFacts) -> str | None:
    if facts.cited.strip():
        return None
    return (
        "Cite the authority’s answer, or the order and how it ended. A date for looking again ends nothing."
    )


def what_is_cited_lies_behind(facts: EndFacts) -> str | None:
    if facts.cited_on is not None and facts.cited_on <= facts.today:
        return None
    return "The answer, or the order’s end, must not lie in the future."


def a_proposal_waits(facts: EndFacts) -> str | None:
    return None if facts.is_open else "Nothing is proposed; another member proposes it first."


def another_member_decides(facts: EndFacts) -> str | None:
    if facts.actor_id == facts.proposer_id:
        return "You proposed it; another member must confirm it or turn it down."
    return None


def one_of_both_says_who_may_know(facts: EndFacts) -> str | None:
    if (facts.roles | facts.proposer_roles) & KEEPERS:
        return None
    return "One of the two must be the money laundering reporting officer or a head of legal."


PROPOSING: Sequence[EndGuard] = (
    it_is_a_secret, the_member_has_a_part_in_ending_it, no_other_proposal_waits, something_is_cited,
    what_is_cited_lies_behind,
)  # fmt: skip
TURNING_DOWN: Sequence[EndGuard] = (
    it_is_a_secret, the_member_has_a_part_in_ending_it, a_proposal_waits, another_member_decides,
)  # fmt: skip
CONFIRMING: Sequence[EndGuard] = (*TURNING_DOWN, one_of_both_says_who_may_know)


def objections_to_ending(facts: EndFacts, guards: Sequence[EndGuard]) -> Sequence[tuple[str, str]]:
    """All of them: (name of the guard, sentence)."""
    found = [(guard.__name__, guard(facts)) for guard in guards]
    return [(name, sentence) for name, sentence in found if sentence]
