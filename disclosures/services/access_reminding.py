"""Reminders of a person's own request: to whoever recorded it and to whom its ladder names (ladders.toml, ACCESS).

No restricted request is asked of, for none has a part in when or whether it is answered.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import absences_on, controller, holders, roles_of
from sealing.fields import sealed_of

from .. import outbox
from ..catalogue import LADDERS
from ..catalogue.ladders import ACCESS, HANDLER
from ..deadlines.access import access_start
from ..deadlines.calendars import london_day
from ..deadlines.escalating import reached
from ..deadlines.rules import Threshold
from ..models import AccessReminder, AccessRequest
from ..selectors.accounting import HANDS, clock_of

TOPIC = "access.reminder"
INSERT_REMINDER = """
    INSERT INTO disclosures_accessreminder (access_id, due_on, threshold, period, created_at)
    VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""


def remind_of_access(*, now: datetime) -> int:
    """Half of its time, three quarters, its last working day, and each day it is overdue; of how many. By the sweep."""
    promised = set(_running_reminders().values_list("access", "due_on", "threshold", "period"))
    return sum(
        _remind_of_one(access, threshold, period, now)
        for access in _running().defer(*sealed_of(AccessRequest)).order_by("id")
        for threshold, period in _reached(access, now)
        if (access.pk, access.due_on, threshold.value, period) not in promised
    )


def _running() -> QuerySet[AccessRequest]:
    return AccessRequest.objects.filter(approved_at=None, closed_at=None, due_on__isnull=False)


def _running_reminders() -> QuerySet[AccessReminder]:
    return AccessReminder.objects.filter(access__in=_running())


def _reached(access: AccessRequest, now: datetime) -> Iterator[tuple[Threshold, str]]:
    if access.due_on is not None:
        yield from reached(
            starts_at=access_start(clock_of(access)),
            due_on=access.due_on,
            overdue_days=LADDERS[ACCESS].overdue_days,
            now=now,
        )


@transaction.atomic(durable=True)
def _remind_of_one(access: AccessRequest, threshold: Threshold, period: str, now: datetime) -> bool:
    """The row is unique: of two sweeps at once one promises the mails, the other moves on."""
    key = (access.pk, access.due_on, threshold.value, period)
    with connection.cursor() as cursor:
        cursor.execute(INSERT_REMINDER, [*key, now])
        if cursor.rowcount == 0:
            return False
    for person in _people(access, getattr(LADDERS[ACCESS], threshold.lower()), now):
        outbox.put(
            key=":".join(str(part) for part in (TOPIC, *key, person.ref)),
            topic=TOPIC,
            payload={
                "user": person.pk,
                "access": access.pk,
                "due_on": str(access.due_on),
                "threshold": threshold.value,
            },
            not_before=now,
            ring=False,
        )
    return True


def _people(access: AccessRequest, names: Collection[str], now: datetime) -> list[User]:
    """Whoever recorded it and who covers for them, while they work such requests, and the roles; else legal."""
    found = _in_office({Role(name) for name in names if name != HANDLER}, now)
    if HANDLER in names:
        absence = absences_on(london_day(now)).get(access.recorded_by_id)
        mine = {access.recorded_by_id, *([absence.cover_id] if absence and absence.cover_id else [])}
        hands = User.objects.filter(pk__in=mine, is_active=True)
        found |= {person for person in hands if roles_of(person, now) & HANDS}
    return sorted(found or _in_office({Role.HEAD_OF_LEGAL}, now), key=lambda person: person.pk)


def _in_office(roles: Collection[Role], now: datetime) -> set[User]:
    return {person for role in roles for person in holders(controller(), role, now)}
