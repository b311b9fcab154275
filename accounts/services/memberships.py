"""Roles: given for a time, ended, never taken back in silence."""

from datetime import datetime

from django.db import transaction

from audit.entries import append

from ..models import Membership, Organisation, User
from ..roles import Role
from .common import Refused, administrator, changed, save
from .organisations import ROLES_BY_KIND


@transaction.atomic
def grant_membership(
    *,
    user: User,
    organisation: Organisation,
    role: str,
    valid_from: datetime,
    valid_until: datetime | None,
    actor: User | None,
    now: datetime,
) -> Membership:
    by = administrator(actor, now)
    if user == actor:
        raise Refused("Nobody gives themselves a role. Ask another administrator.")
    if role not in ROLES_BY_KIND.get(Organisation.Kind(organisation.kind), ()):
        raise Refused(f"{Role(role).label} is no role in {organisation.name}.")
    if valid_until is not None and valid_until <= valid_from:
        raise Refused("The role must end after it begins.")
    check_not_held_twice(
        user=user, organisation=organisation, role=role, valid_from=valid_from, valid_until=valid_until
    )
    membership = Membership.objects.create(
        user=user, organisation=organisation, role=role, valid_from=valid_from, valid_until=valid_until
    )
    detail = {"user": user.ref, "organisation": organisation.ref, "role": str(role)}
    span = {"from": valid_from.isoformat(), "until": valid_until.isoformat() if valid_until else ""}
    append(event="membership.granted", actor=by, obj=changed(membership), detail=detail | span)
    return membership


def check_not_held_twice(
    *, user: User, organisation: Organisation, role: str, valid_from: datetime, valid_until: datetime | None
) -> None:
    held = Membership.objects.filter(user=user, organisation=organisation, role=role)
    held = held.exclude(valid_until__lte=valid_from)
    if valid_until is not None:
        held = held.exclude(valid_from__gte=valid_until)
    if held.exists():
        raise Refused(f"{user} already holds this role in that time. End it first.")


@transaction.atomic
def end_membership(*, membership_id: int, at: datetime, actor: User | None, now: datetime) -> Membership:
    """From `at` on, which is now or later, the role is not held."""
    by = administrator(actor, now)
    membership = Membership.objects.select_for_update(no_key=True).get(pk=membership_id)
    if at < now:
        raise Refused("A role ends now or later, not in the past.")
    if membership.valid_until is not None and membership.valid_until <= now:
        raise Refused("This role has already ended.")
    if at <= membership.valid_from:
        raise Refused("A role ends after it begins.")
    membership.valid_until = at
    save(membership, "valid_until")
    append(event="membership.ended", actor=by, obj=changed(membership), detail={"at": at.isoformat()})
    return membership
