"""How long a person's own request is kept, and the legal holds upon it."""

from datetime import date, datetime

from django.db import transaction

from accounts.models import User, opaque

from ..deadlines.calendars import london_day
from ..models import AccessDisposal, AccessHold, AccessRequest
from ..selectors.access_keeping import HOLDERS
from ..selectors.accounting import hand
from ..selectors.doors import NotThere
from .accounting import AccessRefused, locked_access, settle_access_period, write_down

SETTLED_AT_ONCE = 200


def settle_access_periods(*, now: datetime) -> int:
    """Of those that were answered before there was a period; of how many. Run by the sweep."""
    waiting = AccessRequest.objects.filter(keep_until=None, approved_at__isnull=False).order_by("id")
    ids = list(waiting.values_list("pk", flat=True)[:SETTLED_AT_ONCE])
    return sum(_settle_access(access_id=pk, now=now) for pk in ids)


@transaction.atomic(durable=True)
def _settle_access(*, access_id: int, now: datetime) -> bool:
    access = locked_access(access_id=access_id)
    if access.ended_at is None or access.keep_until is not None:
        return False
    settle_access_period(access=access)
    access.version += 1
    access.save(update_fields=["retention_class", "keep_until", "version"])
    told = {"class": access.retention_class, "until": str(access.keep_until), "as_of": _instant(now)}
    write_down(access=access, event="access.period_settled", actor=None, role="", detail=told)
    return True


@transaction.atomic(durable=True)
def place_access_hold(
    *, access_id: int, ground: str, reason: str, review_on: date, actor: User, now: datetime
) -> AccessHold:
    """From now on it is not destroyed, and what was proposed to be is called off, open or ended alike.

    Raises NotThere for anybody but the head of legal and the data protection officer, AccessRefused with every fault.
    """
    role = hand(actor, now, HOLDERS)
    access = locked_access(access_id=access_id)
    faults = []
    if ground not in AccessHold.Ground.values or ground == AccessHold.Ground.SECRECY:
        faults.append("Choose why it is held.")
    if not reason.strip():
        faults.append("Give the reason: which order, which proceedings, which letter.")
    if review_on <= london_day(now):
        faults.append("The day to look again must lie in the future.")
    if faults:
        raise AccessRefused(faults)
    row = AccessHold(
        access=access, reference=opaque("h"), ground=ground, held_from=now, placed_by=actor, review_on=review_on
    )  # fmt: skip
    row.seal(reason=reason.strip())
    row.save(force_insert=True)
    for open_one in AccessDisposal.objects.filter(access=access, done_at=None, withdrawn_at=None):
        open_one.withdrawn_at, open_one.withdrawn_by = now, actor
        open_one.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _next_version(access)
    told = {
        "hold": row.reference,
        "ground": ground,
        "review_on": review_on.isoformat(),
        "as_of": _instant(now),
    }
    write_down(
        access=access,
        event="access.held",
        actor=actor,
        role=role,
        detail=told,
        commits={"reason": reason.strip()},
    )
    return row


@transaction.atomic(durable=True)
def lift_access_hold(*, access_id: int, hold: str, reason: str, actor: User, now: datetime) -> AccessHold:
    """Raises NotThere for anybody but the same two, or a hold that does not last; AccessRefused without a reason."""
    role = hand(actor, now, HOLDERS)
    access = locked_access(access_id=access_id)
    row = AccessHold.objects.filter(access=access, reference=hold, lifted_at=None).first()
    if row is None:
        raise NotThere
    if not reason.strip():
        raise AccessRefused(["Say what ended the hold, for example the court's letter and its date."])
    row.access = access
    row.lifted_at, row.lifted_by = now, actor
    row.seal(lift_reason=reason.strip())
    row.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    _next_version(access)
    told = {"hold": row.reference, "ground": row.ground, "as_of": _instant(now)}
    write_down(
        access=access,
        event="access.hold_lifted",
        actor=actor,
        role=role,
        detail=told,
        commits={"reason": reason.strip()},
    )
    return row


def _next_version(access: AccessRequest) -> None:
    access.version += 1
    access.save(update_fields=["version"])


def _instant(now: datetime) -> str:
    return now.isoformat(timespec="seconds")
