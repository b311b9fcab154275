"""The company's consent that a partner may approach the people of a request."""

from functools import partial

from django.http import HttpRequest, HttpResponse

from .. import selectors
from ..forms.settled import PartnerForm
from ..selectors.partners import open_partner_consents, partners_on_the_list
from ..selectors.settled import may_settle
from ..services.partners import record_partner_consent
from ..states import Perm
from .answering import attempt, done, posted, show
from .doors import desk_page, through_the_door


@desk_page
def partner(http: HttpRequest, reference: str) -> HttpResponse:
    """Read by everybody who sees the request; the head of legal and the approvers add a word."""
    case, user, now = through_the_door(http, reference, Perm.VIEW)
    settles = may_settle(user, case, now)
    if http.method == "POST" and not settles:
        raise selectors.NotThere
    partners = [(row.code, row.name) for row in partners_on_the_list()]
    form, refused = PartnerForm(posted(http), partners=partners), None
    if form.is_valid():
        use = partial(record_partner_consent, request_id=case.pk, actor=user, now=now, **form.cleaned_data)
        if (refused := attempt(use)) is None:
            return done(http, "It is recorded.", "disclosures:partner", reference)
    context = {
        "case": case,
        "form": form,
        "settles": settles,
        "page": open_partner_consents(case, actor=user, now=now),
    }
    return show(http, "disclosures/work/partner.html", context, form, refused=refused)
