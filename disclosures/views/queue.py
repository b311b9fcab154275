"""Where people begin: their own queue, the team's, and finding one by its reference."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.rates import count_use
from accounts.roles import Role
from accounts.selectors import covered_people, roles_of

from .. import selectors
from ..forms.queue import FilterForm
from ..models import Request
from ..references import PATTERN, tidy
from ..selectors import queues
from ..selectors.company import company_of
from ..services.looking import note_search
from ..states import Perm
from .doors import desk_page, moment, person

HOMES = {
    frozenset({Role.DATA_HOLDER}): "disclosures:searches",
    frozenset({Role.AUDITOR}): "audit:log",
    frozenset({Role.ADMIN}): "admin:index",
}


@dataclass(frozen=True, slots=True)
class Section:
    """One list of a page. `name` leads its cursors in the address; `empty` says why, `cure` what to do."""

    name: str
    title: str
    rows: QuerySet[Request]
    empty: str
    cure: str


@desk_page
@require_safe
def home(http: HttpRequest) -> HttpResponse:
    """Whoever has only one role, and that sees no requests, begins at their own work."""
    user, now = person(http), moment()
    roles = roles_of(user, now)
    if not roles and company_of(user, now) is not None:
        return redirect("disclosures:company")
    return redirect(HOMES.get(roles, "disclosures:my-queue"))


@desk_page
@require_safe
def my_queue(http: HttpRequest) -> HttpResponse:
    user, now = person(http), moment()
    mine = Section(
        name="mine-",
        title="Assigned to you",
        rows=queues.assigned_to(user, now),
        empty="Nothing is assigned to you.",
        cure="A team lead says who has a request.",
    )
    waiting = Section(
        name="waiting-",
        title="Waiting for a step of yours",
        rows=queues.waiting_for(user, now),
        empty="No request waits for a step that you may take.",
        cure="It appears here by itself as soon as one does. The team queue shows where the others are.",
    )
    lists = [mine, waiting]
    if away := covered_people(user, localdate(now)):
        covered = Section(
            name="covered-",
            title="Covered by you",
            rows=queues.covered_by(user, now, away),
            empty="Those you cover for have nothing open.",
            cure="What is assigned to them while they are away appears here.",
        )
        lists.insert(1, covered)
    return _lists(http, user, now, lists, {"title": "My queue"})


@desk_page
@require_safe
def team_queue(http: HttpRequest) -> HttpResponse:
    user, now = person(http), moment()
    everything = Section(
        name="",
        title="Open requests",
        rows=queues.open_requests(user, now),
        empty="No request is open.",
        cure="A new one appears here as soon as an intake clerk has recorded it.",
    )
    return _lists(http, user, now, [everything], {"title": "Team queue"})


@desk_page
@require_safe
def due_today(http: HttpRequest) -> HttpResponse:
    """The whole team's, so that nothing waits for somebody who is away; those of the reader come first."""
    user, now = person(http), moment()
    today = localdate(now)
    mine = Section(
        name="mine-",
        title="Due today, assigned to you",
        rows=queues.due_by(queues.assigned_to(user, now), today),
        empty="Nothing that is assigned to you is due today.",
        cure="What is due later stands in your queue.",
    )
    others = Section(
        name="",
        title="Due today, of the whole team",
        rows=queues.due_by(queues.open_requests(user, now), today),
        empty="Nothing is due today, and nothing is overdue.",
        cure="The team queue shows what comes next.",
    )
    return _lists(http, user, now, [mine, others], {"title": "Due today"})


@desk_page
@require_safe
def find(http: HttpRequest) -> HttpResponse:
    """A reference leads to its request; without one, all that the person may see, by the filters."""
    user, now = person(http), moment()
    typed = http.GET.get("q", "").strip()
    context: dict[str, Any] = {"title": "All requests", "typed": typed, "form": FilterForm(http.GET)}
    if not typed:
        if filters := context["form"].filters:
            note_search(actor=user, filters=filters, typed=False)
        every = Section(
            name="",
            title="Requests",
            rows=queues.filtered(selectors.visible_to(user, now), now=now, **context["form"].filters),
            empty="No request that you may see is like that.",
            cure="Change the filters, or clear them.",
        )
        return _lists(http, user, now, [every], context)
    count_use(http, "search")
    reference = tidy(typed)
    context["is_reference"] = re.fullmatch(PATTERN, reference) is not None
    if context["is_reference"]:
        try:
            return redirect(
                "disclosures:request", selectors.request_for(user, reference, Perm.VIEW, now).reference
            )
        except selectors.NotThere:
            context["typed"] = reference
    else:
        note_search(actor=user, filters={}, typed=True)
    return _lists(http, user, now, [], context)


def _lists(
    http: HttpRequest, user: User, now: datetime, sections: list[Section], context: dict[str, Any]
) -> HttpResponse:
    wanted = [(section.rows, _place(http, section.name)) for section in sections]
    shown = zip(sections, queues.pages(*wanted, user=user, now=now), strict=True)
    lists = [
        {
            "section": section,
            "rows": page.rows,
            "earlier": _address(http, section.name, "before", page.earlier),
            "later": _address(http, section.name, "after", page.later),
        }
        for section, page in shown
    ]
    return render(http, "disclosures/queue.html", {**context, "lists": lists, "now": now})


def _place(http: HttpRequest, name: str) -> queues.Place | None:
    before = queues.read_place(http.GET.get(f"{name}before", ""), backwards=True)
    return before or queues.read_place(http.GET.get(f"{name}after", ""))


def _address(http: HttpRequest, name: str, direction: str, cursor: str) -> str:
    """This address with another place in this list; empty where there is nothing that way."""
    if not cursor:
        return ""
    query = http.GET.copy()
    for key in ("before", "after"):
        query.pop(f"{name}{key}", None)
    query[f"{name}{direction}"] = cursor
    return f"?{query.urlencode()}"
