"""The tree against the published vectors of Certificate Transparency and a slow reference."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import tree
from audit.tree import Edge, TileName

from .slow_tree import mth, tiles

# The eight leaves and the roots over the first 0, 1, … 8 of them, as certificate-transparency publishes them.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def hashes(count: int) -> list[bytes]:
    return [sha256(b"%d" % number).digest() for number in range(count)]


def grown(leaves: list[bytes], *cuts: int) -> tuple[Edge, dict[TileName, bytes]]:
    """The tree over these leaf hashes, appended in the pieces that the cuts make."""
    edge, kept = Edge(), {}
    ends = [*sorted(cuts), len(leaves)]
    for start, end in zip([0, *ends], ends, strict=False):
        edge, written = tree.append(edge, leaves[start:end])
        for name, tile in written.items():
            assert tile.startswith(kept.get(name, b"")), "a tile only ever grows at its end"
            assert len(tile) > len(kept.get(name, b"")), "only tiles that grew are written"
        kept.update(written)
    return edge, kept


def as_dict(written: dict[TileName, bytes]) -> dict[tuple[int, int], bytes]:
    return {(name.level, name.n): tile for name, tile in written.items()}


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots(size):
    edge, _ = tree.append(Edge(), [tree.leaf_hash(leaf) for leaf in LEAVES[:size]])
    assert tree.root(edge).hex() == ROOTS[size]


def test_the_published_roots_when_leaves_come_one_by_one():
    edge = Edge()
    for size, leaf in enumerate(LEAVES, start=1):
        edge, _ = tree.append(edge, [tree.leaf_hash(leaf)])
        assert tree.root(edge).hex() == ROOTS[size]


@settings(deadline=None)
@given(st.integers(0, 1200), st.lists(st.integers(0, 1200), max_size=5))
def test_any_tree_grown_in_any_pieces_is_the_slow_one(size, cuts):
    leaves = hashes(size)
    edge, kept = grown(leaves, *(min(cut, size) for cut in cuts))
    assert tree.root(edge) == mth(leaves)
    assert as_dict(kept) == tiles(leaves)


@pytest.mark.parametrize("size", [255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 70_000])
@pytest.mark.parametrize("step", [1, 255, 256, 257])
def test_the_edges_of_tiles(size, step):
    leaves = hashes(size)
    edge, kept = grown(leaves, size - step) if step < size else grown(leaves)
    assert tree.root(edge) == mth(leaves)
    assert as_dict(kept) == tiles(leaves)


def test_the_tiles_of_seventy_thousand_leaves_are_those_the_specification_counts():
    _, kept = grown(hashes(70_000))
    widths = {name: len(tile) // 32 for name, tile in kept.items()}
    assert sum(1 for name, width in widths.items() if name.level == 0 and width == 256) == 273
    assert widths[TileName(0, 273)] == 112
    assert (widths[TileName(1, 0)], widths[TileName(1, 1)], widths[TileName(2, 0)]) == (256, 17, 1)
    assert len(kept) == 277


def test_an_edge_that_does_not_fit_its_size_is_refused():
    with pytest.raises(ValueError, match="right edge"):
        Edge(2, (hashes(1)[0],))
    with pytest.raises(ValueError, match="right edge"):
        Edge(256, (b"", b""))
    with pytest.raises(ValueError, match="right edge"):
        Edge(1, ())
