"""Persons: registered once, corrected, closed, never deleted."""

from datetime import datetime

from django.db import transaction

from audit.entries import append
from sealing.keys import new_key

from ..models import User
from .common import Refused, administrator, changed, save


@transaction.atomic
def register_user(
    *,
    email: str,
    display_name: str,
    password: str,
    actor: User | None,
    now: datetime,
    temporary: bool = False,
) -> User:
    """`temporary`: the password was made by a machine and is changed at the first sign-in."""
    by = administrator(actor, now)
    user = User(email=email.strip().lower(), display_name=display_name.strip(), joined_at=now)
    if User.objects.filter(email=user.email).exists():
        raise Refused("There is already a person with this e-mail address.")
    user.set_password(password)
    user.password_is_temporary = temporary
    user.data_key = new_key()
    user.save(force_insert=True)
    personal = {"email": user.email, "display_name": user.display_name}
    append(event="user.registered", actor=by, obj=changed(user), commits=personal, key=user.data_key)
    return user


@transaction.atomic
def change_user(
    *, user_id: int, display_name: str, is_active: bool, actor: User | None, now: datetime
) -> User:
    by = administrator(actor, now)
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if user == actor and not is_active:
        raise Refused("You cannot close your own account. Ask another administrator.")
    user.display_name, user.is_active = display_name.strip(), is_active
    save(user, "display_name", "is_active")
    append(
        event="user.changed",
        actor=by,
        obj=changed(user),
        detail={"is_active": is_active},
        commits={"display_name": user.display_name},
        key=user.data_key,
    )
    return user
