"""Before what cannot be taken back: a second factor that is minutes old, whoever is signed in.

`need_fresh_proof` stands in the view, behind its door: what is not there stays the same 404. Who has no fresh proof
is led to the page that asks for one. What they had sent is sealed into the session meanwhile, and goes on by itself
when they come back, so that nobody types twice. NIST SP 800-63B calls it reauthentication.
"""

import base64
import time
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

from allauth.account import authentication
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY, stash_and_reauthenticate
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from audit.entries import Actor, Seen, append
from audit.models import Log
from sealing.boxes import open_with_master, seal_with_master
from sealing.gcm import CannotOpen

from .models import User
from .services import seen

PROVED = "step_up_proved"
CARRY_ON = "accounts.step_up.carry_on"
WORDS_TAKEN = "Thank you. You can take the file now."
WORDS_LOST = "Thank you. Please send the page once more."


class About(NamedTuple):
    """What the proof is for: the log that may know of it, what it names, and where to go on if not here.

    `obj`: what is hidden on the page of the log when it becomes a secret, and this with it.
    """

    log: str = Log.MAIN
    ref: str = ""
    back: str = ""
    obj: Seen | None = None


class ProofNeeded(Exception):
    """The middleware answers it with the page that asks."""

    def __init__(self, about: About) -> None:
        super().__init__()
        self.about = about


def newest_proof(request: HttpRequest, log: str = Log.MAIN) -> float | None:
    """When the person last proved who they are, by the strongest means they have; sign-in counts.

    Of what another log alone knows nothing counts for this one: who reads the main log would miss the proof before a step
    there, and know that this person is at work on something hidden. A proof that stands in the main log serves anywhere.
    """
    user = cast("User", request.user)
    strongest = "mfa" if is_mfa_enabled(user) else "password"
    records = authentication.get_authentication_records(request, user)
    counts = {Log.MAIN, log}
    return max(
        (row["at"] for row in records if row["method"] == strongest and row.get("log", Log.MAIN) in counts),
        default=None,
    )


def is_fresh(request: HttpRequest, log: str = Log.MAIN) -> bool:
    proved_at = newest_proof(request, log)
    return proved_at is not None and time.time() - proved_at <= settings.STEP_UP_MINUTES * 60


def need_fresh_proof(
    request: HttpRequest, *, log: str = Log.MAIN, ref: str = "", back: str = "", obj: Seen | None = None
) -> None:
    """Raises ProofNeeded. `back`: where a file is taken from; the browser would stay on the page that asked."""
    if not is_fresh(request, log):
        raise ProofNeeded(About(log, ref, back, obj))


def ask(request: HttpRequest, user: User, about: About) -> HttpResponse:
    """Keeps what was sent, writes that a proof was asked for, and leads to the strongest way of giving one."""
    path = request.get_full_path()
    state: dict[str, str] = {"path": path, "log": about.log, "back": about.back}
    if request.method == "POST":
        state["sent"] = _sealed(request.POST.urlencode(), user, path)
    with transaction.atomic():
        detail = {"page": _page(request), **({"about": about.ref} if about.ref else {})}
        obj = about.obj or seen(user)
        append(event="second_factor.asked", actor=Actor(user.ref), obj=obj, log=about.log, detail=detail)
    stash_and_reauthenticate(request, state, CARRY_ON)
    ways = get_adapter().get_reauthentication_methods(user)
    way = ways[0]["url"] if ways else reverse("account_login")
    return redirect(f"{way}?{urlencode({REDIRECT_FIELD_NAME: path})}")


def carry_on(request: HttpRequest, state: dict[str, Any]) -> HttpResponse:
    """Called when the proof was given: back to where the person was, or on to where they have gone since."""
    wanted = _wanted(request, state)
    if wanted != state["path"]:
        return redirect(wanted if get_adapter().is_safe_url(wanted) else settings.LOGIN_REDIRECT_URL)
    if state["log"] != Log.MAIN:
        _keep_from_the_main_log(request, state["log"])
    if "sent" in state:
        request.session[PROVED] = state
    elif state["back"]:
        messages.success(request, WORDS_TAKEN)
        return redirect(state["back"])
    return redirect(state["path"])


def _keep_from_the_main_log(request: HttpRequest, log: str) -> None:
    """The proof just given is that log's; for allauth's own pages, whose entries are in the main log, it is none."""
    *earlier, given = request.session[authentication.AUTHENTICATION_METHODS_SESSION_KEY]
    own = {name: value for name, value in given.items() if name != "reauthenticated"}
    request.session[authentication.AUTHENTICATION_METHODS_SESSION_KEY] = [*earlier, {**own, "log": log}]


def keep(request: HttpRequest, user: User, path: str) -> None:
    """Keeps what was sent by somebody whose session has ended; it goes on when the same person is back."""
    request.session[PROVED] = {"path": path, "sent": _sealed(request.POST.urlencode(), user, path)}


def take_up(request: HttpRequest, user: User) -> None:
    """Makes the request the one that was kept, once, if this is the page it was sent to and the proof is there."""
    state = request.session.get(PROVED)
    if not state or request.method != "GET" or request.get_full_path() != state["path"]:
        return
    del request.session[PROVED]
    try:
        sent = _opened(state["sent"], user, state["path"])
    except CannotOpen:
        messages.warning(request, WORDS_LOST)
        return
    request.method = "POST"
    request.POST = QueryDict(sent)


def log_of(request: HttpRequest) -> str:
    """Which log may know of the proof that is just being given."""
    state = (request.session.get(STATE_SESSION_KEY) or {}).get("state") or {}
    return str(state["log"]) if state and _wanted(request, state) == state["path"] else Log.MAIN


def _wanted(request: HttpRequest, state: dict[str, Any]) -> str:
    given = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME)
    return str(given or state["path"])


def _page(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _sealed(text: str, user: User, path: str) -> str:
    return base64.b64encode(seal_with_master(text.encode(), _place(user, path))).decode()


def _opened(text: str, user: User, path: str) -> str:
    return open_with_master(base64.b64decode(text), _place(user, path)).decode()


def _place(user: User, path: str) -> tuple[bytes, ...]:
    return (b"cpdisclose-step-up-1", settings.DEPLOYMENT.encode(), user.ref.encode(), path.encode())
