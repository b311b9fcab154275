"""Topic -> recipients -> template -> mail. A mail names the reference and nothing else of the request.

What was overtaken (the request moved on, the clock was stopped) is not sent, and whom it concerns is
asked again at the moment of sending. A restricted request is known to its members only.
"""

import hmac
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import Membership, User
from accounts.roles import Role
from accounts.selectors import absences_on, controller

from .catalogue import LADDERS, Ladder
from .catalogue.ladders import HANDLER, ladder_of
from .deadlines.rules import PURPOSE_WORDS, Purpose, Threshold, reminder_words
from .models import Assessment, CompartmentMember, Deadline, HoldTask, Instrument, Request, SearchTask
from .permissions import who_may
from .states import Perm, State
from .workflow import OPEN_STATES

Payload = Mapping[str, int | str]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """`handler`: to whoever has it, or to all handlers while nobody does; `roles` in any case.

    `perm`: what a recipient must be allowed to do with the request, whatever their role.
    """

    template: str
    request: Request
    about: str
    path: str
    words: str
    perm: Perm = Perm.VIEW
    due_on: date | None = None
    roles: tuple[Role, ...] = ()
    handler: bool = False
    contempt_risk: bool = False


@dataclass(frozen=True)
class Turn:
    words: str
    roles: tuple[Role, ...] = ()
    handler: bool = False


TURNS: Mapping[State, Turn] = {
    State.SUBMITTED: Turn("has come in and waits to be triaged", handler=True),
    State.RETURNED: Turn("was returned and waits for information", (Role.INTAKE_CLERK,)),
    State.VERIFYING: Turn("waits to be verified", handler=True),
    State.IN_REVIEW: Turn("waits to be reviewed", handler=True),
    State.PENDING_APPROVAL: Turn("waits for approval", (Role.APPROVER,)),
    State.APPROVED: Turn("is approved and waits to be sent", (Role.RELEASE_OFFICER,)),
    State.NO_DATA: Turn("is approved and waits to be sent", (Role.RELEASE_OFFICER,)),
    State.REFUSED: Turn("is decided and waits to be sent", (Role.RELEASE_OFFICER,)),
    State.EMERGENCY_PENDING: Turn(
        "is an emergency and waits for a second person", (Role.APPROVER,), handler=True
    ),
    State.AWAITING_RATIFICATION: Turn("waits to be ratified", (Role.APPROVER, Role.HEAD_OF_LEGAL)),
    State.TRANSFERRED: Turn("is handed to legal, and its day runs on there", (Role.HEAD_OF_LEGAL,)),
    State.BREACH_ASSESSMENT: Turn("waits for a breach assessment", (Role.DPO, Role.HEAD_OF_LEGAL)),
}

NOT_RATIFIED = "not in time; begin the breach assessment"
OVERDUE_EMERGENCY = "an emergency is overdue"
PAPER = Turn(
    "the written form has not come; ask the officer for it through the switchboard",
    (Role.INTAKE_CLERK,),
    handler=True,
)


def notice_for(topic: str, payload: Payload, now: datetime) -> Notice | None:
    """What there is to say, or None where it was overtaken or concerns nobody."""
    return TOPICS[topic](payload, now)


def _moved(payload: Payload, _now: datetime) -> Notice | None:
    request = Request.objects.select_related("assignee").get(pk=payload["request"])
    turn = TURNS.get(State(request.state))
    if turn is None or request.state != payload["to"]:
        return None
    return _about(request, turn)


COMPANY_TURNS: Mapping[State, str] = {
    State.RETURNED: "waits for something from you",
    State.RELEASED: "is answered",
    State.REFUSED: "is answered",
}


def _company_moved(payload: Payload, _now: datetime) -> Notice | None:
    """To the company's own people, and to nobody else of what goes on."""
    request = Request.objects.select_related("assignee").get(pk=payload["request"])
    if request.state != payload["to"]:
        return None
    return Notice(
        template="mail/moved.txt",
        request=request,
        about=request.reference,
        path=reverse("disclosures:company-request", args=[request.reference]),
        words=COMPANY_TURNS[State(request.state)],
        perm=Perm.FOLLOW,
    )


