"""Working a person's own request: recorded, proved, decided, proposed by one and approved by another."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from audit.canonical import JSON
from audit.entries import SYSTEM, Actor, Changed, append
from audit.nudge import nudge
from sealing.keys import new_key

from ..deadlines.access import access_due
from ..deadlines.calendars import NATIONS, london_day
from ..deadlines.keeping import access_keeping
from ..models import AccessRequest, AccessTold
from ..selectors.accounting import (
    ANSWERING,
    CLEARED,
    HANDS,
    clock_of,
    disclosures_to_tell,
    hand,
    subject_to_tell_of,
)
from ..selectors.doors import NotThere
from ..selectors.opening import open_access
from ..wording.accounting import access_letter
from .calendars import calendar_for

PERSON = ("name", "born_on", "phone", "email", "account_number", "reply_to")
Change = Callable[[AccessRequest], dict[str, str]]


class AccessRefused(ValueError):
    """It may not be done; `sentences` are all the reasons, as the person will read them."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(" ".join(self.sentences))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessInput:
    name: str
    reply_to: str
    channel: str
    received_at: datetime
    born_on: str = ""
    phone: str = ""
    email: str = ""
    account_number: str = ""


@transaction.atomic(durable=True)
def record_access(*, given: AccessInput, actor: User, now: datetime) -> AccessRequest:
    """Records what came; its month runs from the receipt. Raises AccessRefused, NotThere."""
    role = hand(actor, now)
    if given.received_at > now:
        raise AccessRefused(["The time of receipt lies in the future."])
    access = AccessRequest(
        data_key=new_key(), channel=given.channel, received_at=given.received_at, recorded_at=now,
        recorded_by=actor,
    )  # fmt: skip
    access.seal(**{name: getattr(given, name) for name in PERSON})
    access.due_on = access_due(clock_of(access), calendar_for(NATIONS[0])).due_on
    access.save()
    write_down(
        access=access, event="access.recorded", actor=actor, role=role, detail={"channel": access.channel}
    )
    return access


def ask_for_proof(*, access_id: int, actor: User, now: datetime) -> None:
    """Where there is reasonable doubt who it is: the month begins when the proof is there (Article 12(6), 12A)."""

    def change(access: AccessRequest) -> dict[str, str]:
        _demand(access.identity_at is None, "The identity is proved already.")
        _demand(access.proof_asked_at is None, "A proof has been asked for already.")
        access.proof_asked_at = now
        return {"what": "PROOF_ASKED"}

    _work(access_id, change, actor, now)


def record_identity(*, access_id: int, how: str, note: str, actor: User, now: datetime) -> None:
    def change(access: AccessRequest) -> dict[str, str]:
        _demand(access.identity_at is None, "The identity is proved already.")
        access.identity_how, access.identity_at, access.identity_by = how, now, actor
        access.seal(identity_note=note)
        return {"what": "IDENTITY", "how": how}

    _work(access_id, change, actor, now)


def ask_to_clarify(*, access_id: int, actor: User, now: datetime) -> None:
    """Where we process a large amount about the person: the clock stands still until they answer (Article 12A)."""

    def change(access: AccessRequest) -> dict[str, str]:
        _demand(
            access.clarification_asked_at is None, "It has been asked for once; the clock stands still once."
        )
        access.clarification_asked_at = now
        return {"what": "CLARIFICATION_ASKED"}

    _work(access_id, change, actor, now)


def record_clarification(*, access_id: int, actor: User, now: datetime) -> None:
    def change(access: AccessRequest) -> dict[str, str]:
        waits = access.clarification_asked_at is not None and access.clarification_came_at is None
        _demand(waits, "No clarification is waited for.")
        access.clarification_came_at = now
        return {"what": "CLARIFICATION_CAME"}

    _work(access_id, change, actor, now)


def extend_access(*, access_id: int, reason: str, actor: User, now: datetime) -> None:
    """Two months more, for what is complex or much; the person is told within the first month (Article 12(3))."""

    def change(access: AccessRequest) -> dict[str, str]:
        _demand(access.extended_at is None, "It is extended already; there is one extension.")
        in_time = access.due_on is None or london_day(now) <= access.due_on
        _demand(in_time, "The first month is over. An extension has to be told to the person within it.")
        access.extended_at, access.extended_by = now, actor
        access.seal(extended_for=reason)
        return {"what": "EXTENDED"}

    _work(access_id, change, actor, now)


def tell_of(*, access_id: int, reference: str, position: int, actor: User, now: datetime) -> None:
    """A cleared person decides to tell of a disclosure to the police or an authority.

    What is restricted, what has not gone out and what was never there is the same answer.
    """

    def change(access: AccessRequest) -> dict[str, str]:
        subject = subject_to_tell_of(reference, position)
        if subject is None:
            raise AccessRefused(["There is no such person in an answered request that you may tell of."])
        _demand(not access.told.filter(subject=subject).exists(), "It is in the answer already.")
        AccessTold.objects.create(
            access=access, request=subject.request, subject=subject, told_at=now, told_by=actor
        )
        return {"what": "TOLD", "of": f"{reference} {position}"}

    _work(access_id, change, actor, now, CLEARED)


