"""To whom an order is addressed, and what a request has cost."""

from functools import partial

from django.http import HttpRequest, HttpResponse

from .. import selectors
from ..forms.settled import AddresseeForm, CostForm
from ..selectors.settled import may_settle, open_costs, open_question, spent_on
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
