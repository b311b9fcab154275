"""The ownership register: read by the desk, kept by the administrator and the head of legal."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate

from accounts import services as accounts
from accounts.models import Relationship, User
from accounts.ownership import companies, register, standings
from accounts.roles import Role
from accounts.selectors import roles_of

from ..forms.holdings import EndForm, HoldingForm
from ..selectors import NotThere
from ..templatetags.desk import DESK, Problem
from .answering import done, posted, show
from .doors import desk_page, moment, person

READERS = DESK | {Role.ADMIN, Role.AUDITOR}
KEEPERS = frozenset({Role.ADMIN, Role.HEAD_OF_LEGAL})


def reader(http: HttpRequest) -> tuple[User, datetime, bool]:
    """The person, the moment, and whether they keep the registers; for outsiders there are none."""
    user, now = person(http), moment()
    roles = roles_of(user, now)
    if not roles & READERS:
        raise NotThere
    return user, now, bool(roles & KEEPERS)


@desk_page
def ownership(http: HttpRequest) -> HttpResponse:
    """Where every company of the group stands today, and every line that was ever entered."""
    user, now, keeps = reader(http)
    today = localdate(now)
    rows = register()
    data = posted(http) if keeps else None
    adding = HoldingForm(data if data and "add" in data else None, companies=companies())
    ending = [_end_form(row, data) for row in rows if keeps and _runs(row, today)]
    problems: list[Problem] = []
    try:
        if adding.is_valid():
            row = accounts.record_relationship(actor=user, now=now, **adding.given())
            return done(http, f"Entered: {row}.", "disclosures:ownership")
        for form in ending:
            if form.is_valid():
                accounts.end_relationship(
                    relationship_id=form.key, last_day=form.cleaned_data["last_day"], actor=user, now=now
                )
                return done(http, f"Ended: {form.where}.", "disclosures:ownership")
    except accounts.Refused as caught:
        problems = [Problem(str(caught), "")]
    forms = {form.key: form for form in ending}
    context: dict[str, Any] = {
        "standings": standings(today),
        "rows": [(row, forms.get(row.pk)) for row in rows],
        "adding": adding if keeps else None,
        "today": today,
    }
    return show(http, "disclosures/registers/ownership.html", context, adding, *ending, more=problems)


def _runs(row: Relationship, today: Any) -> bool:
    return row.valid_until is None or row.valid_until > today


def _end_form(row: Relationship, data: Any) -> EndForm:
    mine = data if data and data.get("end") == str(row.pk) else None
    return EndForm(mine, key=row.pk, where=str(row))
