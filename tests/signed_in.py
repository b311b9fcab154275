"""A browser as it is just after the sign-in with password and second factor; tests/accounts walks that itself."""

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.http import HttpRequest
from django.test import Client

from accounts.models import User
from accounts.session_limits import begin

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def just_signed_in(user: User) -> Client:
    """The session holds what the sign-in writes into it: when each factor was given."""
    client = Client()
    client.force_login(user, BACKEND)
    request = HttpRequest()
    request.session = client.session
    begin(request)
    for method in ("password", "mfa"):
        record_authentication(request, user, method)
    request.session.save()
    return client


def signs_in_again(client: Client) -> None:
    """As just after the sign-in; for a run that takes longer than a proof or a session lasts. Nobody stays nobody."""
    if settings.SESSION_COOKIE_NAME not in client.cookies:
        return
    session = client.session
    if AUTHENTICATION_METHODS_SESSION_KEY not in session:
        return
    request = HttpRequest()
    request.session = session
    begin(request)
    now = time.time()
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {**row, "at": now} for row in session[AUTHENTICATION_METHODS_SESSION_KEY]
    ]
    session.save()


def sits_there_since(client: Client, minutes: int) -> None:
    """Every proof in the browser's session is so many minutes older."""
    session = client.session
    records = session[AUTHENTICATION_METHODS_SESSION_KEY]
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{**row, "at": row["at"] - 60 * minutes} for row in records]
    session.save()
