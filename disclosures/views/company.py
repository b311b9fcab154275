"""The pages of a company's own people: their requests and nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.models import Organisation, User

from .. import selectors
from ..catalogue import PURPOSES
from ..forms.company import (
    BY_SLUG,
    STEPS,
    TYPED_BY_HAND,
    ReasonForm,
    StepData,
    blank_intake,
    intake_of,
    next_slug,
)
from ..models import Request
from ..models.request import MarketingChannel
from ..selectors.company import (
    COLUMNS,
    answer_of,
    company_of,
    own_requests,
    question_of,
    result_lines,
    result_rows,
    words_for,
)
from ..selectors.facts import facts_for
from ..selectors.opening import OpenedRequest, open_own
from ..selectors.receipts import receipts_of
from ..selectors.work import people_page
from ..services import ActionRefused, perform
from ..services.companies import amend_company_request, draft_company_request
from ..states import Action, Perm, State
from ..tables import written
from ..workflow import find
from .answering import as_csv, posted
from .doors import desk_page, moment, person, take_out, through_the_door

LINES_SHOWN = 50
ENDS = {"withdraw": Action.WITHDRAW, "appeal": Action.APPEAL}


def writer(http: HttpRequest) -> tuple[User, Organisation, datetime]:
    user, now = person(http), moment()
    company = company_of(user, now)
    if company is None:
        raise selectors.NotThere
    return user, company, now


@desk_page
def home(http: HttpRequest) -> HttpResponse:
    user, company, now = writer(http)
    before = http.GET.get("before", "")
    rows, later = own_requests(user, now, before)
    return render(
        http, "company/home.html", {"company": company, "rows": rows, "later": later, "first": not before}
    )


@desk_page
def begin(http: HttpRequest) -> HttpResponse:
    """The first page: its answers make the draft. Sent twice, it is one draft."""
    user, company, now = writer(http)
    step = STEPS[0]
    data = StepData(step, posted(http), intake=None, now=now)
    if data.is_valid():
        intake = data.change(blank_intake(company, user, now))
        case = draft_company_request(
            intake=intake, company=company, actor=user, now=now, recording_key=_key(http).hex
        )
        return redirect("disclosures:company-step", case.reference, next_slug(step.slug))
    return _step_page(http, data, None)


@desk_page
def step(http: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """One page of the draft. What is typed is kept when it is sent on, whatever else is still missing."""
    if slug not in BY_SLUG:
        raise selectors.NotThere
    case, user, now = through_the_door(http, reference, Perm.COMPOSE)
    opened = open_own(case, actor=user, now=now)
    intake = intake_of(opened)
    if slug == "people" and len(intake.subjects) > TYPED_BY_HAND:
        return redirect("disclosures:company-people", reference)
    data = StepData(BY_SLUG[slug], posted(http), intake=intake, now=now)
    if data.is_valid():
        try:
            amend_company_request(
                request_id=case.pk, intake=data.change(intake), people_stay=slug != "people", actor=user, now=now,
            )  # fmt: skip
        except ActionRefused as refused:
            return _step_page(http, data, case, refused.sentences)
        return redirect("disclosures:company-step", reference, next_slug(slug))
    return _step_page(http, data, case)


def _step_page(
    http: HttpRequest, data: StepData, case: Request | None, refusals: Sequence[str] = ()
) -> HttpResponse:
    part = data.part
    troubled = bool(refusals) or (part.is_bound and not part.quiet and not part.is_valid())
    context = {
        "case": case,
        "step": data.step,
        "steps": STEPS,
        "form": data.form,
        "rows": data.rows,
        "part": part,
        "refusals": refusals,
        "key": _key(http),
        "next_is_check": next_slug(data.step.slug) == "check",
    }
    return render(http, "company/step.html", context, status=422 if troubled else 200)


def _key(http: HttpRequest) -> UUID:
    try:
        return UUID(http.POST.get("key", ""))
    except ValueError:
        return uuid4()


@desk_page
def check(http: HttpRequest, reference: str) -> HttpResponse:
    """All answers on one page, with everything that is still missing; from here it is sent."""
    case, user, now = through_the_door(http, reference, Perm.COMPOSE)
    sentences: tuple[str, ...] = ()
    if http.method == "POST":
        action = Action.RESUBMIT if case.state == State.RETURNED else Action.SUBMIT
        try:
            perform(request_id=case.pk, action=action, actor=user, now=now, idempotency_key=_key(http).hex)
        except ActionRefused as refused:
            sentences = refused.sentences
        else:
            messages.success(http, f"{reference} is sent. You find here where it stands.")
            return redirect("disclosures:company-request", reference)
    facts = facts_for(case, actor=user, now=now, action=Action.SUBMIT)
    page = people_page(case, lines=LINES_SHOWN)
    context = {
        **_asked(open_own(case, actor=user, now=now, people=page.people), page.count),
        "case": case,
        "missing": facts.missing_to_submit,
        "sentences": sentences,
        "key": uuid4(),
    }
    return render(http, "company/check.html", context, status=422 if sentences else 200)


@desk_page
def detail(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.FOLLOW)
    return _detail(http, case, user, now)


def _detail(
    http: HttpRequest,
    case: Request,
    user: User,
    now: datetime,
    tried: ReasonForm | None = None,
    slug: str = "",
) -> HttpResponse:
    page = people_page(case, lines=LINES_SHOWN)
    opened = open_own(case, actor=user, now=now, people=page.people)
    answer = answer_of(opened)
    lines = list(result_lines(opened))
    ends = [
        (name, tried if tried and slug == name else ReasonForm(auto_id=f"{name}-%s"))
        for name, action in ENDS.items()
        if find(State(case.state), action)
        and case.state != State.DRAFT
        and not (action is Action.APPEAL and slug != name and _was_reviewed(opened))
    ]
    context = {
        **_asked(opened, page.count),
        "case": case,
        "where": words_for(case, answered=answer is not None),
        "may_write": case.state in {State.DRAFT, State.RETURNED},
        "answer": answer,
        "receipts": receipts_of(opened) if answer else [],
        "question": question_of(opened),
        "lines": lines[:LINES_SHOWN],
        "more_lines": page.count * len(opened.items) - min(len(lines), LINES_SHOWN),
        "ends": ends,
        "tried": tried,
    }
    return render(http, "company/request.html", context, status=422 if tried else 200)


def _was_reviewed(opened: OpenedRequest) -> bool:
    """There is one review; it is not offered twice."""
    return any(step.action == Action.APPEAL for step in opened.steps)


@desk_page
def end(http: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """Withdraws the request, or asks once that its decision be looked at again."""
    if slug not in ENDS:
        raise selectors.NotThere
    case, user, now = through_the_door(http, reference, Perm.FOLLOW)
    if http.method != "POST":
        return redirect("disclosures:company-request", reference)
    form = ReasonForm(http.POST, auto_id=f"{slug}-%s")
    if form.is_valid():
        try:
            perform(
                request_id=case.pk, action=ENDS[slug], actor=user, now=now, reason=form.cleaned_data["reason"]
            )
        except ActionRefused as refused:
            for sentence in refused.sentences:
                form.add_error(None, sentence)
        else:
            messages.success(
                http, "Withdrawn." if slug == "withdraw" else "We shall look at the decision again."
            )
            return redirect("disclosures:company-request", reference)
    return _detail(http, case, user, now, tried=form, slug=slug)


@desk_page
def result(http: HttpRequest, reference: str) -> HttpResponse:
    """The answer line by line, as a file."""
    case, user, now = through_the_door(http, reference, Perm.FOLLOW)
    take_out(http, case, reverse("disclosures:company-request", args=[reference]))
    lines = list(result_lines(open_own(case, actor=user, now=now, form="CSV")))
    if not lines:
        raise selectors.NotThere
    return as_csv(written(COLUMNS, result_rows(lines)), reference)


@desk_page
def repeat(http: HttpRequest, reference: str) -> HttpResponse:
    """A new draft with the same answers and no people."""
    case, user, now = through_the_door(http, reference, Perm.FOLLOW)
    company = company_of(user, now)
    if http.method != "POST" or company is None or company.pk != case.body_id:
        return redirect("disclosures:company-request", reference)
    intake = intake_of(open_own(case, actor=user, now=now))
    fresh = blank_intake(company, user, now)
    names = (
        "policy_purpose", "marketing_channels", "summary", "necessity", "proportionality", "data_recipient", "special_category_sought",
        "transfer_abroad", "transfer_mechanism", "instrument", "items",
    )  # fmt: skip
    again = draft_company_request(
        intake=replace(fresh, **{name: getattr(intake, name) for name in names}),
        company=company,
        actor=user,
        now=now,
        recording_key=_key(http).hex,
    )
    messages.success(
        http, f"{again.reference} is a new draft with the same answers. Say whose information you need."
    )
    return redirect("disclosures:company-step", again.reference, "people")


def _asked(opened: OpenedRequest, people: int) -> dict[str, object]:
    purpose = PURPOSES.get(opened.request.policy_purpose)
    return {
        "asked": opened.request,
        "purpose": purpose,
        "channels": [MarketingChannel(code).label for code in opened.request.marketing_channels],
        "items": opened.items,
        "thread": opened.messages,
        "people": opened.subjects[:LINES_SHOWN],
        "people_count": people,
        "more_people": people - min(len(opened.subjects), LINES_SHOWN),
    }
