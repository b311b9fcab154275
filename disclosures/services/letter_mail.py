"""A letter leaves by mail: locked as a file, held so that it can be called back, handed over, and noted as it stands.

The mail itself names our reference and nothing else. The password is told by telephone, through the switchboard.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from accounts.models import User
from accounts.selectors import controller

from .. import outbox
from ..documents.letter_pdf import letter_pdf
from ..documents.locked_zip import locked_zip, new_password
from ..models import Delivery, Letter, LetterMail, Request
from ..models.letter_mail import WAITS
from ..models.request import ReturnChannel
from ..notifications import Payload, envelope_to
from ..selectors.facts import facts_for
from ..selectors.opening import open_parts, open_to_send
from ..states import Action, State
from ..workflow import find, objections
from .changes import demand, locked, record_change, refuse, use_case
from .delivery import desk_notes
from .letters import TO_SEND, faults_of_address, faults_of_sending, leaves, newest_letter
from .steps import take_step

TOPIC = "letter.mail"
HOLD = timedelta(minutes=10)
Stage = Delivery.Stage


@use_case
def queue_letter(*, request_id: int, purpose: str, address: str, actor: User, now: datetime) -> LetterMail:
    """Gives the letter to be sent to the body's own mailbox. Raises ActionRefused with every fault at once."""
    request = locked(request_id)
    role = demand(request, actor, TO_SEND[Letter.Purpose(purpose)], now)
    letter = newest_letter(request, purpose)
    faults = faults_of_mailing(request, letter, address, actor=actor, now=now)
    if faults:
        raise refuse(request, actor, "MAIL", *faults)
    assert letter is not None  # noqa: S101 -- refused above
    password = new_password()
    mail = LetterMail(
        request=request,
        letter=letter,
        attachment=_locked(request, letter, password, actor=actor, now=now),
        queued_at=now,
        queued_by=actor,
        queued_as=role,
        leaves_at=now + HOLD,
    )
    mail.seal(address=address.strip(), password=password)
    mail.save(force_insert=True)
    desk_notes(
        sent=letter,
        stage=Stage.QUEUED,
        reason="Given to be sent; it can be called back until it leaves.",
        actor=actor,
        now=now,
    )
    outbox.put(
        key=mail.key,
        topic=TOPIC,
        payload={"request": request.pk, "letter_mail": mail.pk},
        not_before=mail.leaves_at,
    )
    record_change(
        request,
        event="letter.queued",
        actor=actor,
        role=role,
        now=now,
        detail={"purpose": purpose, "round": letter.round},
        commits={"address": address.strip()},
    )
    return mail


@use_case
def call_back_letter(*, request_id: int, purpose: str, actor: User, now: datetime) -> LetterMail:
    """Only while the promise is still held: what is leaving or has left cannot be called back."""
    request = locked(request_id)
    role = demand(request, actor, TO_SEND[Letter.Purpose(purpose)], now)
    mail = (
        LetterMail.objects.filter(WAITS, request=request, letter__purpose=purpose)
        .select_related("letter")
        .first()
    )
    if mail is None or not outbox.take_back(key=mail.key, now=now):
        raise refuse(
            request,
            actor,
            "CALL_BACK",
            (
                "mail_is_still_held",
                "The mail has left, or is leaving now. It cannot be called back any more.",
            ),
        )
    mail.request = mail.letter.request = request
    mail.called_back_at, mail.called_back_by, mail.attachment = now, actor, None
    mail.save()
    desk_notes(
        sent=mail.letter, stage=Stage.CALLED_BACK, reason="Called back before it left.", actor=actor, now=now
    )
    record_change(
        request,
        event="letter.called_back",
        actor=actor,
        role=role,
        now=now,
        detail={"purpose": purpose, "round": mail.letter.round},
    )
    return mail


@use_case
def made_ready(*, payload: Payload, key: str, now: datetime) -> EmailMessage | None:
    """The mail as it goes out, or None where it may not go any more; that it failed is then recorded."""
    request = locked(int(payload["request"]))
    mail = _waiting(request, payload)
    if mail is None:
        return None
    faults = faults_of_leaving(request, mail, now)
    address = open_to_send(mail)
    faults += faults_of_address(request, ReturnChannel.SECURE_MAIL, address, releasing=True)
    if faults:
        _fails(request, mail, " ".join(sentence for _, sentence in faults), now)
        return None
    text = render_to_string("mail/letter.txt", {"reference": request.reference, "company": controller().name})
    message = envelope_to(address, text, key)
    message.attach(f"{request.reference}.zip", bytes(mail.attachment or b""), "application/zip")
    return message


