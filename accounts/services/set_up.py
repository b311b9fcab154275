"""The first company and its first administrator, in a database that has neither."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ..models import Organisation, User
from ..roles import Role
from .common import Refused
from .credentials import one_time_password
from .memberships import grant_membership
from .organisations import Profile, register_organisation
from .people import register_user


@dataclass(frozen=True)
class Newcomer:
    email: str
    name: str


@dataclass(frozen=True, repr=False)
class Appointed:
    user: User
    one_time_password: str


@transaction.atomic
def set_up_company(
    *,
    code: str,
    name: str,
    nation: str,
    aliases: Iterable[str] = (),
    profile: Profile,
    administrator: Newcomer,
    mlro_stand_in: Newcomer | None,
    now: datetime,
) -> list[Appointed]:
    """The administrator is head of legal as well, until somebody else is appointed.

    Where the company has no money laundering reporting officer, `mlro_stand_in` holds the role in their
    stead; it may be the administrator. Otherwise the officer is appointed on the administration pages.
    """
    if Organisation.objects.filter(kind=Organisation.Kind.CONTROLLER).exists():
        raise Refused("This database is already set up.")
    if profile.mlro_is_stand_in != (mlro_stand_in is not None):
        raise Refused("Name the stand-in where the company has no money laundering reporting officer.")
    company = register_organisation(
        code=code,
        name=name,
        kind=Organisation.Kind.CONTROLLER,
        nation=nation,
        aliases=aliases,
        profile=profile,
        actor=None,
        now=now,
    )
    roles = {administrator: [Role.ADMIN, Role.HEAD_OF_LEGAL]}
    if mlro_stand_in is not None:
        roles.setdefault(mlro_stand_in, []).append(Role.MLRO)
    return [_appoint(person, held, company, now) for person, held in roles.items()]


def _appoint(person: Newcomer, roles: list[Role], company: Organisation, now: datetime) -> Appointed:
    password = one_time_password()
    user = register_user(
        email=person.email,
        display_name=person.name,
        password=password,
        temporary=True,
        actor=None,
        now=now,
    )
    for role in roles:
        grant_membership(
            user=user, organisation=company, role=role, valid_from=now, valid_until=None, actor=None, now=now
        )
    return Appointed(user, password)
