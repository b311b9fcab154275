"""The tree grown anew, block by block, against the slow reference."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import proof
from audit.recompute import Recomputed, from_tiles

from .slow_tree import mth, tiles
from .test_tree import as_dict, grown, hashes

LEAVES = hashes(66_000)


def regrown(leaves, sizes=(), tree=None, first=0):
    tree = tree or Recomputed()
    found, roots = {}, {}
    for start in range(first, len(leaves), 256):
        block = leaves[start : start + 256]
        step = tree.add(block, [size for size in sizes if start < size <= start + len(block)])
        found |= step.tiles
        roots |= step.roots
    return found | tree.right_edge(), roots


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 1100), st.sets(st.integers(1, 1100), max_size=12))
def test_any_tree_has_the_tiles_and_roots_of_the_slow_one(size, sizes):
    leaves = LEAVES[:size]
    sizes = {min(asked, size) for asked in sizes}
    found, roots = regrown(leaves, sizes)
    assert as_dict(found) == tiles(leaves)
    assert roots == {asked: mth(leaves[:asked]) for asked in sizes}


@pytest.mark.parametrize("size", [255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_792, 65_793])
def test_the_edges_of_tiles(size):
    found, roots = regrown(LEAVES[:size], [size])
    assert as_dict(found) == tiles(LEAVES[:size])
    assert roots == {size: mth(LEAVES[:size])}


@pytest.mark.parametrize("start", [256, 512, 65_536, 65_792])
def test_it_goes_on_from_stored_tiles(start):
    kept = grown(LEAVES[:start])[1]
    upper = [
        kept.get(name, b"")[: width * 32]
        for name, width in ((n, start // 256**n.level % 256) for n in edge_names(start))
    ]
    found, roots = regrown(LEAVES, [start + 1, 66_000], from_tiles(start, upper), first=start)
    assert roots == {size: mth(LEAVES[:size]) for size in (start + 1, 66_000)}
    assert found.items() <= grown(LEAVES)[1].items()


def edge_names(size):
    return [proof.TileName(level, size // 256 ** (level + 1)) for level in range(1, 4) if size // 256**level]


def test_only_the_last_block_is_short():
    tree = Recomputed()
    tree.add(LEAVES[:3])
    with pytest.raises(ValueError, match="blocks of 256"):
        tree.add(LEAVES[3:5])
    for block in ([], LEAVES[:257]):
        with pytest.raises(ValueError, match="blocks of 256"):
            Recomputed().add(block)
