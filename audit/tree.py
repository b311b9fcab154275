"""The Merkle tree of RFC 6962, kept in tiles of height 8. Pure: bytes in, bytes out.

A tree is carried along as its right edge, the partial tile of each level: enough to append to it and to
compute its root, whatever its size.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_BYTES = 32
TILE_HEIGHT = 8
TILE_WIDTH = 2**TILE_HEIGHT
FULL_TILE = TILE_WIDTH * HASH_BYTES
EMPTY_ROOT = sha256(b"").digest()


@dataclass(frozen=True, order=True)
class TileName:
    level: int
    n: int


@dataclass(frozen=True)
class Edge:
    """The right edge of a tree: `tiles[level]` holds the hashes of that level's partial tile, or nothing."""

    size: int = 0
    tiles: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if [len(tile) for tile in self.tiles] != [width * HASH_BYTES for _, width in edge_tiles(self.size)]:
            raise ValueError(f"These tiles are not the right edge of a tree of {self.size} leaves.")


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Sequence[bytes]) -> list[bytes]:
    """`leaf_hash` of many: a call less for each."""
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def row_above(hashes: Sequence[bytes]) -> list[bytes]:
    """`node_hash` over each two neighbours; a last one without a neighbour is left out."""
    return [
        sha256(b"\x01" + left + right).digest()
        for left, right in zip(hashes[::2], hashes[1::2], strict=False)
    ]


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def edge_tiles(size: int) -> list[tuple[TileName, int]]:
    """The partial tile of each level of a tree of this size and its width in hashes, which may be 0."""
    found = []
    width, level = size, 0
    while width:
        found.append((TileName(level, width // TILE_WIDTH), width % TILE_WIDTH))
        width //= TILE_WIDTH
        level += 1
    return found


def append(edge: Edge, leaves: Sequence[bytes]) -> tuple[Edge, Mapping[TileName, bytes]]:
    """The edge after these leaf hashes, and every tile that is new or longer, with all it now holds."""
    written: dict[TileName, bytes] = {}
    tiles: list[bytes] = []
    size = edge.size + len(leaves)
    arriving = list(leaves)
    for name, _ in edge_tiles(size):
        level = name.level
        hashes = (edge.tiles[level] if level < len(edge.tiles) else b"") + b"".join(arriving)
        first = edge.size // TILE_WIDTH ** (level + 1)
        grown = _cut(hashes) if arriving else []
        written.update({TileName(level, first + offset): tile for offset, tile in enumerate(grown)})
        arriving = [perfect_root(tile) for tile in grown if len(tile) == FULL_TILE]
        tiles.append(hashes[len(hashes) - len(hashes) % FULL_TILE :])
    return Edge(size, tuple(tiles)), written


def _cut(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + FULL_TILE] for at in range(0, len(hashes), FULL_TILE)]


def root(edge: Edge) -> bytes:
    peaks = [peak for tile in reversed(edge.tiles) for peak in _peaks(tile)]
    if not peaks:
        return EMPTY_ROOT
    found = peaks.pop()
    while peaks:
        found = node_hash(peaks.pop(), found)
    return found


def perfect_root(hashes: bytes) -> bytes:
    """The root over a power of two of hashes."""
    row = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
    while len(row) > 1:
        row = row_above(row)
    return row[0]


def _peaks(tile: bytes) -> Iterator[bytes]:
    """The roots of the perfect subtrees of a partial tile, the largest first."""
    at = 0
    width = len(tile) // HASH_BYTES
    for height in reversed(range(TILE_HEIGHT)):
        if width & 2**height:
            end = at + 2**height * HASH_BYTES
            yield perfect_root(tile[at:end])
            at = end
