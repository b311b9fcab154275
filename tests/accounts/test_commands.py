"""Set-up and help from the command line."""

import time
from io import StringIO

import pyotp
import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import CompanyProfile, Membership, OrganisationAlias, User
from accounts.roles import Role
from accounts.selectors import controller, roles_of

from .conftest import Desk, enrol, present, secret_of

FACTS = ["--telecoms-operator", "--no-regulated-sector", "--no-financial-institution"]
COMPANY = ["--name", "Example Networks Limited", "--alias", "Example Net", "--nation", "EW"]
ADMIN = ["--admin-email", "Ada@Desk.example", "--admin-name", "Ada"]


def run(*words: str) -> str:
    said = StringIO()
    call_command(*words, stdout=said, stderr=said)
    return said.getvalue()


def password_in(said: str, email: str) -> str:
    line = next(line for line in said.splitlines() if email in line)
    return line.split()[-1]


@pytest.mark.django_db
def test_set_up_makes_the_company_and_its_administrator() -> None:
    said = run("set_up", *COMPANY, *FACTS, *ADMIN)
    ada = User.objects.get()
    assert ada.email == "ada@desk.example"
    assert ada.check_password(password_in(said, ada.email))
    assert ada.password_is_temporary
    assert roles_of(ada, present()) == {Role.ADMIN, Role.HEAD_OF_LEGAL}
    profile = CompanyProfile.objects.get(organisation=controller())
    assert profile.is_telecoms_operator
    assert not profile.is_regulated_sector
    assert not profile.is_financial_institution
    assert not profile.mlro_is_stand_in
    assert OrganisationAlias.objects.get().name == "Example Net"
    assert "Appoint the money laundering reporting officer" in said
    connection.check_constraints()


@pytest.mark.django_db
def test_set_up_takes_a_stand_in_for_the_missing_officer() -> None:
    said = run(
        "set_up",
        *COMPANY,
        *FACTS,
        *ADMIN,
        "--mlro-stand-in-email",
        "mo@desk.example",
        "--mlro-stand-in-name",
        "Mo",
    )
    mo = User.objects.get(email="mo@desk.example")
    assert roles_of(mo, present()) == {Role.MLRO}
    assert mo.check_password(password_in(said, mo.email))
    assert CompanyProfile.objects.get().mlro_is_stand_in


@pytest.mark.django_db
def test_the_administrator_may_be_the_stand_in() -> None:
    run("set_up", *COMPANY, *FACTS, *ADMIN, "--mlro-stand-in-email", "ADA@desk.example")
    assert roles_of(User.objects.get(), present()) == {Role.ADMIN, Role.HEAD_OF_LEGAL, Role.MLRO}


@pytest.mark.django_db
def test_set_up_asks_what_the_law_makes_of_the_company() -> None:
    with pytest.raises(CommandError, match="telecoms-operator"):
        run("set_up", *COMPANY, *ADMIN)


def test_a_database_is_set_up_once(desk: Desk) -> None:
    with pytest.raises(CommandError, match="already set up"):
        run("set_up", *COMPANY, *FACTS, *ADMIN)
    assert User.objects.count() == 1


def test_a_person_is_added_with_a_one_time_password_and_no_role(desk: Desk) -> None:
    said = run("add_person", "Bob@desk.example", "Bob")
    bob = User.objects.get(email="bob@desk.example")
    assert bob.check_password(password_in(said, bob.email))
    assert bob.password_is_temporary
    assert not Membership.objects.filter(user=bob).exists()
    with pytest.raises(CommandError, match="already a person"):
        run("add_person", "bob@desk.example", "Bob")


def test_a_lost_password_is_replaced_and_the_second_factor_only_when_lost(desk: Desk) -> None:
    enrol(desk.admin)
    first = password_in(run("new_password", "ADA@desk.example"), "ada@")
    assert Authenticator.objects.filter(user=desk.admin).exists()
    second = password_in(run("new_password", "ada@desk.example", "--lost-second-factor"), "ada@")
    assert not Authenticator.objects.filter(user=desk.admin).exists()
    desk.admin.refresh_from_db()
    assert (desk.admin.check_password(first), desk.admin.check_password(second)) == (False, True)
    with pytest.raises(CommandError, match="no person"):
        run("new_password", "nobody@desk.example")


def test_one_time_codes_are_told_in_the_demonstration_only(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL_DATABASE_MARK", "")
    enrol(desk.admin)
    with pytest.raises(CommandError, match="not made by script/server"):
        run("totp", desk.admin.email)


def test_the_demonstration_tells_the_code_of_now(desk: Desk) -> None:
    enrol(desk.admin)
    code = run("totp", desk.admin.email).splitlines()[0]
    assert pyotp.TOTP(secret_of(desk.admin)).verify(code, for_time=int(time.time()), valid_window=1)
    with pytest.raises(CommandError, match="no authenticator"):
        run("totp", desk.person("Bob").email)