def _company_message(payload: Payload, _now: datetime) -> Notice | None:
    request = Request.objects.select_related("assignee").get(pk=payload["request"])
    if request.restricted:
        return None
    return Notice(
        template="mail/moved.txt",
        request=request,
        about=request.reference,
        path=reverse("disclosures:company-messages", args=[request.reference]),
        words="has a message for you",
        perm=Perm.FOLLOW,
    )


def _desk_message(payload: Payload, _now: datetime) -> Notice | None:
    request = Request.objects.select_related("assignee").get(pk=payload["request"])
    return _about(request, Turn("has a message from the company", handler=True))


def _search_asked(payload: Payload, _now: datetime) -> Notice | None:
    """The data holder learns of the task, and not even the reference of the request behind it."""
    task = SearchTask.objects.select_related("request__assignee").get(pk=payload["task"])
    if task.completed_at or task.request.state != State.IN_REVIEW:
        return None
    return Notice(
        template="mail/moved.txt",
        request=task.request,
        about=task.reference,
        path=reverse("disclosures:search", args=[task.reference]),
        words="is a search that waits for you",
        perm=Perm.SEARCH,
        roles=(Role.DATA_HOLDER,),
    )


def _search_chased(payload: Payload, now: datetime) -> Notice | None:
    """The holder is reminded of the day; from the day after it, daily."""
    found = _search_asked(payload, now)
    if found is None:
        return None
    due_on = SearchTask.objects.values_list("due_on", flat=True).get(pk=payload["task"])
    late = due_on < localdate(now)
    words = "a search that is overdue" if late else "a search that still waits for you"
    return replace(found, template="mail/reminder.txt", words=words, due_on=due_on)


def _search_answered(payload: Payload, _now: datetime) -> Notice | None:
    request = Request.objects.select_related("assignee").get(pk=payload["request"])
    if request.state != State.IN_REVIEW:
        return None
    return _about(request, Turn("has the answer to a search", handler=True))


def _hold(payload: Payload, words: str) -> tuple[HoldTask, Notice]:
    """Like a search's: to whoever keeps the data, of the hold alone."""
    task = HoldTask.objects.select_related("request__assignee").get(pk=payload["task"])
    notice = Notice(
        template="mail/moved.txt",
        request=task.request,
        about=task.reference,
        path=reverse("disclosures:hold", args=[task.reference]),
        words=words,
        perm=Perm.KEEP,
        roles=(Role.DATA_HOLDER,),
    )
    return task, notice


def _hold_asked(payload: Payload, _now: datetime) -> Notice | None:
    task, notice = _hold(payload, "is something to be kept; set the hold and confirm it")
    return None if task.confirmed_at or task.ended_at else notice


def _hold_chased(payload: Payload, now: datetime) -> Notice | None:
    task, notice = _hold(payload, "")
    if task.confirmed_at or task.request.state == State.CLOSED:
        return None
    words = (
        "a hold that is not confirmed and overdue"
        if task.due_on < localdate(now)
        else "a hold to be confirmed"
    )
    return replace(notice, template="mail/reminder.txt", words=words, due_on=task.due_on)


def _hold_moved(payload: Payload, _now: datetime) -> Notice | None:
    task, notice = _hold(payload, "is a hold with a new last day; read until when it is to be kept")
    return None if task.ended_at else notice


def _hold_ended(payload: Payload, _now: datetime) -> Notice | None:
    """Whoever holds nothing has nothing to lift."""
    task, notice = _hold(payload, "is a hold that has ended; lift it")
    if task.confirmed_at and task.kept_on is None:
        return None
    if task.confirmed_at is None:
        return replace(notice, words="is a hold that has ended; lift it, and say what was done")
    return notice


