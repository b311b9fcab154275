"""What holds a person's own request, which are due for disposal, and the certificate of what was destroyed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.days import british
from accounts.models import User
from accounts.roles import Role
from accounts.selectors import controller, roles_of
from audit.entries import Actor, Seen, append
from audit.models import Entry

from ..certificate import ACCESS, FORMAT, Certificate, Destroyed, instant
from ..deadlines.calendars import london_day
from ..models import AccessDisposal, AccessHold, AccessRequest, Disposal
from .accounting import hand
from .certificates import named
from .doors import NotThere
from .keeping import ROWS, Batch

# Of those who work people's own requests; the certificate names both, and they are never the same person.
PROPOSERS = frozenset({Role.TEAM_LEAD, Role.DPO})
CONFIRMERS = frozenset({Role.HEAD_OF_LEGAL, Role.APPROVER, Role.DPO})
HOLDERS = frozenset({Role.HEAD_OF_LEGAL, Role.DPO})
DISPOSERS = PROPOSERS | CONFIRMERS


def disposer(user: User, now: datetime) -> frozenset[Role]:
    """The roles of whoever proposes or confirms. Raises NotThere for anybody else."""
    hand(user, now, DISPOSERS)
    return roles_of(user, now)


def access_holds_upon(ids: Iterable[int]) -> Mapping[int, tuple[str, ...]]:
    """By request, the legal holds upon it that last, in words."""
    found: dict[int, list[str]] = defaultdict(list)
    for hold in AccessHold.objects.filter(access__in=list(ids), lifted_at=None).order_by("id"):
        found[hold.access_id].append(
            f"{hold.get_ground_display()}, since {british(london_day(hold.held_from))}"
        )
    return {pk: tuple(words) for pk, words in found.items()}


def access_holds_of(access: AccessRequest) -> list[AccessHold]:
    """Those that last first, then the latest."""
    rows = AccessHold.objects.filter(access=access).select_related("placed_by", "lifted_by")
    return sorted(rows.order_by("-id"), key=lambda row: row.lifted_at is not None)


def access_disposals_of(access: AccessRequest) -> list[AccessDisposal]:
    rows = AccessDisposal.objects.filter(access=access).select_related("proposed_by", "confirmed_by")
    return list(rows.order_by("-id"))


@dataclass(frozen=True, slots=True)
class DueAccess:
    access: AccessRequest
    holds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DueAccessPage:
    """`later` is where the next page begins, empty at the end."""

    rows: Sequence[DueAccess]
    later: str


def access_due_for_disposal(
    user: User, now: datetime, after: tuple[date, str] | None = None
) -> DueAccessPage:
    """What is past its day and not proposed yet, the longest over first; in queries whose number does not vary."""
    disposer(user, now)
    pending = AccessDisposal.objects.filter(access=OuterRef("pk"), done_at=None, withdrawn_at=None)
    due = AccessRequest.objects.filter(
        ~Exists(pending), keep_until__isnull=False, keep_until__lt=london_day(now), disposed_at=None
    )
    if after is not None:
        day, ref = after
        due = due.filter(Q(keep_until__gt=day) | Q(keep_until=day, ref__gt=ref))
    found = list(due.order_by("keep_until", "ref")[: ROWS + 1])
    holds = access_holds_upon(access.pk for access in found[:ROWS])
    rows = [DueAccess(access, holds.get(access.pk, ())) for access in found[:ROWS]]
    last = found[ROWS - 1] if len(found) > ROWS else None
    return DueAccessPage(rows, f"{last.keep_until}.{last.ref}" if last else "")


def access_batch_for(user: User, reference: str, now: datetime) -> Batch[AccessDisposal]:
    """Raises NotThere."""
    disposer(user, now)
    rows = AccessDisposal.objects.filter(batch=reference).select_related(
        "access", "proposed_by", "confirmed_by", "withdrawn_by"
    )
    found = list(rows.order_by("id"))
    if not found:
        raise NotThere
    return Batch(reference, found)


def access_batches_for(user: User, now: datetime, *, waiting: bool) -> Sequence[Batch[AccessDisposal]]:
    """Those that wait for a second person, or the last fifty that were confirmed; the newest first."""
    disposer(user, now)
    rows = AccessDisposal.objects.filter(withdrawn_at=None, confirmed_at__isnull=waiting)
    newest = rows.select_related("access", "proposed_by", "confirmed_by").order_by("-id")[: 10 * ROWS]
    together: dict[str, list[AccessDisposal]] = {}
    for row in newest:
        together.setdefault(row.batch, []).append(row)
    return [Batch(reference, found) for reference, found in together.items()][:ROWS]


def access_certificate_of(batch: Batch[AccessDisposal], *, actor: User, now: datetime) -> Certificate:
    """Of what is done in it; `access.certificate_taken` is written for each first. Raises NotThere if nothing is."""
    role, rows = hand(actor, now, DISPOSERS), batch.done
    if not rows:
        raise NotThere
    _taken(rows, actor, role, now)
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


def _destroyed(row: AccessDisposal) -> Destroyed:
    told = Entry.objects.filter(
        object_type="access_request", object_ref=row.access.ref, event="access.destroyed"
    )
    return Destroyed(
        reference=row.access.ref,
        what=ACCESS,
        person=None,
        ground=str(Disposal.Ground.RETENTION.label),
        retention_class=row.retention_class,
        keep_until=row.keep_until.isoformat(),
        done_at=instant(row.done_at) if row.done_at else "",
        counts=row.counts,
        digest=row.digest,
        log_version=told.values_list("object_version", flat=True).first() or 0,
    )


@transaction.atomic
def _taken(rows: Iterable[AccessDisposal], actor: User, role: str, now: datetime) -> None:
    for row in rows:
        append(
            event="access.certificate_taken",
            actor=Actor(actor.ref, role),
            obj=Seen("access_request", row.access.ref, row.access.version),
            detail={"as_of": instant(now), "batch": row.batch},
        )
