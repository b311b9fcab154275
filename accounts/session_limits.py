"""How long a session lasts: until nothing was sent for a while, and never longer than a day at work.

What is sent too late is not lost: it waits, sealed for the same person, until they have signed in again.
"""

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import urlencode

from . import step_up
from .models import User

BEGAN, LAST = "session_began_at", "session_last_at"
A_MINUTE = 60
IDLE, AGE = "IDLE", "AGE"
WORDS = {
    IDLE: "You were signed out because nothing had been sent for {idle} minutes.",
    AGE: "You were signed out because a session lasts {age} hours at most.",
}
KEPT = " What you sent is kept and goes on when you have signed in."


def begin(request: HttpRequest) -> None:
    request.session[BEGAN] = request.session[LAST] = int(time.time())


def why_over(request: HttpRequest) -> str:
    """IDLE, AGE, or nothing while the session may go on."""
    now = time.time()
    began, last = request.session.get(BEGAN, now), request.session.get(LAST, now)
    if now - began > settings.SESSION_HOURS * 3600:
        return AGE
    return IDLE if now - last > settings.SESSION_IDLE_MINUTES * A_MINUTE else ""


def note(request: HttpRequest) -> None:
    """Something was sent. Written once a minute, so that not every page writes a row."""
    if BEGAN not in request.session:
        begin(request)
    elif time.time() - request.session[LAST] >= A_MINUTE:
        request.session[LAST] = int(time.time())


def begin_again(request: HttpRequest) -> None:
    """The idle time counts from now; how old the session may become stays as it is."""
    request.session[LAST] = int(time.time())


def end(request: HttpRequest, why: str) -> None:
    request.session_ended_by = why  # type: ignore[attr-defined]  # for the entry that the sign-out writes
    logout(request)


def to_the_sign_in(request: HttpRequest, user: User, why: str) -> HttpResponse:
    """Says why, keeps what was sent, and comes back to this page."""
    path, words = request.get_full_path(), WORDS[why]
    if request.method == "POST":
        step_up.keep(request, user, path)
        words += KEPT
    messages.warning(request, words.format(idle=settings.SESSION_IDLE_MINUTES, age=settings.SESSION_HOURS))
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({REDIRECT_FIELD_NAME: path})}")
