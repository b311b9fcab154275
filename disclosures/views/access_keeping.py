"""How long a person's own request is kept, what holds it, and its disposal by two people with a certificate."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User, opaque
from accounts.rates import count_use
from accounts.roles import Role
from accounts.selectors import roles_of
from accounts.step_up import need_fresh_proof

from ..certificate import as_json
from ..deadlines.calendars import london_day
from ..deadlines.keeping import access_keeping
from ..documents.certificate_pdf import certificate_pdf
from ..forms.keeping import DueForm, LiftHoldForm, PlaceHoldForm
from ..models import AccessDisposal, AccessRequest
from ..selectors import NotThere
from ..selectors.access_keeping import (
    CONFIRMERS,
    HOLDERS,
    PROPOSERS,
    access_batch_for,
    access_batches_for,
    access_certificate_of,
    access_disposals_of,
    access_due_for_disposal,
    access_holds_of,
    access_holds_upon,
    disposer,
)
from ..selectors.accounting import access_for
from ..selectors.keeping import Batch
from ..selectors.opening import open_access_parts
from ..services import access_disposing
from ..services import access_keeping as service
from ..services.accounting import AccessRefused
from ..templatetags.desk import Problem
from .answering import done, posted, show
from .disposal import TYPES, place_of
from .doors import desk_page, moment, person

HERE = "disclosures:access-keeping"
BATCH = "disclosures:access-disposal-batch"


def access_stone(http: HttpRequest, access: AccessRequest) -> HttpResponse:
    """The page of one that was destroyed: what it was, and the proof. Nothing in it is personal."""
    gone = [row for row in access_disposals_of(access) if row.done_at]
    context = {"access": access, "disposal": gone[0] if gone else None}
    return render(http, "disclosures/accounting/stone.html", context)


def _tried(use: Callable[[], object]) -> list[Problem]:
    try:
        use()
    except AccessRefused as refused:
        return [Problem(sentence, "") for sentence in refused.sentences]
    return []


@desk_page
def keeping(http: HttpRequest, ref: str) -> HttpResponse:
    """Everybody who works it sees its period; the head of legal and the data protection officer hold it."""
    user, now = person(http), moment()
    access = access_for(user, ref, now)
    if access.disposed_at is not None:
        raise NotThere
    rows, may_hold = access_holds_of(access), bool(roles_of(user, now) & HOLDERS)
    if http.method == "POST" and not may_hold:
        raise NotThere
    lasting = [(row.reference, str(row.get_ground_display())) for row in rows if row.lifted_at is None]
    place = PlaceHoldForm(posted(http) if "place" in http.POST else None)
    lift = LiftHoldForm(posted(http) if "lift" in http.POST else None, holds=lasting)
    if "lift" in http.POST:
        need_fresh_proof(http, ref=ref, back=reverse(HERE, args=[ref]))
    problems: list[Problem] = []
    given: dict[str, Any] = {"access_id": access.pk, "actor": user, "now": now}
    if place.is_valid():
        problems = _tried(partial(service.place_access_hold, **given, **place.cleaned_data))
    elif lift.is_valid():
        problems = _tried(partial(service.lift_access_hold, **given, **lift.cleaned_data))
    if not problems and (place.is_valid() or lift.is_valid()):
        return done(http, "The hold is placed." if place.is_valid() else "The hold is lifted.", HERE, ref)
    context = {
        "access": access,
        "kept": access_keeping(london_day(access.ended_at)) if access.ended_at else None,
        "held_by": access_holds_upon([access.pk]).get(access.pk, ()),
        "holds": list(zip(rows, open_access_parts(access, rows, actor=user, now=now), strict=True)),
        "disposals": access_disposals_of(access),
        "may_hold": may_hold,
        "lasting": lasting,
        "place": place,
        "lift": lift,
        "now": now,
    }
    return show(http, "disclosures/accounting/keeping.html", context, place, lift, more=problems)


@desk_page
def due(http: HttpRequest) -> HttpResponse:
    """What is past its last day; a team lead or the data protection officer proposes."""
    user, now = person(http), moment()
    roles = disposer(user, now)
    if http.method == "POST" and not roles & PROPOSERS:
        raise NotThere
    page = access_due_for_disposal(user, now, place_of(http.GET.get("after", "")))
    free = {row.access.ref: row.access for row in page.rows if not row.holds}
    form, problems = DueForm(posted(http), references=free), list[Problem]()
    if form.is_valid():
        name, proposed = opaque("d"), 0
        use = partial(access_disposing.propose_access_disposal, batch=name, actor=user, now=now)
        for ref in form.cleaned_data["chosen"]:
            found = _tried(partial(use, access_id=free[ref].pk))
            problems, proposed = found or problems, proposed + (not found)
        if proposed:
            return done(http, f"{proposed} proposed. A colleague must confirm it.", BATCH, name)
    context = {
        "page": page,
        "form": form,
        "free": free,
        "may_propose": bool(roles & PROPOSERS),
        "waiting": access_batches_for(user, now, waiting=True),
        "decided": access_batches_for(user, now, waiting=False),
        "to": BATCH,
        "later": "after" in http.GET,
    }
    return show(http, "disclosures/accounting/due.html", context, form, more=problems)


def _batch(http: HttpRequest, name: str) -> tuple[Batch[AccessDisposal], User, datetime, frozenset[Role]]:
    user, now = person(http), moment()
    return access_batch_for(user, name, now), user, now, disposer(user, now)


@desk_page
def batch(http: HttpRequest, batch: str) -> HttpResponse:
    found, user, now, roles = _batch(http, batch)
    problems: list[Problem] = []
    if http.method == "POST":
        confirming = "confirm" in http.POST
        if confirming and not roles & CONFIRMERS:
            raise NotThere
        if confirming:
            need_fresh_proof(http, ref=found.first.access.ref, back=reverse(BATCH, args=[batch]))
        use: Callable[..., AccessDisposal] = access_disposing.withdraw_access_disposal
        if confirming:
            use = access_disposing.confirm_access_disposal
        for row in found.rows:
            if row.done_at is None and row.withdrawn_at is None:
                problems = _tried(partial(use, disposal_id=row.pk, actor=user, now=now)) or problems
        if not problems:
            words = "Confirmed. It is destroyed within a minute." if confirming else "Withdrawn."
            return done(http, words, BATCH, batch)
        found, *_ = _batch(http, batch)
    context = {
        "batch": found,
        "may_confirm": bool(roles & CONFIRMERS) and found.first.proposed_by_id != user.pk,
        "is_own": found.first.proposed_by_id == user.pk,
    }
    return show(http, "disclosures/accounting/batch.html", context, more=problems)


@desk_page
def certificate(http: HttpRequest, batch: str, form: str) -> HttpResponse:
    """Whoever may propose or confirm may take it; the log says who did."""
    if form not in TYPES:
        raise NotThere
    found, user, now, _roles = _batch(http, batch)
    need_fresh_proof(http, ref=found.first.access.ref, back=reverse(BATCH, args=[batch]))
    count_use(http, "file")
    made = access_certificate_of(found, actor=user, now=now)
    content: bytes | str = as_json(made) if form == "json" else certificate_pdf(made, made_at=now)
    return HttpResponse(
        content,
        content_type=TYPES[form],
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": f'attachment; filename="certificate-of-disposal-{batch}.{form}"',
        },
    )
