"""One person proposes that something be destroyed, another confirms it; the job in `destroying` does it."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User

from ..deadlines.calendars import london_day
from ..guards.destroying import TO_CONFIRM, TO_PROPOSE, WHENEVER, Destroying, against
from ..models import Disposal, Request, Subject
from ..selectors import NotThere
from ..selectors.keeping import CONFIRMERS, PROPOSERS, acting_as, holds_upon
from ..states import Perm, State
from .changes import demand, locked, record_change, refuse, use_case

Ground = Disposal.Ground


@use_case
def propose_disposal(
    *,
    request_id: int,
    batch: str,
    actor: User,
    now: datetime,
    ground: str = Ground.RETENTION,
    reason: str = "",
    position: int | None = None,
) -> Disposal:
    """The whole request, or the person at `position`, as part of the batch. Raises NotThere, ActionRefused."""
    request = locked(request_id)
    demand(request, actor, Perm.VIEW, now)
    role = acting_as(actor, request, PROPOSERS, now)
    if not role:
        raise NotThere
    case = case_of(request, ground=ground, reason=reason, position=position, now=now)
    faults = list(against(case, TO_PROPOSE))
    if ground not in Ground.values:
        faults.append(("disposal_has_a_ground", "Choose why it is destroyed."))
    if faults:
        raise refuse(request, actor, "PROPOSE_DISPOSAL", *faults)
    row = Disposal(
        request=request,
        batch=batch,
        what=Disposal.What.CASE if position is None else Disposal.What.SUBJECT,
        position=position,
        ground=ground,
        retention_class=request.retention_class,
        keep_until=request.keep_until,
        proposed_at=now,
        proposed_by=actor,
        proposed_role=role,
    )
    row.seal(reason=reason.strip())
    row.save(force_insert=True)
    record_change(
        request,
        event="disposal.proposed",
        actor=actor,
        role=role,
        now=now,
        detail=_told(row),
        commits={"reason": reason.strip()} if reason.strip() else None,
    )
    return row


@use_case
def confirm_disposal(*, disposal_id: int, actor: User, now: datetime) -> Disposal:
    """The second person's word; the job destroys it soon after. Raises NotThere, ActionRefused."""
    request, row, role = _open_row(disposal_id, actor, CONFIRMERS, now)
    if row.confirmed_at is not None:
        return row
    case = case_of(
        request, ground=row.ground, reason="given", position=row.position, now=now,
        proposer_id=row.proposed_by_id, actor_id=actor.pk,
    )  # fmt: skip
    if faults := list(against(case, TO_CONFIRM)):
        raise refuse(request, actor, "CONFIRM_DISPOSAL", *faults)
    row.confirmed_at, row.confirmed_by, row.confirmed_role = now, actor, role
    row.save(update_fields=["confirmed_at", "confirmed_by", "confirmed_role"])
    record_change(request, event="disposal.confirmed", actor=actor, role=role, now=now, detail=_told(row))
    return row


@use_case
def withdraw_disposal(*, disposal_id: int, actor: User, now: datetime) -> Disposal:
    """Either side may, until it is done. Raises NotThere."""
    request, row, role = _open_row(disposal_id, actor, PROPOSERS | CONFIRMERS, now)
    row.withdrawn_at, row.withdrawn_by = now, actor
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record_change(request, event="disposal.withdrawn", actor=actor, role=role, now=now, detail=_told(row))
    return row


def _open_row(
    disposal_id: int, actor: User, roles: Iterable[str], now: datetime
) -> tuple[Request, Disposal, str]:
    """The request is locked before the row is read again."""
    found = Disposal.objects.filter(pk=disposal_id).values_list("request_id", flat=True).first()
    if found is None:
        raise NotThere
    request = locked(found)
    demand(request, actor, Perm.VIEW, now)
    role = acting_as(actor, request, roles, now)  # type: ignore[arg-type]
    row = Disposal.objects.filter(pk=disposal_id, done_at=None, withdrawn_at=None).first()
    if not role or row is None:
        raise NotThere
    return request, row, role


def case_of(
    request: Request,
    *,
    ground: str,
    now: datetime,
    reason: str = "",
    position: int | None = None,
    proposer_id: int | None = None,
    actor_id: int | None = None,
) -> Destroying:
    person = Subject.objects.filter(request=request, position=position or 0, data_key__erased_at=None)
    pending = Disposal.objects.filter(request=request, position=position, done_at=None, withdrawn_at=None)
    return Destroying(
        reference=request.reference,
        closed=request.state == State.CLOSED,
        today=london_day(now),
        keep_until=request.keep_until,
        ground=ground,
        reason=reason,
        holds=holds_upon([request.pk]).get(request.pk, ()),
        position=position,
        person_is_there=position is None or person.exists(),
        pending=pending.exists(),
        proposer_id=proposer_id,
        actor_id=actor_id,
    )


def stands(request: Request, row: Disposal, now: datetime) -> bool:
    """Whether what two people decided may still be done: asked again under the lock, before anything goes."""
    case = case_of(request, ground=row.ground, position=row.position, now=now)
    return not list(against(case, WHENEVER))


def _told(row: Disposal) -> dict[str, object]:
    told: dict[str, object] = {"batch": row.batch, "what": row.what, "ground": row.ground}
    if row.position is not None:
        told["person"] = row.position
    return told
