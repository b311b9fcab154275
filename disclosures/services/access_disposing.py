"""A person's own request whose period is over: one proposes that it is destroyed, another confirms, the sweep does it.

What may be destroyed and when is asked of the same rules as of a request (guards/destroying.py).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from accounts.roles import Role
from sealing.fields import sealed_of

from ..deadlines.calendars import london_day
from ..guards.destroying import RETENTION, TO_CONFIRM, TO_PROPOSE, WHENEVER, Destroying, Rule, against
from ..models import AccessDisposal, AccessReminder, AccessRequest, AccessTold, OutboxRow
from ..selectors.access_keeping import CONFIRMERS, PROPOSERS, access_holds_upon
from ..selectors.accounting import hand
from ..selectors.doors import NotThere
from .accounting import AccessRefused, locked_access, write_down
from .destroying import Tally, delete_rows, destroy_keys, forget_values, measure


@transaction.atomic(durable=True)
def propose_access_disposal(*, access_id: int, batch: str, actor: User, now: datetime) -> AccessDisposal:
    """As part of the batch. Raises NotThere, AccessRefused with every fault."""
    role = hand(actor, now, PROPOSERS)
    access = locked_access(access_id=access_id)
    if faults := list(_objections_to(access, now, TO_PROPOSE)):
        raise AccessRefused(faults)
    if access.keep_until is None:
        raise NotThere
    row = AccessDisposal.objects.create(
        access=access,
        batch=batch,
        retention_class=access.retention_class,
        keep_until=access.keep_until,
        proposed_at=now,
        proposed_by=actor,
        proposed_role=role,
    )
    _tell_of_disposal(access, row, "access.disposal_proposed", actor, role, now)
    return row


@transaction.atomic(durable=True)
def confirm_access_disposal(*, disposal_id: int, actor: User, now: datetime) -> AccessDisposal:
    """The second person's word. Raises NotThere, AccessRefused."""
    access, row, role = _open_disposal(disposal_id, actor, CONFIRMERS, now)
    if row.confirmed_at is not None:
        return row
    people = {"proposer_id": row.proposed_by_id, "actor_id": actor.pk}
    if faults := list(_objections_to(access, now, TO_CONFIRM, **people)):
        raise AccessRefused(faults)
    row.confirmed_at, row.confirmed_by, row.confirmed_role = now, actor, role
    row.save(update_fields=["confirmed_at", "confirmed_by", "confirmed_role"])
    _tell_of_disposal(access, row, "access.disposal_confirmed", actor, role, now)
    return row


@transaction.atomic(durable=True)
def withdraw_access_disposal(*, disposal_id: int, actor: User, now: datetime) -> AccessDisposal:
    """Either side may, until it is done. Raises NotThere."""
    access, row, role = _open_disposal(disposal_id, actor, PROPOSERS | CONFIRMERS, now)
    row.withdrawn_at, row.withdrawn_by = now, actor
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _tell_of_disposal(access, row, "access.disposal_withdrawn", actor, role, now)
    return row


def destroy_confirmed_access(*, now: datetime) -> int:
    """Of how many. One request, one transaction: whoever is killed in the middle leaves it whole. Run by the sweep."""
    waiting = AccessDisposal.objects.filter(confirmed_at__isnull=False, done_at=None, withdrawn_at=None)
    ids = list(waiting.order_by("id").values_list("pk", "access_id"))
    return sum(_destroy_access(disposal_id=pk, access_id=access_id, now=now) for pk, access_id in ids)


@transaction.atomic(durable=True)
def _destroy_access(*, disposal_id: int, access_id: int, now: datetime) -> bool:
    """Its key and the salts behind its entries, its words, what was told of and what was promised; a stone stays."""
    access = locked_access(access_id=access_id)
    row = AccessDisposal.objects.filter(pk=disposal_id, done_at=None, withdrawn_at=None).first()
    if row is None or list(_objections_to(access, now, WHENEVER)):
        return False
    tally = Tally()
    tally.add("accessreminder", AccessReminder.objects.filter(access=access).delete()[0])
    tally.add("outboxrow", OutboxRow.objects.filter(payload__access=access.pk).delete()[0])
    told, mine = Q(access=access), Q(pk=access.pk)
    measure(model=AccessTold, whose=told, tally=tally)
    measure(model=AccessRequest, whose=mine, tally=tally)
    tally.add("accesstold", delete_rows(model=AccessTold, whose=told))
    tally.add("accessrequest", 1)
    destroy_keys(key=access.data_key, tally=tally, now=now)
    forget_values(object_type="access_request", ref=access.ref, tally=tally)
    row.counts, row.digest, row.done_at = tally.counts, tally.digest(), now
    row.save(update_fields=["counts", "digest", "done_at"])
    words = sealed_of(AccessRequest)
    for name in words:
        setattr(access, name, None)
    access.digest, access.disposed_at = "", now  # the answer's digest would answer who guesses its words
    _tell_of_disposal(access, row, "access.destroyed", None, "", now, (*words, "digest", "disposed_at"))
    return True


def _open_disposal(
    disposal_id: int, actor: User, roles: frozenset[Role], now: datetime
) -> tuple[AccessRequest, AccessDisposal, str]:
    """The request is locked before the row is read again."""
    role = hand(actor, now, roles)
    found = AccessDisposal.objects.filter(pk=disposal_id).values_list("access_id", flat=True).first()
    access = locked_access(access_id=found or 0)
    row = AccessDisposal.objects.filter(pk=disposal_id, done_at=None, withdrawn_at=None).first()
    if row is None:
        raise NotThere
    return access, row, role


def _objections_to(
    access: AccessRequest,
    now: datetime,
    rules: Iterable[Rule],
    *,
    proposer_id: int | None = None,
    actor_id: int | None = None,
) -> Iterator[str]:
    case = Destroying(
        reference=access.ref,
        closed=access.ended_at is not None,
        today=london_day(now),
        keep_until=access.keep_until,
        ground=RETENTION,
        holds=access_holds_upon([access.pk]).get(access.pk, ()),
        pending=AccessDisposal.objects.filter(access=access, done_at=None, withdrawn_at=None).exists(),
        proposer_id=proposer_id,
        actor_id=actor_id,
    )
    return (sentence for _, sentence in against(case, rules))


def _tell_of_disposal(
    access: AccessRequest, row: AccessDisposal, event: str, actor: User | None, role: str, now: datetime,
    fields: tuple[str, ...] = (),
) -> None:  # fmt: skip
    access.version += 1
    access.save(update_fields=[*fields, "version"])
    told = {"batch": row.batch, "class": row.retention_class, "as_of": now.isoformat(timespec="seconds")}
    done = {"counts": row.counts, "digest": row.digest} if row.done_at else {}
    write_down(access=access, event=event, actor=actor, role=role, detail={**told, **done})
