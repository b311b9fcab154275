"""Reminding the data holders of searches and holds: before the day, on it, and each day after until they answer."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet

from .. import outbox
from ..deadlines.calendars import london_day
from ..models import HoldTask, OutboxRow, SearchTask
from ..states import State

DAY_BEFORE = timedelta(days=1)
Task = TypeVar("Task", SearchTask, HoldTask)


def chase_searches(*, now: datetime) -> int:
    """Promises each reminder once, whoever else sweeps: its key says of which task and which day it is."""
    open_tasks = SearchTask.objects.filter(completed_at=None, request__state=State.IN_REVIEW)
    return sum(_chase(key, "search.chased", task, now) for key, task in _missing(open_tasks, london_day(now)))


def chase_holds(*, now: datetime) -> int:
    """A hold is chased until it is confirmed, though it may have ended: the request is not put away before."""
    open_tasks = HoldTask.objects.filter(confirmed_at=None).exclude(request__state=State.CLOSED)
    return sum(_chase(key, "hold.chased", task, now) for key, task in _missing(open_tasks, london_day(now)))


def _missing(open_tasks: QuerySet[Task], today: date) -> Iterator[tuple[str, Task]]:
    due = open_tasks.filter(due_on__lte=today + DAY_BEFORE)
    wanted = {_key(task, today): task for task in due.order_by("id")}
    made = set(OutboxRow.objects.filter(key__in=wanted).values_list("key", flat=True)) if wanted else set()
    yield from ((key, task) for key, task in wanted.items() if key not in made)


def _key(task: SearchTask | HoldTask, today: date) -> str:
    """One for the day before, one for the day itself, one for each day after."""
    when = "before" if task.due_on > today else today.isoformat()
    return f"chaser:{task.reference}:{when}"


@transaction.atomic(durable=True)
def _chase(key: str, topic: str, task: SearchTask | HoldTask, now: datetime) -> bool:
    payload = {"request": task.request_id, "task": task.pk}
    return outbox.put(key=key, topic=topic, payload=payload, not_before=now, ring=False)
