"""An office with an auditor and people who are none, browsers for them, and entries by the thousand."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
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
from tests.signed_in import just_signed_in

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PROFILE = Profile(
    is_telecoms_operator=False,
    is_regulated_sector=False,
    is_financial_institution=False,
    mlro_is_stand_in=False,
)

# Entries as honest writers make them, `count` at once: {event}, {actor} and {object} are expressions over n.
MANY = """
INSERT INTO audit_entry (log, body)
SELECT %(log)s, convert_to(
    '{{"actor":{{"ref":"' || {actor} || '"}},"at":"' ||
    to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') ||
    '","event":"' || {event} || '","id":' || (1 + random() * 9e15)::bigint ||
    ',"object":{{"ref":"' || {object} || '","seen_version":1,"type":"folder"}},"v":1}}', 'UTF8')
FROM generate_series(1, %(count)s) AS n
"""


@dataclass
class Office:
    company: Organisation
    auditor: User
    legal: User
    now: datetime

    def hire(self, name: str, role: Role | None) -> User:
        user = register_user(
            email=f"{name.replace(' ', '.').lower()}@desk.example",
            display_name=name,
            password="correct horse battery staple",
            actor=None,
            now=self.now,
        )
        if role:
            grant_membership(
                user=user,
                organisation=self.company,
                role=role,
                valid_from=self.now - timedelta(hours=1),
                valid_until=None,
                actor=None,
                now=self.now,
            )
        return user


def make_office() -> Office:
    now = datetime.now(UTC)
    company = register_organisation(
        code="company",
        name="The Company plc",
        kind=Organisation.Kind.CONTROLLER,
        nation="EW",
        profile=PROFILE,
        actor=None,
        now=now,
    )
    office = Office(company, User(), User(), now)
    office.auditor = office.hire("Ada Auditor", Role.AUDITOR)
    office.legal = office.hire("Lena Legal", Role.HEAD_OF_LEGAL)
    return office


def browser(user: User) -> Client:
    """Signed in with a second factor."""
    add_second_factor(user_id=user.pk, secret=SECRET, actor=None, now=datetime.now(UTC))
    return just_signed_in(user)


def write_many(
    count: int,
    *,
    log: str = "main",
    event: str = "'folder.viewed'",
    actor: str = "'u_many'",
    obj: str = "'F-' || n",
) -> None:
    """In the test's own transaction, through every trigger. `event`, `actor` and `obj` are SQL over n."""
    with connection.cursor() as cursor:
        cursor.execute(MANY.format(event=event, actor=actor, object=obj), {"log": log, "count": count})
