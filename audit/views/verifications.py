"""The page on which a reader has the log verified, and sees how far that is and what came of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from .. import checking, selectors
from ..forms import VerificationForm
from ..models import Log
from .doors import actor, is_cleared, log_asked_for, readers_page, record, suffix, working_page


@working_page
def verifications(request: HttpRequest) -> HttpResponse:
    of = log_asked_for(request)
    form = VerificationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            checking.ask(log=of, whole=form.is_whole, actor=actor(request), now=timezone.now())
            return redirect(reverse("audit:verifications") + suffix(of))
        except checking.AlreadyAsked:
            form.add_error(None, "A verification is waiting or going on already. Wait for its end.")
    page = selectors.verifications(of, before=request.GET.get("before", ""))
    context: dict[str, Any] = {
        "form": form,
        "going_on": checking.going_on(of),
        "last": checking.last_verified(of),
        "page": page,
        "outside": selectors.outside_copies(timezone.now(), of),
        "suffix": suffix(of),
        "is_sealed": of is Log.SEALED,
        "cleared": is_cleared(request),
    }
    record(request, event="log.viewed", detail={"verifications": len(page.rows)}, log=of)
    return render(request, "audit/verifications.html", context, status=422 if form.errors else 200)


@readers_page
def progress(request: HttpRequest) -> HttpResponse:
    """The part of the page that moves, asked for every second or two: that alone is no entry worth keeping."""
    of = log_asked_for(request)
    going_on = checking.going_on(of)
    answer = render(request, "audit/_progress.html", {"going_on": going_on, "suffix": suffix(of)})
    if going_on is None:
        answer["HX-Refresh"] = "true"
    return answer
