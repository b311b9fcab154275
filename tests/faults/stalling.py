"""Where a step can be stalled: every table that it locks, and the weakest lock of somebody else's that stops it there."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction

# A step's own lock on a table -> the weakest that conflicts with it, so that the step stalls as late as it can:
# at its first write, at the commit's look at what its rows point to, or at its first look.
STALLED_BY = {
    "RowExclusiveLock": "SHARE",
    "RowShareLock": "EXCLUSIVE",
    "AccessShareLock": "ACCESS EXCLUSIVE",
}
HELD = """
SELECT DISTINCT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
WHERE l.pid = pg_backend_pid() AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
"""


@dataclass(frozen=True, order=True)
class Point:
    table: str
    mode: str

    @property
    def is_written(self) -> bool:
        return self.mode == "SHARE"

    def __str__(self) -> str:
        return f"{self.table} ({self.mode.lower()})"


def points_of(*steps: Callable[[], object]) -> list[Point]:
    """One for each table that any of the steps touches."""
    held = set().union(*(_locks_of(step) for step in steps))
    found: dict[str, str] = {}
    for own, other in STALLED_BY.items():
        for table in (table for table, mode in held if mode == own):
            found.setdefault(table, other)
    return sorted(Point(table, mode) for table, mode in found.items())


def _locks_of(step: Callable[[], object]) -> set[tuple[str, str]]:
    """Takes the step up to its commit, deferred checks included, reads off its locks, and undoes it."""
    with transaction.atomic(), connection.cursor() as cursor:
        step()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(HELD)
        held = set(cursor.fetchall())
        transaction.set_rollback(True)
    return held
