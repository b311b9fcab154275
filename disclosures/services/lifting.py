"""Holds and the end of their instrument: moved with it, ended by it. Run by the sweep; twice is as good as once."""

from datetime import date, datetime
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from .. import outbox
from ..catalogue.schema import PRESERVATION
from ..deadlines.calendars import london_day
from ..models import HoldTask, Instrument, Request
from ..states import Outcome, State
from .changes import locked, record_change, use_case

# The body let it go, or it is not followed: nothing is kept any longer.
LETTING_GO = (State.WITHDRAWN, State.REFUSED, State.EXPIRED, State.CLOSED)
LET_GO = (Outcome.WITHDRAWN, Outcome.REFUSED, Outcome.EXPIRED)


def keep_holds_in_step(*, now: datetime) -> int:
    """Ends the holds that are over and moves those whose instrument has another end by now; of how many requests."""
    lasting = _lasting(now).filter(Q(is_over=True) | Q(end_on__isnull=False) & ~Q(end_on=F("until_on")))
    requests = lasting.order_by("request_id").values_list("request_id", flat=True).distinct()
    return sum(_keep_in_step(request_id=pk, now=now) for pk in requests)


def _lasting(now: datetime) -> QuerySet[Any]:
    """With the end of the governing instrument, and whether the hold is over."""
    governing = Instrument.objects.filter(request=OuterRef("request_id"), governs=True)
    tasks = HoldTask.objects.filter(ended_at=None).annotate(
        end_on=Subquery(governing.values("valid_until")[:1]), code=Subquery(governing.values("code")[:1])
    )
    over = (
        Q(end_on__lt=london_day(now))
        | Q(code=None)
        | ~Q(code=PRESERVATION)
        | Q(request__state__in=LETTING_GO, request__outcome__in=LET_GO)
    )
    return tasks.annotate(is_over=over)


@use_case
def _keep_in_step(*, request_id: int, now: datetime) -> bool:
    """Asked again under the lock: somebody may have moved the end since."""
    request = locked(request_id)
    lasting = _lasting(now).filter(request=request).order_by("id")
    if over := list(lasting.filter(is_over=True)):
        HoldTask.objects.filter(pk__in=[task.pk for task in over]).update(ended_at=now)
        for task in over:
            promise_of_hold(topic="hold.ended", task=task, now=now)
        _tell_the_log(request, "hold.ended", now, tasks=[task.reference for task in over])
        return True
    astray = lasting.filter(end_on__isnull=False).exclude(until_on=F("end_on"))
    ends = list(astray.values_list("until_on", "end_on"))
    if not ends:
        return False
    before, until = sorted({was.isoformat() for was, _ in ends}), ends[0][1]
    moved = move_holds(request=request, until=until, now=now)
    _tell_the_log(request, "hold.moved", now, tasks=moved, to=until.isoformat(), was=before)
    return True


def _tell_the_log(request: Request, event: str, now: datetime, **detail: object) -> None:
    record_change(request, event=event, actor=None, role="", now=now, detail=detail)


def move_holds(*, request: Request, until: date, now: datetime) -> list[str]:
    """Moves every lasting hold to another last day and tells its holder; inside the caller's change."""
    lasting = HoldTask.objects.filter(request=request, ended_at=None).exclude(until_on=until)
    tasks = list(lasting.order_by("id"))
    lasting.update(until_on=until)
    for task in tasks:
        promise_of_hold(topic="hold.moved", task=task, now=now, turn=str(request.version))
    return [task.reference for task in tasks]


def promise_of_hold(*, topic: str, task: HoldTask, now: datetime, turn: str = "") -> None:
    """Once for each hold and topic; a hold may move many times, so a move names its turn."""
    key = f"{topic}:{task.reference}:{turn}" if turn else f"{topic}:{task.reference}"
    payload = {"request": task.request_id, "task": task.pk}
    outbox.put(key=key, topic=topic, payload=payload, not_before=now)
