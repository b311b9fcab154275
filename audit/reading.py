"""Reads the entries of a log in the order of their indexes, for whoever recomputes it: streaming, in constant memory.

The order in which entries were committed, (transaction, id), is that of the indexes unless somebody meddled or a dump
of another cluster was restored. So the two tables are read side by side, each in its own order, and joined by id only
from where they differ: ten million look-ups by random ids cost more than all the hashing.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from .models import LARGEST_BODY
from .tree import TILE_WIDTH

# More entries than this that are unlike their columns at first sight, and all are compared the slow way.
MOST_UNLIKE = 100_000
# Of an index that an attacker gave: read from the beginning, none may hide below 0.
LOWEST = -(2**63)

_LEAVES = """
SELECT l.index, e.log, e.body FROM audit_leaf l LEFT JOIN audit_entry e ON e.id = l.entry_id
WHERE l.log = %s {since} ORDER BY l.index
"""
_PLACES = "SELECT index, entry_id FROM audit_leaf WHERE log = %s AND index >= %s ORDER BY index"

# An entry in canonical form begins with its actor and instant and ends with event, id, object, session and version:
# where its columns make those bytes, and what stands between has none of those names, they say what it says. What is
# not so plain is compared by reconciling: a sign that JSON has in another form, an instant that is written like one of
# another age, a name that stands twice. OFFSET 0 has each of the parts made once.
_COMMITTED = """
SELECT id, body, NOT (to_json(strings)::text = '"' || strings || '"' AND at >= '0001-01-01Z' AND at < '10000-01-01Z'
    AND CASE WHEN octet_length(body) > %s THEN false WHEN middle IS NULL THEN body = head || tail
    WHEN middle IS JSON OBJECT WITH UNIQUE KEYS
        THEN NOT middle::jsonb ?| ARRAY['actor', 'at', 'event', 'id', 'object', 'session', 'v']
    END) IS TRUE
