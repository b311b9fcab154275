"""What the work pages show of a request, besides its texts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from accounts.models import Membership, User
from accounts.roles import Role
from accounts.selectors import controller

from ..catalogue import ITEM_TYPES, REFUSALS, Refusal, Tests
from ..catalogue import Instrument as Terms
from ..models import (
    CourtApplication,
    Evidence,
    Exclusion,
    HeldSystem,
    Instrument,
    Item,
    ItemDecision,
    Request,
    SearchRecord,
    SearchTask,
    Subject,
)
from .doors import searches_visible_to
from .likeness import LINES_ON_A_PAGE, Group
from .rows import Rows

Found = SearchRecord.Result


@dataclass(frozen=True, slots=True)
class Pair:
    """One item of one person: what the searches said of it, and what was decided."""

    item: Item
    subject: Subject
    records: tuple[SearchRecord, ...]
    decision: ItemDecision | None

    @property
    def where(self) -> str:
        return f"Person {self.subject.position}, item {self.item.position}"

    @property
    def prefix(self) -> str:
        return f"person-{self.subject.position}-item-{self.item.position}"

    @property
    def was_found(self) -> bool:
        return any(record.result == Found.FOUND for record in self.records)

    @property
    def is_not_held(self) -> bool:
        """Every system asked has answered, and none of them holds it."""
        return bool(self.records) and all(record.result == Found.NOT_HELD for record in self.records)


def pairs_of(request: Request, people: Collection[int], *, only: int | None = None) -> list[Pair]:
    """The pairs of these people (by id), person by person; `only`: of this item alone."""
    items = list(Item.objects.filter(request=request).order_by("position"))
    if only is not None:
        items = [item for item in items if item.pk == only]
    decisions = {
        (row.item_id, row.subject_id): row
        for row in ItemDecision.objects.filter(request=request, subject__in=people)
    }
    records: dict[tuple[int, int], list[SearchRecord]] = {}
    for record in SearchRecord.objects.filter(request=request, subject__in=people).order_by("id"):
        records.setdefault((record.item_id, record.subject_id), []).append(record)
    return [
        Pair(
            item=item,
            subject=subject,
            records=tuple(records.get((item.pk, subject.pk), ())),
            decision=decisions.get((item.pk, subject.pk)),
        )
        for subject in Subject.objects.filter(request=request, pk__in=people).order_by("position")
        for item in items
    ]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of a request's people: their ids, how many there are in all, and the position the next page follows."""

    people: tuple[int, ...]
    first: int
    count: int
    next_after: int | None

    @property
    def last(self) -> int:
        return self.first + len(self.people) - 1


