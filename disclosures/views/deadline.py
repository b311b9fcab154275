"""Moving the clocks of one request by hand."""

from collections.abc import Callable, Mapping
from functools import partial

from django.http import HttpRequest, HttpResponse

from ..forms.deadline import ActForm, AskedForm, ExtendForm, GivenForm, RefusedForm, UndoForm, WorkingDateForm
from ..selectors.deadline_page import DeadlinePage, deadline_page
from ..services import consent, extending
from ..states import Perm
from .answering import attempt, done, posted, show
from .doors import desk_page, through_the_door

DONE: Mapping[str, str] = {
    "extend": "The deadline is extended.",
    "undo": "The extension is taken back, and the clock counted again.",
    "working": "The working date is set. It is shown as ours.",
    "asked": "The notice period runs.",
    "given": "Consent is recorded, and nobody waits any longer.",
    "refused": "The refusal is recorded, and the notice period is over.",
}


@desk_page
def deadline(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.TIME)
    page = deadline_page(case, actor=user, now=now)
    data = posted(http)
    extend = ExtendForm(data, clocks=page.extendable)
    working, undo, asked, given, refused_form = (
        form(data) for form in (WorkingDateForm, UndoForm, AskedForm, GivenForm, RefusedForm)
    )
    acts: Mapping[str, Callable[..., object]] = {
        "extend": extending.extend_deadline,
        "undo": partial(_undo, page),
        "working": extending.set_working_date,
        "asked": consent.record_consent_asked,
        "given": consent.record_consent_given,
        "refused": consent.record_consent_refused,
    }
    forms: list[ActForm] = [extend, working, undo, asked, given, refused_form]
    refused = None
    for form in forms:
        if form.is_valid():
            use = partial(acts[form.act], request_id=case.pk, actor=user, now=now, **form.cleaned_data)
            if (refused := attempt(use)) is None:
                return done(http, DONE[form.act], "disclosures:deadline", reference)
    context = {
        "case": case, "page": page, "extend": extend, "working": working, "undo": undo, "asked": asked, "given": given,
        "refused_form": refused_form, "now": now,
    }  # fmt: skip
    return show(
        http, "disclosures/work/deadline.html", context, *[f for f in forms if f.is_bound], refused=refused
    )


def _undo(page: DeadlinePage, *, extension: int, **given: object) -> object:
    """By its place among the request's own: its number in the table would count those of secret requests."""
    row = next((each.row for each in page.given if each.number == extension), None)
    undo: Callable[..., object] = extending.undo_extension
    return undo(extension_id=row.pk if row else 0, **given)
