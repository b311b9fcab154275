"""The register of the systems that hold personal information: who holds what, and since when it says so."""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of
from audit.entries import SYSTEM, Actor, Changed, append

from ..catalogue import ITEM_TYPES
from ..models import HeldSystem, SystemVersion

KEEPERS = frozenset({Role.ADMIN, Role.TEAM_LEAD})


class SystemRefused(ValueError):
    """The register cannot be changed like this; `sentences` say why, all of them."""

    def __init__(self, *sentences: str) -> None:
        self.sentences = sentences
        super().__init__(" ".join(sentences))


@transaction.atomic
def register_system(
    *, code: str, name: str, keeper: str, holds: Collection[str], actor: User | None, now: datetime
) -> HeldSystem:
    """A new system under a code that never changes. No actor: set-up."""
    by = _keeper(actor, now)
    _check(name, holds, is_active=True)
    if HeldSystem.objects.filter(code=code).exists():
        raise SystemRefused(
            f"There is a system under “{code}” already. Change that one, or choose another code."
        )
    try:
        with transaction.atomic():
            system = HeldSystem.objects.create(
                code=code, name=name.strip(), keeper=keeper.strip(), holds=sorted(holds)
            )
    except IntegrityError:
        raise SystemRefused("Somebody else entered this system just now.") from None
    _keep_version(system, actor, now)
    _append("system.registered", system, by, now)
    return system


@transaction.atomic(durable=True)
def change_system(
    *,
    code: str,
    name: str,
    keeper: str,
    holds: Collection[str],
    is_active: bool,
    seen: int,
    actor: User,
    now: datetime,
) -> HeldSystem:
    """`seen` is the version that was changed from: what somebody else wrote meanwhile is not written over."""
    by = _keeper(actor, now)
    _check(name, holds, is_active=is_active)
    system = HeldSystem.objects.select_for_update(no_key=True).get(code=code)
    if system.version != seen:
        raise SystemRefused(
            "Somebody else changed this system in the meantime. Read it again, then change it."
        )
    system.name, system.keeper = name.strip(), keeper.strip()
    system.holds, system.is_active = sorted(holds), is_active
    system.version += 1
    system.save(update_fields=["name", "keeper", "holds", "is_active", "version"])
    _keep_version(system, actor, now)
    _append("system.changed", system, by, now)
    return system


def _keeper(actor: User | None, now: datetime) -> Actor:
    if actor is None:
        return SYSTEM
    roles = sorted(roles_of(actor, now) & KEEPERS)
    if not roles:
        raise SystemRefused("Only a team lead or an administrator changes the register of systems.")
    return Actor(actor.ref, roles[0])


def _check(name: str, holds: Collection[str], *, is_active: bool) -> None:
    faults = []
    if not name.strip():
        faults.append("Give the system a name.")
    if is_active and not holds:
        faults.append("Say what the system holds. One that holds nothing is never asked.")
    if unknown := sorted(set(holds) - set(ITEM_TYPES)):
        faults.append(f"There is no kind of item called {', '.join(unknown)}.")
    if faults:
        raise SystemRefused(*faults)


def _keep_version(system: HeldSystem, actor: User | None, now: datetime) -> None:
    SystemVersion.objects.create(
        system=system,
        number=system.version,
        name=system.name,
        keeper=system.keeper,
        holds=system.holds,
        is_active=system.is_active,
        at=now,
        by=actor,
    )


def _append(event: str, system: HeldSystem, by: Actor, now: datetime) -> None:
    append(
        event=event,
        actor=by,
        obj=Changed("system", system.code, system.version),
        detail={
            "as_of": now.isoformat(timespec="seconds"),
            "holds": list(system.holds),
            "is_active": system.is_active,
        },
    )
