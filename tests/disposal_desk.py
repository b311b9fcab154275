"""Closed requests, and the two people who have them destroyed, as tests of disposal use them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.models import opaque
from disclosures.models import Disposal, LegalHold, Request
from disclosures.services.destroying import destroy_what_was_confirmed
from disclosures.services.disposing import confirm_disposal, propose_disposal
from disclosures.services.keeping import lift_hold, place_hold
from disclosures.states import State

from .world import World

YEARS = timedelta(days=366)


def later(world: World, years: int = 8) -> datetime:
    """When every period is over."""
    return world.now + years * YEARS


def closed(world: World) -> Request:
    return world.request_in(State.CLOSED)


def propose(world: World, request: Request, **given: object) -> Disposal:
    values = {"batch": opaque("d"), "actor": world["release"], "now": later(world), **given}
    return propose_disposal(request_id=request.pk, **values)  # type: ignore[arg-type]


def confirm(world: World, row: Disposal, who: str = "head") -> Disposal:
    return confirm_disposal(disposal_id=row.pk, actor=world[who], now=later(world))


def destroy(world: World, requests: Iterable[Request]) -> list[Disposal]:
    """The whole road of two people and the job, for one batch."""
    batch = opaque("d")
    rows = [confirm(world, propose(world, request, batch=batch)) for request in requests]
    destroy_what_was_confirmed(now=later(world))
    for row in rows:
        row.refresh_from_db()
    return rows


def hold(world: World, request: Request, who: str = "head", **given: object) -> LegalHold:
    values = {
        "ground": "LITIGATION", "reason": "Letter before claim of 3 March.", "now": world.now,
        "review_on": (world.now + timedelta(days=365)).date(), **given,
    }  # fmt: skip
    return place_hold(request_id=request.pk, actor=world[who], **values)  # type: ignore[arg-type]


def lift(world: World, row: LegalHold, who: str = "head") -> LegalHold:
    return lift_hold(
        request_id=row.request_id, hold=row.reference, reason="The claim was settled.", actor=world[who],
        now=world.now,
    )  # fmt: skip


def waiting(world: World) -> str:
    """A batch that waits for its second person."""
    return propose(world, closed(world), ground="MISTAKE", reason="Recorded twice.", now=world.now).batch
