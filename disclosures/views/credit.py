"""The registers behind a credit check: licensed agencies, and the terms of business with their clause."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate

from accounts.services import Refused
from privacy.credit import LOOK_UP_LASTS
from privacy.selectors import credit_agencies, terms_versions
from privacy.services import end_terms, look_agency_up_again, record_agency, record_terms

from ..forms.credit import AgencyForm, LastDayForm, TermsForm
from ..templatetags.desk import Problem
from .answering import done, posted, show
from .doors import desk_page
from .ownership import reader

HERE = "disclosures:credit"


@desk_page
def registers(http: HttpRequest) -> HttpResponse:
    user, now, keeps = reader(http)
    data = posted(http) if keeps else None
    agencies, terms = credit_agencies(), terms_versions()
    agency_form = AgencyForm(data if data and "agency" in data else None)
    terms_form = TermsForm(data if data and "terms" in data else None)
    ending = {
        row.pk: LastDayForm(
            data if data and data.get("end") == str(row.pk) else None, key=row.pk, where=row.name
        )
        for row in terms
        if keeps and row.effective_until is None
    }
    problems: list[Problem] = []
    try:
        if agency_form.is_valid():
            record_agency(**agency_form.cleaned_data, actor=user, now=now)
            return done(http, "The agency is entered.", HERE)
        if terms_form.is_valid():
            record_terms(**terms_form.cleaned_data, actor=user, now=now)
            return done(http, "The terms are entered.", HERE)
        for form in ending.values():
            if form.is_valid():
                last_day = form.cleaned_data["last_day"]
                end_terms(terms_id=form.key, last_day=last_day, actor=user, now=now)
                return done(http, f"{form.where}: ended.", HERE)
        if data and (found := next((row for row in agencies if str(row.pk) == data.get("look_up")), None)):
            look_agency_up_again(
                agency_id=found.pk, licensed=data.get("licensed") == "yes", actor=user, now=now
            )
            return done(http, f"{found.name} was looked up today.", HERE)
    except Refused as caught:
        problems = [Problem(str(caught), "")]
    today = localdate(now)
    context: dict[str, Any] = {
        "agencies": [(row, today - row.looked_up_on > LOOK_UP_LASTS) for row in agencies],
        "terms": [(row, ending.get(row.pk)) for row in terms],
        "agency_form": agency_form,
        "terms_form": terms_form,
        "keeps": keeps,
        "today": today,
    }
    forms = (agency_form, terms_form, *ending.values())
    return show(http, "disclosures/registers/credit.html", context, *forms, more=problems)
