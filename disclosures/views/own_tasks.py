"""The page on which a data holder finds what waits for them, a page at a time: searches, and what they keep."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of

from ..selectors import NotThere
from .answering import show
from .doors import moment, person

Place = tuple[date, str] | None
RowsOf = Callable[[User, datetime, Place], tuple[Sequence[object], Place]]


def own_tasks(http: HttpRequest, rows_of: RowsOf, template: str) -> HttpResponse:
    """`rows_of` gives the rows after a place, and the place after which the next page begins."""
    user, now = person(http), moment()
    if Role.DATA_HOLDER not in roles_of(user, now):
        raise NotThere
    after = _place(http.GET.get("after", ""))
    rows, following = rows_of(user, now, after)
    next_page = f"{following[0].isoformat()}.{following[1]}" if following else ""
    context = {"rows": rows, "next_page": next_page, "later": after is not None, "now": now}
    return show(http, template, context)


def _place(text: str) -> Place:
    """As the address says; anything else is the first page."""
    day, _, reference = text.partition(".")
    try:
        return date.fromisoformat(day), reference
    except ValueError:
        return None
