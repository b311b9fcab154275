"""Settling how long a closed request is kept; placing legal holds and lifting them."""

from datetime import date, datetime

from accounts.models import User, opaque

from ..deadlines.calendars import london_day
from ..deadlines.keeping import years_after
from ..models import Disposal, LegalHold, Request
from ..selectors import NotThere
from ..selectors.keeping import HOLDERS, acting_as, in_turn, keeping_of, terms_of
from ..states import Perm, State
from .changes import demand, locked, record_change, refuse, use_case

PERIOD = ("retention_class", "keep_until")
SETTLED_AT_ONCE = 200


def settle_period(request: Request, *, closed_on: date | None, now: datetime) -> None:
    """The caches of the period, empty while it is open; and the hold of a secrecy duty that lasts. Inside a change."""
    kept = keeping_of(request, closed_on=closed_on)
    request.retention_class = kept.code if kept else ""
    request.keep_until = kept.until if kept else None
    if kept and request.restricted:
        _hold_by_secrecy(request, now)


def _hold_by_secrecy(request: Request, now: datetime) -> None:
    """What a secrecy duty covers may not be destroyed while it lasts (POCA 2002, section 342(2)(b)); made once."""
    terms = terms_of(request)
    if (
        terms is None
        or not terms.is_secret
        or LegalHold.objects.filter(request=request, ground="SECRECY").exists()
    ):
        return
    LegalHold.objects.create(
        request=request,
        reference=opaque("h"),
        ground=LegalHold.Ground.SECRECY,
        held_from=now,
        review_on=years_after(london_day(now), 1),
    )


def call_off_disposals(request: Request, *, actor: User | None, now: datetime) -> None:
    """Whatever was proposed or confirmed and is not done ends here. Inside a change of the request."""
    open_ones = Disposal.objects.filter(request=request, done_at=None, withdrawn_at=None)
    for row in open_ones:
        row.withdrawn_at, row.withdrawn_by = now, actor or row.proposed_by
        row.save(update_fields=["withdrawn_at", "withdrawn_by"])


def settle_periods(*, now: datetime) -> int:
    """Of requests that were closed before there were periods; of how many. Run by the sweep."""
    waiting = Request.objects.filter(state=State.CLOSED, keep_until=None)
    return sum(_settle(request_id=pk, now=now) for pk in in_turn(waiting, at_once=SETTLED_AT_ONCE))


@use_case
def _settle(*, request_id: int, now: datetime) -> bool:
    request = locked(request_id)
    if request.state != State.CLOSED or request.keep_until is not None:
        return False
    settle_period(request, closed_on=None, now=now)
    _tell_the_period(request, None, "", now)
    return True


@use_case
def record_end_of_relationship(*, request_id: int, ended_on: date, actor: User, now: datetime) -> Request:
    """RET-AML counts from it (Money Laundering Regulations 2017, regulation 40). Raises NotThere, ActionRefused."""
    request, role = _for_a_holder(request_id, actor, now)
    if request.state != State.CLOSED or ended_on > london_day(now):
        sentence = "Give a day that is not in the future, of a closed request."
        raise refuse(request, actor, "RELATIONSHIP_ENDED", ("relationship_has_ended", sentence))
    request.relationship_ended_on = ended_on
    settle_period(request, closed_on=None, now=now)
    _tell_the_period(request, actor, role, now, "relationship_ended_on")
    return request


def _tell_the_period(request: Request, actor: User | None, role: str, now: datetime, *fields: str) -> None:
    record_change(
        request,
        event="retention.settled",
        actor=actor,
        role=role,
        now=now,
        fields=(*PERIOD, *fields),
        detail={"class": request.retention_class, "until": str(request.keep_until)},
    )


@use_case
def place_hold(
    *, request_id: int, ground: str, reason: str, review_on: date, actor: User, now: datetime
) -> LegalHold:
    """From now on nothing of the request is destroyed, and what was proposed to be is called off.

    Raises NotThere for anybody but the head of legal and the MLRO, ActionRefused with every fault.
    """
    request, role = _for_a_holder(request_id, actor, now)
    faults = []
    if ground not in LegalHold.Ground.values or ground == LegalHold.Ground.SECRECY:
        faults.append(("hold_has_a_ground", "Choose why it is held."))
    if not reason.strip():
        faults.append(("hold_has_a_reason", "Give the reason: which order, which proceedings, which letter."))
    if review_on <= london_day(now):
        faults.append(("hold_is_looked_at_again", "The day to look again must lie in the future."))
    if faults:
        raise refuse(request, actor, "PLACE_HOLD", *faults)
    row = LegalHold(
        request=request,
        reference=opaque("h"),
        ground=ground,
        held_from=now,
        placed_by=actor,
        review_on=review_on,
    )
    row.seal(reason=reason)
    row.save(force_insert=True)
    call_off_disposals(request, actor=actor, now=now)
    record_change(
        request,
        event="legal_hold.placed",
        actor=actor,
        role=role,
        now=now,
        detail={"hold": row.reference, "ground": ground, "review_on": review_on.isoformat()},
        commits={"reason": reason},
    )
    return row


@use_case
def lift_hold(*, request_id: int, hold: str, reason: str, actor: User, now: datetime) -> LegalHold:
    """Raises NotThere for anybody but the head of legal and the MLRO, or a hold that does not last; ActionRefused."""
    request, role = _for_a_holder(request_id, actor, now)
    row = LegalHold.objects.filter(request=request, reference=hold, lifted_at=None).first()
    if row is None:
        raise NotThere
    if not reason.strip():
        sentence = "Say what ended the hold, for example the court's letter and its date."
        raise refuse(request, actor, "LIFT_HOLD", ("lifting_has_a_reason", sentence))
    row.lifted_at, row.lifted_by = now, actor
    row.request = request
    row.seal(lift_reason=reason)
    row.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    record_change(
        request,
        event="legal_hold.lifted",
        actor=actor,
        role=role,
        now=now,
        detail={"hold": row.reference, "ground": row.ground},
        commits={"reason": reason},
    )
    return row


def _for_a_holder(request_id: int, actor: User, now: datetime) -> tuple[Request, str]:
    request = locked(request_id)
    demand(request, actor, Perm.VIEW, now)
    if role := acting_as(actor, request, HOLDERS, now):
        return request, role
    raise NotThere
