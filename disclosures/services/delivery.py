"""What became of what we sent: noted by whoever learns of it, one row after the other."""

from datetime import datetime

from accounts.models import User

from ..models import Correspondence, Delivery, Letter, Request
from ..models.request import Channel
from ..states import Perm
from .changes import demand, locked, record_change, refuse, use_case

Stage = Delivery.Stage
# Said face to face or ear to ear, it has arrived.
AT_ONCE = frozenset({Channel.TELEPHONE, Channel.IN_PERSON})


def first_stage(*, sent: Letter | Correspondence, reason: str, actor: User, now: datetime) -> None:
    """Inside the use case that records it as sent."""
    at_once = isinstance(sent, Correspondence) and sent.channel in AT_ONCE
    _add(sent, Stage.CONFIRMED if at_once else Stage.SENT, at=now, reason=reason, actor=actor, now=now)


def desk_notes(*, sent: Letter, stage: str, reason: str, actor: User, now: datetime) -> None:
    """What happened at the desk itself, inside the use case that did it; `actor` is who gave it to be sent."""
    _add(sent, stage, at=now, reason=reason, actor=actor, now=now)


@use_case
def note_delivery(
    *,
    request_id: int,
    stage: str,
    at: datetime,
    reason: str,
    actor: User,
    now: datetime,
    letter_id: int | None = None,
    message_id: int | None = None,
) -> Delivery:
    """Notes how a sent letter or message stands now. Raises ActionRefused with every fault at once.

    What came back can be noted as sent again, with how.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.RECORD, now)
    sent = _sent_thing(request, letter_id, message_id)
    if sent is None:
        raise refuse(
            request, actor, "DELIVERY", ("it_was_sent", "Choose a letter or a message that we sent.")
        )
    newest = sent.deliveries.order_by("-id").first()
    faults = []
    if stage not in Delivery.BY_HAND:
        faults.append(("stage_is_known", "Say what became of it."))
    elif newest is not None and newest.stage == stage:
        faults.append(("stage_is_new", f"It already stands as “{newest.get_stage_display().lower()}”."))
    if at > now:
        faults.append(("it_has_happened", "The time lies in the future. Note it once it has happened."))
    elif newest is not None and at < newest.at.replace(second=0, microsecond=0):
        faults.append(("it_came_later", "The time lies before what was noted last."))
    if not reason.strip():
        faults.append(
            ("it_is_known_how", "Say how you know: the receipt, the bounce's words, the returned envelope.")
        )
    if faults:
        raise refuse(request, actor, "DELIVERY", *faults)
    row = _add(sent, stage, at=at, reason=reason, actor=actor, now=now)
    record_change(
        request,
        event="delivery.noted",
        actor=actor,
        role=role,
        now=now,
        detail={"of": "letter" if letter_id else "message", "stage": stage},
        commits={"reason": reason},
    )
    return row


def _sent_thing(
    request: Request, letter_id: int | None, message_id: int | None
) -> Letter | Correspondence | None:
    if letter_id:
        return Letter.objects.filter(request=request, pk=letter_id, sent_at__isnull=False).first()
    ours = Correspondence.objects.filter(request=request, direction=Correspondence.Direction.OUT)
    return ours.filter(pk=message_id or 0).first()


def _add(
    sent: Letter | Correspondence, stage: str, *, at: datetime, reason: str, actor: User, now: datetime
) -> Delivery:
    row = Delivery(request=sent.request, stage=stage, at=at, recorded_at=now, recorded_by=actor)
    if isinstance(sent, Letter):
        row.letter = sent
    else:
        row.message = sent
    row.seal(reason=reason)
    row.save(force_insert=True)
    return row
