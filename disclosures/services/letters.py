"""Letters: drafted before they are approved, sent as they were approved, recorded as sent."""

from datetime import datetime

from accounts.bodies.addresses import Standing, words
from accounts.models import User

from ..catalogue import REFUSALS
from ..guards.deciding import RELEASES
from ..models import Instrument, ItemDecision, Letter, LetterMail, Request, Step
from ..models.letter_mail import WAITS
from ..models.request import ReturnChannel
from ..selectors.letter_text import ACKNOWLEDGED_IN, round_of
from ..selectors.letters_beside import nothing_to_tell
from ..selectors.sender import judged
from ..selectors.standing import unsigned_rows_cited
from ..states import Action, Perm, State
from .changes import demand, locked, record_change, refuse, use_case
from .delivery import first_stage
from .steps import take_step, tell_the_company

Purpose = Letter.Purpose
BESIDE = {Purpose.PRESERVED: Perm.RECORD, Purpose.REVIEW: Perm.RECORD}
TO_WRITE = {
    **BESIDE,
    Purpose.RECEIPT: Perm.RECORD,
    Purpose.RETURN: Perm.CORRESPOND,
    Purpose.OUTCOME: Perm.PROPOSE,
}
TO_SEND = {
    **BESIDE,
    Purpose.RECEIPT: Perm.RECORD,
    Purpose.RETURN: Perm.CORRESPOND,
    Purpose.OUTCOME: Perm.RELEASE,
}


@use_case
def prepare_letter(
    *,
    request_id: int,
    purpose: str,
    recipient: str,
    body: str,
    actor: User,
    now: datetime,
    refusal_code: str = "",
) -> Letter:
    """Writes or rewrites this round's letter. With a refusal code, the whole request is to be refused for it.

    Raises ActionRefused for an empty letter or a letter that has already gone.
    """
    request = locked(request_id)
    role = demand(request, actor, TO_WRITE[Letter.Purpose(purpose)], now)
    faults = []
    if purpose == Letter.Purpose.RECEIPT:
        faults += faults_of_acknowledging(request)
    faults += nothing_to_tell(request, purpose)
    if not recipient.strip():
        faults.append(("letter_has_a_recipient", "Say to whom the letter goes."))
    if not body.strip():
        faults.append(("letter_has_words", "The letter is empty."))
    if refusal_code and refusal_code not in REFUSALS:
        faults.append(("refusal_code_is_known", "Choose one of the reasons for refusing."))
    faults += faults_of_citing(request, body)
    number = round_of(request, purpose)
    row = Letter.objects.filter(request=request, purpose=purpose, round=number).first()
    if row is not None and row.sent_at:
        faults.append(("letter_has_not_gone", "This letter was already sent and cannot be changed."))
    if row is not None and LetterMail.objects.filter(WAITS, letter=row).exists():
        faults.append(("letter_is_not_leaving", WAITING))
    if faults:
        raise refuse(request, actor, "LETTER", *faults)
    row = row or Letter(request=request, purpose=purpose, round=number)
    row.request = request
    row.prepared_at, row.prepared_by = now, actor
    row.seal(recipient=recipient, body=body)
    row.save()
    if purpose == Letter.Purpose.OUTCOME:
        request.refusal_code = refusal_code
    record_change(
        request,
        event="letter.prepared",
        actor=actor,
        role=role,
        now=now,
        fields=("refusal_code",),
        detail={"purpose": purpose, "round": number, "refusal_code": refusal_code},
        commits={"recipient": recipient, "body": body},
    )
    return row


@use_case
def record_letter_sent(
    *,
    request_id: int,
    purpose: str,
    channel: str,
    sent_to: str,
    actor: User,
    now: datetime,
    idempotency_key: str = "",
) -> Request:
    """Records that the letter left: how, to whom, when, by whom.

    In RELEASING this is the release itself: the letter and the step stand or fall together, and a
    repeated idempotency key sends nothing again.
    """
    request = locked(request_id)
    releasing = purpose == Letter.Purpose.OUTCOME and request.state == State.RELEASING
    role = demand(request, actor, TO_SEND[Letter.Purpose(purpose)], now)
    if idempotency_key and Step.objects.filter(request=request, idempotency_key=idempotency_key).exists():
        return request
    letter = newest_letter(request, purpose)
    faults = faults_of_sending(request, letter)
    faults += faults_of_address(request, channel, sent_to, releasing=releasing)
    if not sent_to.strip():
        faults.append(("letter_has_an_address", "Say to which address it was sent."))
    if faults:
        raise refuse(request, actor, "SEND", *faults)
    assert letter is not None  # noqa: S101 -- refused above
    letter.request = request
    leaves(letter=letter, channel=channel, sent_to=sent_to, actor=actor, now=now)
    first_stage(sent=letter, reason="Recorded as sent.", actor=actor, now=now)
    if releasing:
        return take_step(
            request, action=Action.RECORD_SENT, actor=actor, now=now, idempotency_key=idempotency_key,
            detail={"channel": channel, "letter_round": letter.round},
        )  # fmt: skip
    if purpose == Letter.Purpose.OUTCOME and request.own_submission:
        tell_the_company(request, State(request.state), now)
    record_change(
        request,
        event="letter.sent",
        actor=actor,
        role=role,
        now=now,
        detail={"purpose": purpose, "round": letter.round, "channel": channel},
        commits={"sent_to": sent_to},
    )
    return request