def record_considered(*, access_id: int, why: str, actor: User, now: datetime) -> None:
    """The police and the authorities have no rule of their own: each time a cleared person decides, with a reason."""

    def change(access: AccessRequest) -> dict[str, str]:
        access.considered_at, access.considered_by = now, actor
        access.seal(considered_why=why)
        return {"what": "CONSIDERED"}

    _work(access_id, change, actor, now, CLEARED)


def propose_access_answer(*, access_id: int, actor: User, now: datetime) -> None:
    def change(access: AccessRequest) -> dict[str, str]:
        faults = []
        if access.identity_at is None:
            faults.append("Nobody has recorded how the person’s identity was checked.")
        if access.considered_at is None:
            faults.append("Nobody cleared has decided on disclosures to the police and the authorities.")
        if access.clarification_asked_at and not access.clarification_came_at:
            faults.append("The clarification that was asked for has not come.")
        if faults:
            raise AccessRefused(faults)
        text = _written(access, actor, now)
        access.proposed_at, access.proposed_by, access.digest = now, actor, _digest(text)
        access.seal(answer=text)
        return {"what": "PROPOSED"}

    _work(access_id, change, actor, now)


def approve_access_answer(*, access_id: int, seen: str, actor: User, now: datetime) -> None:
    """Somebody else signs exactly what was proposed, if it still says what there is to say."""

    def change(access: AccessRequest) -> dict[str, str]:
        _demand(access.proposed_at is not None, "No answer is proposed.")
        faults = []
        if access.proposed_by_id == actor.pk:
            faults.append("You prepared this answer; a colleague must approve it.")
        if access.digest != seen or access.digest != _digest(_written(access, actor, now)):
            faults.append("What there is to tell has changed since. Prepare the answer again.")
        if faults:
            raise AccessRefused(faults)
        access.approved_at, access.approved_by = now, actor
        return {"what": "APPROVED"}

    _work(access_id, change, actor, now, ANSWERING)


def close_access(*, access_id: int, how: str, why: str, actor: User, now: datetime) -> None:
    """Without an answer, for a reason; what is refused is told to the person, with their remedies (Article 12(4))."""

    def change(access: AccessRequest) -> dict[str, str]:
        faults = []
        if how not in AccessRequest.Unanswered.values:
            faults.append("Choose why it ends without an answer.")
        if not why.strip():
            faults.append("Say what happened, and what the person was told.")
        if faults:
            raise AccessRefused(faults)
        access.closed_at, access.closed_by, access.closed_how = now, actor, how
        access.seal(closed_why=why.strip())
        return {"what": "CLOSED", "how": how}

    _work(access_id, change, actor, now, ANSWERING)


def settle_access_period(*, access: AccessRequest) -> None:
    """How long it is kept, from its end; empty while it is open. Does not save."""
    if access.ended_at is not None:
        kept = access_keeping(london_day(access.ended_at))
        access.retention_class, access.keep_until = kept.code, kept.until


def _written(access: AccessRequest, actor: User, now: datetime) -> str:
    person = open_access(access, actor=actor, now=now)
    return access_letter(
        name=person.name, received_on=london_day(access.received_at), reference=access.ref,
        told=[row.told for row in disclosures_to_tell(access, person)],
    )  # fmt: skip


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _demand(holds: bool, sentence: str) -> None:
    if not holds:
        raise AccessRefused([sentence])


@transaction.atomic(durable=True)
def _work(access_id: int, change: Change, actor: User, now: datetime, roles: frozenset[Role] = HANDS) -> None:
    """One change of one that is not answered yet: what is prepared is void unless this prepares or approves it."""
    role = hand(actor, now, roles)
    access = locked_access(access_id=access_id)
    _demand(access.approved_at is None, "It is answered; nothing of it changes any more.")
    _demand(access.closed_at is None, "It is closed; nothing of it changes any more.")
    detail = change(access)
    if detail["what"] not in {"PROPOSED", "APPROVED"}:
        access.proposed_at = access.proposed_by = access.answer = None
        access.digest = ""
    access.due_on = access_due(clock_of(access), calendar_for(NATIONS[0])).due_on
    settle_access_period(access=access)
    access.version += 1
    access.save()
    of = detail.pop("of", "")  # committed to and sealed: it may become a secret later
    write_down(
        access=access,
        event="access.worked",
        actor=actor,
        role=role,
        detail=detail,
        commits={"of": of} if of else None,
    )


def locked_access(*, access_id: int) -> AccessRequest:
    """Locked until the transaction ends; what is left of a destroyed one is not there for any change."""
    rows = AccessRequest.objects.select_for_update(no_key=True, of=("self",)).select_related("data_key")
    found = rows.filter(pk=access_id, disposed_at=None).first()
    if found is None:
        raise NotThere
    return found


def write_down(
    *,
    access: AccessRequest,
    event: str,
    actor: User | None,
    role: str,
    detail: Mapping[str, JSON],
    commits: Mapping[str, str] | None = None,
) -> None:
    """The entry of the version that the row has now. Whoever changes it calls this once, last."""
    append(
        event=event,
        actor=Actor(actor.ref, role) if actor else SYSTEM,
        obj=Changed("access_request", access.ref, access.version),
        detail=detail,
        commits=commits,
        key=access.data_key,
    )
    transaction.on_commit(partial(nudge))
