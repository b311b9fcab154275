"""Proofs of the tree (RFC 6962 section 2.1, RFC 9162 section 2.1): made from tiles alone, checked from hashes alone.

Pure: the tiles come from a function of the caller's, so a proof costs one read, whatever the size of the tree.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .tree import EMPTY_ROOT, HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, TileName, node_hash, perfect_root

# Answers the tiles of these names, each at least as wide as the tree asked of needs it; it may leave some out.
ReadTiles = Callable[[Sequence[TileName]], Mapping[TileName, bytes]]
Hashes = tuple[bytes, ...]


class ProofRefused(ValueError):
    """The proof does not prove it, or there can be none for such an index and such sizes."""


class TilesMissing(LookupError):
    """The stored tiles are too few or too short for the tree asked of."""


@dataclass(frozen=True)
class Span:
    """The leaves from `start` up to, and without, `end`."""

    start: int
    end: int

    @property
    def width(self) -> int:
        return self.end - self.start


def root_at(size: int, read: ReadTiles) -> bytes:
    """The root of the first `size` leaves. Raises `TilesMissing`."""
    return _hashes([Span(0, size)], read)[0] if size else EMPTY_ROOT


def inclusion(index: int, size: int, read: ReadTiles) -> Hashes:
    """PATH(index, D[size]), the leaf's sibling first. Raises `ProofRefused` and `TilesMissing`."""
    if not 0 <= index < size:
        raise ProofRefused(f"A tree of {size} entries has no index {index}.")
    return _hashes(_path(index, Span(0, size)), read)


def consistency(old: int, new: int, read: ReadTiles) -> Hashes:
    """PROOF(old, D[new]); empty for equal sizes and for the empty tree. Raises as `inclusion` does."""
    if not 0 <= old <= new:
        raise ProofRefused(f"A tree of {new} entries does not grow out of one of {old}.")
    return () if old in (0, new) else _hashes(_subproof(old, Span(0, new), whole=True), read)


def check_inclusion(*, index: int, size: int, leaf: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162 section 2.1.3.2. Raises `ProofRefused` unless `leaf` stands at `index` of the tree of `root`."""
    if not 0 <= index < size or len(leaf) != HASH_BYTES:
        raise ProofRefused(f"A tree of {size} entries has no index {index}.")
    place, last, found = index, size - 1, leaf
    for sibling in _steps(proof):
        if last == 0:
            raise ProofRefused("The proof is longer than its tree is high.")
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofRefused("The proof is shorter than its tree is high.")
    if found != root:
        raise ProofRefused(f"The proof does not lead from the entry at index {index} to the root.")


def check_consistency(
    *, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """RFC 9162 section 2.1.4.2. Raises `ProofRefused` unless the old tree is the beginning of the new one."""
    if not 0 <= old <= new:
        raise ProofRefused(f"A tree of {new} entries does not grow out of one of {old}.")
    if old in (0, new):
        if proof:
            raise ProofRefused("Between these sizes the proof is empty.")
        if old_root != (new_root if old else EMPTY_ROOT):
            raise ProofRefused(f"Two different trees of {old} entries cannot both be this log.")
        return
    if _walked(old - 1, new - 1, old_root, _steps(proof)) != (old_root, new_root):
        raise ProofRefused(f"The tree of {old} entries is not the beginning of the one of {new}.")


def _walked(place: int, last: int, old_root: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The roots of both trees that the proof leads to, from the node at `place` up."""
    while place & 1:
        place, last = place >> 1, last >> 1
    steps = iter(proof)
    found_old = found_new = next(steps, b"") if place else old_root
    for sibling in steps:
        if last == 0:
            raise ProofRefused("The proof is longer than its tree is high.")
        if place & 1 or place == last:
            found_old, found_new = node_hash(sibling, found_old), node_hash(sibling, found_new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found_new = node_hash(found_new, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofRefused("The proof is shorter than its tree is high.")
    return found_old, found_new


def _steps(proof: Sequence[bytes]) -> Sequence[bytes]:
    if any(len(step) != HASH_BYTES for step in proof):
        raise ProofRefused(f"The steps of a proof are hashes of {HASH_BYTES} bytes.")
    return proof


def _split(span: Span) -> int:
    """Where the tree over a span divides: behind the largest power of two of leaves that is not all of them."""
    return span.start + (1 << ((span.width - 1).bit_length() - 1))


def _path(index: int, span: Span) -> list[Span]:
    found = []
    while span.width > 1:
        middle = _split(span)
        left, right = Span(span.start, middle), Span(middle, span.end)
        span, sibling = (left, right) if index < middle else (right, left)
        found.append(sibling)
    return found[::-1]


def _subproof(old: int, span: Span, *, whole: bool) -> list[Span]:
    """SUBPROOF(old, …, whole) of RFC 6962; `old` counts from the beginning of the tree, not of the span."""
    if old == span.end:
        return [] if whole else [span]
    middle = _split(span)
    if old <= middle:
        return [*_subproof(old, Span(span.start, middle), whole=whole), Span(middle, span.end)]
    return [*_subproof(old, Span(middle, span.end), whole=False), Span(span.start, middle)]


@dataclass(frozen=True)
class _Perfect:
    """A perfect subtree as its tile holds it: `count` hashes from `offset`, a power of two of them."""

    tile: TileName
    offset: int
    count: int

    def root(self, tiles: Mapping[TileName, bytes]) -> bytes:
        end = (self.offset + self.count) * HASH_BYTES
        hashes = tiles.get(self.tile, b"")
        if len(hashes) < end:
            raise TilesMissing(f"The tile {self.tile.level}/{self.tile.n} is missing or too short.")
        return perfect_root(hashes[self.offset * HASH_BYTES : end])


def _perfects(span: Span) -> Iterator[_Perfect]:
    """The perfect subtrees of a span that a node of the tree covers, from left to right."""
    start = span.start
    while start < span.end:
        height = (span.end - start).bit_length() - 1
        level, inside = divmod(height, TILE_HEIGHT)
        n, offset = divmod(start >> (level * TILE_HEIGHT), TILE_WIDTH)
        yield _Perfect(TileName(level, n), offset, 1 << inside)
        start += 1 << height


def _hashes(spans: Sequence[Span], read: ReadTiles) -> Hashes:
    parts = [list(_perfects(span)) for span in spans]
    tiles = read(sorted({perfect.tile for perfects in parts for perfect in perfects}))
    return tuple(_folded([perfect.root(tiles) for perfect in perfects]) for perfects in parts)


def _folded(peaks: list[bytes]) -> bytes:
    found = peaks.pop()
    while peaks:
        found = node_hash(peaks.pop(), found)
    return found
