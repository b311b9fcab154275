"""To whom an order is addressed, what the rules of a scheme say, and what a request has cost."""

from functools import partial

from django.http import HttpRequest, HttpResponse

from .. import selectors
from ..forms.settled import AddresseeForm, CostForm, SchemeForm
from ..selectors.schemes import from_schemes, open_schemes
from ..selectors.settled import may_settle, open_costs, open_question, spent_on
from ..services import schemes as answers
from ..services import settling
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
