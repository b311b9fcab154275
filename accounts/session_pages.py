"""The list of one's own sessions. It shows the person's own browsers and nobody else's."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from . import session_limits, step_up
from .models import User
from .services.sessions import end_sessions

# The first that fits; many browsers name their forebears as well.
BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
MACHINES = (
    ("Android", "Android"), ("iPhone", "an iPhone"), ("iPad", "an iPad"), ("Windows", "Windows"),
    ("Mac OS", "a Mac"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Session:
    pk: int
    began_at: datetime
    address: str
    browser: str
    is_current: bool


def _page(request: HttpRequest) -> HttpResponse:
    user, key = cast(User, request.user), request.session.session_key or ""
    rows = sorted(UserSession.objects.purge_and_list(user), key=lambda row: row.created_at, reverse=True)
    if request.method == "POST":
        step_up.need_fresh_proof(request)
        wanted = request.POST.get("end", "")
        chosen = [row.pk for row in rows if wanted in {"others", str(row.pk)}]
        count = end_sessions(user=user, session_ids=chosen, current_key=key)
        messages.success(request, f"{count} ended." if count != 1 else "Ended.")
        return redirect("account_sessions")
    shown = [
        Session(row.pk, row.created_at, row.ip, browser_words(row.user_agent), row.session_key == key)
        for row in rows
    ]
    return render(request, "account/sessions.html", {"sessions": shown, "others": len(shown) > 1})


def browser_words(agent: str) -> str:
    """“Firefox on Windows”, as well as one can tell."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    machine = next((name for mark, name in MACHINES if re.search(mark, agent)), "")
    known = " on ".join(word for word in (browser, machine) if word)
    return known or "A browser that does not say which"


def _stay(request: HttpRequest) -> HttpResponse:
    """Asked for by the page that warns, when its button is pressed."""
    session_limits.begin_again(request)
    return HttpResponse(status=204)


stay: Callable[[HttpRequest], HttpResponse] = never_cache(login_required(_stay))
sessions: Callable[[HttpRequest], HttpResponse] = never_cache(login_required(_page))
