"""The bank holidays: read by everybody who works here, changed by the administrator."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate

from accounts.roles import Role
from accounts.selectors import roles_of

from ..forms.calendar import DayOffForm, StrikeOutForm
from ..selectors import NotThere
from ..selectors import holidays as table
from ..services.days_off import DayRefused, enter_day_off, strike_out_day
from ..templatetags.desk import Problem, error_summary
from .answering import done, posted
from .doors import desk_page, moment, person

HERE = "disclosures:holidays"


@desk_page
def holidays(http: HttpRequest) -> HttpResponse:
    user, now = person(http), moment()
    roles = roles_of(user, now)
    if not roles:
        raise NotThere
    may_change = Role.ADMIN in roles
    form = DayOffForm(posted(http)) if may_change else None
    refused: tuple[str, ...] = ()
    if form is not None and form.is_valid():
        refused = _refusals(lambda: enter_day_off(actor=user, now=now, **form.cleaned_data))
        if not refused:
            return done(http, "The day is entered. The open deadlines are being counted again.", HERE)
    if http.method == "POST" and not may_change:
        raise NotThere
    years = table.years()
    asked = http.GET.get("year", "")
    year = int(asked) if asked in map(str, years) else localdate(now).year
    context = {
        "form": form,
        "lines": table.holidays_of(year),
        "year": year,
        "years": years,
        "sources": table.sources(),
        "published_until": table.published_until(),
        "differences": table.open_differences(now),
        "runs": table.latest_runs(),
        "may_change": may_change,
        "problems": _problems(form, refused),
    }
    return render(http, "disclosures/team/holidays.html", context, status=422 if context["problems"] else 200)


@desk_page
def strike_out(http: HttpRequest, ref: str) -> HttpResponse:
    user, now = person(http), moment()
    if Role.ADMIN not in roles_of(user, now):
        raise NotThere
    line = table.holiday_of(ref)
    if line is None:
        raise NotThere
    form = StrikeOutForm(posted(http))
    refused: tuple[str, ...] = ()
    if form.is_valid():
        refused = _refusals(
            lambda: strike_out_day(ref=ref, reason=form.cleaned_data["reason"], actor=user, now=now)
        )
        if not refused:
            return done(http, "The day is struck out. The open deadlines are being counted again.", HERE)
    context = {"form": form, "line": line, "problems": _problems(form, refused)}
    return render(
        http, "disclosures/team/strike_out.html", context, status=422 if context["problems"] else 200
    )


def _refusals(change: Callable[[], object]) -> tuple[str, ...]:
    try:
        change()
    except DayRefused as refused:
        return refused.sentences
    return ()


def _problems(form: DayOffForm | StrikeOutForm | None, refused: tuple[str, ...]) -> list[Problem]:
    found: list[Problem] = list(error_summary(form)["problems"]) if form is not None else []
    return found + [Problem(sentence, "") for sentence in refused]
