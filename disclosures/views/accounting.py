"""People's own requests: the list, a new one, its page, and the answer to be printed."""

from collections.abc import Callable, Mapping
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.rates import count_use
from accounts.selectors import controller, roles_of
from accounts.step_up import need_fresh_proof

from ..deadlines.access import access_due
from ..deadlines.calendars import NATIONS
from ..documents.access_pdf import access_pdf
from ..forms.accounting import FORMS, AccessForm, ActForm
from ..selectors import NotThere
from ..selectors.access_keeping import DISPOSERS
from ..selectors.accounting import ANSWERING, CLEARED, access_for, access_list, clock_of, disclosures_to_tell
from ..selectors.opening import open_access
from ..services import accounting
from ..services.calendars import calendar_for
from ..templatetags.desk import Problem
from .access_keeping import access_stone
from .answering import done, posted, show
from .doors import desk_page, moment, person

HERE = "disclosures:access-request"
ACTS: Mapping[str, tuple[Callable[..., object], str]] = {
    "proof": (accounting.ask_for_proof, "The month begins when the proof is there."),
    "identity": (accounting.record_identity, "The identity is recorded."),
    "clarify": (accounting.ask_to_clarify, "The clock stands still."),
    "clarified": (accounting.record_clarification, "The clock runs again."),
    "extend": (accounting.extend_access, "Extended by two months. Tell the person now."),
    "tell": (accounting.tell_of, "It will be in the answer."),
    "consider": (accounting.record_considered, "The decision is recorded."),
    "propose": (accounting.propose_access_answer, "The answer is prepared. A colleague approves it."),
    "close": (accounting.close_access, "It is closed without an answer."),
    "approve": (accounting.approve_access_answer, "The answer is approved. Print it and send it."),
}
PROVED = frozenset({"approve"})


@desk_page
def access_requests(http: HttpRequest) -> HttpResponse:
    user, now = person(http), moment()
    after = http.GET.get("after", "")
    rows, later = access_list(user, now, after)
    context = {
        "rows": rows,
        "later": later,
        "first": not after,
        "disposes": bool(roles_of(user, now) & DISPOSERS),
    }
    return show(http, "disclosures/accounting/list.html", context)


@desk_page
def new_access(http: HttpRequest) -> HttpResponse:
    user, now = person(http), moment()
    access_list(user, now)
    form, problems = AccessForm(posted(http), initial={"received_at": now}), list[Problem]()
    if form.is_valid():
        try:
            access = accounting.record_access(given=form.given(), actor=user, now=now)
        except accounting.AccessRefused as refused:
            problems = [Problem(sentence, "") for sentence in refused.sentences]
        else:
            return done(http, f"{access.ref} is recorded.", HERE, access.ref)
    return show(http, "disclosures/accounting/new.html", {"form": form}, form, more=problems)


@desk_page
def access_request(http: HttpRequest, ref: str) -> HttpResponse:
    """What is to be done, in its order; each act is a small form of its own."""
    user, now = person(http), moment()
    access = access_for(user, ref, now)
    if access.disposed_at is not None:
        return access_stone(http, access)
    forms: dict[str, ActForm] = {form.act: form(posted(http)) for form in FORMS}
    problems: list[Problem] = []
    for act, form in forms.items():
        if form.is_bound and form.is_valid():
            if act in PROVED:
                need_fresh_proof(http, ref=access.ref)
            use, said = ACTS[act]
            try:
                partial(use, access_id=access.pk, actor=user, now=now, **form.cleaned_data)()
            except accounting.AccessRefused as refused:
                problems = [Problem(sentence, "") for sentence in refused.sentences]
            else:
                return done(http, said, HERE, ref)
    access = access_for(user, ref, now)
    opened = open_access(access, actor=user, now=now)
    roles = roles_of(user, now)
    if access.digest:
        forms["approve"].initial["seen"] = access.digest
    context = {
        "access": opened,
        "forms": forms,
        "clock": access_due(clock_of(access), calendar_for(NATIONS[0])),
        "found": disclosures_to_tell(access, opened),
        "cleared": bool(roles & CLEARED),
        "answers": bool(roles & ANSWERING),
        "now": now,
    }
    return show(http, "disclosures/accounting/request.html", context, *forms.values(), more=problems)


@desk_page
def access_letter(http: HttpRequest, ref: str) -> HttpResponse:
    user, now = person(http), moment()
    access = access_for(user, ref, now)
    if not access.digest:
        raise NotThere
    opened = open_access(access, actor=user, now=now)
    context = {"access": opened, "company": controller().name, "now": now}
    return show(http, "disclosures/accounting/letter.html", context)


@desk_page
def access_file(http: HttpRequest, ref: str) -> HttpResponse:
    """The approved answer as a tagged PDF."""
    user, now = person(http), moment()
    access = access_for(user, ref, now)
    if access.approved_at is None or access.disposed_at is not None:
        raise NotThere
    need_fresh_proof(http, ref=ref, back=reverse(HERE, args=[ref]))
    count_use(http, "file")
    opened = open_access(access, actor=user, now=now, form="PDF")
    made = access_pdf(opened.answer, reference=ref, company=controller().name, made_at=access.approved_at)
    return HttpResponse(
        made,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="answer-{ref}.pdf"',
            "X-Content-Type-Options": "nosniff",
        },
    )
