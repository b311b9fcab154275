"""The bank holidays changed: the month of a person's own request ends on another day, where it ended on such a one."""

from datetime import datetime

from django.db.models import QuerySet

from .. import outbox
from ..deadlines.access import access_due
from ..deadlines.calendars import NATIONS
from ..models import AccessRequest, CalendarRun
from ..selectors.accounting import clock_of
from .accounting import write_down
from .calendars import calendar_for

TOPIC = "access.moved"


def count_access_again(*, run: CalendarRun, now: datetime) -> int:
    """Of how many the day moved. In the transaction that ends the run: a run that is killed before has moved none.

    Those that wait for a proof or a clarification have no day, and get theirs from the new table when it comes.
    """
    calendar, moved = calendar_for(NATIONS[0]), 0
    for access in _running().order_by("pk"):
        due_on = access_due(clock_of(access), calendar).due_on
        if due_on == access.due_on:
            continue
        was_on, access.due_on = access.due_on, due_on
        access.version += 1
        access.save(update_fields=["due_on", "version"])
        write_down(
            access=access,
            event="access.recalculated",
            actor=None,
            role="",
            detail={
                "as_of": now.isoformat(timespec="seconds"),
                "run": run.ref,
                "from": str(was_on or ""),
                "to": str(due_on or ""),
            },
        )
        outbox.put(
            key=f"{TOPIC}:{run.ref}:{access.pk}",
            topic=TOPIC,
            payload={"user": access.recorded_by_id, "access": access.pk, "due_on": str(due_on or "")},
            not_before=now,
        )
        moved += 1
    return moved


def _running() -> QuerySet[AccessRequest]:
    rows = AccessRequest.objects.select_for_update(no_key=True, of=("self",)).select_related("data_key")
    return rows.filter(approved_at=None, closed_at=None, due_on__isnull=False)
