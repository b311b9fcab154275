"""Asking data holders to search, and recording what they found. A nil is recorded like a find."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User, opaque

from .. import outbox
from ..deadlines.calendars import nth_working_day
from ..models import HeldSystem, Item, SearchRecord, SearchTask, Subject
from ..places import Place, compact
from ..states import Perm
from .calendars import calendar_for
from .changes import demand, locked, record_change, refuse, use_case
from .many import update_many
from .notices import tell_followers

SEARCH_WORKING_DAYS = 2
LONGEST_DETAIL = 8_000
ANSWERED = ("result", "searched_at", "searched_by", "period_from", "period_to", "terms", "found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """One pair's result. `found` is what is held, in words; empty for a nil."""

    result: str
    terms: str
    found: str = ""
    period_from: date | None = None
    period_to: date | None = None


@use_case
def ask_for_search(*, request_id: int, system_id: int, actor: User, now: datetime) -> SearchTask:
    """Asks one system's holder for every pair whose item it holds; the task has a due date of its own."""
    request = locked(request_id)
    role = demand(request, actor, Perm.REVIEW, now)
    system = HeldSystem.objects.get(pk=system_id, is_active=True)
    subjects = list(Subject.objects.filter(request=request).select_related("data_key"))
    items = [item for item in Item.objects.filter(request=request) if item.item_type in system.holds]
    if not items:
        raise refuse(
            request,
            actor,
            "ASK_SEARCH",
            ("system_holds_it", f"{system.name} holds none of the items asked for."),
        )
    if SearchTask.objects.filter(request=request, system=system, completed_at=None).exists():
        raise refuse(
            request,
            actor,
            "ASK_SEARCH",
            ("asked_once", f"{system.name} has already been asked and has not answered yet."),
        )
    due_on = nth_working_day(now, SEARCH_WORKING_DAYS, calendar_for(request.nation))
    task = SearchTask.objects.create(
        request=request, reference=opaque("s"), system=system, asked_at=now, asked_by=actor, due_on=due_on
    )
    SearchRecord.objects.bulk_create(
        SearchRecord(
            request=request,
            task=task,
            item=item,
            subject=subject,
            period_from=item.period_from,
            period_to=item.period_to,
        )
        for item in items
        for subject in subjects
    )
    outbox.put(
        key=f"search:{task.reference}",
        topic="search.asked",
        payload={"request": request.pk, "task": task.pk},
        not_before=now,
    )
    record_change(
        request,
        event="search.asked",
        actor=actor,
        role=role,
        now=now,
        detail={"task": task.reference, "system": system.code},
    )
    return task


@use_case
def record_search(*, task_id: int, finds: Mapping[int, Find], actor: User, now: datetime) -> SearchTask:
    """A data holder's answer to the whole task: one find for each of its records (by record id).

    Raises ActionRefused with every fault at once: a record without an answer, a find without words.
    """
    found_task = SearchTask.objects.select_related("request", "system").get(pk=task_id)
    request = locked(found_task.request_id)
    role = demand(request, actor, Perm.SEARCH, now)
    task = SearchTask.objects.get(pk=task_id)
    if task.completed_at:
        raise refuse(request, actor, "SEARCH", ("search_is_open", "This search has already been answered."))
    records = list(
        SearchRecord.objects.filter(task=task)
        .select_related("subject__data_key", "item")
        .order_by("subject__position", "item__position")
    )
    if faults := _faults(records, finds):
        raise refuse(request, actor, "SEARCH", *faults)
    for record in records:
        find = finds[record.pk]
        record.subject.data_key.parent = request.data_key  # loaded, so that sealing asks nothing
        record.result, record.searched_at, record.searched_by = find.result, now, actor
        record.period_from, record.period_to = (
            find.period_from or record.period_from,
            find.period_to or record.period_to,
        )
        record.seal(terms=find.terms, found=find.found if find.result == SearchRecord.Result.FOUND else "")
    update_many(rows=records, names=ANSWERED)
    task.completed_at, task.completed_by = now, actor
    task.save(update_fields=["completed_at", "completed_by"])
    outbox.put(
        key=f"searched:{task.reference}",
        topic="search.answered",
        payload={"request": request.pk, "task": task.pk},
        not_before=now,
    )
    tell_followers(request, "has the answer to a search", but=actor, now=now)
    places: dict[str, list[Place]] = {}
    for record in records:
        places.setdefault(record.result, []).append((record.item.position, record.subject.position))
    results = {result: compact(where) for result, where in places.items()}
    if sum(map(len, results.values())) > LONGEST_DETAIL:
        results = {result: f"{len(where)} places" for result, where in places.items()}
    record_change(
        request,
        event="search.recorded",
        actor=actor,
        role=role,
        now=now,
        detail={"task": task.reference, "results": results},
    )
    return task


def _faults(records: Sequence[SearchRecord], finds: Mapping[int, Find]) -> list[tuple[str, str]]:
    faults = []
    for record in records:
        where = f"Person {record.subject.position}, item {record.item.position}"
        find = finds.get(record.pk)
        if find is None or find.result not in SearchRecord.Result.values:
            faults.append(("every_pair_is_answered", f"{where}: say whether something was found."))
            continue
        if not find.terms.strip():
            faults.append(("terms_are_recorded", f"{where}: say what was searched for."))
        if find.result == SearchRecord.Result.FOUND and not find.found.strip():
            faults.append(("find_is_described", f"{where}: write down what was found."))
    return faults
