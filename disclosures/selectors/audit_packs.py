"""An auditor's own audit packs: nobody else's are there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of

from ..models import AuditPack
from .doors import NotThere

PACKS_SHOWN = 25
LONGEST_KEY = 18


@dataclass(frozen=True)
class Packs:
    rows: Sequence[AuditPack]
    older: str

    @property
    def is_moving(self) -> bool:
        return any(row.work.ended_at is None for row in self.rows)


def packs_of(user: User, now: datetime, *, before: str = "") -> Packs:
    """The newest first. Raises NotThere for whoever is no auditor."""
    if Role.AUDITOR not in roles_of(user, now):
        raise NotThere
    rows = AuditPack.objects.filter(asked_by=user).select_related("work").order_by("-id")
    if before.isdecimal() and len(before) < LONGEST_KEY:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.defer("content", "sealed_content")[: PACKS_SHOWN + 1])
    shown = found[:PACKS_SHOWN]
    return Packs(shown, str(shown[-1].pk) if len(found) > PACKS_SHOWN else "")


def pack_for(user: User, ref: str, now: datetime) -> AuditPack:
    """Built and not dropped yet. Raises NotThere."""
    if Role.AUDITOR not in roles_of(user, now):
        raise NotThere
    found = AuditPack.objects.select_related("asked_by__data_key").filter(
        ref=ref, asked_by=user, built_at__isnull=False, dropped_at=None
    )
    pack = found.first()
    if pack is None:
        raise NotThere
    return pack
