"""Grows a tree anew from its leaf hashes, a tile at a time, for whoever checks it. Pure, in constant memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .tree import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    TileName,
    node_hash,
    perfect_root,
    row_above,
)

Row = list[bytes]


@dataclass(frozen=True)
class Grown:
    """What one block added: the tiles it made or completed, and the roots at the sizes that were asked for."""

    tiles: dict[TileName, bytes]
    roots: dict[int, bytes]


@dataclass
class Recomputed:
    """`upper[l]` holds the hashes of the partial tile of level l + 1; `size` is a multiple of 256 until the end."""

    size: int = 0
    upper: list[Row] = field(default_factory=list)

    def add(self, leaves: Sequence[bytes], sizes: Iterable[int] = ()) -> Grown:
        """The next 256 leaf hashes; fewer only once, at the end. `sizes` lie behind the old and up to the new one."""
        if self.size % TILE_WIDTH or not 0 < len(leaves) <= TILE_WIDTH:
            raise ValueError(
                "A tree is recomputed in blocks of 256 leaves, of which only the last is shorter."
            )
        rows, start = _rows(leaves), self.size
        asked = sorted(sizes)
        roots = {}
        if asked and asked[0] < start + TILE_WIDTH:
            above = self._peaks()
            inside = [size for size in asked if size < start + TILE_WIDTH]
            roots = {size: _folded([*above, *_peaks(rows, size - start)]) for size in inside}
        tiles = {TileName(0, start // TILE_WIDTH): b"".join(leaves)}
        self.size += len(leaves)
        if len(leaves) == TILE_WIDTH:
            tiles |= self._carry(rows[TILE_HEIGHT][0])
        if asked and asked[-1] == start + TILE_WIDTH:
            roots[asked[-1]] = _folded(self._peaks())
        return Grown(tiles, roots)

    def right_edge(self) -> dict[TileName, bytes]:
        """The partial tiles above the leaves."""
        return {
            TileName(level, self.size // TILE_WIDTH ** (level + 1)): b"".join(row)
            for level, row in enumerate(self.upper, start=1)
            if row
        }

    def _carry(self, found: bytes) -> dict[TileName, bytes]:
        """Puts the root of a full tile into the tile above it, and so on up; answers the tiles that are full now."""
        full = {}
        for level in range(1, len(self.upper) + 2):
            if level > len(self.upper):
                self.upper.append([])
            row = self.upper[level - 1]
            row.append(found)
            if len(row) < TILE_WIDTH:
                break
            tile = b"".join(row)
            full[TileName(level, self.size // TILE_WIDTH ** (level + 1) - 1)] = tile
            found = perfect_root(tile)
            row.clear()
        return full

    def _peaks(self) -> Row:
        return [peak for row in reversed(self.upper) for peak in _peaks(_rows(row), len(row))]


def from_tiles(size: int, upper: Sequence[bytes]) -> Recomputed:
    """Goes on at `size`, a multiple of 256, above these partial tiles of the levels from 1 on."""
    return Recomputed(size, [_hashes(tile) for tile in upper])


def _hashes(tile: bytes) -> Row:
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


def _rows(hashes: Sequence[bytes]) -> list[Row]:
    """Every perfect node over the hashes, by height."""
    rows = [list(hashes)]
    while len(rows[-1]) > 1:
        rows.append(row_above(rows[-1]))
    return rows


def _peaks(rows: Sequence[Row], width: int) -> Row:
    """The roots of the perfect subtrees over the first `width` hashes, the largest first."""
    found, at = [], 0
    for height in reversed(range(width.bit_length())):
        if width & 1 << height:
            found.append(rows[height][at >> height])
            at += 1 << height
    return found


def _folded(peaks: Row) -> bytes:
    if not peaks:
        return EMPTY_ROOT
    found = peaks.pop()
    while peaks:
        found = node_hash(peaks.pop(), found)
    return found
