"""Passwords and second factors."""

import secrets
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction

from audit.entries import Actor, append

from ..models import ALPHABET, User
from .common import administrator, changed, save, seen


@transaction.atomic
def change_password(*, user_id: int, password: str) -> None:
    """By the person whose password it is, after they proved the old one."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    _set_password(user, password, temporary=False, by=Actor(user.ref))


@transaction.atomic
def set_new_password(*, user_id: int, actor: User | None, now: datetime) -> str:
    """A one-time password for somebody who lost theirs; it must be changed at the next sign-in."""
    by = administrator(actor, now)
    password = one_time_password()
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    _set_password(user, password, temporary=True, by=by)
    return password


def _set_password(user: User, password: str, *, temporary: bool, by: Actor) -> None:
    user.set_password(password)
    user.password_is_temporary = temporary
    save(user, "password", "password_is_temporary")
    append(event="user.password_changed", actor=by, obj=changed(user), detail={"temporary": temporary})


def one_time_password() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))


@transaction.atomic
def add_second_factor(*, user_id: int, secret: str, actor: User | None, now: datetime) -> None:
    """`secret`: base32, as an authenticator app takes it."""
    by = administrator(actor, now)
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    TOTP.activate(user, secret)
    append(event="second_factor.added", actor=by, obj=seen(user), detail={"type": "totp"})


@transaction.atomic
def remove_second_factor(*, user_id: int, actor: User | None, now: datetime) -> None:
    """For somebody who lost it; at the next page they are asked to set up another."""
    by = administrator(actor, now)
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    Authenticator.objects.filter(user=user).delete()
    append(event="second_factor.removed", actor=by, obj=seen(user))