def newest_letter(request: Request, purpose: str) -> Letter | None:
    return Letter.objects.filter(request=request, purpose=purpose).order_by("-round").first()


def leaves(*, letter: Letter, channel: str, sent_to: str, actor: User, now: datetime) -> None:
    """Writes how it left into its row, inside the use case that records it; and when what it gives was given."""
    letter.sent_at, letter.sent_by, letter.sent_channel = now, actor, channel
    letter.seal(sent_to=sent_to)
    letter.save()
    if letter.purpose == Letter.Purpose.OUTCOME and letter.request.outcome in RELEASES:
        given = ItemDecision.objects.filter(request=letter.request, decision=ItemDecision.Decision.DISCLOSE)
        given.update(given_at=now)


def faults_of_citing(request: Request, body: str) -> list[tuple[str, str]]:
    """What rests on memory goes into no letter before a house lawyer has signed it off in the catalogue."""
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    return [
        (
            "cited_law_is_signed_off",
            f"The letter cites {row.statute}. The catalogue has that from memory ({row.code}), and no house lawyer has signed it "
            "off yet. Have it signed off there, or leave the citation out.",
        )
        for row in unsigned_rows_cited(body, governing=instrument.terms if instrument else None)
    ]


def faults_of_sending(request: Request, letter: Letter | None) -> list[tuple[str, str]]:
    """What stands against this letter's leaving now, whatever its address: (name of the rule, sentence)."""
    if letter is None:
        return [("letter_is_prepared", "There is no letter to send yet.")]
    if letter.sent_at:
        return [("letter_has_not_gone", "This letter is already recorded as sent.")]
    if LetterMail.objects.filter(WAITS, letter=letter).exists():
        return [("letter_is_not_leaving", WAITING)]
    if letter.purpose == Letter.Purpose.OUTCOME and request.state not in ANSWER_MAY_GO:
        return [
            (
                "answer_is_decided",
                "The answer goes out only after it has been approved and its release begun.",
            )
        ]
    return []


def faults_of_acknowledging(request: Request) -> list[tuple[str, str]]:
    """Once the answer is decided, to say that the request has come would only confuse."""
    if request.state in ACKNOWLEDGED_IN:
        return []
    return [
        ("request_is_still_open", "The request is past this: its answer is decided, or it ended. Nothing is left to acknowledge.")
    ]  # fmt: skip


def faults_of_address(
    request: Request, channel: str, sent_to: str, *, releasing: bool
) -> list[tuple[str, str]]:
    """By mail an answer goes to the body's own mailbox, or its CJSM twin, in the register of today; never to private mail."""
    if channel != ReturnChannel.SECURE_MAIL or not sent_to.strip():
        return []
    verdict = judged(sent_to, request.body)
    whose = request.body.name if request.body else "the body"
    if releasing and verdict.standing is not Standing.LISTED:
        sentence = (
            f"The answer goes only to a mailbox of {whose} that is in the register, or the same with .cjsm.net, never to "
            f"private mail. {words(verdict, whose)}"
        )
        return [("answer_goes_to_the_bodys_own_mailbox", sentence)]
    if verdict.standing in NO_LETTER_TO:
        return [("letter_goes_to_the_body", f"No letter goes there. {words(verdict, whose)}")]
    return []


NO_LETTER_TO = frozenset({Standing.FREE_MAIL, Standing.LOOK_ALIKE, Standing.UNREADABLE})
WAITING = "The letter waits to leave by mail. Call it back first."
ANSWER_MAY_GO = frozenset({State.RELEASING, State.REFUSED})
