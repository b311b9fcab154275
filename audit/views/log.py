"""The log as a list, each entry, and what was signed. Whatever is not there is the same 404 as the forbidden."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from .. import registry, selectors, tree
from ..canonical import JSON
from ..entries import SYSTEM, Seen
from ..files import FORMS, Row
from ..forms import LogFilter
from ..hooks import people
from ..models import Checkpoint, Entry, Log, OutsideCopy
from ..proving import with_cosignatures
from .doors import as_file, is_cleared, log_asked_for, readers_page, record, refuse, suffix

ALL_OF_MAIN = selectors.Scope.ALL_OF_MAIN.value


@readers_page
def log(request: HttpRequest) -> HttpResponse:
    form = LogFilter(request.GET, cleared=is_cleared(request))
    context: dict[str, Any] = {
        "form": form,
        "rows": [],
        "filtered": any(form.data.get(name) for name in form.fields),
    }
    if context["filtered"]:
        people().count_use(request, "search")
    if form.is_valid():
        page = _page_of(request, form)
        context |= {
            "rows": _rows(page),
            "also": f"&log={form.scope.value}" if form.scope.value else "",
            "query": request.GET.urlencode(),
            "newer": _address(request, "newer", page.newer),
            "older": _address(request, "older", page.older),
        }
        detail = _what_was_asked(form, found=bool(page.rows))
        record(request, event="log.viewed", detail=detail, log=_told_in(form.scope), obj=_about(form, page))
    return render(request, "audit/log.html", context)


@readers_page
def export(request: HttpRequest, form: str) -> HttpResponse:
    """The page that is shown, as a file: `csv` for a table, `jsonl` with a proof of every line."""
    if form not in FORMS:
        refuse(request)
    asked = LogFilter(request.GET, cleared=is_cleared(request))
    list_page = f"{reverse('audit:log')}?{request.GET.urlencode()}"
    if not asked.is_valid():
        return redirect(list_page)
    people().need_fresh_proof(request, list_page)
    people().count_use(request, "file")
    page = _page_of(request, asked)
    rows = _rows(page)
    record(
        request,
        event="log.exported",
        detail={**_what_was_asked(asked, found=bool(page.rows)), "form": form, "entries": len(rows)},
        log=_told_in(asked.scope),
        obj=_about(asked, page),
    )
    make, media_type = FORMS[form]
    return as_file(make(rows), name=f"log.{form}", media_type=f"{media_type}; charset=utf-8")


@readers_page
def checkpoints(request: HttpRequest) -> HttpResponse:
    """What was signed lately, and who besides us holds it."""
    of = log_asked_for(request)
    shown = selectors.last_checkpoints(of)
    context = {
        "shown": shown,
        "outside": selectors.outside_copies(timezone.now(), of),
        "suffix": suffix(of),
        "is_sealed": of is Log.SEALED,
        "cleared": is_cleared(request),
    }
    record(request, event="log.viewed", detail={"checkpoints": len(shown)}, log=of)
    return render(request, "audit/checkpoints.html", context)


@readers_page
def checkpoint(request: HttpRequest, size: int) -> HttpResponse:
    """One checkpoint as a file, the cosignatures behind it: for `audit verify --held` and the verifier."""
    of = log_asked_for(request)
    found = Checkpoint.objects.filter(log=of, size=size).first()
    if found is None:
        refuse(request)
    record(request, event="log.viewed", detail={"checkpoint": size}, log=of)
    return as_file(
        with_cosignatures(found), name=f"checkpoint-{size}", media_type="text/plain; charset=utf-8"
    )


@readers_page
def stamp(request: HttpRequest, size: int) -> HttpResponse:
    """The time stamp of a checkpoint as the authority gave it: for `openssl ts -verify` and its like."""
    of = log_asked_for(request)
    found = OutsideCopy.objects.filter(log=of, size=size, kind=OutsideCopy.Kind.TIMESTAMP).first()
    if found is None:
        refuse(request)
    record(request, event="log.viewed", detail={"stamp": size}, log=of)
    return as_file(
        bytes(found.token), name=f"checkpoint-{size}.tsr", media_type="application/timestamp-reply"
    )


@readers_page
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    found, told_in = selectors.readable().filter(pk=entry_id).first(), Log.MAIN
    if found is None and is_cleared(request):
        found, told_in = Entry.objects.filter(pk=entry_id).first(), Log.SEALED
    if found is None:
        refuse(request)
    body = bytes(found.body)
    context = {
        "row": _row(found, people().names([found.actor]), {}),
        "body": json.dumps(json.loads(body), ensure_ascii=False, indent=2),
        "leaf_hash": tree.leaf_hash(body).hex(),
        "sequenced": selectors.sequenced(found),
        "also": ""
        if told_in is Log.MAIN
        else f"&log={found.log if found.log == Log.SEALED else ALL_OF_MAIN}",
    }
    record(request, event="log.viewed", detail={"entry": entry_id}, log=told_in)
    return render(request, "audit/entry.html", context)


def _told_in(scope: selectors.Scope) -> Log:
    """Reading what not every auditor sees is told where not every auditor reads."""
    return Log.MAIN if scope is selectors.Scope.MAIN else Log.SEALED


def _page_of(request: HttpRequest, form: LogFilter) -> selectors.Page:
    place = selectors.read_place(request.GET.get("newer", ""), newer=True)
    place = place or selectors.read_place(request.GET.get("older", ""))
    return selectors.page(selectors.filtered(**form.filters), place)


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
    return ", ".join(
        f"{name} {value}" for name, value in detail.items() if isinstance(value, str | int) and value != ""
    )


def _what_was_asked(form: LogFilter, *, found: bool) -> dict[str, JSON]:
    """Codes, references and days. What was typed but names no object may be anything, and is left out."""
    data = form.cleaned_data
    asked: dict[str, JSON] = {
        "log": form.scope.value,
        "event": data["event"],
        "actor": data["who"],
        "object": data["about"] if found else "",
        "since": data["since"].isoformat() if data["since"] else "",
        "until": data["until"].isoformat() if data["until"] else "",
    }
    return {name: value for name, value in asked.items() if value}


def _about(form: LogFilter, page: selectors.Page) -> Seen | None:
    """The object that was read about: when it becomes a secret, the page hides that somebody did."""
    if not form.cleaned_data["about"] or not page.rows:
        return None
    row = page.rows[0]
    version = row.object_version or row.seen_version
    return (
        Seen(row.object_type, row.object_ref, version)
        if row.object_type and row.object_ref and version
        else None
    )


def _address(request: HttpRequest, direction: str, cursor: str) -> str:
    """This address at another place of the list; empty where there is nothing that way."""
    if not cursor:
        return ""
    query = request.GET.copy()
    for key in ("newer", "older"):
        query.pop(key, None)
    query[direction] = cursor
    return f"?{query.urlencode()}"
