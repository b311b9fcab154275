"""Settling to whom an order is addressed; recording the hours and the fee."""

from datetime import datetime
from decimal import Decimal

from accounts.models import User

from ..models import AddresseeAnswer, Cost, Instrument
from ..selectors import NotThere
from ..selectors.settled import addressee_question, may_settle, spent_on
from ..states import Perm
from .changes import demand, locked, record_change, refuse, use_case


@use_case
def settle_addressee(
    *, request_id: int, ours: bool, reason: str, actor: User, now: datetime
) -> AddresseeAnswer:
    """Legal's answer, with its reason; a later one settles an earlier.

    Raises NotThere for anybody but the head of legal and the approvers, ActionRefused where nothing is asked.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.VIEW, now)
    if not may_settle(actor, request, now):
        raise NotThere
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    faults = []
    if not addressee_question(request, instrument) or instrument is None:
        faults.append(
            ("addressee_is_in_question", "There is no question about the addressee of this request.")
        )
    if not reason.strip():
        faults.append(("answer_has_a_reason", "Give the reason; it is kept with the request."))
    if faults or instrument is None:
        raise refuse(request, actor, "SETTLE_ADDRESSEE", *faults)
    row = AddresseeAnswer(
        request=request, about=instrument.seal_id, ours=ours, answered_at=now, answered_by=actor
    )
    row.seal(reason=reason)
    row.save(force_insert=True)
    record_change(
        request,
        event="addressee.settled",
        actor=actor,
        role=role,
        now=now,
        detail={"ours": ours},
        commits={"reason": reason},
    )
    return row


@use_case
def record_cost(
    *, request_id: int, hours: Decimal, fee: Decimal, note: str, actor: User, now: datetime
) -> Cost:
    """Hours spent and a fee in pounds, either of them; less than nothing takes back what was recorded by mistake.

    Raises ActionRefused where nothing is recorded, without a note, or if less than nothing would remain.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.RECORD, now)
    spent = spent_on(request)
    faults = []
    if not hours and not fee:
        faults.append(("cost_is_something", "Give the hours, the fee, or both."))
    if not note.strip():
        faults.append(("cost_has_a_note", "Say what it was for."))
    if spent.hours + hours < 0 or spent.fee + fee < 0:
        faults.append(("cost_stays_above_nothing", "More would be taken back than was recorded."))
    if faults:
        raise refuse(request, actor, "RECORD_COST", *faults)
    row = Cost(request=request, hours=hours, fee=fee, recorded_at=now, recorded_by=actor)
    row.seal(note=note)
    row.save(force_insert=True)
    record_change(
        request,
        event="cost.recorded",
        actor=actor,
        role=role,
        now=now,
        detail={"hours": f"{hours:.2f}", "fee": f"{fee:.2f}"},
        commits={"note": note},
    )
    return row
