"""A request in every state, open to the desk and again as a secret of its members; and people of every kind to try them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connections, transaction

from accounts.models import Organisation, User
from accounts.roles import CONTROLLER_ROLES, Role
from accounts.services import grant_membership, register_user
from accounts.services.common import changed, save
from audit.entries import SYSTEM, append
from cpdisclose.local.postgres import Cluster
from disclosures.demo import Road
from disclosures.demo_kinds import CompanyRoad, OrderRoad
from disclosures.models import Request
from disclosures.services.access import exclude_person, restrict_request
from disclosures.services.compartment import add_member
from disclosures.states import State

from .conftest import cloned
from .world import PASSWORD, World, make_world

# Of those who walk the road, these two are not named to the secret requests.
LEFT_OUT = frozenset({"second", "lead", "auditor", "admin", "outsider"})
ROLES: tuple[Role, ...] = tuple(sorted(CONTROLLER_ROLES))
# Auditors and administrators have no part in a request, so they are named to none.
NAMED: tuple[Role, ...] = tuple(role for role in ROLES if role not in {Role.AUDITOR, Role.ADMIN})


@dataclass(frozen=True)
class Everything:
    """`plain` knows `excluded` as an excluded person; `secret` is known to its walkers and to `members` alone.

    `all_roles` and `excluded` hold every role there is in the company.
    None of these people walked the road, so nothing but their place decides what they may.
    """

    world: World
    plain: Mapping[State, Request]
    secret: Mapping[State, Request]
    colleagues: Mapping[Role, User]
    members: Mapping[Role, User]
    all_roles: User
    excluded: User
    superuser: User
    elsewhere: User


class PlainRoad(Road):
    """Excludes somebody as soon as the request is there."""

    excluded: User

    def record(self, *, restricted: bool = False, **changes: object) -> Request:
        request = super().record(restricted=restricted, **changes)
        exclude_person(
            request_id=request.pk,
            person=self.excluded,
            reason="A cousin.",
            actor=self.people["lead"],
            now=self.now,
        )
        return self._fresh()


class SecretRoad(Road):
    """Becomes a secret of its members as soon as it is there."""

    members: Mapping[User, str]

    def record(self, *, restricted: bool = False, **changes: object) -> Request:
        request = super().record(restricted=restricted, **changes)
        restrict_request(
            request_id=request.pk, members=dict(self.members), reason="A colleague is named.", actor=self.people["head"], now=self.now
        )  # fmt: skip
        return self._fresh()


def employ(world: World, name: str, *roles: Role, at: Organisation | None = None) -> User:
    """Somebody new, in these roles since yesterday."""
    user = register_user(
        email=f"{name}@desk.example",
        display_name=f"Tester {name}",
        password=PASSWORD,
        actor=None,
        now=world.now,
    )
    for role in roles:
        grant_membership(
            user=user, organisation=at or world.company, role=role, valid_from=world.now - timedelta(days=1),
            valid_until=None, actor=None, now=world.now,
        )  # fmt: skip
    return user


def make_superuser(user: User) -> User:
    """No service makes one; somebody with a shell does, and is as honest as the triggers demand."""
    with transaction.atomic():
        user.is_superuser = True
        save(user, "is_superuser")
        append(event="user.changed", actor=SYSTEM, obj=changed(user))
    return user


def everything(world: World) -> Everything:
    colleagues = {role: employ(world, f"colleague-{role.lower()}", role) for role in ROLES}
    members = {role: employ(world, f"member-{role.lower()}", role) for role in NAMED}
    excluded = employ(world, "excluded", *ROLES)
    PlainRoad.excluded = excluded
    SecretRoad.members = {person: role for role, person in members.items()} | {
        person: str(person.memberships.get().role)
        for key, person in world.people.items()
        if key not in LEFT_OUT and key != "head"
    }
    return Everything(
        world=world,
        plain={state: _walk(world, PlainRoad, state) for state in State},
        secret={state: _walk(world, SecretRoad, state) for state in State},
        colleagues=colleagues,
        members=members,
        all_roles=employ(world, "all-roles", *ROLES),
        excluded=excluded,
        superuser=make_superuser(employ(world, "superuser")),
        elsewhere=world["outsider"],
    )


# No company asks in an emergency, and no order is answered as one.
USUAL: tuple[State, ...] = tuple(
    state
    for state in State
    if state not in {State.EMERGENCY_PENDING, State.EMERGENCY_RELEASED, State.AWAITING_RATIFICATION}
)


# An order or a notice has no internal review.
OF_ORDERS: tuple[State, ...] = tuple(state for state in USUAL if state is not State.UNDER_APPEAL)


class NamedOrderRoad(OrderRoad):
    """Names somebody of every role besides those who walk it."""

    also: Mapping[User, str]

    def record(self, *, restricted: bool = True, **changes: object) -> Request:
        request = super().record(restricted=restricted, **changes)
        for person, role in self.also.items():
            add_member(
                request_id=request.pk, person=person, member_role=role, reason="To be tried.", until=None,
                actor=self.people["mlro"], now=self.now,
            )  # fmt: skip
        return self._fresh()


@dataclass(frozen=True)
class OtherKinds:
    """`company`: a related company's requests; `orders`: production orders, secrets of their members.

    `inside` acts for the company that asks, `sold` for one that was sold.
    """

    company: Mapping[State, Request]
    orders: Mapping[State, Request]
    colleagues: Mapping[Role, User]
    members: Mapping[Role, User]
    all_roles: User
    inside: User
    sold: User


def other_kinds(world: World) -> OtherKinds:
    members = {role: employ(world, f"member-{role.lower()}", role) for role in NAMED}
    # Whoever is the reporting officer is a member from birth.
    NamedOrderRoad.also = {person: role for role, person in members.items() if role is not Role.MLRO}
    submitter = Role.GROUP_SUBMITTER
    retail, travel = (Organisation.objects.get(code=code) for code in ("demo-retail", "demo-travel"))
    return OtherKinds(
        company={state: _walk(world, CompanyRoad, state) for state in USUAL},
        orders={state: _walk(world, NamedOrderRoad, state) for state in OF_ORDERS},
        colleagues={role: employ(world, f"colleague-{role.lower()}", role) for role in ROLES},
        members=members,
        all_roles=employ(world, "all-roles", *ROLES),
        inside=employ(world, "inside", submitter, at=retail),
        sold=employ(world, "sold", submitter, at=travel),
    )


def _walk(world: World, kind: type[Road], state: State) -> Request:
    world.made += 1
    road = kind(world.people, world.police, world.now, number=world.made)
    return road.record() if state is State.DRAFT else road.to(state)


# Made once in a run, and copied like the template that it is made from.
KEPT = "cpd_every_state"
_made: dict[Cluster, Everything] = {}


@contextmanager
def desk_with_everything(cluster: Cluster) -> Iterator[Everything]:
    """The default connection points at a desk with everything on it, for as long as this lasts."""
    if cluster not in _made:
        with cloned(cluster) as database:
            made = everything(make_world())
            connections["default"].close()
            cluster.create_database(KEPT, mark=settings.DATABASE_MARK, template=database.name)
        _made[cluster] = made
    with cloned(cluster, template=KEPT):
        yield _made[cluster]


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is rolled back; a durable transaction is let in, as Django's own TestCase does."""
    outer = transaction.atomic()
    outer._from_testcase = True  # type: ignore[attr-defined]
    with outer:
        yield
        transaction.set_rollback(True)
