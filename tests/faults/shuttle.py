"""A request that is sent back and handed in again, over and over: each of the two steps touches all that a step can."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass

from disclosures.states import Action, State
from tests.world import World

from .desk import Desk
from .ledger import Standing, standing
from .visitor import Answer, Visitor

REASON = "A signature is missing."


@dataclass(frozen=True)
class Shuttle:
    pk: int
    reference: str
    who: Mapping[Action, str]

    def standing(self, desk: Desk) -> Standing:
        with desk.database.connect("owner") as owner:
            return standing(owner, self.reference)

    def post(self, visitors: Mapping[str, Visitor], action: Action, key: str) -> Answer | None:
        """None when the connection broke."""
        visitor = visitors[self.who[action]]
        try:
            return visitor.take_step(self.reference, action.lower(), key=key, reason=REASON)
        except (OSError, http.client.HTTPException):
            return None


def plain(world: World) -> Shuttle:
    request = world.request_in(State.SUBMITTED)
    return Shuttle(request.pk, request.reference, {Action.RETURN: "handler", Action.RESUBMIT: "clerk"})


def restricted(world: World) -> Shuttle:
    """Its grants are by name, and its entries go to the sealed log."""
    road = world.road()
    road.record(restricted=True)
    request = road.step("clerk", Action.SUBMIT)
    return Shuttle(request.pk, request.reference, {Action.RETURN: "mlro", Action.RESUBMIT: "clerk"})


def next_action(found: Standing) -> Action:
    return Action.RETURN if found.state == State.SUBMITTED else Action.RESUBMIT


def moved_once(was: Standing, then: Standing, action: Action) -> bool:
    """`standing` has checked that every part of each step is there; this is what was added."""
    return (
        then.version == was.version + 1
        and then.steps[:-1] == was.steps
        and then.steps[-1][1] == action
        and then.entries[:-1] == was.entries
        and [clock[-1][:-1] for clock in then.clocks] == [clock[-1] for clock in was.clocks]
    )
