"""Verifies a log in the background: a reader asks for it, the sequencer's process does it, the page shows how far.

A row is the memory. Of all processes the one with the advisory lock works on it; if it is killed its lock is
gone with its connection, and whoever looks next begins the run again.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from . import outside, reconciling, verifying
from .entries import SYSTEM, Actor, append
from .models import Log, Verification
from .nudge import nudge, ring
from .verifying import Fault, Report

MOST_ATTEMPTS = 3
SHOW_SECONDS = 0.5
# The first half of the advisory lock's key; the second is the number of the log.
_LOCK = 0x766572
_NUMBER = {log: number for number, log in enumerate(Log.values)}

_BEGIN = """
UPDATE audit_verification SET attempts = attempts + 1, done = since, begun_at = clock_timestamp()
WHERE id = %s AND ended_at IS NULL RETURNING attempts
"""
_SHOW = "UPDATE audit_verification SET done = %s, until = %s WHERE id = %s AND ended_at IS NULL"
_END = """
UPDATE audit_verification SET ended_at = clock_timestamp(), is_whole = %s, first_bad = %s, faults = %s::jsonb,
    done = greatest(since, %s), until = greatest(since, %s)
WHERE id = %s AND ended_at IS NULL
"""


class AlreadyAsked(Exception):
    """One verification at a time: another is waiting or going on."""


def last_verified(log: str) -> Verification | None:
    return Verification.objects.filter(log=log, is_whole=True).order_by("-id").first()


def going_on(log: str) -> Verification | None:
    """What waits or is being done."""
    return Verification.objects.filter(log=log, ended_at=None).first()


def ask(*, log: str, whole: bool, actor: Actor, now: datetime) -> Verification:
    """From the first entry on, or from where the last verification that found nothing ended.

    Raises `AlreadyAsked`.
    """
    before = None if whole else last_verified(log)
    since = before.until if before else 0
    try:
        with transaction.atomic(durable=True):
            run = Verification.objects.create(
                log=log, since=since, done=since, asked_by=actor.ref, asked_at=now
            )
            append(event="log.verification_asked", actor=actor, log=log, detail={"since": since})
            transaction.on_commit(_ring)
    except IntegrityError as error:
        raise AlreadyAsked from error
    return run


def _ring() -> None:
    ring("audit.verify", queue="audit")
    nudge()


def work(log: str) -> bool:
    """Does what was asked for, unless there is nothing or another process is at it. Answers whether it did."""
    if going_on(log) is None:
        return False
    with _alone(log) as beside:
        run = going_on(log)
        if beside is None or run is None:
            return False
        row = _rows(beside, _BEGIN, [run.pk])
        if row and row[0][0] > MOST_ATTEMPTS:
            _end(run, _given_up(log), of_the_tree=1)
            return True
        _verify(run, beside)
    return True


def _verify(run: Verification, beside: BaseDatabaseWrapper) -> None:
    held, strange = outside.held(run.log)
    report = verifying.verify(run.log, since=run.since, held=held, progress=_Shown(run.pk, beside).show)
    for name in strange:
        report.add(f"In the folder of copies {name} is no checkpoint of this log.")
    of_the_tree = len(report.faults)
    reconciling.reconcile(run.log, report)
    _end(run, report, of_the_tree=of_the_tree)


def _given_up(log: str) -> Report:
    report = Report(log)
    report.add(
        f"It was begun {MOST_ATTEMPTS} times and never came to its end. Whoever runs the servers finds why."
    )
    return report


def _end(run: Verification, report: Report, *, of_the_tree: int) -> None:
    """The first faults are the tree's; those behind them compare objects and may name one."""
    faults = [_kept(fault, at >= of_the_tree) for at, fault in enumerate(report.faults)]
    values = [not faults, report.first_bad, json.dumps(faults), report.size, report.size, run.pk]
    detail = {"since": run.since, "size": report.size, "faults": len(faults)}
    if report.first_bad is not None:
        detail["first_bad"] = report.first_bad
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute(_END, values)
            if cursor.rowcount != 1:
                return
        append(event="log.verified", actor=SYSTEM, log=run.log, detail=detail)


def _kept(fault: Fault, names_an_object: bool) -> dict[str, Any]:
    return {
        "words": fault.words,
        "first": fault.first,
        "last": fault.last,
        "names_an_object": names_an_object,
    }


@dataclass
class _Shown:
    """Writes the progress on a connection of its own: the verification reads in one long transaction."""

    run_id: int
    beside: BaseDatabaseWrapper
    at: float = field(default_factory=lambda: monotonic() - SHOW_SECONDS)

    def show(self, done: int, of: int) -> None:
        if monotonic() - self.at >= SHOW_SECONDS:
            self.at = monotonic()
            with self.beside.cursor() as cursor:
                cursor.execute(_SHOW, [done, of, self.run_id])


@contextmanager
def _alone(log: str) -> Iterator[BaseDatabaseWrapper | None]:
    """A second connection that holds the log's lock for as long as it lives; None if somebody else has it."""
    beside = connection.copy()
    try:
        taken = _rows(beside, "SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, _NUMBER[log]])[0][0]
        yield beside if taken else None
    finally:
        beside.close()


def _rows(on: BaseDatabaseWrapper, query: str, values: list[int]) -> list[tuple[Any, ...]]:
    with on.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
