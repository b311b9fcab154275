"""One request: its page, and the steps taken on it."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.models import User

from .. import selectors
from ..forms.steps import StepForm
from ..models import Request
from ..selectors.next_steps import ACTIONS, NextStep
from ..selectors.pages import request_page
from ..selectors.receipts import receipts_of
from ..services import ActionRefused, perform
from ..states import STATE_WORDS, Action, Perm, State
from ..words import STEP_WORDS
from ..workflow import PROVED, find
from .doors import desk_page, prove_again, through_the_door
from .keeping import stone


@desk_page
def detail(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.VIEW, stones=True)
    return stone(http, case) if case.disposed_at else _page(http, case, user, now)


@desk_page
def take_step(http: HttpRequest, reference: str, action: str) -> HttpResponse:
    """The permission of the arrow first. A refused step shows the page again, with every reason."""
    if http.method != "POST":
        return redirect("disclosures:request", reference)
    if action not in ACTIONS:
        raise selectors.NotThere
    case, user, now = through_the_door(http, reference, Perm.VIEW)
    wanted = ACTIONS[action]
    if arrow := find(State(case.state), wanted):
        selectors.request_for(user, reference, arrow.perm, now)
        if wanted in PROVED:
            prove_again(http, case)
    form = StepForm(http.POST, slug=action)
    if form.is_valid():
        try:
            moved = perform(
                request_id=case.pk,
                action=wanted,
                actor=user,
                now=now,
                idempotency_key=form.cleaned_data["key"].hex,
                reason=form.cleaned_data["reason"],
                seen_digest=form.cleaned_data["seen"],
            )
        except ActionRefused as refused:
            form.take_up(refused)
            case = selectors.request_for(user, reference, Perm.VIEW, now)
        else:
            messages.success(http, _said(wanted, moved))
            return redirect("disclosures:request", reference)
    return _page(http, case, user, now, tried=form)


def _said(action: Action, moved: Request) -> str:
    return f"{STEP_WORDS[action].done}. {moved.reference} is now “{STATE_WORDS[State(moved.state)].lower()}”."


def _page(
    http: HttpRequest, case: Request, user: User, now: datetime, tried: StepForm | None = None
) -> HttpResponse:
    page = request_page(case, user=user, now=now)
    gone = tried is not None and tried.slug not in {step.slug for step in page.steps}
    context = {
        "case": case,
        "page": page,
        "receipts": receipts_of(page.opened),
        "now": now,
        "can_take": _with_forms(page.can_take, case, tried),
        "cannot_take": _with_forms(page.cannot_take, case, tried),
        "tried": tried,
        "lost_reason": tried["reason"].value() if tried and gone else "",
    }
    return render(http, "disclosures/request.html", context, status=422 if tried else 200)


def _with_forms(
    steps: Sequence[NextStep], case: Request, tried: StepForm | None
) -> list[tuple[NextStep, StepForm]]:
    """Each step with a form of its own; the one just tried keeps what was typed."""
    forms = []
    for step in steps:
        form = StepForm(None, slug=step.slug, label=step.asks_reason, seen=case.proposal_digest)
        if tried and tried.slug == step.slug:
            form.initial["reason"] = tried["reason"].value()
        forms.append((step, form))
    return forms
