"""What is due to be destroyed: one person proposes, another confirms, and the certificate says what went."""

from datetime import date, datetime
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.models import User, opaque
from accounts.roles import Role
from accounts.selectors import roles_of

from ..certificate import as_json
from ..documents.certificate_pdf import certificate_pdf
from ..forms.keeping import DueForm
from ..models import Disposal, Request
from ..selectors import NotThere
from ..selectors.certificates import certificate_of
from ..selectors.keeping import (
    CONFIRMERS,
    PROPOSERS,
    Batch,
    batch_for,
    batches_for,
    due_for_disposal,
)
from ..services import ActionRefused, disposing
from .answering import attempt, done, posted, show
from .doors import desk_page, moment, person, prove_again, take_out

TYPES = {"pdf": "application/pdf", "json": "application/json"}


def _colleague(http: HttpRequest) -> tuple[User, datetime, frozenset[Role]]:
    """Whoever proposes or confirms somewhere; for anybody else the pages are not there."""
    user, now = person(http), moment()
    roles = roles_of(user, now)
    if not roles & (PROPOSERS | CONFIRMERS):
        raise NotThere
    return user, now, roles


@desk_page
def due(http: HttpRequest) -> HttpResponse:
    user, now, roles = _colleague(http)
    page = due_for_disposal(user, now, place_of(http.GET.get("after", "")))
    free = {row.request.reference: row.request for row in page.rows if not row.holds}
    form = DueForm(posted(http), references=free)
    refused: ActionRefused | None = None
    if http.method == "POST" and not roles & PROPOSERS:
        raise NotThere
    if form.is_valid():
        name, proposed = opaque("d"), 0
        for reference in form.cleaned_data["chosen"]:
            use = partial(
                disposing.propose_disposal, request_id=free[reference].pk, batch=name, actor=user, now=now
            )
            found = attempt(use)
            refused, proposed = found or refused, proposed + (found is None)
        if proposed:
            words = f"{proposed} proposed. A colleague must confirm it."
            return done(http, words, "disclosures:disposal-batch", name)
    context = {
        "page": page,
        "form": form,
        "free": free,
        "may_propose": bool(roles & PROPOSERS),
        "waiting": batches_for(user, now, waiting=True),
        "decided": batches_for(user, now, waiting=False),
        "later": "after" in http.GET,
        "now": now,
    }
    return show(http, "disclosures/disposal/due.html", context, form, refused=refused)


def place_of(text: str) -> tuple[date, str] | None:
    """Where a page begins, as its address says; anything else is the first page."""
    day, _, reference = text.partition(".")
    try:
        return date.fromisoformat(day), reference
    except ValueError:
        return None


def _batch(http: HttpRequest, name: str) -> tuple[Batch[Disposal], User, datetime, frozenset[Role]]:
    user, now, roles = _colleague(http)
    found = batch_for(user, name, now)
    if found is None:
        raise NotThere
    return found, user, now, roles


def _told_of(batch: Batch[Disposal]) -> Request:
    """Of which request the proof is asked: of one that the main log may know of, so that no step there lacks its proof."""
    return next((row.request for row in batch.rows if not row.request.restricted), batch.first.request)


@desk_page
def batch(http: HttpRequest, batch: str) -> HttpResponse:
    found, user, now, roles = _batch(http, batch)
    refused: ActionRefused | None = None
    if http.method == "POST":
        confirming = "confirm" in http.POST
        if not roles & (CONFIRMERS if confirming else PROPOSERS | CONFIRMERS):
            raise NotThere
        if confirming:
            prove_again(http, _told_of(found), back=reverse("disclosures:disposal-batch", args=[batch]))
        use_case = disposing.confirm_disposal if confirming else disposing.withdraw_disposal
        for row in found.rows:
            if row.done_at is None and row.withdrawn_at is None:
                refused = attempt(partial(use_case, disposal_id=row.pk, actor=user, now=now)) or refused
        if refused is None:
            words = "Confirmed. It is destroyed within a minute." if confirming else "Withdrawn."
            return done(http, words, "disclosures:disposal-batch", batch)
        found, *_ = _batch(http, batch)
    context = {
        "batch": found,
        "may_confirm": bool(roles & CONFIRMERS) and found.first.proposed_by_id != user.pk,
        "is_own": found.first.proposed_by_id == user.pk,
        "now": now,
    }
    return show(http, "disclosures/disposal/batch.html", context, refused=refused)


@desk_page
def certificate(http: HttpRequest, batch: str, form: str) -> HttpResponse:
    """Whoever sees what was in the batch may take its certificate; the log says who did."""
    if form not in TYPES:
        raise NotThere
    found, user, now, _roles = _batch(http, batch)
    take_out(http, _told_of(found), back=reverse("disclosures:disposal-batch", args=[batch]))
    made = certificate_of(found, actor=user, now=now)
    content: bytes | str = as_json(made) if form == "json" else certificate_pdf(made, made_at=now)
    return HttpResponse(
        content,
        content_type=TYPES[form],
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": f'attachment; filename="certificate-of-disposal-{batch}.{form}"',
        },
    )
