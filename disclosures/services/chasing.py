"""Reminding the data holders of searches: before the day, on it, and each day after it until they answer."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction

from .. import outbox
from ..deadlines.calendars import london_day
from ..models import OutboxRow, SearchTask
from ..states import State

DAY_BEFORE = timedelta(days=1)


def chase_searches(*, now: datetime) -> int:
    """Promises each reminder once, whoever else sweeps: its key says of which task and which day it is."""
    return sum(_chase(key, task, now) for key, task in _missing(london_day(now)))


def _missing(today: date) -> Iterator[tuple[str, SearchTask]]:
    open_tasks = SearchTask.objects.filter(
        completed_at=None, due_on__lte=today + DAY_BEFORE, request__state=State.IN_REVIEW
    )
    wanted = {_key(task, today): task for task in open_tasks.order_by("id")}
    made = set(OutboxRow.objects.filter(key__in=wanted).values_list("key", flat=True)) if wanted else set()
    yield from ((key, task) for key, task in wanted.items() if key not in made)


def _key(task: SearchTask, today: date) -> str:
    """One for the day before, one for the day itself, one for each day after."""
    when = "before" if task.due_on > today else today.isoformat()
    return f"chaser:{task.reference}:{when}"


@transaction.atomic(durable=True)
def _chase(key: str, task: SearchTask, now: datetime) -> bool:
    payload = {"request": task.request_id, "task": task.pk}
    return outbox.put(key=key, topic="search.chased", payload=payload, not_before=now, ring=False)
