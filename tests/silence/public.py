"""The public world: everybody in office, a request of each kind in every state, open tasks, and a few pages of rows."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.test import Client
from django.utils.timezone import localdate

from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from accounts.services import grant_membership
from audit.models import Checkpoint, Entry, Log
from audit.sequencer import Sequencer
from cpdisclose.local.postgres import SUPERUSER
from disclosures.demo import Road
from disclosures.demo_kinds import CompanyRoad
from disclosures.models import HeldSystem, Request
from disclosures.selectors import queues
from disclosures.services.access import assign_request
from disclosures.services.cells import name_to_cell
from disclosures.services.following import watch_request
from disclosures.services.holding import Kept, ask_for_hold, confirm_hold
from disclosures.services.searching import ask_for_search
from disclosures.states import State
from tests.audit.conftest import default_connection
from tests.clock_crowd import switch_triggers
from tests.conftest import Database
from tests.crowd import TABLES, copy_request
from tests.every_state import ROLES, employ, make_superuser, undone
from tests.preserving import preservation
from tests.web.browsers import browser_for
from tests.web.filling import filled
from tests.world import World, make_world

from .frozen import standing_still, stop_the_clock

COPIES = 120
OF_COMPANIES = (State.DRAFT, State.SUBMITTED, State.RETURNED, State.IN_REVIEW, State.RELEASED, State.CLOSED)
# Whoever is reporting officer when a case arrives is its member from birth; so this one comes into office later.
LATER = timedelta(hours=1)
# When everything is looked at: after that, and long enough before anything runs out.
LOOKED_AT = timedelta(hours=3)
ORDER = 901  # the number of what stands in the order, and in no public request
TWIN = 77  # the number of people and references that one public and one secret request share


@dataclass(frozen=True)
class Public:
    """`observers`: who looks, by name; None is nobody signed in. `sessions`: the keys of their browsers."""

    world: World
    looked_at: datetime
    requests: Mapping[State, Request]
    companys: Mapping[State, Request]
    twin: Request
    searched: str
    kept: str
    preserved: str
    entry: int
    log_cursor: str
    next_page: str
    checkpoint: int
    membership: int
    intake: tuple[tuple[str, str], ...]
    observers: Mapping[str, User | None]
    sessions: Mapping[str, str]


def make_public(database: Database) -> Public:
    world = make_world()
    walked = {state: world.request_in(state) for state in State}
    companys = {state: _company(world, state) for state in OF_COMPANIES}
    twin = Road(world.people, world.police, world.now, number=TWIN).to(State.VERIFYING)
    observers = _observers(world)
    searched, kept, preserved = _tasks(world)
    # Joins each order at its birth; that the cell has a member stands in both worlds.
    name_to_cell(
        cell="AML", person=world["lead"], member_role="TEAM_LEAD", reason="Leads the work on orders.",
        until=world.now + timedelta(days=30), actor=world["head"], now=world.now,
    )  # fmt: skip
    in_review = walked[State.IN_REVIEW]
    watch_request(request_id=in_review.pk, actor=world["dpo"], now=world.now)
    assign_request(request_id=in_review.pk, assignee=observers["handler"], actor=world["lead"], now=world.now)
    draft = Road(world.people, world.police, world.now, number=TWIN + 1)
    draft.record()
    copy_request(database, walked[State.VERIFYING], after=0, upto=COPIES)
    with closing(database.cluster.connect(SUPERUSER, database.name)) as superuser:
        switch_triggers(superuser, "ENABLE ALWAYS", TABLES)
    sequence(database)
    looked_at = world.now + LOOKED_AT
    stop_the_clock(database, looked_at)
    sequence(database)  # the heartbeat of that instant stands in both worlds
    with standing_still(looked_at):
        sessions = {name: _signed_in(user, world.now) for name, user in observers.items() if user}
        intake = _form_of(draft, sessions["intake_clerk"])
    sequence(database)
    entry = Entry.objects.filter(log=Log.MAIN, object_ref=in_review.reference).earliest("at", "id")
    first_page = queues.pages(
        (queues.open_requests(world["head"], looked_at), None), user=world["head"], now=looked_at
    )
    return Public(
        world=world,
        looked_at=looked_at,
        requests=walked,
        companys=companys,
        twin=twin,
        searched=searched,
        kept=kept,
        preserved=preserved,
        entry=entry.pk,
        log_cursor=f"{int(entry.at.timestamp() * 1_000_000)}-{entry.pk}",
        next_page=first_page[0].later,
        membership=Membership.objects.earliest("pk").pk,
        intake=intake,
        checkpoint=Checkpoint.objects.filter(log=Log.MAIN).latest("size").size,
        observers=observers,
        sessions=sessions,
    )


def sequence(database: Database) -> None:
    """What the sequencer's process does within seconds: every entry gets its place, and both logs are signed."""
    with default_connection(database, "sequencer"):
        for log in Log.values:
            Sequencer(log).drain()


