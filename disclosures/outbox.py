"""Promises that outlive the transaction: put inside it, claimed under a lease, kept at least once.

The row is the promise. The nudge is a doorbell: a broker that is down costs a step at most half a
second, then nothing for a while, and the sweep finds the row anyway.
"""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from .models import OutboxRow

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
ATTEMPTS = 20
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
# Without max_retries kombu waits six seconds for a broker that refuses, and for ever at one that hangs.
DOORBELL = {"max_retries": 0, "socket_connect_timeout": 0.5, "socket_timeout": 0.5}
QUIET_SECONDS = 5.0

INSERT = """
    INSERT INTO disclosures_outboxrow (key, topic, payload, due_at, attempts, last_error)
    VALUES (%s, %s, %s, %s, 0, '') ON CONFLICT (key) DO NOTHING
"""


class _Doorbell:
    """Until when this process lets a broken bell hang."""

    quiet_until = 0.0


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """What the page of health shows: progress, not living processes."""

    waiting: int
    oldest_due_at: datetime | None
    given_up: int


def put(
    *, key: str, topic: str, payload: Mapping[str, int | str], not_before: datetime, ring: bool = True
) -> bool:
    """Promises once per key; False if it was promised before. Only inside the caller's transaction.

    The payload holds ids and references, never anything personal.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "A promise is made inside the transaction it belongs to."
        )
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [key, topic, json.dumps(dict(payload)), not_before])
        made = cursor.rowcount == 1
    if made and ring:
        transaction.on_commit(nudge)
    return made


def nudge() -> None:
    """Rings the worker's bell. Nothing depends on it, so a broker that is away is passed over."""
    if not settings.CELERY_BROKER_URL or time.monotonic() < _Doorbell.quiet_until:
        return
    try:
        with current_app.connection_for_write(transport_options=DOORBELL) as bell:
            current_app.send_task("disclosures.deliver", connection=bell, ignore_result=True, expires=60)
    except (OperationalError, RedisError, OSError) as error:
        _Doorbell.quiet_until = time.monotonic() + QUIET_SECONDS
        logger.warning("The broker is away (%s); the sweep will deliver.", type(error).__name__)


@transaction.atomic(durable=True)
def claim(*, n: int, now: datetime, lease: timedelta = LEASE) -> list[OutboxRow]:
    """Leases up to n due rows to the caller alone. A row whose holder died comes back after its lease."""
    _give_up_on_the_lost(now)
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    due = _waiting().filter(free, due_at__lte=now).order_by("due_at", "id")
    rows = list(due.select_for_update(skip_locked=True)[:n])
    for row in rows:
        row.lease_token, row.leased_until, row.attempts = uuid4(), now + lease, row.attempts + 1
    OutboxRow.objects.bulk_update(rows, ["lease_token", "leased_until", "attempts"])
    return rows


def complete(row: OutboxRow, *, now: datetime) -> bool:
    """False if the lease ran out and somebody else holds the row: what was done may be done again."""
    return _end_lease(row, done_at=now)


def fail(row: OutboxRow, *, error: str, now: datetime) -> bool:
    """Puts the row off, twice as long each time, and gives it up after the last attempt.

    `error` is a code such as the name of an exception's class, never its text.
    """
    if row.attempts >= ATTEMPTS:
        return _end_lease(row, gave_up_at=now, last_error=error)
    wait = min(FIRST_WAIT * 2 ** (row.attempts - 1), LONGEST_WAIT)
    return _end_lease(row, due_at=now + wait, last_error=error)


def backlog(*, now: datetime) -> Backlog:
    due = _waiting().filter(due_at__lte=now).order_by("due_at")
    return Backlog(
        waiting=due.count(),
        oldest_due_at=due.values_list("due_at", flat=True).first(),
        given_up=OutboxRow.objects.filter(gave_up_at__isnull=False).count(),
    )


def _waiting() -> QuerySet[OutboxRow]:
    return OutboxRow.objects.filter(done_at=None, gave_up_at=None)


def _give_up_on_the_lost(now: datetime) -> None:
    """A row that killed each of its workers never reaches `fail`; it must not go round for ever."""
    lost = _waiting().filter(attempts__gte=ATTEMPTS, leased_until__lte=now)
    lost.update(gave_up_at=now, last_error="LEASE_LOST", lease_token=None, leased_until=None)


def _end_lease(row: OutboxRow, **outcome: datetime | str) -> bool:
    """Compare and swap on the lease: only its holder may say how it ended."""
    held = _waiting().filter(pk=row.pk, lease_token=row.lease_token)
    return held.update(**outcome, lease_token=None, leased_until=None) == 1
