"""Whether enough different people are there to see a request through: each seat needs somebody of its roles.

Acts that decide exclude one another by person (`workflow.DECIDING`), and whoever took a request in does not
verify it; so their seats need as many different people. The other seats only need somebody.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seat:
    """`act` names it, `words` to the reader; `apart`: nobody in another such seat may sit here."""

    act: str
    words: str
    roles: frozenset[str]
    apart: bool = True


def candidates(
    seat: Seat, people: Mapping[int, AbstractSet[str]], taken: Mapping[str, AbstractSet[int]]
) -> set[int]:
    """Who could sit here: in one of its roles, and in no other seat apart (`taken`: act to those who did it)."""
    able = {person for person, roles in people.items() if seat.roles & roles}
    if not seat.apart:
        return able
    return able - {person for act, persons in taken.items() if act != seat.act for person in persons}


def unfilled(
    seats: Sequence[Seat], people: Mapping[int, AbstractSet[str]], taken: Mapping[str, AbstractSet[int]]
) -> list[Seat]:
    """The seats that stay empty when as many as possible are filled; those named later give way first."""
    able = {seat.act: candidates(seat, people, taken) for seat in seats}
    sitting: dict[int, str] = {}
    empty = [seat for seat in seats if not seat.apart and not able[seat.act]]
    empty += [seat for seat in seats if seat.apart and not _finds_somebody(seat.act, able, sitting, set())]
    return sorted(empty, key=seats.index)


def _finds_somebody(
    act: str, able: Mapping[str, Iterable[int]], sitting: dict[int, str], asked: set[int]
) -> bool:
    """Seats somebody, moving others along where that helps: an augmenting path of bipartite matching (Kuhn, 1955)."""
    for person in sorted(able[act]):
        if person in asked:
            continue
        asked.add(person)
        if person not in sitting or _finds_somebody(sitting[person], able, sitting, asked):
            sitting[person] = act
            return True
    return False
