"""Who may read `sealed`: a named reader of `main`, for a time, on a ground, given by whoever the house has for it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from .entries import Actor, Changed, append
from .models import Clearance, ClearanceEnd, Log
from .nudge import nudge

CLEARANCES_SHOWN = 50


class ClearanceRefused(Exception):
    """The clearance is not given or not ended; the text says why."""


def is_cleared(reader: str, now: datetime) -> bool:
    return _valid(now).filter(reader=reader).exists()


def _valid(now: datetime) -> QuerySet[Clearance]:
    running = Clearance.objects.filter(valid_from__lte=now, valid_until__gt=now)
    return running.filter(Q(end=None) | Q(end__ended_at__gt=now))


def all_clearances() -> Sequence[Clearance]:
    """The newest first."""
    return list(Clearance.objects.select_related("end").order_by("-id")[:CLEARANCES_SHOWN])


def can_be_ended(clearance: Clearance, now: datetime) -> bool:
    return clearance.valid_until > now and not hasattr(clearance, "end")


def give_clearance(
    *,
    reader: str,
    ground: str,
    document: str,
    valid_from: datetime,
    valid_until: datetime,
    actor: Actor,
    now: datetime,
) -> Clearance:
    """From one instant to another (half open). Raises `ClearanceRefused`."""
    if reader == actor.ref:
        raise ClearanceRefused("Nobody clears themselves.")
    if valid_until <= max(valid_from, now):
        raise ClearanceRefused("The last day must not lie before the first one, nor in the past.")
    overlapping = Clearance.objects.filter(
        reader=reader, end=None, valid_from__lt=valid_until, valid_until__gt=valid_from
    )
    with transaction.atomic(durable=True):
        if overlapping.exists():
            raise ClearanceRefused(
                "This person is already cleared for a part of that time. End that one first."
            )
        row = Clearance.objects.create(
            reader=reader,
            ground=ground,
            document=document,
            valid_from=valid_from,
            valid_until=valid_until,
            given_by=actor.ref,
            given_at=now,
        )
        detail = {"reader": reader, "ground": ground}
        span = {"from": valid_from.isoformat(), "until": valid_until.isoformat()}
        append(
            event="clearance.given",
            actor=actor,
            obj=Changed("clearance", row.ref, row.version),
            log=Log.SEALED,
            detail=detail | span,
        )
        transaction.on_commit(nudge)
    return row


def end_clearance(*, ref: str, actor: Actor, now: datetime) -> None:
    """At once. Raises `ClearanceRefused`."""
    row = Clearance.objects.filter(ref=ref).select_related("end").first()
    if row is None or not can_be_ended(row, now):
        raise ClearanceRefused("This clearance has already ended.")
    try:
        with transaction.atomic(durable=True):
            end = ClearanceEnd.objects.create(clearance=row, ended_by=actor.ref, ended_at=now)
            append(
                event="clearance.ended",
                actor=actor,
                obj=Changed("clearance_end", row.ref, end.version),
                log=Log.SEALED,
                detail={"reader": row.reader},
            )
            transaction.on_commit(nudge)
    except IntegrityError as error:
        raise ClearanceRefused("This clearance has already ended.") from error
