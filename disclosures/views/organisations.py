"""Reading pages: the organisations that ask, and the colleagues who answer."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from accounts.models import Organisation, User
from accounts.ownership import standing_of
from accounts.selectors import absences_from, history_of

from ..forms.queue import OrganisationFilter
from ..models import Request
from ..selectors import organisations as reading
from ..selectors import queues
from .answering import show
from .doors import desk_page
from .ownership import reader

MOST = 15


@desk_page
@require_safe
def organisations(http: HttpRequest) -> HttpResponse:
    reader(http)
    form = OrganisationFilter(http.GET)
    page = reading.organisations(**form.filters, after=http.GET.get("after", "")[:160])
    context = {
        "form": form,
        "page": page,
        "later": _later(http, page.later),
        "first": "after" not in http.GET,
    }
    return show(http, "disclosures/registers/organisations.html", context)


def _later(http: HttpRequest, after: str) -> str:
    if not after:
        return ""
    query = http.GET.copy()
    query["after"] = after
    return f"?{query.urlencode()}"


@desk_page
@require_safe
def organisation(http: HttpRequest, code: str) -> HttpResponse:
    """Names, domains, switchboard and history; and the requests that this reader may see, no others."""
    user, now, _ = reader(http)
    found = reading.organisation_by_code(code)
    in_group = found.kind in {Organisation.Kind.GROUP_COMPANY, Organisation.Kind.PARTNER}
    context: dict[str, Any] = {
        "organisation": found,
        "standing": standing_of(found, localdate(now)) if in_group else None,
        "list": _requests(reading.requests_of(found, user, now), user, now, "Requests of this organisation"),
        "history": history_of(found),
        "now": now,
    }
    return show(http, "disclosures/registers/organisation.html", context)


@desk_page
@require_safe
def colleague(http: HttpRequest, ref: str) -> HttpResponse:
    user, now, _ = reader(http)
    found, roles = reading.colleague(ref, now)
    context: dict[str, Any] = {
        "colleague": found,
        "roles": roles,
        "leave": [row for row in absences_from(localdate(now)) if found.pk in {row.user_id, row.cover_id}],
        "list": _requests(reading.requests_with(found, user, now), user, now, "Requests this person has"),
        "now": now,
    }
    return show(http, "disclosures/team/colleague.html", context)


def _requests(rows: QuerySet[Request], user: User, now: datetime, title: str) -> dict[str, Any]:
    """The first of them, the soonest due at the head, in the form of every list."""
    (page,) = queues.pages((rows, None), user=user, now=now, rows_a_page=MOST)
    return {"rows": page.rows, "more": bool(page.later), "section": {"title": title}}
