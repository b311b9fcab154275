"""Promises that outlive the transaction: put inside it, claimed under a lease, kept at least once.

The row is the promise, the nudge a doorbell: with the broker away the sweep finds the row anyway.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from audit import nudge as bell

from .models import OutboxRow, Request

LEASE = timedelta(minutes=3)  # one mail at the pace of EMAIL_TIMEOUT, and some
ATTEMPTS = 20
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)

INSERT = """
    INSERT INTO disclosures_outboxrow (key, topic, payload, due_at, attempts, last_error)
    VALUES (%s, %s, %s, %s, 0, '') ON CONFLICT (key) DO NOTHING
"""


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
        made: bool = cursor.rowcount == 1
    if made and ring:
        transaction.on_commit(nudge)
    return made


def nudge() -> None:
    """Rings the worker's bell. Nothing depends on it."""
    bell.ring("disclosures.deliver")


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


def take_back(*, key: str, now: datetime) -> bool:
    """Ends a promise that is still held: not due yet, in nobody's hands. False if it is too late for that."""
    held = _waiting().filter(key=key, lease_token=None, due_at__gt=now, attempts=0)
    return held.update(done_at=now) == 1


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


def oldest_overdue(*, now: datetime) -> datetime | None:
    """Since when the oldest promise waits, those of restricted requests left out: anybody may ask whether we are late."""
    due = _naming(_waiting().filter(due_at__lte=now)).filter(~_of_a_secret()).order_by("due_at")
    return due.values_list("due_at", flat=True).first()


def is_of_a_secret(row: OutboxRow) -> bool:
    """Whether it was promised for a request that is restricted now."""
    return _naming(OutboxRow.objects.filter(pk=row.pk)).filter(_of_a_secret()).exists()


def _naming(rows: QuerySet[OutboxRow]) -> QuerySet[OutboxRow]:
    """Each promise names its request, or a clock of it."""
    return rows.annotate(
        of_request=Cast(KeyTextTransform("request", "payload"), BigIntegerField()),
        of_clock=Cast(KeyTextTransform("deadline", "payload"), BigIntegerField()),
    )


def _of_a_secret() -> Q:
    secret = Request.objects.filter(restricted=True)
    by_request, by_clock = (
        secret.filter(pk=OuterRef("of_request")),
        secret.filter(deadlines=OuterRef("of_clock")),
    )
    return Q(Exists(by_request)) | Q(Exists(by_clock))


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
