"""Who is cleared for `sealed`: given and ended by the head of legal. For everybody else there is no such page."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from ..clearances import (
    ClearanceRefused,
    all_clearances,
    can_be_ended,
    end_clearance,
    give_clearance,
)
from ..forms import ClearanceForm
from ..hooks import people
from ..models import Clearance, Log
from .doors import actor, keepers_page, record


@keepers_page
def clearances(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    ending = request.POST.get("end", "").replace("\0", " ")
    form = ClearanceForm(request.POST if request.POST and not ending else None, readers=people().readers(now))
    problem = ""
    try:
        if ending:
            people().need_fresh_proof(request, reverse("audit:clearances"))
            end_clearance(ref=ending, actor=actor(request), now=now)
            messages.success(request, "The clearance has ended.")
            return redirect("audit:clearances")
        if form.is_valid():
            people().need_fresh_proof(request, reverse("audit:clearances"))
            given = give_clearance(**form.given(), actor=actor(request), now=now)
            messages.success(request, f"Cleared: {people().names([given.reader])[given.reader]}.")
            return redirect("audit:clearances")
    except ClearanceRefused as refused:
        problem = str(refused)
        if form.is_bound:
            form.add_error(None, problem)
    context: dict[str, Any] = {"form": form, "problem": "" if form.is_bound else problem, "rows": _rows(now)}
    record(request, event="log.viewed", detail={"clearances": len(context["rows"])}, log=Log.SEALED)
    return render(request, "audit/clearances.html", context, status=422 if problem or form.errors else 200)


def _rows(now: datetime) -> list[dict[str, Any]]:
    rows = all_clearances()
    ends = [row.end.ended_by for row in rows if hasattr(row, "end")]
    names = people().names({ref for row in rows for ref in (row.reader, row.given_by)} | set(ends))
    return [_row(row, names, now) for row in rows]


def _row(row: Clearance, names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    end = getattr(row, "end", None)
    return {
        "clearance": row,
        "who": names.get(row.reader, row.reader),
        "given_by": names.get(row.given_by, row.given_by),
        "last_day": row.valid_until - timedelta(microseconds=1),
        "end": end,
        "ended_by": names.get(end.ended_by, end.ended_by) if end else "",
        "can_be_ended": can_be_ended(row, now),
        "holds_now": can_be_ended(row, now) and row.valid_from <= now,
    }
