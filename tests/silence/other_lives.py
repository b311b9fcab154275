"""Secrets that go every other way: one in each state, an emergency, one of Scotland, one held, one destroyed, one nearly opened."""

from dataclasses import fields, replace
from datetime import datetime, timedelta

from django.utils.timezone import localdate

from disclosures.demo import Road
from disclosures.demo_kinds import CompanyRoad, OrderRoad, company_intake
from disclosures.models import Request
from disclosures.services import compartment, secrecy
from disclosures.services.destroying import destroy_what_was_confirmed
from disclosures.services.disposing import confirm_disposal, propose_disposal
from disclosures.services.keeping import place_hold
from disclosures.states import State

from .public import Public

FIRST = 910
BATCH = "d_ofasecret234"


class HiddenRoad(Road):
    """A plain form, born restricted; worked by the same named people as an order."""

    def record(self, *, restricted: bool = True, **changes: object) -> Request:
        super().record(restricted=restricted, **changes)
        for key, role in OrderRoad.members.items():
            compartment.add_member(
                request_id=self._fresh().pk, person=self.people[key], member_role=role, until=None,
                reason="Works on this case.", actor=self.people["mlro"], now=self.now,
            )  # fmt: skip
        return self._fresh()


class HiddenCompanyRoad(HiddenRoad):
    """What a related company asks on paper, and may not be told of."""

    recipient = CompanyRoad.recipient
    tests = CompanyRoad.tests

    def record(self, *, restricted: bool = True, **changes: object) -> Request:
        company = self.people["outsider"].memberships.select_related("organisation").get().organisation
        asked = replace(company_intake(company.pk, self), channel="POST", return_channel="POST")
        given = {one.name: getattr(asked, one.name) for one in fields(asked)}
        return super().record(restricted=restricted, **{**given, **changes})


def go_every_other_way(public: Public, now: datetime) -> list[Road]:
    world = public.world
    roads: dict[State, Road] = {}
    for number, state in enumerate(State, start=FIRST):
        roads[state] = HiddenRoad(world.people, world.police, now, number=number)
        roads[state].to(state)
    others = [
        HiddenCompanyRoad(world.people, world.police, now, number=FIRST + 50),
        HiddenRoad(world.people, world.police, now, number=FIRST + 60),
    ]
    others[0].to(State.VERIFYING)
    others[1].record(nation="SC")
    _is_nearly_opened(roads[State.IN_REVIEW])
    _is_held(roads[State.REFUSED])
    _is_destroyed(roads[State.CLOSED])
    return [*roads.values(), *others]


def _is_nearly_opened(road: Road) -> None:
    """Proposed, turned down, proposed again; and a day set on which to look at it again."""
    about, people, today = {"request_id": road._fresh().pk, "now": road.now}, road.people, localdate(road.now)
    end = {"ground": "ORDER_ENDED", "cited": "The order ended.", "cited_on": today, **about}
    secrecy.propose_end_of_secrecy(actor=people["handler"], **end)  # type: ignore[arg-type]
    secrecy.turn_down_end_of_secrecy(why="Not yet.", actor=people["mlro"], **about)  # type: ignore[arg-type]
    secrecy.propose_end_of_secrecy(actor=people["head"], **end)  # type: ignore[arg-type]
    secrecy.set_secrecy_review(on=today + timedelta(days=3), actor=people["mlro"], **about)  # type: ignore[arg-type]


def _is_held(road: Road) -> None:
    place_hold(
        request_id=road._fresh().pk, ground="LITIGATION", reason="A letter before claim.",
        review_on=localdate(road.now) + timedelta(days=90), actor=road.people["head"], now=road.now,
    )  # fmt: skip


def _is_destroyed(road: Road) -> None:
    row = propose_disposal(
        request_id=road._fresh().pk, batch=BATCH, ground="MISTAKE", reason="Recorded twice.",
        actor=road.people["release"], now=road.now,
    )  # fmt: skip
    confirm_disposal(disposal_id=row.pk, actor=road.people["head"], now=road.now)
    destroy_what_was_confirmed(now=road.now)
    assert road._fresh().disposed_at