def _company(world: World, state: State) -> Request:
    world.made += 1
    road = CompanyRoad(world.people, world.police, world.now, number=world.made)
    return road.record() if state is State.DRAFT else road.to(state)


def _tasks(world: World) -> tuple[str, str, str]:
    """An open search, an open hold beside a confirmed one, and the request whose holds they are."""
    road, preserved = world.road(), preservation(world)
    road.confirm()
    assert road.request
    assert preserved.request
    billing, care = (HeldSystem.objects.get(code=code) for code in ("billing", "care"))
    asks = {"actor": world["handler"], "now": world.now}
    search = ask_for_search(request_id=road.request.pk, system_id=billing.pk, **asks)
    done = ask_for_hold(request_id=preserved.request.pk, system_id=billing.pk, **asks)
    answer = Kept(result="KEPT", kept_on=localdate(world.now), how="Set aside.")
    confirm_hold(task_id=done.pk, answer=answer, actor=world["holder"], now=world.now)
    hold = ask_for_hold(request_id=preserved.request.pk, system_id=care.pk, **asks)
    return search.reference, hold.reference, preserved.request.reference


def _observers(world: World) -> dict[str, User | None]:
    """Somebody in each role who is named to nothing, somebody in all, in none, elsewhere, and nobody at all."""
    early = [role for role in ROLES if role is not Role.MLRO]
    found: dict[str, User | None] = {
        role.lower(): employ(world, f"colleague-{role.lower()}", role) for role in early
    }
    found["mlro"] = employ(world, "colleague-mlro")
    found["all roles"] = employ(world, "all-roles", *early)
    for name in ("mlro", "all roles"):
        grant_membership(
            user=found[name], organisation=world.company, role=Role.MLRO, valid_from=world.now + LATER,
            valid_until=None, actor=None, now=world.now,
        )  # fmt: skip
    return found | {
        "superuser": make_superuser(employ(world, "superuser")),
        "group company": world["outsider"],
        "another company": employ(
            world, "travel", Role.GROUP_SUBMITTER, at=Organisation.objects.get(code="demo-travel")
        ),
        "nobody": None,
    }


def _signed_in(user: User, now: datetime) -> str:
    client: Client = browser_for(user, now)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _form_of(draft: Road, session: str) -> tuple[tuple[str, str], ...]:
    """What a clerk sends to whom the same comes in again as in the order: same officer, same person, same account."""
    assert draft.request
    client, address = Client(), f"/requests/{draft.request.reference}/edit/"
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    with undone():
        values = filled(client.get(address).content.decode(), address)
    values["save"] = ["draft"]
    kept = {name: value for name, value in values.items() if name not in {"csrfmiddlewaretoken", "version"}}
    own, theirs = (f"{number:03d}" for number in (TWIN + 1, ORDER))
    return tuple((name, one.replace(own, theirs)) for name, value in kept.items() for one in value)
