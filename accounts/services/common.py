"""What every service here needs: who may, what the entry names, and the one UPDATE with its new version."""

from datetime import datetime

from audit.entries import SYSTEM, Actor, Changed, Seen

from ..models import Membership, Organisation, User
from ..roles import Role
from ..selectors import roles_of

KEEPERS = (Role.ADMIN, Role.HEAD_OF_LEGAL)


class Refused(Exception):
    """The change is not allowed; the text says why and what to do."""


def seen(user: User) -> Seen:
    return Seen("user", user.ref, user.version)


def administrator(actor: User | None, now: datetime) -> Actor:
    if actor is None:
        return SYSTEM
    if Role.ADMIN not in roles_of(actor, now):
        raise Refused("Only an administrator may do this.")
    return Actor(actor.ref, role=Role.ADMIN)


def register_keeper(actor: User | None, now: datetime) -> Actor:
    """The administrator keeps the registers, and so does the head of legal. None is set-up."""
    if actor is None:
        return SYSTEM
    held = roles_of(actor, now)
    role = next((role for role in KEEPERS if role in held), None)
    if role is None:
        raise Refused("Only an administrator or the head of legal keeps this register.")
    return Actor(actor.ref, role=role)


def changed(row: User | Organisation | Membership) -> Changed:
    return Changed(row._meta.model_name or "", row.ref, row.version)


def save(row: User | Organisation | Membership, *fields: str) -> None:
    row.version += 1
    row.save(update_fields=[*fields, "version"])