def _hold_confirmed(payload: Payload, _now: datetime) -> Notice | None:
    request = Request.objects.select_related("assignee").get(pk=payload["request"])
    if request.state == State.CLOSED:
        return None
    return _about(request, Turn("has the answer to a hold", handler=True))


def _about(request: Request, turn: Turn) -> Notice:
    return Notice(
        template="mail/moved.txt",
        request=request,
        about=request.reference,
        path=reverse("disclosures:request", args=[request.reference]),
        words=turn.words,
        roles=turn.roles,
        handler=turn.handler,
    )


def _reminder(payload: Payload, now: datetime) -> Notice | None:
    deadline = Deadline.objects.select_related("request__assignee").get(pk=payload["deadline"])
    if deadline.stopped_at or deadline.paused_at or deadline.due_version != payload["due_version"]:
        return None
    threshold = Threshold(str(payload["threshold"]))
    overdue = deadline.due_at is not None and deadline.due_at <= now
    if threshold is Threshold.PAPER and deadline.request.state != State.EMERGENCY_RELEASED:
        return None
    purpose = Purpose(deadline.purpose)
    instrument = Instrument.objects.filter(request=deadline.request, governs=True).first()
    ladder = ladder_of(purpose, instrument.terms if instrument else None, LADDERS)
    turn = _turn_of(threshold, purpose, ladder, overdue=overdue)
    return replace(
        _about(deadline.request, turn),
        template="mail/reminder.txt",
        words=f"{PURPOSE_WORDS[purpose]}: {turn.words}",
        due_on=deadline.due_on,
        contempt_risk=overdue and ladder.contempt_risk,
    )


def _turn_of(threshold: Threshold, purpose: Purpose, ladder: Ladder, *, overdue: bool) -> Turn:
    """The rung of the ladder, with its words."""
    if threshold is Threshold.PAPER:
        return PAPER
    if overdue and threshold is Threshold.EMERGENCY:
        return _rung(ladder.emergency_overdue, OVERDUE_EMERGENCY)
    words = reminder_words(threshold, purpose)
    if threshold is Threshold.OVERDUE and purpose is Purpose.RATIFICATION:
        words = NOT_RATIFIED
    return _rung(getattr(ladder, threshold.lower()), words)


def _rung(names: Collection[str], words: str) -> Turn:
    roles = tuple(Role(name) for name in names if name != HANDLER)
    return Turn(words, roles, handler=HANDLER in names)


OTHER_MEMBERS = Turn("has other members now; look at who may know of it", (Role.HEAD_OF_LEGAL, Role.MLRO))
END_PROPOSED = Turn("waits for a second member; look at what is proposed for the end of its secrecy")
LOOK_AGAIN = Turn("is to be looked at again: who may know of it, and why")


def _of_a_secret(payload: Payload, now: datetime, *, turn: Turn) -> Notice | None:
    """To its members; overtaken where it is none any more, or another day for looking again was set."""
    request = Request.objects.select_related("assignee").get(pk=payload["request"])
    on = request.secrecy_review_on
    overtaken = turn is LOOK_AGAIN and (on is None or on > localdate(now))
    return _about(request, turn) if request.restricted and not overtaken else None


def _letter_failed(payload: Payload, _now: datetime) -> Notice | None:
    """The letter could not be sent: whoever sends letters finds another way."""
    request = Request.objects.select_related("assignee").get(pk=payload["request"])
    words = "has a letter that could not be sent by mail"
    return _about(request, Turn(words, (Role.RELEASE_OFFICER, Role.INTAKE_CLERK)))


def _addressee_question(payload: Payload, _now: datetime) -> Notice | None:
    """An order names somebody who is none of our names: legal is asked, whatever the state."""
    request = Request.objects.select_related("assignee").get(pk=payload["request"])
    if request.state not in OPEN_STATES:
        return None
    return _about(request, Turn("asks to whom its order is addressed", (Role.HEAD_OF_LEGAL,)))


