"""Lines that are alike: the same item, search result, flags, standing towards the company, and decision so far.

A company names up to two thousand people, so the reviewer decides by group and only the exceptions singly.
Nothing sealed is opened for it, and the number of queries does not grow with the people.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ..catalogue import REFUSALS
from ..models import Item, ItemDecision, Request, SearchRecord, Subject
from ..states import Kind
from .group import standings_of_people
from .rows import Rows

# From so many people on, like lines are shown as groups.
GROUPS_FROM = 11
LINES_ON_A_PAGE = 50

NOT_ASKED, WAITING = "NOT_ASKED", "WAITING"
SEARCH_WORDS: Mapping[str, str] = {
    NOT_ASKED: "Not searched for yet",
    WAITING: "Asked, not answered yet",
    SearchRecord.Result.FOUND: "Found",
    SearchRecord.Result.NOT_HELD: "Nothing held",
}


class Likeness(NamedTuple):
    """What the lines of a group share. `decided`: the decision so far, empty for none.

    `barred`: why these people may not be given to the company today, in words that follow “may not be given”.
    """

    item_id: int
    search: str
    flags: tuple[str, ...]
    barred: str
    decided: str


@dataclass(frozen=True, slots=True)
class Group:
    """`seen` changes with anything that would make a decision on the group another one than the reader saw."""

    likeness: Likeness
    item: Item
    subjects: tuple[int, ...]
    positions: tuple[int, ...]
    seen: str

    @property
    def key(self) -> str:
        """A name for the address of a page: nothing in it tells of a person."""
        parts = [self.item.position, *self.likeness[1:]]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    @property
    def size(self) -> int:
        return len(self.subjects)

    @property
    def search_words(self) -> str:
        return SEARCH_WORDS[self.likeness.search]

    @property
    def decided_words(self) -> str:
        decision, _, code = self.likeness.decided.partition(" ")
        if not decision:
            return "Not decided yet"
        words = str(ItemDecision.Decision(decision).label)
        return f"{words}: {REFUSALS[code].words}" if code else words

    @property
    def barred_words(self) -> str:
        return f"May not be given to the company: {self.likeness.barred}" if self.likeness.barred else ""

    @property
    def was_found(self) -> bool:
        return self.likeness.search == SearchRecord.Result.FOUND


def groups_of(request: Request, *, now: datetime, rows: Rows | None = None) -> list[Group]:
    """Every line of the request, gathered; the undecided first, then by item, the largest group first.

    Whoever may not be given to the company that asks stands in groups of their own, by the reason of today.
    `rows`: what a page has read already.
    """
    if rows is not None:
        return _groups(
            request,
            items=rows.items,
            people=[(row.pk, row.position, row.type, row.status) for row in rows.subjects],
            records=[
                (row.pk, row.item_id, row.subject_id, row.result)
                for row in sorted(rows.records, key=lambda row: row.pk)
            ],
            decisions=[
                (row.item_id, row.subject_id, row.decision, row.refusal_code, row.decided_at)
                for row in rows.decisions
            ],
            now=now,
        )
    of_it = {"request": request}
    return _groups(
        request,
        items=Item.objects.filter(**of_it),
        people=Subject.objects.filter(**of_it)
        .order_by("position")
        .values_list("id", "position", "type", "status"),
        records=SearchRecord.objects.filter(**of_it)
        .order_by("id")
        .values_list("id", "item_id", "subject_id", "result"),
        decisions=ItemDecision.objects.filter(**of_it).values_list(
            "item_id", "subject_id", "decision", "refusal_code", "decided_at"
        ),
        now=now,
    )


def _groups(
    request: Request,
    *,
    items: Iterable[Item],
    people: Iterable[tuple[int, int, str, str]],
    records: Iterable[tuple[int, int, int, str]],
    decisions: Iterable[tuple[int, int, str, str, datetime]],
    now: datetime,
) -> list[Group]:
    """`people` by position, `records` by id."""
    things = {item.pk: item for item in items}
    found_by: dict[tuple[int, int], list[tuple[int, str]]] = {}
    for pk, item, subject, result in records:
        found_by.setdefault((item, subject), []).append((pk, result))
    made = {
        (item, subject): (f"{decision} {code}".strip(), str(at))
        for item, subject, decision, code, at in decisions
    }
    barred = standings_of_people(request, now=now) if request.kind == Kind.GROUP else {}
    found: dict[Likeness, list[tuple[int, int, object]]] = {}
    for subject, position, kind, status in people:
        flags = _flags(kind, status)
        for item in things:
            asked = found_by.get((item, subject), [])
            decided, at = made.get((item, subject), ("", ""))
            likeness = Likeness(item, _search(asked), flags, barred.get(position, ""), decided)
            found.setdefault(likeness, []).append((subject, position, (subject, asked, at)))
    groups = [_group(likeness, things[likeness.item_id], lines) for likeness, lines in found.items()]
    return sorted(groups, key=lambda g: (bool(g.likeness.decided), g.item.position, -g.size, g.key))


def _group(likeness: Likeness, item: Item, lines: Sequence[tuple[int, int, object]]) -> Group:
    state = json.dumps([line[2] for line in lines], default=str)
    return Group(
        likeness=likeness,
        item=item,
        subjects=tuple(line[0] for line in lines),
        positions=tuple(line[1] for line in lines),
        seen=hashlib.sha256(state.encode()).hexdigest(),
    )


def _search(records: Iterable[tuple[int, str]]) -> str:
    results = {result for _, result in records}
    if not results:
        return NOT_ASKED
    if "" in results:
        return WAITING
    return SearchRecord.Result.FOUND if SearchRecord.Result.FOUND in results else SearchRecord.Result.NOT_HELD


def _flags(kind: str, status: str) -> tuple[str, ...]:
    """What sets a person apart from the others on the list, in words."""
    flags = [] if kind == Subject.Type.INDIVIDUAL else [str(Subject.Type(kind).label)]
    return (*flags, *([str(Subject.Status(status).label)] if status else []))
