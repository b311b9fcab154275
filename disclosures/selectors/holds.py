"""What is kept for a request, and what a data holder has to keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q

from accounts.models import User

from ..catalogue import ITEM_TYPES
from ..catalogue import Instrument as Terms
from ..facts import HoldingFacts
from ..models import HeldSystem, HoldLine, HoldTask, Item, Request, Subject
from .doors import holds_visible_to

HOLDS_ON_A_PAGE = 50
Result = HoldLine.Result


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold as a list shows it: the kinds of things, how many people and lines; no person, no case."""

    task: HoldTask
    item_types: tuple[str, ...]
    people: int
    kept: int
    lines: int

    @property
    def standing(self) -> str:
        """WAITING until the holder has confirmed it; then ENDED, KEPT, PARTLY or NOTHING."""
        if self.task.confirmed_at is None:
            return "WAITING"
        if self.task.ended_at is not None:
            return "ENDED"
        return "KEPT" if self.kept == self.lines else "PARTLY" if self.kept else "NOTHING"


def holding_facts(request: Request, terms: Terms | None) -> HoldingFacts:
    """Asks nothing of a request whose instrument preserves nothing."""
    if terms is None or not terms.preserves:
        return HoldingFacts()
    waiting = HoldTask.objects.filter(request=request, confirmed_at=None)
    names = waiting.order_by("system__name").values_list("system__name", flat=True)
    return HoldingFacts(unconfirmed=tuple(dict.fromkeys(names)))


def holds_of(request: Request, terms: Terms | None) -> list[HoldRow]:
    """The holds of a request, the oldest first; those of a preservation request alone are looked for."""
    if terms is None or not terms.preserves:
        return []
    tasks = HoldTask.objects.filter(request=request).select_related("system", "asked_by", "confirmed_by")
    return _rows(list(tasks.order_by("id")))


def holds_to_keep(
    user: User, now: datetime, after: tuple[date, str] | None
) -> tuple[list[HoldRow], tuple[date, str] | None]:
    """One page of this person's holds, the soonest to end first, and where the next one begins."""
    tasks = holds_visible_to(user, now)
    if after:
        until_on, reference = after
        tasks = tasks.filter(Q(until_on__gt=until_on) | Q(until_on=until_on, reference__gt=reference))
    page = list(tasks.order_by("until_on", "reference")[: HOLDS_ON_A_PAGE + 1])
    shown = page[:HOLDS_ON_A_PAGE]
    more = len(page) > len(shown)
    return _rows(shown), (shown[-1].until_on, shown[-1].reference) if more else None


def _rows(tasks: Sequence[HoldTask]) -> list[HoldRow]:
    """One query for all their lines, counted by the database."""
    types: Mapping[int, set[str]] = {task.pk: set() for task in tasks}
    counts = {task.pk: (0, 0, 0) for task in tasks}
    lines = HoldLine.objects.filter(task__in=tasks)
    grouped = lines.values("task_id", "item__item_type").annotate(
        lines=Count("pk"),
        kept=Count("pk", filter=Q(result=Result.KEPT)),
        people=Count("subject", distinct=True),
    )
    for row in grouped:
        types[row["task_id"]].add(ITEM_TYPES[row["item__item_type"]].short)
        whole, kept, people = counts[row["task_id"]]
        counts[row["task_id"]] = (whole + row["lines"], kept + row["kept"], max(people, row["people"]))
    return [
        HoldRow(
            task, tuple(sorted(types[task.pk])), counts[task.pk][2], counts[task.pk][1], counts[task.pk][0]
        )
        for task in tasks
    ]


@dataclass(frozen=True, slots=True)
class Keeping:
    """A system that holds something to be kept; `open_lines` are not asked for in a hold that lasts."""

    system: HeldSystem
    items: tuple[Item, ...]
    open_lines: int


def keepers_of(request: Request) -> tuple[list[Keeping], list[Item]]:
    """The systems that hold something asked for, and the items that no system holds."""
    items = list(Item.objects.filter(request=request).order_by("position"))
    people = Subject.objects.filter(request=request).count()
    lasting = HoldLine.objects.filter(request=request, task__ended_at=None)
    asked = dict(lasting.values_list("task__system_id").annotate(lines=Count("pk")))
    found = [
        Keeping(system, tuple(held), len(held) * people - asked.get(system.pk, 0))
        for system in HeldSystem.objects.filter(is_active=True).order_by("name")
        if (held := [item for item in items if item.item_type in system.holds])
    ]
    somewhere = {item.pk for keeping in found for item in keeping.items}
    return found, [item for item in items if item.pk not in somewhere]


def lines_of(task: HoldTask) -> list[HoldLine]:
    rows = HoldLine.objects.filter(task=task).select_related("item", "subject")
    return list(rows.order_by("subject__position", "item__position"))
