"""Who is related to whom on a day, by chains of holdings. Pure: rows in, the chain out; no Django, no clock.

Companies Act 2006: a subsidiary of a subsidiary is a subsidiary (s.1159(1), s.1162(5)); parents, subsidiaries and
fellow subsidiaries are one group (s.1161(5)). Control is what counts along a chain, never percentages multiplied.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class How(StrEnum):
    """What the company is to us."""

    SUBSIDIARY = "SUBSIDIARY"
    PARENT = "PARENT"
    FELLOW = "FELLOW"


@dataclass(frozen=True, slots=True)
class Holding:
    """`holder` controls `held` from the first day to the last, both included; no last day: still.

    `controls` is False for what the register holds and the law does not count: a minority stake, a joint
    venture, a franchise, a partner.
    """

    key: int
    holder: int
    held: int
    first_day: date
    last_day: date | None
    controls: bool = True

    def covers(self, day: date) -> bool:
        return self.controls and self.first_day <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, slots=True)
class Connection:
    """The links from the company up to the parent it shares with us, and ours up to the same one."""

    how: How
    up: tuple[Holding, ...]
    ours: tuple[Holding, ...]

    @property
    def links(self) -> tuple[Holding, ...]:
        return (*self.up, *self.ours)


def connection(holdings: Sequence[Holding], *, company: int, us: int, day: date) -> Connection | None:
    """The shortest connection in force on that day, or None where there is none."""
    above_it, above_us = _parents(holdings, company, day), _parents(holdings, us, day)
    shared = [node for node in above_it if node in above_us]
    if company == us or not shared:
        return None
    top = min(shared, key=lambda node: (len(above_it[node]) + len(above_us[node]), node))
    how = How.SUBSIDIARY if top == us else How.PARENT if top == company else How.FELLOW
    return Connection(how, above_it[top], above_us[top])


def last_related_day(holdings: Sequence[Holding], *, company: int, us: int, before: date) -> date | None:
    """The last day before `before` on which they were related. A chain ends only when one of its links does."""
    ends = {row.last_day for row in holdings if row.last_day is not None and row.last_day < before}
    related = (
        day for day in sorted(ends, reverse=True) if connection(holdings, company=company, us=us, day=day)
    )
    return next(related, None)


def _parents(holdings: Iterable[Holding], company: int, day: date) -> Mapping[int, tuple[Holding, ...]]:
    """Everybody above it, itself included, each with the shortest line of links that leads there."""
    holders: dict[int, list[Holding]] = {}
    for row in sorted(holdings, key=lambda row: row.key):
        if row.covers(day):
            holders.setdefault(row.held, []).append(row)
    found: dict[int, tuple[Holding, ...]] = {company: ()}
    waiting = deque([company])
    while waiting:
        here = waiting.popleft()
        for row in holders.get(here, ()):
            if row.holder not in found:
                found[row.holder] = (*found[here], row)
                waiting.append(row.holder)
    return found
