"""The desk's work on one request: checks of the requester, searches, tests, opinions, decisions."""

from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate

from accounts.roles import Role

from ..catalogue import Tests as TestsOf
from ..catalogue.checks import CHECKS as CHECKED
from ..forms.weighing import TESTS_FORMS, CourtForm
from ..forms.work import CHECKS, AskForm, CheckForm, CounselForm, OpinionForm, yes_or_no
from ..models import Evidence, Officer, Opinion
from ..permissions import role_behind
from ..selectors.anomalies import odd_signs
from ..selectors.facts_of_requester import still_counts
from ..selectors.opening import Opened, OpenedRequest, open_request
from ..selectors.sender import about_the_sender
from ..selectors.work import checks_of, first_people, governing_instrument, holdings_of
from ..services import ActionRefused, searching, verification, weighing
from ..services.counsel import record_counsel
from ..states import Perm
from .answering import attempt, done, posted, show
from .doors import desk_page, through_the_door
from .people import assign, exclude, open_to_desk, restrict

__all__ = [
    "ask_for_search", "assign", "court", "evidence", "exclude", "open_to_desk", "opinion", "restrict", "tests",
]  # fmt: skip

HERE = "disclosures:request"


@desk_page
def evidence(http: HttpRequest, reference: str) -> HttpResponse:
    """One small form for each check, so that each is recorded when it is done."""
    case, user, now = through_the_door(http, reference, Perm.VERIFY)
    sent = http.POST.get("code", "")
    data = posted(http)
    instrument = governing_instrument(case)
    wanted = checks_of(instrument.terms if instrument else None)
    opened = open_request(case, actor=user, now=now, people=first_people(case))
    officer = opened.officers.get(Officer.Part.REQUESTER)
    address = officer.email if officer else ""
    forms = [
        check(data if check.code == sent else None, initial={"at": now, "address": address})
        for check in CHECKS
        if check.code in wanted
    ]
    refused = None
    for form in forms:
        if form.is_valid():
            use = partial(
                verification.record_evidence,
                request_id=case.pk,
                code=form.code,
                actor=user,
                now=now,
                **form.cleaned_data,
            )
            if (refused := attempt(use)) is None:
                return done(http, _said(form), HERE, reference)
    context = {
        "case": case,
        "opened": opened,
        "officer": officer,
        "sender": about_the_sender(address, case.body),
        "signs": odd_signs(case, opened, user=user, now=now),
        "checks": [_check(form, opened, now) for form in forms],
        "took_it_in": user.pk == case.recorded_by_id,
    }
    return show(http, "disclosures/work/evidence.html", context, *forms, refused=refused)


def _said(form: CheckForm) -> str:
    words = Evidence.Code(form.code).label
    said = f"Recorded: {words[0].lower()}{words[1:]}."
    if "passed" not in form.cleaned_data:
        return said
    return f"{said} It {'holds' if form.cleaned_data['passed'] else 'does not hold'}."


def _check(form: CheckForm, opened: OpenedRequest, now: datetime) -> dict[str, Any]:
    rows = [row for row in opened.evidence if row.code == form.code]
    needed = opened.instrument is not None and form.code in opened.instrument.terms.evidence
    return {
        "form": form,
        "code": str(form.code),
        "words": Evidence.Code(form.code).label,
        "rows": rows,
        "until": CHECKED[form.code].counts_until(localdate(rows[-1].at))
        if rows and rows[-1].passed
        else None,
        "ended": bool(rows) and rows[-1].passed and not still_counts(form.code, rows[-1].at, now),
        "needed": needed,
        "open": form.is_bound
        or (needed and not (rows and rows[-1].passed and still_counts(form.code, rows[-1].at, now))),
    }


