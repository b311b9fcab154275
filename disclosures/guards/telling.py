"""Objections to recording that a person was told of a request, or is not told (DOMAIN E.7)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

TELLERS = frozenset({"HANDLER", "TEAM_LEAD", "HEAD_OF_LEGAL", "MLRO", "DPO"})


@dataclass(frozen=True, kw_only=True)
class TellFacts:
    roles: frozenset[str]
    restricted: bool
    do_not_notify: bool
    words: str
    today: date
    told_on: date | None = None
    review_on: date | None = None


TellGuard = Callable[[TellFacts], str | None]


def whoever_tells_has_a_part(facts: TellFacts) -> str | None:
    if facts.roles & TELLERS:
        return None
    return "A handler, a team lead, a head of legal, the reporting officer or the data protection officer decides this."


def a_secret_is_not_told(facts: TellFacts) -> str | None:
    if not facts.restricted:
        return None
    return "The request is restricted: to tell the person may be a crime. Its secrecy ends first, by two members."


def what_was_said_is_written_down(facts: TellFacts) -> str | None:
    return None if facts.words.strip() else "Say what the person was told."


def not_telling_has_a_reason(facts: TellFacts) -> str | None:
    return None if facts.words.strip() else "Say why the person is not told."


def telling_lies_behind(facts: TellFacts) -> str | None:
    if facts.told_on is not None and facts.told_on <= facts.today:
        return None
    return "The day on which the person was told must not lie in the future."


def looking_again_lies_ahead(facts: TellFacts) -> str | None:
    if facts.review_on is None or facts.review_on > facts.today:
        return None
    return "The day for looking again must lie in the future."


def a_mark_is_looked_at_again(facts: TellFacts) -> str | None:
    """Who asked that the person is not told does not decide it for ever."""
    if facts.review_on is not None or not facts.do_not_notify or facts.restricted:
        return None
    return "The requester asks that the person is not told: give the day on which that is looked at again."


TELLING: Sequence[TellGuard] = (
    whoever_tells_has_a_part, a_secret_is_not_told, what_was_said_is_written_down, telling_lies_behind,
)  # fmt: skip
NOT_TELLING: Sequence[TellGuard] = (
    whoever_tells_has_a_part, not_telling_has_a_reason, looking_again_lies_ahead, a_mark_is_looked_at_again,
)  # fmt: skip


def objections_to_telling(facts: TellFacts, guards: Sequence[TellGuard]) -> Sequence[tuple[str, str]]:
    """All of them: (name of the guard, sentence)."""
    found = [(guard.__name__, guard(facts)) for guard in guards]
    return [(name, sentence) for name, sentence in found if sentence]
