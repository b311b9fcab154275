"""Who may have what destroyed, and when it may not be: pure objections, asked when it is proposed and again later."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

RETENTION = "RETENTION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destroying:
    """`holds`: each hold that lasts, in words. `position`: of the one person who is to be erased."""

    reference: str
    closed: bool
    today: date
    keep_until: date | None
    ground: str
    reason: str = ""
    holds: tuple[str, ...] = ()
    position: int | None = None
    person_is_there: bool = True
    pending: bool = False
    proposer_id: int | None = None
    actor_id: int | None = None


Rule = Callable[[Destroying], str | None]


def it_is_closed(case: Destroying) -> str | None:
    return None if case.closed else f"{case.reference} is not closed. Only what is closed can be destroyed."


def nothing_holds_it(case: Destroying) -> str | None:
    if case.holds:
        return f"{case.reference} is held: {'; '.join(case.holds)}. It can be destroyed when that has ended."
    return None


def its_period_is_over(case: Destroying) -> str | None:
    if case.ground != RETENTION:
        return None
    if case.position is not None:
        return "One person is erased for a ground of its own; when the period is over the whole request goes."
    if case.keep_until is None or case.keep_until >= case.today:
        return f"The period of keeping of {case.reference} is not over."
    return None


def another_ground_is_reasoned(case: Destroying) -> str | None:
    if case.ground != RETENTION and not case.reason.strip():
        return "Say why it is destroyed before its time."
    return None


def person_is_there(case: Destroying) -> str | None:
    return (
        None
        if case.person_is_there
        else "There is no such person in this request, or they are erased already."
    )


def nothing_is_pending(case: Destroying) -> str | None:
    return f"The disposal of {case.reference} is proposed already." if case.pending else None


def somebody_else_confirms(case: Destroying) -> str | None:
    if case.actor_id is not None and case.actor_id == case.proposer_id:
        return "You proposed this disposal; a colleague must confirm it."
    return None


WHENEVER: tuple[Rule, ...] = (it_is_closed, nothing_holds_it, its_period_is_over)
TO_PROPOSE: tuple[Rule, ...] = (*WHENEVER, another_ground_is_reasoned, person_is_there, nothing_is_pending)
TO_CONFIRM: tuple[Rule, ...] = (*WHENEVER, person_is_there, somebody_else_confirms)


def against(case: Destroying, rules: Iterable[Rule]) -> Iterator[tuple[str, str]]:
    """Every objection: the rule's name and its sentence."""
    for rule in rules:
        if sentence := rule(case):
            yield rule.__name__, sentence
