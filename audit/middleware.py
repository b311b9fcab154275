"""Lets entries say which session they come from, without saying its key."""

import hashlib
import hmac
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from .context import session_digest

DIGEST_CHARACTERS = 32


class SessionDigestMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = session_digest.set(digest_of(request.session.session_key))
        try:
            return self.get_response(request)
        finally:
            session_digest.reset(token)


def digest_of(session_key: str | None) -> str:
    """The same session gives the same digest; nobody without AUDIT_SESSION_KEY gets from one to the other."""
    if not session_key:
        return ""
    key = settings.AUDIT_SESSION_KEY.encode()
    return hmac.new(key, session_key.encode(), hashlib.sha256).hexdigest()[:DIGEST_CHARACTERS]
