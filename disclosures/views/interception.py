"""Who is cleared for interception, kept by the head of legal; for everybody else the page is not there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.step_up import need_fresh_proof
from audit.models import Log

from ..forms.interception import ClearForInterceptionForm
from ..selectors import NotThere
from ..selectors.interception import (
    ENDS_SOON,
    clearances_not_over,
    clearances_over,
    keepers_of_the_cleared,
    keeps_the_cleared,
    staff_by_name,
)
from ..selectors.opening import Opened, open_interception
from ..services.interception import ClearanceRefused, clear_for_interception, end_interception_clearance
from ..templatetags.desk import Problem
from .answering import done, posted, reference_sent, show
from .doors import desk_page, moment, person

PAGE = "disclosures:interception"


@dataclass(frozen=True, slots=True)
class Line:
    """A clearance that is not over, as the page shows it."""

    row: Opened
    last_day: datetime
    is_to_come: bool
    ends_soon: bool


@desk_page
def interception(http: HttpRequest) -> HttpResponse:
    """Two forms: whose clearance is ended (`end`), who is cleared."""
    user, now = person(http), moment()
    if not keeps_the_cleared(user, now):
        raise NotThere
    ending = reference_sent(http, "end")
    others = [one for one in staff_by_name(now) if one.pk != user.pk]
    form = ClearForInterceptionForm(None if ending else posted(http), people=others)
    faults: tuple[str, ...] = ()
    if ending:
        need_fresh_proof(http, log=Log.SEALED)
        faults = _faults(partial(end_interception_clearance, ref=ending, actor=user, now=now))
        if not faults:
            return done(http, "The clearance has ended.", PAGE)
    elif form.is_valid():
        need_fresh_proof(http, log=Log.SEALED)
        chosen = form.chosen
        faults = _faults(
            partial(
                clear_for_interception, person=chosen, vetting=form.cleaned_data["vetting"],
                begins=form.begins, until=form.until, actor=user, now=now,
            )
        )  # fmt: skip
        if not faults:
            return done(http, f"{chosen.display_name} is cleared for interception.", PAGE)
    running, over = clearances_not_over(now), clearances_over(now)
    opened = open_interception([*running, *over], actor=user, now=now)
    context = {
        "form": form,
        "lines": [_line(row, now) for row in opened[: len(running)]],
        "over": [(row, _last_day(row), getattr(row, "end", None)) for row in opened[len(running) :]],
        "other_keepers": _others(user, now),
    }
    more = [Problem(sentence, "") for sentence in faults]
    return show(http, "disclosures/registers/interception.html", context, form, more=more)


def _line(row: Opened, now: datetime) -> Line:
    soon = row.valid_until - now <= ENDS_SOON
    return Line(row, _last_day(row), is_to_come=row.valid_from > now, ends_soon=soon)


def _last_day(row: Opened) -> datetime:
    """Its end is the first instant that does not count any more."""
    until: datetime = row.valid_until
    return until - timedelta(microseconds=1)


def _others(user: User, now: datetime) -> list[User]:
    """Who could clear the person that looks at the page."""
    return [one for one in keepers_of_the_cleared(now) if one.pk != user.pk]


def _faults(use: Callable[[], object]) -> tuple[str, ...]:
    try:
        use()
    except ClearanceRefused as refused:
        return refused.sentences
    return ()