@desk_page
def ask_for_search(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.REVIEW)
    holdings, held_by_nobody = holdings_of(case)
    free = {holding.system.pk: holding for holding in holdings if not holding.is_asked}
    form = AskForm(posted(http), systems=[(str(pk), held.system.name) for pk, held in free.items()])
    refused: ActionRefused | None = None
    if form.is_valid():
        chosen = form.cleaned_data["systems"]
        for pk in chosen:
            use = partial(searching.ask_for_search, request_id=case.pk, system_id=pk, actor=user, now=now)
            refused = attempt(use) or refused
        if refused is None:
            names = ", ".join(free[pk].system.name for pk in chosen)
            return done(http, f"Asked: {names}. The data holders have been told.", HERE, reference)
        holdings, held_by_nobody = holdings_of(case)
    boxes = {box.data["value"]: box for box in form["systems"].subwidgets}
    context = {
        "case": case,
        "form": form,
        "free": free,
        "holdings": [(holding, boxes.get(str(holding.system.pk))) for holding in holdings],
        "held_by_nobody": held_by_nobody,
        "now": now,
    }
    return show(http, "disclosures/work/ask.html", context, form, refused=refused)


@desk_page
def tests(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.REVIEW)
    instrument = governing_instrument(case)
    kind = instrument.terms.tests if instrument else TestsOf.VOLUNTARY
    form, refused = TESTS_FORMS[kind](posted(http)), None
    if form.is_valid():
        answers = weighing.Tests(**form.cleaned_data)
        use = partial(weighing.record_tests, request_id=case.pk, tests=answers, actor=user, now=now)
        if (refused := attempt(use)) is None:
            return done(http, "The answers to the tests are recorded.", HERE, reference)
    opened = open_request(case, actor=user, now=now, people=first_people(case))
    if not form.is_bound and opened.assessments and opened.assessments[0].tests == kind:
        form.initial = _answered(opened.assessments[0])
    context = {"case": case, "form": form, "opened": opened, "kind": kind}
    return show(http, "disclosures/work/tests.html", context, form, refused=refused)


def _answered(row: Opened) -> dict[str, Any]:
    answers = {
        name: getattr(row, name) for name in (*weighing.NOTES, *weighing.CHOICES, "review_on", "second_look")
    }
    given = {name: getattr(row, name) for name in weighing.ANSWERS}
    return answers | {name: yes_or_no(answer) for name, answer in given.items() if answer is not None}


@desk_page
def court(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.PROPOSE)
    form, refused = CourtForm(posted(http)), None
    if form.is_valid():
        use = partial(
            weighing.record_court_application, request_id=case.pk, actor=user, now=now, **form.cleaned_data
        )
        if (refused := attempt(use)) is None:
            return done(http, "The application to the court is recorded.", HERE, reference)
    context = {"case": case, "form": form, "opened": open_request(case, actor=user, now=now)}
    return show(http, "disclosures/work/court.html", context, form, refused=refused)


@desk_page
def opinion(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.ADVISE)
    form, refused = OpinionForm(posted(http)), None
    if form.is_valid():
        use = partial(weighing.record_opinion, request_id=case.pk, actor=user, now=now, **form.cleaned_data)
        if (refused := attempt(use)) is None:
            return done(http, "Your opinion is recorded.", HERE, reference)
    mlro = role_behind(user, case, Perm.ADVISE, now) == Role.MLRO
    context = {
        "case": case,
        "form": form,
        "opened": open_request(case, actor=user, now=now, people=first_people(case)),
        "advises_as": (Opinion.By.MLRO if mlro else Opinion.By.DPO).label,
    }
    return show(http, "disclosures/work/opinion.html", context, form, refused=refused)


@desk_page
def counsel(http: HttpRequest, reference: str) -> HttpResponse:
    case, user, now = through_the_door(http, reference, Perm.REVIEW)
    form, refused = CounselForm(posted(http)), None
    if form.is_valid():
        use = partial(record_counsel, request_id=case.pk, actor=user, now=now, **form.cleaned_data)
        if (refused := attempt(use)) is None:
            return done(http, "Counsel’s advice is recorded.", HERE, reference)
    context = {
        "case": case,
        "form": form,
        "opened": open_request(case, actor=user, now=now, people=first_people(case)),
    }
    return show(http, "disclosures/work/counsel.html", context, form, refused=refused)
