"""Voluntary instruments past the end of their own validity. A missed due date never ends a request."""

from datetime import datetime

from django.utils.timezone import localdate

from ..models import Instrument
from ..states import Action, State
from ..workflow import TRANSITIONS
from .changes import ActionRefused, locked, use_case
from .steps import take_step

EXPIRING = sorted({row.source.value for row in TRANSITIONS if row.action is Action.EXPIRE})


def expire_due(*, now: datetime) -> int:
    """Ends every request whose voluntary instrument has run out. Each is its own transaction; returns how many."""
    rows = Instrument.objects.filter(
        governs=True, valid_until__lt=localdate(now), request__state__in=EXPIRING
    )
    due = [row.request_id for row in rows.order_by("id") if row.terms.voluntary]
    return sum(_expire(request_id=request_id, now=now) for request_id in due)


def _expire(*, request_id: int, now: datetime) -> bool:
    try:
        return _take_the_step(request_id=request_id, now=now)
    except ActionRefused:
        return False  # somebody corrected the instrument between the list and the lock


@use_case
def _take_the_step(*, request_id: int, now: datetime) -> bool:
    request = locked(request_id)
    if State(request.state).value not in EXPIRING:
        return False
    take_step(request, action=Action.EXPIRE, actor=None, now=now)
    return True