FROM (SELECT *, CASE
    WHEN octet_length(body) > octet_length(head) + octet_length(tail)
        AND substring(body FROM 1 FOR octet_length(head) + 2) = head || ',"'::bytea
        AND substring(body FROM octet_length(body) - octet_length(tail) + 1) = tail
    THEN '{' || convert_from(substring(body FROM octet_length(head) + 2
        FOR octet_length(body) - octet_length(head) - octet_length(tail) - 1), 'UTF8') || '}' END AS middle
FROM (SELECT id, at, body, event || actor || coalesce(role, '') || coalesce(session, '')
        || coalesce(object_type, '') || coalesce(object_ref, '') AS strings,
    convert_to('{"actor":{"ref":"' || actor || coalesce('","role":"' || role, '') || '"},"at":"'
        || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'UTF8') AS head,
    convert_to(',"event":"' || event || '","id":' || id || CASE
        WHEN num_nonnulls(object_type, object_ref, object_version, seen_version) = 0 THEN ''
        WHEN seen_version IS NULL THEN
            ',"object":{"ref":"' || object_ref || '","type":"' || object_type || '","version":' || object_version || '}'
        WHEN object_version IS NULL THEN
            ',"object":{"ref":"' || object_ref || '","seen_version":' || seen_version || ',"type":"' || object_type || '"}'
        END || coalesce(',"session":"' || session || '"', '') || ',"v":1}', 'UTF8') AS tail
    FROM audit_entry WHERE log = %s AND (xid, id) >= (%s::text::xid8, %s) ORDER BY xid, id OFFSET 0) AS written
OFFSET 0) AS parted
"""
_FIRST = """
SELECT e.xid::text, e.id FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id WHERE l.log = %s AND l.index = %s
"""

# Both are read to their end, and at once: in the order of an index, never sorted first. A cursor and a stream are
# told so differently.
_IN_ORDER = "SET LOCAL cursor_tuple_fraction = 0.0001"
_UNSORTED = "SET LOCAL enable_sort = off; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0"

NOT_TEXT = (psycopg.DataError, psycopg.errors.StatementTooComplex, psycopg.errors.ProgramLimitExceeded)

Cursor = psycopg.ServerCursor[tuple[Any, ...]]
Body = bytes | None
Row = tuple[int, str | None, Body]


@dataclass
class Blocks:
    """The bodies, 256 at a time and fewer at the end; None where the entry is gone.

    A gap, a doubled or a foreign index is told to `fault`; behind a gap or a doubled one the blocks end, `broken`.
    When all are read, `unlike` holds the ids of the entries that must be compared with their columns, those
    without an index included; None says that all must be.
    """

    log: str
    next: int
    fault: Callable[[str, int], None]
    broken: bool = False
    unlike: list[int] | None = None
    _unlike: list[int] = field(default_factory=list)

    def __iter__(self) -> Generator[Sequence[Body], None, None]:
        whole = self.next == 0
        try:
            came_to_the_end = yield from self._side_by_side()
        except NOT_TEXT:  # an entry that is no text at all, or nested without end
            came_to_the_end = False
        if not came_to_the_end:
            yield from self._joined()
        elif whole and len(self._unlike) <= MOST_UNLIKE:
            self.unlike = self._unlike

    def _side_by_side(self) -> Generator[Sequence[Body], None, bool]:
        """Answers whether it came to the end; if not, `next` is where the joined reading goes on."""
        first = _first(self.log, self.next)
        if first is None:
            return False
        with _cursor("places") as places, _committed(self.log, first) as committed:
            with connection.cursor() as cursor:
                cursor.execute(_IN_ORDER)
            places.execute(_PLACES, [self.log, self.next or LOWEST], binary=True)
            while indexed := places.fetchmany(TILE_WIDTH):
                rows = list(islice(committed, len(indexed)))
                if not self._is_plain(indexed, rows):
                    return False
                self._note(rows)
                self.next += len(rows)
                yield [row[1] for row in rows]
            while rows := list(islice(committed, TILE_WIDTH)):
                self._note(rows)
        return True

    def _is_plain(self, indexed: Sequence[tuple[int, int]], rows: Sequence[tuple[int, bytes, bool]]) -> bool:
        ids = [row[0] for row in rows[: len(indexed)]]
        expected = zip(range(self.next, self.next + len(indexed)), ids, strict=False)
        return len(ids) == len(indexed) and list(expected) == indexed

    def _note(self, rows: Sequence[tuple[int, bytes, bool]]) -> None:
        if len(self._unlike) <= MOST_UNLIKE:
            self._unlike += [entry_id for entry_id, _, unlike in rows if unlike]

    def _joined(self) -> Iterator[Sequence[Body]]:
        with stream(self.log, self.next) as rows:
            bodies = self._checked(rows)
            while block := list(islice(bodies, TILE_WIDTH)):
                yield block

    def _checked(self, rows: Iterator[Row]) -> Iterator[Body]:
        for index, of, body in rows:
            if index != self.next:
                what = (
                    "The index is missing." if index > self.next else "The index is taken twice, or below 0."
                )
                self.fault(what, min(index, self.next))
                self.broken = True
                return
            if of not in {self.log, None}:
                self.fault(f"The entry belongs to the log {of}.", index)
            self.next += 1
            yield body


@contextmanager
def stream(log: str, first: int) -> Iterator[Iterator[Row]]:
    """Index, log and body of every entry in its order, from `first` on, a few thousand in memory at a time."""
    since = "AND l.index >= %s" if first else ""
    with _cursor("joined") as cursor:
        cursor.itersize = 8192
        cursor.execute(_LEAVES.format(since=since), [log, first] if first else [log], binary=True)
        yield iter(cursor)


@contextmanager
def _committed(log: str, first: tuple[str, int]) -> Iterator[Iterator[tuple[int, bytes, bool]]]:
    """Streamed on a connection of its own that sees what this transaction sees.

    So the server goes on with the next entries while these are hashed, as far as the socket holds them (some 600):
    whoever takes more at a time has the two wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
    second = connection.copy()
    try:
        second.ensure_connection()
        beside = _raw(second)
        with beside.transaction(), psycopg.Cursor(beside) as entries:
            beside.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            beside.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(snapshot))
            beside.execute(_UNSORTED)
            rows = entries.stream(_COMMITTED, [LARGEST_BODY, log, *first], binary=True, size=TILE_WIDTH)
            assert isinstance(rows, Generator)  # noqa: S101 -- closed, it lets go of a query half read
            with closing(rows):
                yield rows
    finally:
        second.close()


def _raw(wrapper: BaseDatabaseWrapper) -> psycopg.Connection[tuple[Any, ...]]:
    raw = wrapper.connection
    assert isinstance(raw, psycopg.Connection)  # noqa: S101 -- the one database of this project
    return raw


def _cursor(name: str) -> Cursor:
    return psycopg.ServerCursor(_raw(connection), f"audit_{name}")


def _first(log: str, index: int) -> tuple[str, int] | None:
    """Where the reading of entries begins: before everything, or at the entry of this index."""
    if index == 0:
        return "0", 0
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, [log, index])
        row = cursor.fetchone()
    return None if row is None else (row[0], row[1])
