"""The auditor's page. Whoever may not read it, and whatever is not there, is the same 404."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, NoReturn, ParamSpec, cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from . import registry, selectors, tree
from .canonical import JSON
from .entries import SYSTEM, append
from .forms import LogFilter
from .hooks import people
from .models import Entry
from .nudge import nudge

Args = ParamSpec("Args")
View = Callable[Concatenate[HttpRequest, Args], HttpResponse]


@dataclass(frozen=True)
class Row:
    """One entry as the page shows it."""

    entry: Entry
    what: str
    who: str
    detail: str
    index: int | None


def readers_page(view: View[Args]) -> View[Args]:
    @wraps(view)
    def page(request: HttpRequest, *args: Args.args, **kwargs: Args.kwargs) -> HttpResponse:
        if not people().may_read(_reader(request), timezone.now()):
            _refuse(request)
        return view(request, *args, **kwargs)

    return cast("View[Args]", never_cache(login_required(require_safe(page))))


@readers_page
def log(request: HttpRequest) -> HttpResponse:
    form = LogFilter(request.GET)
    context: dict[str, Any] = {
        "form": form,
        "rows": [],
        "filtered": any(form.data.get(name) for name in form.fields),
    }
    if form.is_valid():
        place = selectors.read_place(request.GET.get("newer", ""), newer=True)
        place = place or selectors.read_place(request.GET.get("older", ""))
        page = selectors.page(selectors.filtered(**form.filters), place)
        context |= {
            "rows": _rows(page),
            "newer": _address(request, "newer", page.newer),
            "older": _address(request, "older", page.older),
        }
        _record(request, event="log.viewed", detail=_what_was_asked(form, found=bool(page.rows)))
    return render(request, "audit/log.html", context)


@readers_page
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    found = selectors.readable().filter(pk=entry_id).first()
    if found is None:
        _refuse(request)
    body = bytes(found.body)
    context = {
        "row": _row(found, people().names([found.actor]), {}),
        "body": json.dumps(json.loads(body), ensure_ascii=False, indent=2),
        "leaf_hash": tree.leaf_hash(body).hex(),
        "sequenced": selectors.sequenced(found),
    }
    _record(request, event="log.viewed", detail={"entry": entry_id})
    return render(request, "audit/entry.html", context)


def _rows(page: selectors.Page) -> list[Row]:
    names = people().names({row.actor for row in page.rows})
    indexes = selectors.indexes_of(page.rows)
    return [_row(entry, names, indexes) for entry in page.rows]


def _row(entry: Entry, names: Mapping[str, str], indexes: Mapping[int, int]) -> Row:
    known = registry.all_events().get(entry.event)
    return Row(
        entry=entry,
        what=known.words if known else entry.event,
        who="The system" if entry.actor == SYSTEM.ref else names.get(entry.actor, entry.actor),
        detail=_in_short(json.loads(bytes(entry.body)).get("detail", {})),
        index=indexes.get(entry.id),
    )


def _in_short(detail: Mapping[str, JSON]) -> str:
    return ", ".join(f"{name} {value}" for name, value in detail.items() if isinstance(value, str | int))


def _what_was_asked(form: LogFilter, *, found: bool) -> dict[str, JSON]:
    """Codes, references and days. What was typed but names no object may be anything, and is left out."""
    data = form.cleaned_data
    asked: dict[str, JSON] = {
        "event": data["event"],
        "actor": data["who"],
        "object": data["about"] if found else "",
        "since": data["since"].isoformat() if data["since"] else "",
        "until": data["until"].isoformat() if data["until"] else "",
    }
    return {name: value for name, value in asked.items() if value}


def _reader(request: HttpRequest) -> AbstractBaseUser:
    return cast("AbstractBaseUser", request.user)


def _refuse(request: HttpRequest) -> NoReturn:
    _record(request, event="log.refused", detail={})
    raise Http404


def _record(request: HttpRequest, *, event: str, detail: Mapping[str, JSON]) -> None:
    with transaction.atomic(durable=True):
        append(event=event, actor=people().actor(_reader(request)), detail=detail)
        transaction.on_commit(nudge)


def _address(request: HttpRequest, direction: str, cursor: str) -> str:
    """This address at another place of the list; empty where there is nothing that way."""
    if not cursor:
        return ""
    query = request.GET.copy()
    for key in ("newer", "older"):
        query.pop(key, None)
    query[direction] = cursor
    return f"?{query.urlencode()}"
