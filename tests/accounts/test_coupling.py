"""Against a database with real commits: neither people nor organisations nor roles change in silence."""

from collections.abc import Callable

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import Error, transaction

from accounts.models import Membership, Organisation, OrganisationDomain, RoleGroup, User
from accounts.roles import Role
from accounts.services import MailDomain, register_organisation
from sealing.keys import new_key
from tests.conftest import Database

from .conftest import Desk, make_desk, present

pytestmark = pytest.mark.committed


@pytest.fixture
def company(committed_db: Database) -> Organisation:
    return a_company(make_desk())


def a_company(desk: Desk) -> Organisation:
    return register_organisation(
        code="other",
        name="Other Ltd",
        kind=Organisation.Kind.GROUP_COMPANY,
        nation="SC",
        aliases=["Other"],
        domains=[MailDomain("other.example", OrganisationDomain.Certainty.HIGH)],
        actor=desk.admin,
        now=desk.now,
    )


def a_stranger() -> User:
    return User(email="eve@x.example", display_name="Eve", data_key=new_key(), joined_at=present())


@transaction.atomic
def borrow_a_group() -> None:
    RoleGroup.objects.filter(role=Role.AUDITOR).update(group=Group.objects.create(name="borrowed"))


SILENT: dict[str, Callable[[Organisation], object]] = {
    "another alias": lambda company: company.aliases.create(name="Another"),
    "an alias gone": lambda company: company.aliases.all().delete(),
    "another domain": lambda company: company.domains.update(domain="evil.example"),
    "the group of a role": lambda company: borrow_a_group(),
    "a switchboard": lambda company: Organisation.objects.update(switchboard="09098 79 0000"),
    "an organisation saved": lambda company: company.save(),
    "a role": lambda company: Membership.objects.update(role=Role.APPROVER),
    "a role gone": lambda company: Membership.objects.all().delete(),
    "a person saved": lambda company: User.objects.get().save(),
    "a person made": lambda company: User.objects.bulk_create([a_stranger()]),
}


SAID = "raises version by one|without a change of|has no entry|refused"


@pytest.mark.parametrize("what", SILENT)
def test_the_orm_changes_nothing_without_an_entry(company: Organisation, what: str) -> None:
    with pytest.raises(Error, match=SAID):
        SILENT[what](company)


SQL = (
    "UPDATE accounts_user SET display_name = 'Eve'",
    "UPDATE accounts_user SET display_name = 'Eve', version = version + 1",
    "UPDATE accounts_user SET password = '!', version = version + 1",
    "UPDATE accounts_user SET is_superuser = true, version = version + 1",
    "UPDATE accounts_membership SET valid_until = NULL, version = version + 1",
    "UPDATE accounts_companyprofile SET is_telecoms_operator = false",
    "DELETE FROM accounts_user",
    "TRUNCATE accounts_membership CASCADE",
)


@pytest.mark.parametrize("role", ["app", "owner"])
def test_raw_sql_changes_nothing_without_an_entry(
    company: Organisation, committed_db: Database, role: str
) -> None:
    for statement in SQL:
        with committed_db.connect(role) as direct, pytest.raises(psycopg.Error):
            direct.execute(statement)
