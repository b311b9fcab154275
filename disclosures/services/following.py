"""Watching a request, and the messages between the desk and the company that asks."""

from datetime import datetime

from accounts.models import User

from .. import outbox
from ..models import Message, Request, Watch
from ..states import Perm, State
from .changes import demand, locked, record_change, refuse, use_case
from .notices import tell_followers


@use_case
def watch_request(*, request_id: int, actor: User, now: datetime) -> Watch:
    """From now on this person finds in the bar what becomes of the request. Asked twice, it is one watch."""
    request = locked(request_id)
    role = demand(request, actor, Perm.VIEW, now)
    if row := Watch.objects.filter(request=request, user=actor).first():
        return row
    row = Watch.objects.create(request=request, user=actor, began_at=now)
    record_change(request, event="request.watched", actor=actor, role=role, now=now)
    return row


@use_case
def stop_watching(*, request_id: int, actor: User, now: datetime) -> None:
    request = locked(request_id)
    role = demand(request, actor, Perm.VIEW, now)
    if Watch.objects.filter(request=request, user=actor).delete()[0]:
        record_change(request, event="request.unwatched", actor=actor, role=role, now=now)


@use_case
def write_to_company(*, request_id: int, words: str, actor: User, now: datetime) -> Message:
    """The company reads it on its own page, and answers there. Raises ActionRefused where nobody would read it."""
    request = locked(request_id)
    role = demand(request, actor, Perm.RECORD, now)
    faults = []
    if not request.own_submission:
        faults.append(
            (
                "requester_has_an_account",
                "Whoever asks has no account here. Write a letter, or record a call.",
            )
        )
    if request.restricted:
        faults.append(
            (
                "company_may_hear",
                "This request is restricted: the company no longer sees it, and hears nothing.",
            )
        )
    if not words.strip():
        faults.append(("message_has_words", "Write the message first."))
    if faults:
        raise refuse(request, actor, "MESSAGE", *faults)
    row = _keep(request, words, actor, now, role, from_company=False)
    outbox.put(
        key=f"message:{request.reference}:{request.version}",
        topic="company.message",
        payload={"request": request.pk},
        not_before=now,
    )
    return row


@use_case
def answer_the_desk(*, request_id: int, words: str, actor: User, now: datetime) -> Message:
    """A company's own people write to the desk about their request."""
    request = locked(request_id)
    role = demand(request, actor, Perm.FOLLOW, now)
    faults = []
    if request.state == State.DRAFT:
        faults.append(("request_was_sent", "Send the request first; until then nobody here sees it."))
    if not words.strip():
        faults.append(("message_has_words", "Write the message first."))
    if faults:
        raise refuse(request, actor, "MESSAGE", *faults)
    row = _keep(request, words, actor, now, role, from_company=True)
    tell_followers(request, "has a message from the company", but=actor, now=now)
    outbox.put(
        key=f"message:{request.reference}:{request.version}",
        topic="desk.message",
        payload={"request": request.pk},
        not_before=now,
    )
    return row


def _keep(
    request: Request, words: str, actor: User, now: datetime, role: str, *, from_company: bool
) -> Message:
    row = Message(request=request, from_company=from_company, written_at=now, written_by=actor)
    row.seal(words=words)
    row.save(force_insert=True)
    record_change(
        request,
        event="message.written",
        actor=actor,
        role=role,
        now=now,
        detail={"to": "desk" if from_company else "company"},
        commits={"words": words},
    )
    return row
