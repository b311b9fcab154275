"""What only a company's request needs before it can be answered: whom it may be given."""

from functools import partial

from django.http import HttpRequest, HttpResponse

from privacy.selectors import credit_agencies, terms_versions

from ..forms.credit import ApplicationForm
from ..guards.group import CREDIT
from ..selectors.group import gaps_of_people, standings_of_people
from ..selectors.opening import open_request
from ..services import credit
from ..services.objecting import withhold_the_barred
from ..states import Kind, Perm
from .answering import attempt, done, posted, show
from .doors import desk_page, through_the_door

HERE, PAGE = "disclosures:request", "disclosures:group-checks"


@desk_page
def checks(http: HttpRequest, reference: str) -> HttpResponse:
    """Person by person: may they be approached, and if not, why; for a credit check, their applications."""
    case, user, now = through_the_door(http, reference, Perm.REVIEW)
    is_company, data = case.kind == Kind.GROUP, posted(http)
    is_credit = is_company and case.policy_purpose == CREDIT
    opened = open_request(case, actor=user, now=now)
    people = [(row.position, f"{row.position}. {row.name or 'not known by name'}") for row in opened.subjects]
    form = ApplicationForm(
        data if data and is_credit and "application" in data else None,
        people=people,
        terms=terms_versions(),
        agencies=credit_agencies(),
    )
    refused = None
    if form.is_valid():
        use = partial(credit.record_application, request_id=case.pk, actor=user, now=now, **form.cleaned_data)
        if (refused := attempt(use)) is None:
            return done(http, "The application is recorded.", PAGE, reference)
    elif is_company and data is not None and "withhold" in data:
        refused = attempt(partial(withhold_the_barred, request_id=case.pk, actor=user, now=now))
        if refused is None:
            return done(http, "Whoever may not be given is withheld with R-OPT.", HERE, reference)
    why = standings_of_people(case, now=now) if is_company else {}
    context = {
        "case": case,
        "opened": opened,
        "is_company": is_company,
        "people": [(name, why.get(position)) for position, name in people],
        "barred": len(why),
        "form": form if is_credit else None,
        "gaps": gaps_of_people(case, now=now) if is_credit else (),
    }
    return show(http, "disclosures/work/group.html", context, form, refused=refused)