@use_case
def has_left(*, payload: Payload, now: datetime) -> None:
    """The mail server took it: the letter is sent, and in RELEASING that is the release."""
    request = locked(int(payload["request"]))
    mail = _waiting(request, payload)
    if mail is None:
        return
    letter, address = mail.letter, open_to_send(mail)
    mail.sent_at, mail.attachment = now, None
    mail.save()
    leaves(letter=letter, channel=ReturnChannel.SECURE_MAIL, sent_to=address, actor=mail.queued_by, now=now)
    desk_notes(
        sent=letter, stage=Stage.SENT, reason="The mail server took it.", actor=mail.queued_by, now=now
    )
    detail = {"purpose": letter.purpose, "round": letter.round, "channel": str(ReturnChannel.SECURE_MAIL)}
    if letter.purpose == Letter.Purpose.OUTCOME and request.state == State.RELEASING:
        take_step(
            request,
            action=Action.RECORD_SENT,
            actor=mail.queued_by,
            now=now,
            idempotency_key=mail.key,
            detail={"channel": str(ReturnChannel.SECURE_MAIL), "letter_round": letter.round},
            as_role=mail.queued_as,
        )
        return
    record_change(
        request, event="letter.sent", actor=mail.queued_by, role=mail.queued_as, now=now, detail=detail,
        commits={"sent_to": address},
    )  # fmt: skip


@use_case
def was_given_up(*, payload: Payload, error: str, now: datetime) -> None:
    """The mail server took it at no attempt. `error` is a code."""
    request = locked(int(payload["request"]))
    if (mail := _waiting(request, payload)) is not None:
        _fails(request, mail, f"The mail server took it at no attempt ({error}).", now)


def faults_of_mailing(
    request: Request, letter: Letter | None, address: str, *, actor: User, now: datetime
) -> Sequence[tuple[str, str]]:
    faults = faults_of_sending(request, letter)
    if request.own_submission:
        faults.append(
            ("company_reads_it_here", "The company reads its letters on its own page; nothing is mailed.")
        )
    if not address.strip():
        faults.append(("letter_has_an_address", "Say to which mailbox it goes."))
    faults += faults_of_address(request, ReturnChannel.SECURE_MAIL, address, releasing=True)
    if not faults and letter is not None and letter.purpose == Letter.Purpose.OUTCOME:
        faults += _faults_of_the_step(request, actor, now)
    return faults


def faults_of_leaving(request: Request, mail: LetterMail, now: datetime) -> list[tuple[str, str]]:
    """Asked again at the moment of leaving; what was queued is not sent on the strength of an older answer."""
    if mail.letter.purpose != Letter.Purpose.OUTCOME:
        return []
    if request.state not in {State.RELEASING, State.REFUSED}:
        return [("answer_is_decided", "The answer is no longer approved to go out.")]
    return _faults_of_the_step(request, mail.queued_by, now)


def _faults_of_the_step(request: Request, actor: User, now: datetime) -> list[tuple[str, str]]:
    """What would stand against recording it as sent, apart from its not having been sent."""
    arrow = find(State(request.state), Action.RECORD_SENT)
    if arrow is None:
        return []
    facts = replace(facts_for(request, actor=actor, now=now, action=Action.RECORD_SENT), letter_sent=True)
    return [(found.guard, found.sentence) for found in objections(arrow, facts)]


def _locked(request: Request, letter: Letter, password: str, *, actor: User, now: datetime) -> bytes:
    (opened,) = open_parts(request, [letter], actor=actor, now=now)
    pdf = letter_pdf(
        reference=request.reference,
        company=controller().name,
        recipient=opened.recipient,
        body=opened.body,
        dated=now,
    )
    return locked_zip(f"{request.reference}.pdf", pdf, password)


def _waiting(request: Request, payload: Payload) -> LetterMail | None:
    rows = LetterMail.objects.filter(WAITS, request=request, pk=payload["letter_mail"])
    mail = rows.select_related("letter", "queued_by").first()
    if mail is not None:
        mail.request = mail.letter.request = request
    return mail


def _fails(request: Request, mail: LetterMail, why: str, now: datetime) -> None:
    mail.failed_at, mail.attachment = now, None
    mail.save()
    desk_notes(sent=mail.letter, stage=Stage.FAILED, reason=why, actor=mail.queued_by, now=now)
    outbox.put(
        key=f"letter-failed:{mail.pk}",
        topic="letter.failed",
        payload={"request": request.pk, "letter_mail": mail.pk},
        not_before=now,
    )
    record_change(
        request,
        event="letter.not_sent",
        actor=None,
        role="system",
        now=now,
        detail={"purpose": mail.letter.purpose, "round": mail.letter.round},
        commits={"why": why},
    )
