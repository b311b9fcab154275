"""Checks a whole log against itself: everything is computed anew from the entries, streaming, in constant memory.

What it cannot see is a log that was cut or replaced whole and signed again: for that it is given checkpoints
that somebody else holds.
"""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from . import checkpoint, proof, tree
from .checkpoint import NotACheckpoint, TreeHead
from .logs import origin, verifiers
from .models import Checkpoint, Tile
from .note import NoteRefused, open_note
from .reading import Blocks
from .recompute import Recomputed, from_tiles
from .stored import read_tiles
from .tree import HASH_BYTES, TILE_WIDTH, TileName

Progress = Callable[[int, int], None]

MOST_FAULTS = 20
# An entry may be indexed this much later than one that was written after it: the longest transaction, and then some.
LATEST = timedelta(minutes=15)

_AT = b'"at":"'
_NEWEST = """
SELECT max(to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')) FROM audit_leaf l
JOIN audit_entry e ON e.id = l.entry_id WHERE l.log = %s AND l.index >= %s AND l.index < %s
"""
_WRITTEN = "%Y-%m-%dT%H:%M:%S.%f"
_ALWAYS = "9999-12-31T23:59:59.999999"
_AT_BYTES = len("2026-11-24T14:05:09.123456")


@dataclass(frozen=True)
class Fault:
    """What is wrong. `first` is the first bad index, or the lowest that may be it; `last` the highest that may be."""

    words: str
    first: int | None = None
    last: int | None = None

    def __str__(self) -> str:
        if self.first is None:
            return self.words
        if self.last is None or self.last == self.first:
            return f"Index {self.first}: {self.words}"
        return f"First bad index from {self.first} to {self.last}: {self.words}"


@dataclass
class Report:
    log: str
    size: int = 0
    checkpoints: int = 0
    faults: list[Fault] = field(default_factory=list)
    # Entries that are to be compared with their columns, by id; None: all of them.
    unlike: list[int] | None = None

    def add(self, words: str, first: int | None = None, last: int | None = None) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(words, first, last))

    @property
    def first_bad(self) -> int | None:
        return min((fault.first for fault in self.faults if fault.first is not None), default=None)


@dataclass(frozen=True)
class Signed:
    """A checkpoint to be compared: one of the log's own, or one that somebody else holds (`held_by`)."""

    size: int
    root: bytes
    held_by: str = ""
    at: datetime | None = None


def outside(log: str, note: str, held_by: str) -> Signed:
    """A checkpoint that was kept elsewhere. Raises `NoteRefused` and `NotACheckpoint`."""
    head = checkpoint.parse(open_note(note, verifiers(log)))
    if head.origin != origin(log):
        raise NotACheckpoint(f"The checkpoint is one of {head.origin}, not of {origin(log)}.")
    return Signed(head.size, head.root, held_by)


def verify(
    log: str, *, since: int = 0, held: Sequence[Signed] = (), progress: Progress | None = None
) -> Report:
    """Everything from index `since` on, which is the size of a checkpoint; the tree below it is taken as stored."""
    report = Report(log)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        heads = _own_checkpoints(log, since, report)
        grown = _begin(log, since, heads, report)
        if grown is not None:
            _Walk(log, report, grown, _in_order(since, heads, held), progress or _quiet).run()
    return report


def _quiet(_done: int, _of: int) -> None:
    """For callers that show nothing."""


def _in_order(since: int, own: Sequence[Signed], held: Sequence[Signed]) -> list[Signed]:
    return sorted((signed for signed in (*own, *held) if signed.size > since), key=lambda one: one.size)


def _own_checkpoints(log: str, since: int, report: Report) -> list[Signed]:
    """Their text, signatures and chain are checked here; their roots when the tree has grown to their size.

    Those below `since` are not looked at again: of a log that is verified as it grows each would be, every time.
    """
    found: list[Signed] = []
    for row in Checkpoint.objects.filter(log=log, size__gte=since).order_by("size").iterator():
        head = TreeHead(origin(log), row.size, bytes(row.root))
        before = found[-1].size if found else min(row.previous, since)
        try:
            if checkpoint.parse(open_note(row.note, verifiers(log))) != head:
                report.add(
                    f"The checkpoint of size {row.size} does not say what was signed.", before, row.size - 1
                )
        except (NoteRefused, NotACheckpoint) as error:
            report.add(f"The checkpoint of size {row.size} is not trusted. {error}", before, row.size - 1)
        if row.previous != before:
            report.add(
                f"The checkpoint of size {row.size} extends size {row.previous}; the one before it has {before}.",
                min(row.previous, before),
                max(row.previous, before) - 1,
            )
        found.append(Signed(row.size, head.root, at=row.at))
    report.checkpoints = len(found)
    return found


