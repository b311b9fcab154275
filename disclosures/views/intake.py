"""Taking in what arrived: one question before anything is kept, then one long form."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of

from .. import selectors
from ..catalogue import INSTRUMENTS
from ..forms.company import intake_of
from ..forms.intake import ArrivedForm
from ..forms.intake_page import IntakePage, initial_of
from ..forms.intake_rows import MOST_PEOPLE
from ..models import Request
from ..permissions import held_on
from ..selectors.intake import bodies_that_ask, people_count
from ..selectors.interception import cleared_today, keepers_of_the_cleared
from ..selectors.opening import open_request
from ..selectors.work import governing_instrument
from ..services import ActionRefused, perform
from ..services.intake import Intake
from ..services.recording import amend_request, record_request
from ..states import Action, Perm, State
from .answering import posted, show
from .doors import desk_page, moment, person, through_the_door

# Whatever is not plainly a Schedule 2 form is born restricted.
BORN_RESTRICTED = {"schedule-2": False, "restricted": True}
CAREFUL = {"schedule-2": "schedule-2", "restricted": "restricted", "unsure": "restricted"}
NEVER_RECORDED = "interception"
CHANGED_MEANWHILE = (
    "Somebody changed this request while you were writing. Your text is still here: compare it with the "
    "request, then save it again."
)


def _clerk(http: HttpRequest) -> tuple[User, datetime]:
    """Only an intake clerk takes in; for anybody else these pages are not there."""
    user, now = person(http), moment()
    if Role.INTAKE_CLERK not in roles_of(user, now):
        raise selectors.NotThere
    return user, now


@desk_page
def first_question(http: HttpRequest) -> HttpResponse:
    _clerk(http)
    form = ArrivedForm(posted(http))
    if form.is_valid() and form.cleaned_data["arrived"] == NEVER_RECORDED:
        return redirect("disclosures:by-hand")
    if form.is_valid():
        return redirect("disclosures:new-form", CAREFUL[form.cleaned_data["arrived"]])
    return show(http, "disclosures/intake/first.html", {"form": form}, form)


@desk_page
def by_hand(http: HttpRequest) -> HttpResponse:
    """What is never recorded here goes by hand to the people cleared for it. No row, no entry, no mail."""
    _, now = _clerk(http)
    cleared = cleared_today(now)
    keepers = [] if cleared else keepers_of_the_cleared(now)
    context = {"note": INSTRUMENTS["P-IPA2"], "cleared": cleared, "keepers": keepers}
    return show(http, "disclosures/intake/by_hand.html", context)


@desk_page
def new_request(http: HttpRequest, what: str) -> HttpResponse:
    if what not in BORN_RESTRICTED:
        raise selectors.NotThere
    user, now = _clerk(http)
    key = _key(http)
    page = IntakePage(posted(http), now=now, bodies=bodies_that_ask(), initial={"received_at": now})
    context = {"what": what, "born_restricted": BORN_RESTRICTED[what], "key": key, "may_submit": True}
    if not page.is_valid():
        return _page(http, page, context)
    try:
        case = _record(page.intake(), BORN_RESTRICTED[what], user, now, key)
    except ActionRefused as refused:
        return _page(http, page, context, *refused.sentences)
    return _saved(http, page, context, case, user, now)


def _record(intake: Intake, restricted: bool, user: User, now: datetime, key: UUID) -> Request:
    """Once for each form shown: sent again, it corrects the request that it made before."""
    once = partial(
        record_request, intake=intake, restricted=restricted, actor=user, now=now, recording_key=key.hex
    )
    try:
        case = once()
    except IntegrityError:  # the same form came twice at once, and the other was first
        case = once()
    if case.recorded_at != now and case.state == State.DRAFT:
        return amend_request(request_id=case.pk, intake=intake, actor=user, now=now)
    return case


@desk_page
def edit_request(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.EDIT)
    key = _key(http)
    context = {
        "case": case,
        "born_restricted": case.restricted,
        "key": key,
        "may_submit": Perm.SUBMIT in held_on(user, reference, now),
    }
    held = governing_instrument(case)
    kept = {"instrument": held.code} if held else {}
    stay = people if (people := people_count(case)) > MOST_PEOPLE else 0
    opening = partial(open_request, case, actor=user, now=now)
    initial = kept if http.method == "POST" else initial_of(opening(people=() if stay else None))
    page = IntakePage(
        posted(http), now=now, bodies=bodies_that_ask(case.body_id), initial=initial, people_stay=stay
    )
    if not page.is_valid():
        return _page(http, page, context)
    if http.POST.get("version") != str(case.version):
        return _page(http, page, context, CHANGED_MEANWHILE)
    intake = page.intake()
    if stay:
        intake = replace(intake, subjects=intake_of(opening()).subjects)
    try:
        case = amend_request(request_id=case.pk, intake=intake, actor=user, now=now, people_stay=bool(stay))
    except ActionRefused as refused:
        return _page(http, page, context, *refused.sentences)
    return _saved(http, page, context, case, user, now)


def _saved(
    http: HttpRequest, page: IntakePage, context: dict[str, Any], case: Request, user: User, now: datetime
) -> HttpResponse:
    """On to the request; or, where it may not be submitted yet, the same form with what still keeps it."""
    if http.POST.get("save") != "submit":
        messages.success(http, f"{case.reference} is saved.")
        return redirect("disclosures:request", case.reference)
    action = Action.RESUBMIT if case.state == State.RETURNED else Action.SUBMIT
    try:
        perform(request_id=case.pk, action=action, actor=user, now=now, idempotency_key=context["key"].hex)
    except ActionRefused as refused:
        kept = f"{case.reference} is saved as it stands, but not submitted."
        return _page(http, page, {**context, "case": case, "kept": kept, "key": uuid4()}, *refused.sentences)
    messages.success(http, f"{case.reference} is submitted to triage.")
    return redirect("disclosures:request", case.reference)


def _key(http: HttpRequest) -> UUID:
    """What makes this form one form, however often it is sent; a new one where none came."""
    try:
        return UUID(http.POST.get("key", ""))
    except ValueError:
        return uuid4()


def _page(http: HttpRequest, page: IntakePage, context: dict[str, Any], *refusals: str) -> HttpResponse:
    case = context.get("case")
    to = reverse("disclosures:edit", args=[case.reference]) if case else http.path
    troubled = refusals or any(part.errors for part in page.parts)
    return render(
        http,
        "disclosures/intake/form.html",
        {**context, "page": page, "sections": page.sections(), "to": to, "refusals": refusals},
        status=422 if troubled else 200,
    )
