"""Writes sign-ins to the log. allauth and Django tell of them by signals, their documented way."""

from typing import Any

from allauth.account.signals import user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from audit.context import session_digest
from audit.entries import Actor, append
from audit.middleware import digest_of
from audit.models import Log

from .lockout import account_of, count_wrong_code, keyed_digest, source_of
from .models import User
from .services import seen
from .session_limits import begin
from .step_up import log_of

NOBODY = Actor("anonymous")


def _write(event: str, user: User, *, log: str = Log.MAIN, **detail: str) -> None:
    with transaction.atomic():
        append(event=event, actor=Actor(user.ref), obj=seen(user), log=log, detail=detail)


def _source(request: HttpRequest) -> str:
    return keyed_digest("source", source_of(request) or "")


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    session_digest.set(digest_of(request.session.session_key))
    begin(request)
    _write("session.started", user, source=_source(request))


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        why = getattr(request, "session_ended_by", "")
        _write("session.ended", user, **({"why": why} if why else {}))


@receiver(user_login_failed)
def sign_in_refused(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    if request is None:
        return
    locked = getattr(request, "axes_locked_out", False)
    detail = {
        "account": account_of(request, credentials),
        "source": _source(request),
        "why": "LOCKED_OUT" if locked else "CREDENTIALS",
    }
    with transaction.atomic():
        append(event="session.refused", actor=NOBODY, detail=detail)


@receiver(authentication_failed)
def code_refused(request: HttpRequest, user: User, **_: Any) -> None:
    count_wrong_code(request, user)
    _write("session.refused", user, log=log_of(request), why="SECOND_FACTOR", source=_source(request))


@receiver(authenticator_used)
def code_accepted(
    request: HttpRequest, user: User, authenticator: Authenticator, reauthenticated: bool, **_: Any
) -> None:
    if reauthenticated:
        _write("second_factor.confirmed", user, log=log_of(request), type=authenticator.type)


@receiver(authenticator_added)
def factor_added(user: User, authenticator: Authenticator, **_: Any) -> None:
    _write("second_factor.added", user, type=authenticator.type)


@receiver(authenticator_removed)
def factor_removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    _write("second_factor.removed", user, type=authenticator.type)


@receiver(authenticator_reset)
def codes_renewed(user: User, authenticator: Authenticator, **_: Any) -> None:
    _write("second_factor.renewed", user, type=authenticator.type)
