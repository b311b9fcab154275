"""The tree as the database holds it, and the checks it must stand before anything is signed on top of it."""

from collections.abc import Sequence

from django.db import connection

from . import checkpoint, tree
from .checkpoint import NotACheckpoint, TreeHead
from .logs import origin, signers, verifiers
from .models import Checkpoint, Leaf
from .note import NoteRefused, Verifier, open_note
from .tree import HASH_BYTES, TILE_WIDTH, Edge, TileName, edge_tiles

_TILES = """
SELECT level, n, hashes FROM unnest(%s::smallint[], %s::bigint[]) AS wanted (level, n)
JOIN audit_tile USING (level, n) WHERE log = %s
"""


class Refused(Exception):
    """Entries, tiles and checkpoint disagree. Nothing is signed until somebody has found out why."""


def last_head(log: str) -> TreeHead:
    """The last checkpoint, its signature checked; the empty tree before the first one. Raises `Refused`."""
    last = Checkpoint.objects.filter(log=log).order_by("-size").first()
    if last is None:
        return TreeHead(origin(log), 0, tree.EMPTY_ROOT)
    head = TreeHead(origin(log), last.size, bytes(last.root))
    try:
        signed = checkpoint.parse(open_note(last.note, _known_keys(log)))
    except (NoteRefused, NotACheckpoint) as error:
        raise Refused(
            f"The last checkpoint of the log {log} cannot be trusted. {error} "
            f"A log keeps its origin for ever: here it is {origin(log)}, from AUDIT_ORIGIN."
        ) from error
    if signed != head:
        raise Refused(f"The last checkpoint of the log {log} does not say what was signed.")
    return head


def edge_of(log: str, head: TreeHead) -> Edge:
    """The right edge of the stored tree. Raises `Refused` unless its root is the one that was signed."""
    names = [name for name, width in edge_tiles(head.size) if width]
    stored = read_tiles(log, names)
    hashes = tuple(stored.get(name, b"") if width else b"" for name, width in edge_tiles(head.size))
    try:
        edge = Edge(head.size, hashes)
    except ValueError as error:
        raise Refused(f"Tiles of the log {log} are missing or do not fit. {error}") from error
    if tree.root(edge) != head.root:
        raise Refused(f"The tiles of the log {log} do not have the root that was signed at size {head.size}.")
    return edge


def check_last_leaves(log: str, head: TreeHead) -> None:
    """Hashes the entries of the last tile of leaves again, and finds none behind the signed end."""
    first = max(head.size - 1, 0) // TILE_WIDTH
    name = TileName(0, first)
    leaves = Leaf.objects.filter(log=log, index__gte=first * TILE_WIDTH).order_by("index")
    found = list(leaves.values_list("index", "entry__body"))
    if [index for index, _ in found] != list(range(first * TILE_WIDTH, head.size)):
        raise Refused(f"The last indexes of the log {log} do not end where the checkpoint does.")
    hashes = read_tiles(log, [name]).get(name, b"")
    for offset, (index, body) in enumerate(found):
        if tree.leaf_hash(bytes(body)) != hashes[offset * HASH_BYTES : (offset + 1) * HASH_BYTES]:
            raise Refused(f"Entry {index} of the log {log} is not the one that was signed.")


def _known_keys(log: str) -> list[Verifier]:
    return list({*verifiers(log), *(signer.verifier for signer in signers(log))})


def read_tiles(log: str, names: Sequence[TileName]) -> dict[TileName, bytes]:
    if not names:
        return {}
    levels, places = [name.level for name in names], [name.n for name in names]
    with connection.cursor() as cursor:
        cursor.execute(_TILES, [levels, places, log])
        return {TileName(level, n): bytes(hashes) for level, n, hashes in cursor.fetchall()}
