"""Gives committed entries their place in the tree and signs it. Runs in the one process that has the keys.

Two at once are safe, and so is being killed: indexes, tiles and checkpoint are one transaction, under an
advisory lock, and the database takes one successor for each checkpoint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from . import tree
from .checkpoint import TreeHead
from .entries import SYSTEM, append
from .logs import origin, signers
from .models import Log
from .note import sign
from .stored import Refused, check_last_leaves, edge_of, last_head
from .tree import Edge, TileName
from .witnessing import Witnessing

HEARTBEAT_SECONDS = 15 * 60
BATCH = 4096

# The first half of the advisory lock's key; the second is the number of the log.
_LOCK = 0x617564
_NUMBER = {log: number for number, log in enumerate(Log.values)}

_BEGIN = """
SELECT pg_try_advisory_xact_lock(%s, %s), pg_snapshot_xmin(pg_current_snapshot())::text::bigint
"""

_HEARTBEAT_DUE = """
SELECT pg_try_advisory_xact_lock(%s, %s), coalesce(clock_timestamp() -
    (SELECT max(at) FROM audit_entry WHERE log = %s AND event = 'log.heartbeat')
    >= make_interval(secs => %s), true)
"""

# Below the snapshot's xmin every transaction is finished, and no further entry can appear: what has no index
# yet is taken in the order of (xid, id). The subquery keeps the planner at one index look-up a candidate.
_PENDING = """
SELECT e.xid::text::bigint, e.id, e.body FROM audit_entry e
WHERE e.log = %s AND e.xid >= %s::text::xid8 AND e.xid < pg_snapshot_xmin(pg_current_snapshot())
    AND (SELECT l.index FROM audit_leaf l WHERE l.entry_id = e.id) IS NULL
ORDER BY e.xid, e.id LIMIT %s
"""

# The first sweep. An entry that is visible although its xid is still to come was restored from a dump of
# another cluster: its transaction is finished too.
_PENDING_ANYWHERE = """
SELECT e.xid::text::bigint, e.id, e.body FROM audit_entry e
WHERE e.log = %s AND e.xid >= %s::text::xid8
    AND (e.xid < pg_snapshot_xmin(pg_current_snapshot()) OR e.xid >= pg_snapshot_xmax(pg_current_snapshot()))
    AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = e.id)
ORDER BY e.xid, e.id LIMIT %s
"""

_WRITE_LEAVES = """
INSERT INTO audit_leaf (log, index, entry_id)
SELECT %s, %s + place - 1, id FROM unnest(%s::bigint[]) WITH ORDINALITY AS taken (id, place)
"""

_WRITE_TILE = """
INSERT INTO audit_tile (log, level, n, hashes) VALUES (%s, %s, %s, %s)
ON CONFLICT (log, level, n) DO UPDATE SET hashes = excluded.hashes
"""

_WRITE_CHECKPOINT = """
INSERT INTO audit_checkpoint (log, size, previous, root, note)
SELECT %(log)s, %(size)s, %(previous)s, %(root)s, %(note)s
WHERE %(previous)s = (SELECT coalesce(max(size), 0) FROM audit_checkpoint WHERE log = %(log)s)
"""


class Overtaken(Exception):
    """Another sequencer has extended the log first; this transaction is rolled back."""


@dataclass(frozen=True)
class Pending:
    xid: int
    entry_id: int
    body: bytes


@dataclass
class Sequencer:
    """The sequencer of one log. What it remembers saves work; a new one does the same, a little slower."""

    log: str
    batch: int = BATCH
    # Every entry below this xid is known to have its index. The first sweep looks at all entries.
    _floor: int = field(default=0, init=False)
    _swept: bool = field(default=False, init=False)
    _signed: TreeHead | None = field(default=None, init=False)
    _witnessing: Witnessing = field(init=False)

    def __post_init__(self) -> None:
        self._witnessing = Witnessing(self.log)

    def drain(self) -> int:
        """Sequences all that may be sequenced now and answers how many entries that was.

        Raises `Refused` when the stored tree is not the signed one, or a witness knows another.
        """
        if self._signed is None:
            self._witnessing.ask()
        self._beat()
        total = 0
        while taken := self._step():
            total += taken
        self._witnessing.bring()
        return total

    def _beat(self) -> None:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(_HEARTBEAT_DUE, [_LOCK, _NUMBER[self.log], self.log, HEARTBEAT_SECONDS])
            locked, due = cursor.fetchone()
            if locked and due:
                append(event="log.heartbeat", actor=SYSTEM, log=self.log)

    def _step(self) -> int:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(_BEGIN, [_LOCK, _NUMBER[self.log]])
            locked, horizon = cursor.fetchone()
            if not locked:
                return 0
            if horizon < self._floor:
                self._floor, self._swept = 0, False
            pending = self._pending(cursor)
            head = self._extend(cursor, pending) if pending or self._signed is None else self._signed
        self._signed = head
        if len(pending) == self.batch:
            self._floor = pending[-1].xid
        else:
            self._floor, self._swept = horizon, True
        return len(pending)

    def _pending(self, cursor: CursorWrapper) -> list[Pending]:
        cursor.execute(_PENDING if self._swept else _PENDING_ANYWHERE, [self.log, self._floor, self.batch])
        return [Pending(*row) for row in cursor.fetchall()]

    def _extend(self, cursor: CursorWrapper, pending: Sequence[Pending]) -> TreeHead:
        before, edge = self._trusted_tree()
        if not pending:
            return before
        edge, tiles = tree.append(edge, tree.leaf_hashes([entry.body for entry in pending]))
        cursor.execute(_WRITE_LEAVES, [self.log, before.size, [entry.entry_id for entry in pending]])
        cursor.executemany(_WRITE_TILE, [(self.log, *row) for row in _rows(tiles)])
        head = TreeHead(origin(self.log), edge.size, tree.root(edge))
        self._write_checkpoint(cursor, before, head)
        return head

    def _trusted_tree(self) -> tuple[TreeHead, Edge]:
        head = last_head(self.log)
        edge = edge_of(self.log, head)
        if self._signed is None:
            check_last_leaves(self.log, head)
        elif head.size < self._signed.size or (head.size == self._signed.size and head != self._signed):
            raise Refused(f"The log {self.log} went back behind size {self._signed.size}, which was signed.")
        return head, edge

    def _write_checkpoint(self, cursor: CursorWrapper, before: TreeHead, head: TreeHead) -> None:
        values: dict[str, str | int | bytes] = {
            "log": self.log,
            "size": head.size,
            "previous": before.size,
            "root": head.root,
            "note": sign(head.text(), signers(self.log)),
        }
        cursor.execute(_WRITE_CHECKPOINT, values)
        if cursor.rowcount != 1:
            raise Overtaken(f"The log {self.log} was extended by another sequencer.")


def _rows(tiles: Mapping[TileName, bytes]) -> list[tuple[int, int, bytes]]:
    return [(name.level, name.n, hashes) for name, hashes in sorted(tiles.items())]
