"""A browser as it is just after the sign-in with password and second factor; tests/accounts walks that itself."""

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import record_authentication
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


def sits_there_since(client: Client, minutes: int) -> None:
    """Every proof in the browser's session is so many minutes older."""
    session = client.session
    records = session[AUTHENTICATION_METHODS_SESSION_KEY]
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{**row, "at": row["at"] - 60 * minutes} for row in records]
    session.save()
