"""The door of the log's pages. Whoever may not read the log, and whatever is not there, is the same 404."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Concatenate, NoReturn, ParamSpec, cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from .. import clearances
from ..canonical import JSON
from ..entries import Actor, Seen, append
from ..hooks import people
from ..models import Log
from ..nudge import nudge

Args = ParamSpec("Args")
View = Callable[Concatenate[HttpRequest, Args], HttpResponse]


def readers_page(view: View[Args]) -> View[Args]:
    """A page that only shows."""
    return require_safe(working_page(view))


def working_page(view: View[Args]) -> View[Args]:
    """A page with a form on it."""
    return _page(view, lambda user, now: people().may_read(user, now))


def keepers_page(view: View[Args]) -> View[Args]:
    """A page for whoever gives clearances."""
    return _page(view, lambda user, now: people().may_clear(user, now))


def _page(view: View[Args], may: Callable[[AbstractBaseUser, datetime], bool]) -> View[Args]:
    @wraps(view)
    def page(request: HttpRequest, *args: Args.args, **kwargs: Args.kwargs) -> HttpResponse:
        if not may(reader(request), timezone.now()):
            refuse(request)
        return view(request, *args, **kwargs)

    methods = require_http_methods(["GET", "HEAD", "POST"])
    return cast("View[Args]", never_cache(login_required(methods(page))))


def reader(request: HttpRequest) -> AbstractBaseUser:
    return cast("AbstractBaseUser", request.user)


def actor(request: HttpRequest) -> Actor:
    return people().actor(reader(request))


def is_cleared(request: HttpRequest) -> bool:
    return clearances.is_cleared(actor(request).ref, timezone.now())


def log_asked_for(request: HttpRequest) -> Log:
    """`sealed` only for whoever is cleared: for everybody else the address says nothing."""
    return Log.SEALED if is_cleared(request) and request.GET.get("log") == Log.SEALED else Log.MAIN


def suffix(log: Log) -> str:
    """What the links of a page carry, so that they stay in its log."""
    return "" if log is Log.MAIN else f"?log={log.value}"


def refuse(request: HttpRequest) -> NoReturn:
    record(request, event="log.refused", detail={})
    raise Http404


def record(
    request: HttpRequest,
    *,
    event: str,
    detail: Mapping[str, JSON],
    log: str = Log.MAIN,
    obj: Seen | None = None,
) -> None:
    with transaction.atomic(durable=True):
        append(event=event, actor=actor(request), obj=obj, detail=detail, log=log)
        transaction.on_commit(nudge)


def as_file(content: str | bytes, *, name: str, media_type: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
