"""Ladders of reminders: which one a clock has, and what none of them may say."""

from collections.abc import Iterable, Mapping

from .schema import Instrument, Ladder

HANDLER = "HANDLER"
# The company's roles that a reminder may reach; a test compares them with those of the accounts.
ROLES = ("INTAKE_CLERK", HANDLER, "APPROVER", "DPO", "MLRO", "RELEASE_OFFICER", "HEAD_OF_LEGAL", "TEAM_LEAD")
RUNGS = ("half", "three_quarters", "last_day", "overdue", "emergency", "emergency_overdue")
ACCESS = "ACCESS"  # of a person's own request, which has no instrument
# Clocks with a ladder of their own; every other clock has the instrument's.
OWN_CLOCKS = (
    "NOTICE_PERIOD", "MORATORIUM", "RATIFICATION", "BREACH_72H", "LATER_MATERIAL", "REVIEW_REQUEST", ACCESS,
)  # fmt: skip
HOUSE = "HOUSE"


def ladder_of(purpose: str, terms: Instrument | None, ladders: Mapping[str, Ladder]) -> Ladder:
    """That of the clock itself, else of the instrument; the house's while no instrument governs."""
    own = [ladder for ladder in ladders.values() if purpose in ladder.clocks]
    if own:
        return own[0]
    return ladders[terms.ladder if terms is not None and terms.ladder else HOUSE]


def faults_of_ladders(ladders: Mapping[str, Ladder]) -> Iterable[tuple[str, str, str]]:
    """Code, key and what is wrong there."""
    taken: dict[str, str] = {}
    for code, ladder in ladders.items():
        for key, words in _faults_of(ladder):
            yield code, key, words
        for clock in ladder.clocks:
            if clock in taken:
                yield code, "clocks", f"clock {clock!r} has the ladder {taken[clock]} already"
            taken[clock] = code
    for clock in OWN_CLOCKS:
        if ladders and clock not in taken:
            yield next(iter(ladders)), "code", f"no ladder says that it belongs to the clock {clock!r}"
    if ladders and (HOUSE not in ladders or ladders[HOUSE].clocks):
        yield next(iter(ladders)), "code", f"no ladder {HOUSE}, for what no instrument governs yet"


def _faults_of(ladder: Ladder) -> Iterable[tuple[str, str]]:
    yield from (
        (key, f"role {role!r} is in no register")
        for key in RUNGS
        for role in getattr(ladder, key)
        if role not in ROLES
    )
    for clock in ladder.clocks:
        if clock not in OWN_CLOCKS:
            yield "clocks", f"clock {clock!r} has no ladder of its own"
    for key in ("name", "plain_words"):
        if not getattr(ladder, key).strip():
            yield key, f"{key} is empty"
    if not ladder.overdue:
        yield "overdue", "somebody hears of what is overdue"
    if ladder.overdue_days < 0:
        yield "overdue_days", "days are counted from 0, once only"
    if not ladder.clocks and (
        ladder.emergency_minutes < 1 or not ladder.emergency or not ladder.emergency_overdue
    ):
        yield "emergency_minutes", "an instrument's ladder calls an emergency out, and says how often"
