"""A small company with its administrator, and ways to sign in as a browser does."""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import Organisation, User
from accounts.roles import Role
from accounts.services import (
    Profile,
    add_second_factor,
    grant_membership,
    register_organisation,
    register_user,
)

PASSWORD = "correct horse battery staple"
HOME = "192.0.2.1"
ELSEWHERE = "192.0.2.77"


def present() -> datetime:
    return datetime.now(UTC)


@dataclass
class Desk:
    company: Organisation
    admin: User
    now: datetime

    def person(self, name: str, *roles: Role, organisation: Organisation | None = None) -> User:
        user = register_user(
            email=f"{name.lower()}@desk.example",
            display_name=name,
            password=PASSWORD,
            actor=self.admin,
            now=self.now,
        )
        for role in roles:
            self.give(user, role, organisation)
        return user

    def give(self, user: User, role: Role, organisation: Organisation | None = None) -> None:
        grant_membership(
            user=user,
            organisation=organisation or self.company,
            role=role,
            valid_from=self.now - timedelta(hours=1),
            valid_until=None,
            actor=self.admin,
            now=self.now,
        )

    def other_company(self) -> Organisation:
        return register_organisation(
            code="sister",
            name="Sister Ltd",
            kind=Organisation.Kind.GROUP_COMPANY,
            nation="EW",
            actor=self.admin,
            now=self.now,
        )


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk()


def make_desk() -> Desk:
    now = present()
    company = register_organisation(
        code="desk",
        name="Desk Ltd",
        kind=Organisation.Kind.CONTROLLER,
        nation="EW",
        profile=Profile(
            is_telecoms_operator=True,
            is_regulated_sector=False,
            is_financial_institution=False,
            mlro_is_stand_in=False,
        ),
        actor=None,
        now=now,
    )
    admin = register_user(
        email="ada@desk.example", display_name="Ada", password=PASSWORD, actor=None, now=now
    )
    grant_membership(
        user=admin,
        organisation=company,
        role=Role.ADMIN,
        valid_from=now - timedelta(days=1),
        valid_until=None,
        actor=None,
        now=now,
    )
    return Desk(company, admin, now)


def secret_of(user: User) -> str:
    return base64.b32encode(user.ref.ljust(20, "_").encode()[:20]).decode()


def code_of(user: User, *, after: int = 0) -> str:
    """The code of now, or of so many half minutes later."""
    return pyotp.TOTP(secret_of(user)).at(int(time.time()) + 30 * after)


def enrol(user: User) -> None:
    add_second_factor(user_id=user.pk, secret=secret_of(user), actor=None, now=present())


def give_password(
    client: Client, user: User, *, password: str = PASSWORD, source: str = HOME, target: str = ""
) -> HttpResponse:
    data = {"login": user.email, "password": password}
    if target:
        data["next"] = target
    return client.post("/account/login/", data, REMOTE_ADDR=source)


def give_code(client: Client, code: str, *, source: str = HOME) -> HttpResponse:
    return client.post("/account/2fa/authenticate/", {"code": code}, REMOTE_ADDR=source)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A browser in which the person signed in with password and second factor."""

    def sign_in(user: User) -> Client:
        enrol(user)
        client = Client()
        give_password(client, user)
        assert give_code(client, code_of(user)).status_code == 302
        return client

    return sign_in
