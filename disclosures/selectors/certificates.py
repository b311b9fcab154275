"""The certificate of a batch, for somebody who sees what was in it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import controller
from audit.entries import Actor, Seen, append
from audit.models import Entry

from ..certificate import FORMAT, Certificate, Destroyed, instant
from ..models import Disposal
from ..permissions import role_behind
from ..states import Perm
from .doors import NotThere
from .keeping import Batch

DONE = ("disposal.done", "person.erased")


def certificate_of(batch: Batch[Disposal], *, actor: User, now: datetime) -> Certificate:
    """Of what is done in it; `certificate.taken` is written for each request first. Raises NotThere if nothing is."""
    rows = batch.done
    if not rows:
        raise NotThere
    _taken(rows, actor, now)
    first = rows[0]
    return Certificate(
        format=FORMAT,
        company=controller().name,
        batch=batch.reference,
        proposed_by=named(first.proposed_by, first.proposed_role),
        proposed_at=instant(first.proposed_at),
        confirmed_by=", ".join(sorted({named(row.confirmed_by, row.confirmed_role) for row in rows})),
        confirmed_at=instant(max(row.confirmed_at for row in rows if row.confirmed_at)),
        destroyed=tuple(_destroyed(row) for row in rows),
    )


def named(user: User | None, role: str) -> str:
    words = Role(role).label if role in set(Role) else role
    return f"{user.display_name} ({words})" if user else ""


def _destroyed(row: Disposal) -> Destroyed:
    told = Entry.objects.filter(
        object_type="request", object_ref=row.request.reference, event__in=DONE
    ).order_by("-object_version")
    version = next((entry.object_version for entry in told if row.digest.encode() in bytes(entry.body)), None)
    return Destroyed(
        reference=row.request.reference,
        what=row.what,
        person=row.position,
        ground=str(row.get_ground_display()),
        retention_class=row.retention_class,
        keep_until=row.keep_until.isoformat() if row.keep_until else "",
        done_at=instant(row.done_at) if row.done_at else "",
        counts=row.counts,
        digest=row.digest,
        log_version=version or 0,
    )


@transaction.atomic
def _taken(rows: Iterable[Disposal], actor: User, now: datetime) -> None:
    for row in rows:
        append(
            event="certificate.taken",
            actor=Actor(actor.ref, role_behind(actor, row.request, Perm.VIEW, now)),
            obj=Seen("request", row.request.reference, row.request.version),
            log=row.request.log,
            detail={"as_of": instant(now), "batch": row.batch},
        )
