"""Who works here today."""

from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Membership, User
from accounts.roles import Role
from accounts.selectors import controller


@dataclass(slots=True)
class Colleague:
    """Somebody in office: the roles, each with its end where it has one."""

    user: User
    roles: list[tuple[str, datetime | None]] = field(default_factory=list)


def everybody(now: datetime) -> list[Colleague]:
    """Whoever holds a role in the controller now, by name."""
    rows = Membership.objects.valid_at(now).filter(organisation=controller(), user__is_active=True)
    found: dict[int, Colleague] = {}
    for row in rows.select_related("user").order_by("user__display_name", "user_id", "role"):
        colleague = found.setdefault(row.user_id, Colleague(row.user))
        colleague.roles.append((Role(row.role).label, row.valid_until))
    return list(found.values())


def staff(now: datetime) -> list[User]:
    return [colleague.user for colleague in everybody(now)]