def _interests_due(payload: Payload, now: datetime) -> Notice | None:
    """To whoever has the request, and to the data protection officer."""
    row = Assessment.objects.select_related("request__assignee").get(pk=payload["assessment"])
    if row.review_on is None or row.review_on > localdate(now):
        return None
    turn = Turn("has a weighing of interests to be looked at again", (Role.DPO,), handler=True)
    return replace(
        _about(row.request, turn), path=reverse("disclosures:interests", args=[row.request.reference])
    )


TOPICS: Mapping[str, Callable[[Payload, datetime], Notice | None]] = {
    "request.moved": _moved,
    "company.moved": _company_moved,
    "company.message": _company_message,
    "desk.message": _desk_message,
    "search.asked": _search_asked,
    "search.chased": _search_chased,
    "search.answered": _search_answered,
    "hold.asked": _hold_asked,
    "hold.chased": _hold_chased,
    "hold.moved": _hold_moved,
    "hold.ended": _hold_ended,
    "hold.confirmed": _hold_confirmed,
    "addressee.question": _addressee_question,
    "members.changed": partial(_of_a_secret, turn=OTHER_MEMBERS),
    "letter.failed": _letter_failed,
    "secrecy.proposed": partial(_of_a_secret, turn=END_PROPOSED),
    "secrecy.review": partial(_of_a_secret, turn=LOOK_AGAIN),
    "interests.due": _interests_due,
    "reminder": _reminder,
}


def recipients(notice: Notice, now: datetime) -> list[User]:
    """Those meant who may see the request; if none of them is there, the head of legal or all members."""
    able = who_may(request=notice.request, perm=notice.perm, now=now)
    if notice.perm is Perm.FOLLOW:
        return able
    roles = set(notice.roles)
    meant = set()
    if notice.handler and notice.request.assignee in able:
        meant |= {notice.request.assignee_id, _cover_of(notice.request, now)}
    elif notice.handler:
        roles.add(Role.HANDLER)
    meant |= _in_these_roles(notice.request, roles, now)
    found = [user for user in able if user.pk in meant]
    if found:
        return found
    if notice.request.restricted:
        return able
    heads = _in_these_roles(notice.request, {Role.HEAD_OF_LEGAL}, now)
    return [user for user in able if user.pk in heads]


def _in_these_roles(request: Request, roles: set[Role], now: datetime) -> set[int]:
    if request.restricted:
        members = CompartmentMember.objects.valid_at(now).filter(request=request, role__in=roles)
        return set(members.values_list("user_id", flat=True))
    memberships = Membership.objects.valid_at(now).filter(organisation=controller(), role__in=roles)
    return set(memberships.values_list("user_id", flat=True))


def mail_to(user: User, notice: Notice, key: str) -> EmailMessage:
    """The Message-ID follows from the outbox key: whoever gets the mail twice can tell that it is one."""
    address = urljoin(settings.PUBLIC_URL, notice.path)
    return envelope(user, render_to_string(notice.template, {"notice": notice, "address": address}), key)


def envelope(user: User, text: str, key: str) -> EmailMessage:
    return envelope_to(user.email, text, key)


def envelope_to(address: str, text: str, key: str) -> EmailMessage:
    """A mail whose first line is its subject. Keys hold row numbers: with no secret a reader could try which are missing."""
    subject, _, body = text.partition("\n")
    digest = hmac.digest(settings.AUDIT_SESSION_KEY.encode(), f"mail\0{key}".encode(), "sha256").hex()[:40]
    return EmailMessage(
        subject=subject,
        body=body.lstrip("\n"),
        to=[address],
        headers={
            "Message-ID": f"<{digest}@{urlsplit(settings.PUBLIC_URL).hostname}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _cover_of(request: Request, now: datetime) -> int | None:
    """Whoever covers today for the person who has the request."""
    absence = absences_on(localdate(now)).get(request.assignee_id or 0)
    return absence.cover_id if absence else None
