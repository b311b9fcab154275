"""To whom an order is addressed, what a scheme's rules say, what the agency was told, and what a request has cost."""

from functools import partial

from django.http import HttpRequest, HttpResponse

from .. import selectors
from ..forms.settled import AddresseeForm, AgencyForm, CostForm, InterestReviewForm, SchemeForm
from ..selectors.agency import may_notify, open_agency_notices
from ..selectors.interests import may_review, open_interests
from ..selectors.schemes import from_schemes, open_schemes
from ..selectors.settled import may_settle, open_costs, open_question, spent_on
from ..selectors.work import governing_instrument
from ..services import schemes as answers
from ..services import settling
from ..services.agency import record_agency_notice
from ..services.interests import review_interests
from ..states import Perm
from .answering import attempt, done, posted, show
from .doors import desk_page, through_the_door

HERE = "disclosures:request"


@desk_page
def addressee(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.VIEW)
    if not may_settle(user, case, now):
        raise selectors.NotThere
    form, refused = AddresseeForm(posted(http)), None
    if form.is_valid():
        use = partial(settling.settle_addressee, request_id=case.pk, actor=user, now=now, **form.cleaned_data)
        if (refused := attempt(use)) is None:
            return done(http, "The question of the addressee is settled.", HERE, reference)
    question = open_question(case, actor=user, now=now)
    context = {"case": case, "form": form, "question": question}
    return show(http, "disclosures/work/addressee.html", context, form, refused=refused)


@desk_page
def schemes(http: HttpRequest, reference: str) -> HttpResponse:
    """The answers stand for everybody who sees the request; only legal adds one."""
    case, user, now = through_the_door(http, reference, Perm.VIEW)
    settles = may_settle(user, case, now)
    if http.method == "POST" and not settles:
        raise selectors.NotThere
    items = [(item.position, f"{item.position}. {item.catalogued.name}") for item in from_schemes(case)]
    form, refused = SchemeForm(posted(http), items=items), None
    if form.is_valid():
        use = partial(
            answers.record_scheme_permission, request_id=case.pk, actor=user, now=now, **form.cleaned_data
        )
        if (refused := attempt(use)) is None:
            return done(http, "The answer is recorded.", "disclosures:schemes", reference)
    context = {
        "case": case,
        "form": form,
        "settles": settles,
        "question": open_schemes(case, actor=user, now=now),
    }
    return show(http, "disclosures/work/schemes.html", context, form, refused=refused)


@desk_page
def agency(http: HttpRequest, reference: str) -> HttpResponse:
    """The notices stand for everybody who sees the request; the nominated officer and the head of legal add one."""
    case, user, now = through_the_door(http, reference, Perm.VIEW)
    notifies = may_notify(user, case, now)
    if http.method == "POST" and not notifies:
        raise selectors.NotThere
    form, refused = AgencyForm(posted(http)), None
    if form.is_valid():
        use = partial(record_agency_notice, request_id=case.pk, actor=user, now=now, **form.cleaned_data)
        if (refused := attempt(use)) is None:
            return done(http, "The notice is recorded.", "disclosures:agency", reference)
    instrument = governing_instrument(case)
    context = {
        "case": case,
        "form": form,
        "notifies": notifies,
        "is_asked": instrument is not None and instrument.terms.notifies_agency,
        "notices": open_agency_notices(case, actor=user, now=now),
    }
    return show(http, "disclosures/work/agency.html", context, form, refused=refused)


@desk_page
def interests(http: HttpRequest, reference: str) -> HttpResponse:
    """The weighing of a legitimate interest, looked at again on its day."""
    case, user, now = through_the_door(http, reference, Perm.VIEW)
    reviews = may_review(user, case, now)
    if http.method == "POST" and not reviews:
        raise selectors.NotThere
    form, refused = InterestReviewForm(posted(http)), None
    if form.is_valid():
        use = partial(review_interests, request_id=case.pk, actor=user, now=now, **form.cleaned_data)
        if (refused := attempt(use)) is None:
            return done(http, "What came of it is recorded.", "disclosures:interests", reference)
    page = open_interests(case, actor=user, now=now)
    context = {"case": case, "form": form, "reviews": reviews, "page": page}
    return show(http, "disclosures/work/interests.html", context, form, refused=refused)


@desk_page
def costs(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.RECORD)
    form, refused = CostForm(posted(http)), None
    if form.is_valid():
        use = partial(settling.record_cost, request_id=case.pk, actor=user, now=now, **form.cleaned_data)
        if (refused := attempt(use)) is None:
            return done(http, "Recorded.", "disclosures:costs", reference)
    context = {
        "case": case,
        "form": form,
        "rows": open_costs(case, actor=user, now=now),
        "spent": spent_on(case),
    }
    return show(http, "disclosures/work/costs.html", context, form, refused=refused)
