"""Letters: drafted from the decisions, printed, recorded as sent."""

from collections.abc import Sequence
from functools import partial
from typing import cast

from django.http import HttpRequest, HttpResponse

from accounts.selectors import controller

from ..catalogue import Refusal
from ..forms.letters import LetterForm, RefusalForm, SentForm
from ..models import Letter, Officer, Request
from ..models.request import Channel, ReturnChannel
from ..selectors import NotThere
from ..selectors.letter_text import (
    ACKNOWLEDGED_IN,
    ONLY_REFUSAL,
    acknowledgement,
    answer,
    is_final,
    is_outdated,
    letter_of,
    recipient,
    refusal,
    request_for_paper,
    round_of,
)
from ..selectors.letters_beside import nothing_to_tell, preserved, reviewed
from ..selectors.next_steps import LETTER_SLUGS
from ..selectors.opening import Opened, OpenedRequest, open_request
from ..selectors.work import refusals_open_to
from ..services.letters import TO_SEND, TO_WRITE, faults_of_sending, prepare_letter, record_letter_sent
from ..states import Perm
from .answering import attempt, done, posted, show
from .doors import desk_page, prove_again, through_the_door

HERE = "disclosures:request"
Purpose = Letter.Purpose
PURPOSES = {slug: Purpose(purpose) for purpose, slug in LETTER_SLUGS.items()}
NAMES = {
    Purpose.RECEIPT: "acknowledgement",
    Purpose.RETURN: "return letter",
    Purpose.OUTCOME: "answer",
    Purpose.PRESERVED: "letter on what is kept",
    Purpose.REVIEW: "letter on the review",
}


def purpose_of(slug: str) -> Letter.Purpose:
    if slug not in PURPOSES:
        raise NotThere
    return PURPOSES[slug]


def needs_proof(http: HttpRequest, case: Request, wanted: str) -> None:
    """The answer leaves by its letter, whichever page it is sent from."""
    if TO_SEND[Purpose(wanted)] == Perm.RELEASE:
        prove_again(http, case)


@desk_page
def prepare(http: HttpRequest, reference: str, purpose: str) -> HttpResponse:
    """Before review the answer can only be a refusal: its reason is chosen first, and the text follows."""
    wanted = purpose_of(purpose)
    case, user, now = through_the_door(http, reference, TO_WRITE[wanted])
    early = wanted == Purpose.OUTCOME and case.state in ONLY_REFUSAL
    reasons = {row.code: row for row in refusals_open_to(case)} if early else {}
    form, refused = LetterForm(posted(http), codes=list(reasons)), None
    if form.is_valid():
        use = partial(
            prepare_letter, request_id=case.pk, purpose=wanted, actor=user, now=now, **form.cleaned_data
        )
        if (refused := attempt(use)) is None:
            return done(http, f"The {NAMES[wanted]} is drafted.", HERE, reference)
    code = http.GET.get("refusal", case.refusal_code) if early else ""
    if early and not form.is_bound and code not in reasons:
        return _ask_why(http, case, list(reasons.values()))
    opened = open_request(case, actor=user, now=now)
    letter = letter_of(opened, wanted)
    if letter is not None and letter.round != round_of(case, wanted):
        letter = None
    nothing = nothing_to_tell(case, wanted)
    if not form.is_bound and not nothing:
        again = "again" in http.GET or code != case.refusal_code
        form.initial = _made(opened, wanted, code) if letter is None or again else _kept(letter)
        form.initial["refusal_code"] = code
    context = {
        "case": case,
        "form": form,
        "opened": opened,
        "purpose": purpose,
        "name": NAMES[wanted],
        "reason": reasons.get(code),
        "too_late": wanted == Purpose.RECEIPT and case.state not in ACKNOWLEDGED_IN,
        "letter": letter,
        "nothing": [sentence for _, sentence in nothing],
        "undecided": wanted == Purpose.OUTCOME and not early and not answer(opened),
        "outdated": letter is not None and wanted == Purpose.OUTCOME and is_outdated(letter, opened),
    }
    return show(http, "disclosures/letters/prepare.html", context, form, refused=refused)


def _ask_why(http: HttpRequest, case: Request, reasons: Sequence[Refusal]) -> HttpResponse:
    form = RefusalForm(http.GET if "refusal" in http.GET else None, refusals=reasons)
    return show(http, "disclosures/letters/why.html", {"case": case, "form": form}, form)


def _made(opened: OpenedRequest, wanted: str, code: str) -> dict[str, str]:
    if wanted == Purpose.RECEIPT:
        body = acknowledgement(opened)
    elif wanted == Purpose.RETURN:
        body = request_for_paper(opened)
    elif wanted == Purpose.PRESERVED:
        body = preserved(opened)
    elif wanted == Purpose.REVIEW:
        body = reviewed(opened)
    else:
        body = refusal(opened, code) if code else answer(opened)
    return {"recipient": recipient(opened), "body": body}


def _kept(letter: Opened) -> dict[str, str]:
    return {"recipient": letter.recipient, "body": letter.body}


@desk_page
def print_letter(http: HttpRequest, reference: str, purpose: str) -> HttpResponse:
    wanted = purpose_of(purpose)
    case, user, now = through_the_door(http, reference, Perm.VIEW)
    opened = open_request(case, actor=user, now=now)
    letter = letter_of(opened, wanted)
    if letter is None:
        raise NotThere
    context = {
        "case": case,
        "letter": letter,
        "name": NAMES[wanted],
        "company": controller().name,
        "dated": letter.sent_at or now,
        "final": is_final(letter, opened),
    }
    return show(http, "disclosures/letters/print.html", context)


@desk_page
def record_sent(http: HttpRequest, reference: str, purpose: str) -> HttpResponse:
    """What the service would refuse whatever was typed is said instead of the form."""
    wanted = purpose_of(purpose)
    case, user, now = through_the_door(http, reference, TO_SEND[wanted])
    form, refused = SentForm(posted(http)), None
    if form.is_valid():
        needs_proof(http, case, wanted)
        given = form.cleaned_data
        use = partial(
            record_letter_sent,
            request_id=case.pk,
            purpose=wanted,
            channel=given["channel"],
            sent_to=given["sent_to"],
            idempotency_key=given["key"],
            actor=user,
            now=now,
        )
        if (refused := attempt(use)) is None:
            return done(http, f"The {NAMES[wanted]} is recorded as sent.", HERE, reference)
    opened = open_request(case, actor=user, now=now)
    letter = letter_of(opened, wanted)
    if not form.is_bound:
        form.initial = usual_way(opened, wanted)
    context = {
        "case": case,
        "form": form,
        "letter": letter,
        "purpose": purpose,
        "name": NAMES[wanted],
        "faults": [
            sentence for _, sentence in faults_of_sending(case, cast(Letter, letter.row) if letter else None)
        ],
    }
    return show(http, "disclosures/letters/sent.html", context, form, refused=refused)


def usual_way(opened: OpenedRequest, wanted: str) -> dict[str, str]:
    """The answer goes where the form asks for it; anything else goes back the way the form came."""
    case, officer = opened.request, opened.officers.get(Officer.Part.REQUESTER)
    if wanted == Purpose.OUTCOME:
        return {"channel": case.return_channel, "sent_to": case.return_address}
    if case.channel == Channel.POST or not (officer and officer.email):
        return {"channel": ReturnChannel.POST, "sent_to": recipient(opened)}
    return {"channel": ReturnChannel.SECURE_MAIL, "sent_to": officer.email}
