"""A company's list of people as a file: the empty table, the upload, the preview; nothing is kept before it is confirmed."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from django.http import HttpRequest, HttpResponse

from accounts.models import User

from ..forms.company import MOST_LINES, intake_of
from ..forms.people_csv import COLUMNS, PeopleFileForm, as_text, read_people, template
from ..models import Request
from ..selectors.company import names_of
from ..selectors.opening import open_own
from ..services import ActionRefused
from ..services.companies import amend_company_request
from ..services.intake import SubjectInput
from ..services.scanning import scan_file
from ..states import Perm
from .answering import as_csv, attempt, done, posted, show
from .company import writer
from .doors import desk_page, through_the_door

SHOWN = 25


@desk_page
def empty_table(http: HttpRequest) -> HttpResponse:
    writer(http)
    return as_csv(template(), "people")


@desk_page
def upload(http: HttpRequest, reference: str) -> HttpResponse:
    """The file comes in and is shown; `table` is what the preview sends back, read again as if it came first."""
    case, user, now = through_the_door(http, reference, Perm.COMPOSE)
    if "table" in http.POST:
        return _keep(http, case, user, now)
    form = PeopleFileForm(posted(http), http.FILES or None)
    if not form.is_valid():
        return _page(http, case, form, user, now)
    content = form.content
    look = partial(scan_file, content=content, what="PEOPLE", perm=Perm.COMPOSE, actor=user, now=now)
    if refused := attempt(partial(look, request_id=case.pk)):
        return _page(http, case, PeopleFileForm(), user, now, *refused.sentences)
    read = read_people(content, now)
    if read.problems:
        return _page(http, case, PeopleFileForm(), user, now, *read.problems)
    return _preview(http, case, read.people)


def _page(
    http: HttpRequest, case: Request, form: PeopleFileForm, user: User, now: datetime, *said: str
) -> HttpResponse:
    names = names_of(open_own(case, actor=user, now=now))
    context = {
        "case": case,
        "form": form,
        "said": said,
        "people": names[:SHOWN],
        "count": len(names),
        "more": max(len(names) - SHOWN, 0),
        "columns": [column.names[0] for column in COLUMNS],
        "most": MOST_LINES,
    }
    response = show(http, "company/people.html", context, form)
    response.status_code = 422 if said else response.status_code
    return response


def _preview(http: HttpRequest, case: Request, people: tuple[SubjectInput, ...]) -> HttpResponse:
    context = {
        "case": case,
        "people": people[:SHOWN],
        "count": len(people),
        "more": max(len(people) - SHOWN, 0),
        "table": as_text(people),
    }
    return show(http, "company/people_preview.html", context)


def _keep(http: HttpRequest, case: Request, user: User, now: datetime) -> HttpResponse:
    read = read_people(http.POST["table"].encode(), now)
    form = PeopleFileForm()
    if read.problems:
        return _page(http, case, form, user, now, *read.problems)
    intake = replace(intake_of(open_own(case, actor=user, now=now)), subjects=read.people)
    try:
        amend_company_request(request_id=case.pk, intake=intake, actor=user, now=now)
    except ActionRefused as refused:
        return _page(http, case, form, user, now, *refused.sentences)
    said = "1 person is" if len(read.people) == 1 else f"{len(read.people):,} people are"
    return done(http, f"{said} on the request now.", "disclosures:company-check", case.reference)
