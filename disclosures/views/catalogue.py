"""The catalogue of instruments: for everybody who works here to read, for lawyers to sign, for two roles to switch."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of

from ..forms.catalogue import SearchCatalogueForm, SwitchOffForm
from ..selectors import NotThere
from ..selectors.catalogue import catalogue_page, catalogue_rows
from ..services import standing
from ..templatetags.desk import Problem
from .answering import done, number_sent, posted, show
from .doors import desk_page, moment, person


def _reader(http: HttpRequest) -> tuple[User, datetime, frozenset[Role]]:
    """Anybody with a role in the company; for anybody else there is no catalogue."""
    user, now = person(http), moment()
    roles = roles_of(user, now)
    if not roles:
        raise NotThere
    return user, now, roles


@desk_page
def instruments(http: HttpRequest) -> HttpResponse:
    _reader(http)
    form = SearchCatalogueForm(http.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    sections = catalogue_rows(words)
    context = {
        "form": form,
        "words": words,
        "sections": sections,
        "count": sum(len(rows) for _, rows in sections),
    }
    return show(http, "disclosures/catalogue/list.html", context)


@desk_page
def instrument(http: HttpRequest, code: str) -> HttpResponse:
    user, now, roles = _reader(http)
    form = SwitchOffForm(posted(http) if "off" in http.POST else None)
    problem = ""
    try:
        if (signed := number_sent(http, "sign")) is not None:
            standing.sign_off(code=code, version=signed, actor=user, now=now)
            return done(http, f"{code} is signed off.", "disclosures:instrument", code)
        if form.is_valid():
            standing.switch_off(code=code, reason=form.cleaned_data["reason"], actor=user, now=now)
            return done(http, f"{code} is switched off.", "disclosures:instrument", code)
        if "on" in http.POST:
            standing.switch_on(code=code, actor=user, now=now)
            return done(http, f"{code} is switched on again.", "disclosures:instrument", code)
    except standing.StandingRefused as refused:
        problem = str(refused)
    page = catalogue_page(code)
    if page is None:
        raise NotThere
    context = {
        "page": page,
        "terms": page.row.terms,
        "form": form,
        "may_sign": bool(roles & standing.LAWYERS),
        "may_switch": bool(roles & standing.SWITCHERS),
    }
    more = [Problem(problem, "")] if problem else []
    return show(http, "disclosures/catalogue/instrument.html", context, form, more=more)