def people_page(
    request: Request, *, after: int = 0, lines: int = LINES_ON_A_PAGE, group: Group | None = None
) -> PeoplePage:
    """The people behind a position, as many as make about `lines` lines; of a group, those of the group."""
    rows = Subject.objects.filter(request=request)
    if group is not None:
        rows = rows.filter(pk__in=group.subjects)
    items = 1 if group else Item.objects.filter(request=request).count()
    return _page(rows, after, max(lines // max(items, 1), 1))


def first_page(rows: Rows) -> PeoplePage:
    """As `people_page` from the start, of rows that a page has read already."""
    size = max(LINES_ON_A_PAGE // max(len(rows.items), 1), 1)
    shown = rows.subjects[:size]
    return PeoplePage(
        people=tuple(row.pk for row in shown),
        first=1,
        count=len(rows.subjects),
        next_after=shown[-1].position if len(rows.subjects) > size else None,
    )


def people_searched(task: SearchTask, *, after: int, lines: int) -> PeoplePage:
    """The people of a search behind a position, as many as make about `lines` lines."""
    records = SearchRecord.objects.filter(task=task)
    items = records.values("item").distinct().count()
    return _page(
        Subject.objects.filter(pk__in=records.values("subject")), after, max(lines // max(items, 1), 1)
    )


def _page(rows: QuerySet[Subject], after: int, size: int) -> PeoplePage:
    rows = rows.order_by("position")
    page = list(rows.filter(position__gt=after).values_list("pk", "position")[: size + 1])
    shown = page[:size]
    return PeoplePage(
        people=tuple(pk for pk, _ in shown),
        first=rows.filter(position__lte=after).count() + 1,
        count=rows.count(),
        next_after=shown[-1][1] if len(page) > size else None,
    )


PEOPLE_ON_A_PAGE = 50


def people_listed(request: Request, *, after: int) -> PeoplePage:
    """A page of everybody on the request behind a position, whatever is asked of them."""
    return _page(Subject.objects.filter(request=request), after, PEOPLE_ON_A_PAGE)


def first_people(request: Request) -> tuple[int, ...]:
    """The people that a page shows which is about something else."""
    return people_page(request).people


def governing_instrument(request: Request) -> Instrument | None:
    return Instrument.objects.filter(request=request, governs=True).first()


BY_HAND = frozenset({Evidence.Code.SENDER_ADDRESS, Evidence.Code.CALL_BACK, Evidence.Code.WARRANT_CARD})


def checks_of(terms: Terms | None) -> frozenset[str]:
    """The checks that can be recorded: what the instrument demands, and of officers those that may help."""
    if terms is None:
        return BY_HAND
    demanded = frozenset(terms.evidence)
    return demanded if terms.tests is Tests.LEGITIMATE else demanded | BY_HAND


def refusals_open_to(request: Request) -> list[Refusal]:
    """The reasons for which the governing instrument may be refused; all of them while none is known.

    Once the court has been applied to, an order can be refused for what the application says.
    """
    instrument = governing_instrument(request)
    if (
        instrument
        and not instrument.terms.voluntary
        and CourtApplication.objects.filter(request=request).exists()
    ):
        return list(REFUSALS.values())
    return [REFUSALS[code] for code in (instrument.terms.refusals if instrument else REFUSALS)]


@dataclass(frozen=True, slots=True)
class Holding:
    """A system of the register, the items asked for that it holds, and what it was asked so far."""

    system: HeldSystem
    items: tuple[Item, ...]
    tasks: tuple[SearchTask, ...]

    @property
    def is_asked(self) -> bool:
        return any(task.completed_at is None for task in self.tasks)


def holdings_of(request: Request) -> tuple[list[Holding], list[Item]]:
    """The systems that hold something asked for, and the items that no system holds."""
    items = list(Item.objects.filter(request=request).order_by("position"))
    tasks: dict[int, list[SearchTask]] = {}
    for task in SearchTask.objects.filter(request=request).order_by("id"):
        tasks.setdefault(task.system_id, []).append(task)
    holdings = [
        Holding(system, tuple(held), tuple(tasks.get(system.pk, ())))
        for system in HeldSystem.objects.filter(is_active=True).order_by("name")
        if (held := [item for item in items if item.item_type in system.holds])
    ]
    found = {item.pk for holding in holdings for item in holding.items}
    return holdings, [item for item in items if item.pk not in found]


def staff_and_roles(now: datetime) -> list[tuple[User, Role]]:
    """Everybody in office at the controller, once for each role, by role and name."""
    held = Membership.objects.valid_at(now).filter(organisation=controller()).select_related("user")
    rows = [(membership.user, Role(membership.role)) for membership in held]
    order = list(Role)
    return sorted(rows, key=lambda row: (order.index(row[1]), row[0].display_name, row[0].pk))


def not_excluded(request: Request, now: datetime) -> list[User]:
    """The controller's staff whom nobody has excluded from this request yet, by name."""
    excluded = set(Exclusion.objects.filter(request=request).values_list("user_id", flat=True))
    people = {user.pk: user for user, _ in staff_and_roles(now) if user.pk not in excluded}
    return sorted(people.values(), key=lambda user: (user.display_name, user.pk))


@dataclass(frozen=True, slots=True)
class SearchRow:
    """A data holder's row: the kinds of things to look for and of how many people; no person, no case."""

    task: SearchTask
    item_types: tuple[str, ...]
    people: int


SEARCHES_ON_A_PAGE = 50


def open_searches(
    user: User, now: datetime, after: tuple[date, str] | None
) -> tuple[list[SearchRow], tuple[date, str] | None]:
    """One page of the searches that wait for this person, soonest first, and where the next one begins."""
    tasks = searches_visible_to(user, now).filter(completed_at=None)
    if after:
        due_on, reference = after
        tasks = tasks.filter(Q(due_on__gt=due_on) | Q(due_on=due_on, reference__gt=reference))
    page = list(tasks.order_by("due_on", "reference")[: SEARCHES_ON_A_PAGE + 1])
    shown = page[:SEARCHES_ON_A_PAGE]
    asked = _asked_for(shown)
    rows = [SearchRow(task, *asked[task.pk]) for task in shown]
    return rows, (shown[-1].due_on, shown[-1].reference) if len(page) > len(shown) else None


def _asked_for(tasks: list[SearchTask]) -> Mapping[int, tuple[tuple[str, ...], int]]:
    types: dict[int, set[str]] = {task.pk: set() for task in tasks}
    people: dict[int, set[int]] = {task.pk: set() for task in tasks}
    records = SearchRecord.objects.filter(task__in=tasks)
    for task_id, item_type, subject_id in records.values_list("task_id", "item__item_type", "subject_id"):
        types[task_id].add(ITEM_TYPES[item_type].short)
        people[task_id].add(subject_id)
    return {task.pk: (tuple(sorted(types[task.pk])), len(people[task.pk])) for task in tasks}


TYPED_BY_HAND = 25


def is_long(task: SearchTask) -> bool:
    """Whether the task has more lines than somebody types one by one."""
    return SearchRecord.objects.filter(task=task).count() > TYPED_BY_HAND


def records_of(task: SearchTask) -> list[SearchRecord]:
    rows = SearchRecord.objects.filter(task=task).select_related("item", "subject")
    return list(rows.order_by("subject__position", "item__position"))