def _begin(log: str, since: int, heads: Sequence[Signed], report: Report) -> Recomputed | None:
    if since == 0:
        return Recomputed()
    roots = [head.root for head in heads if head.size == since]
    if not roots:
        report.add(f"There is no checkpoint of size {since} to go on from.")
        return None
    block = since - since % TILE_WIDTH
    edge = [(TileName(name.level, name.n), width) for name, width in tree.edge_tiles(block)]
    stored = read_tiles(log, [name for name, width in edge if width])
    try:
        sound = proof.root_at(since, lambda names: read_tiles(log, names)) == roots[0]
    except proof.TilesMissing:
        sound = False
    if not sound:
        report.add(f"The stored tree of size {since} is not the one that was signed.", 0, since - 1)
        return None
    return from_tiles(block, [stored.get(name, b"")[: width * HASH_BYTES] for name, width in edge[1:]])


@dataclass
class _Walk:
    """Grows the tree along the stored indexes and compares it with tiles and checkpoints on the way."""

    log: str
    report: Report
    grown: Recomputed
    ahead: list[Signed]
    progress: Progress
    # By holder ("" for the log itself): the largest size at which a checkpoint agreed, and who last disagreed.
    agreed: dict[str, int] = field(default_factory=dict)
    disagreeing: set[str] = field(default_factory=set)
    newest: str = ""
    tiles: dict[TileName, bytes] = field(default_factory=dict)
    covering: deque[Signed] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.covering.extend(signed for signed in self.ahead if not signed.held_by)

    def run(self) -> None:
        first = self.grown.size
        total = max((signed.size for signed in self.ahead), default=first)
        self.newest = _newest_before(self.log, first)
        blocks = Blocks(self.log, first, self.report.add)
        with closing(iter(blocks)) as reading:
            for bodies in reading:
                self._block(bodies)
                self.progress(self.grown.size, max(total, self.grown.size))
        self.report.size = self.grown.size
        self.report.unlike = blocks.unlike
        if not blocks.broken:
            self._compare_tiles(self.grown.right_edge())
            self._no_tile_too_many(first)
        self._end()

    def _block(self, bodies: Sequence[bytes | None]) -> None:
        start = self.grown.size
        end = start + len(bodies)
        name = TileName(0, start // TILE_WIDTH)
        due = [signed for signed in self.ahead if signed.size <= end]
        leaves = self._leaves_of(name, bodies, due)
        step = self.grown.add(leaves, {signed.size for signed in due})
        self._compare_tiles({tile: hashes for tile, hashes in step.tiles.items() if tile.level})
        for signed in due:
            self._compare(signed, step.roots[signed.size])
        del self.ahead[: len(due)]

    def _leaves_of(
        self, name: TileName, bodies: Sequence[bytes | None], due: Sequence[Signed]
    ) -> Sequence[bytes]:
        """The hashes of the entries. Where the tile has others, the faults are named, and what was signed goes on."""
        stored = self._stored(name)
        if None not in bodies:
            leaves = tree.leaf_hashes(bodies)  # type: ignore[arg-type]  # none is None
            if b"".join(leaves) == stored:
                self._check_times(bodies)  # type: ignore[arg-type]  # none is None
                return leaves
        hashed = [None if body is None else tree.leaf_hash(body) for body in bodies]
        kept = [stored[at : at + HASH_BYTES] for at in range(0, len(bodies) * HASH_BYTES, HASH_BYTES)]
        if len(stored) > len(bodies) * HASH_BYTES:
            self.report.add("The stored tile has a hash here, and no entry.", self.grown.size + len(bodies))
        if hashed != kept:
            return self._sorted_out(name, hashed, kept, due)
        for index, body in enumerate(bodies, start=self.grown.size):
            self._check_order(index, body or b"")
        return kept

    def _sorted_out(
        self, name: TileName, hashed: Sequence[bytes | None], kept: Sequence[bytes], due: Sequence[Signed]
    ) -> Sequence[bytes]:
        own = [hash_ or stored or bytes(HASH_BYTES) for hash_, stored in zip(hashed, kept, strict=True)]
        tile_is_sound = len(kept[-1]) == HASH_BYTES and self._is_signed(name, kept, due)
        for index, (hash_, stored) in enumerate(zip(hashed, kept, strict=True), start=self.grown.size):
            if hash_ is None:
                self.report.add("The entry is gone.", index)
            elif hash_ != stored and tile_is_sound:
                self.report.add("The entry is not the one that was signed.", index)
            elif hash_ != stored:
                self.report.add("The stored tile does not have the hash of the entry.", index)
        return kept if tile_is_sound else own

    def _is_signed(self, name: TileName, leaves: Sequence[bytes], due: Sequence[Signed]) -> bool:
        if len(leaves) == TILE_WIDTH:
            above, offset = divmod(name.n, TILE_WIDTH)
            parent = read_tiles(self.log, [TileName(1, above)]).get(TileName(1, above), b"")
            return (
                tree.perfect_root(b"".join(leaves)) == parent[offset * HASH_BYTES : (offset + 1) * HASH_BYTES]
            )
        own = [signed for signed in due if not signed.held_by]
        roots = deepcopy(self.grown).add(leaves, {signed.size for signed in own}).roots
        return all(roots[signed.size] == signed.root for signed in own)

    def _check_times(self, bodies: Sequence[bytes]) -> None:
        """Of many at once: all lie within the time that is allowed, or each is looked at."""
        written = [body[(begin := body.find(_AT) + len(_AT)) : begin + _AT_BYTES] for body in bodies]
        earliest, latest = min(written), max(*written, self.newest.encode())
        if _is_soon(earliest, latest) and latest <= self._signed_by(self.grown.size).encode():
            self.newest = latest.decode()
            return
        for index, body in enumerate(bodies, start=self.grown.size):
            self._check_order(index, body)

    def _check_order(self, index: int, body: bytes) -> None:
        begin = body.find(_AT) + len(_AT)
        written = body[begin : begin + _AT_BYTES].decode("ascii", "replace")
        try:
            at = datetime.fromisoformat(written)
        except ValueError:
            self.report.add("The entry does not say when it was written.", index)
            return
        if written > self._signed_by(index):
            self.report.add("The entry claims to be newer than the checkpoint that covers it.", index)
        elif written >= self.newest:
            self.newest = written
        elif datetime.fromisoformat(self.newest) - at > LATEST:
            self.report.add("The entry claims to be older than those that were indexed before it.", index)

    def _signed_by(self, index: int) -> str:
        """The latest instant that the entry can have: that of the first checkpoint over it, and what is allowed."""
        while self.covering and self.covering[0].size <= index:
            self.covering.popleft()
        at = self.covering[0].at if self.covering else None
        return _ALWAYS if at is None else (at.astimezone(UTC) + LATEST).strftime(_WRITTEN)

    def _stored(self, name: TileName) -> bytes:
        if name not in self.tiles:
            self.tiles = read_tiles(self.log, [TileName(0, name.n + ahead) for ahead in range(64)])
            self.tiles.setdefault(name, b"")
        return self.tiles[name]

    def _compare_tiles(self, tiles: dict[TileName, bytes]) -> None:
        for name, hashes in tiles.items():
            stored = read_tiles(self.log, [name]).get(name, b"")
            if stored != hashes:
                span = TILE_WIDTH**name.level
                first = (name.n * TILE_WIDTH + _first_difference(stored, hashes)) * span
                self.report.add(
                    f"The stored tile {name.level}/{name.n} does not follow from the entries.",
                    first,
                    min(first + span, self.grown.size) - 1,
                )

    def _compare(self, signed: Signed, root: bytes) -> None:
        lowest = self.agreed.get(signed.held_by, 0)
        if root == signed.root:
            self.agreed[signed.held_by] = signed.size
            self.disagreeing.discard(signed.held_by)
            return
        if signed.held_by in self.disagreeing:
            return  # it follows from the one before
        self.disagreeing.add(signed.held_by)
        whose = f"that {signed.held_by} holds" if signed.held_by else "of the log"
        self.report.add(
            f"The checkpoint of size {signed.size} {whose} has another root than these entries have.",
            self._lowest_bad(lowest, signed.size),
            signed.size - 1,
        )

    def _lowest_bad(self, agreed: int, below: int) -> int:
        """What was found already, or else where a checkpoint agreed last: what is missing may be missing from there on,
        and all behind it moved down."""
        known = (fault.first for fault in self.report.faults if fault.first is not None)
        return min((first for first in known if agreed <= first < below), default=agreed)

    def _no_tile_too_many(self, first: int) -> None:
        for level, n in Tile.objects.filter(log=self.log).values_list("level", "n").iterator():
            start = n * TILE_WIDTH ** (level + 1)
            if start >= first and (self.grown.size >> (8 * level)) <= n * TILE_WIDTH:
                self.report.add(f"The stored tile {level}/{n} belongs to no entry.", start)

    def _end(self) -> None:
        for signed in self.ahead:
            whose = f"{signed.held_by} holds a checkpoint" if signed.held_by else "a checkpoint was signed"
            self.report.add(
                f"The log ends here, and {whose} of size {signed.size}.",
                self._lowest_bad(self.agreed.get(signed.held_by, 0), self.grown.size + 1),
                self.grown.size,
            )
        last = (
            Checkpoint.objects.filter(log=self.log).order_by("-size").values_list("size", flat=True).first()
        )
        if self.grown.size > (last or 0):
            self.report.add("From here on no checkpoint of the log covers the entries.", last or 0)


def _newest_before(log: str, index: int) -> str:
    """When the newest of the tile before was written; what is behind it is not to be older."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [log, index - TILE_WIDTH, index])
        return cursor.fetchone()[0] or ""


def _is_soon(earliest: bytes, latest: bytes) -> bool:
    try:
        return datetime.fromisoformat(latest.decode()) - datetime.fromisoformat(earliest.decode()) <= LATEST
    except ValueError:
        return False


def _first_difference(one: bytes, other: bytes) -> int:
    for at in range(0, max(len(one), len(other)), HASH_BYTES):
        if one[at : at + HASH_BYTES] != other[at : at + HASH_BYTES]:
            return at // HASH_BYTES
    return 0
