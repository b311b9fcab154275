"""The team: who is here in which role, who is away and who covers, and what can be decided today."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate

from accounts import services as accounts
from accounts.models import User
from accounts.roles import Role
from accounts.selectors import absences_from, absences_on, roles_of
from accounts.step_up import need_fresh_proof

from ..forms.team import AbsenceForm, GuestForm
from ..selectors import NotThere
from ..selectors.rota import outlooks
from ..selectors.team import everybody, staff
from .answering import done, number_sent, posted, show
from .doors import desk_page, moment, person
from .ownership import READERS

LEADING = frozenset({Role.TEAM_LEAD, Role.HEAD_OF_LEGAL})


def _colleague(http: HttpRequest) -> tuple[User, datetime, frozenset[Role]]:
    """Whoever works on requests, looks after people, or reads the log; for anybody else the pages are not there.

    The same people as open a colleague's page, so that no link here leads nowhere.
    """
    user, now = person(http), moment()
    roles = roles_of(user, now)
    if not roles & READERS:
        raise NotThere
    return user, now, roles


@desk_page
def people(http: HttpRequest) -> HttpResponse:
    user, now, roles = _colleague(http)
    leads, team = bool(roles & LEADING), staff(now)
    away_form = AbsenceForm(
        posted(http) if "away" in http.POST else None, who=team if leads else [user], cover=team
    )
    guest_form = GuestForm(posted(http) if "invite" in http.POST else None, guest=team)
    may_invite = Role.HEAD_OF_LEGAL in roles
    problem = ""
    try:
        if away_form.is_valid():
            return _absence(http, away_form, user, now)
        if may_invite and guest_form.is_valid():
            return _guest(http, guest_form, user, now)
        if (taken_back := number_sent(http, "back")) is not None:
            accounts.take_back_absence(absence_id=taken_back, actor=user, now=now)
            return done(http, "The leave is taken back.", "disclosures:people")
    except accounts.Refused as caught:
        problem = str(caught)
    today = localdate(now)
    away = absences_on(today)
    context: dict[str, Any] = {
        "rows": [(row, away.get(row.user.pk)) for row in everybody(now)],
        "leave": [(row, leads or row.user_id == user.pk) for row in absences_from(today)],
        "away_form": away_form,
        "guest_form": guest_form if may_invite else None,
        "problem": problem,
        "today": today,
    }
    return show(http, "disclosures/team/people.html", context, away_form, guest_form)


def _absence(http: HttpRequest, form: AbsenceForm, user: User, now: datetime) -> HttpResponse:
    given, who = form.cleaned_data, form.person("who")
    if who is None:
        raise NotThere
    accounts.record_absence(
        user=who, cover=form.person("cover"), first_day=given["first_day"], last_day=given["last_day"],
        actor=user, now=now,
    )  # fmt: skip
    return done(http, f"{who.display_name} is down as away.", "disclosures:people")


def _guest(http: HttpRequest, form: GuestForm, user: User, now: datetime) -> HttpResponse:
    guest = form.person("guest")
    if guest is None:
        raise NotThere
    need_fresh_proof(http)
    accounts.invite_guest_approver(user=guest, last_day=form.cleaned_data["until"], actor=user, now=now)
    return done(http, f"{guest.display_name} may approve from now on.", "disclosures:people")


@desk_page
def who_decides(http: HttpRequest) -> HttpResponse:
    _, now, _ = _colleague(http)
    context = {"outlooks": outlooks(now), "today": localdate(now)}
    return show(http, "disclosures/team/who_decides.html", context)
