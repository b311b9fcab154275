"""Proofs against the published vectors of Certificate Transparency, a slow reference, and everything false."""

import base64
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import proof, tlog_proof, tree
from audit.checkpoint import TreeHead
from audit.note import Signer, sign
from audit.proof import ProofRefused, TilesMissing
from audit.tlog_proof import NotAProofFile, ProofFile

from .slow_tree import mth, path, subproof
from .test_tree import LEAVES, ROOTS, grown, hashes

N01 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
N23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
N03 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
N47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
N67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
N45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
LEAF0 = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
LEAF1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
LEAF4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"

# (index, size, path) and (old, new, proof), as certificate-transparency publishes them for these leaves.
INCLUSION = [
    (0, 1, []),
    (0, 8, [LEAF1, N23, N47]),
    (5, 8, [LEAF4, N67, N03]),
    (2, 3, [N01]),
    (1, 5, [LEAF0, N23, LEAF4]),
]
CONSISTENCY = [(1, 1, []), (1, 8, [LEAF1, N23, N47]), (6, 8, [N45, N67, N03]), (2, 5, [N23, LEAF4])]


def reading(kept):
    """The tiles of a tree, handed out as the database would."""
    return lambda names: {name: kept[name] for name in names if name in kept}


def tiles_of(leaves):
    return reading(grown(leaves)[1])


SEVENTY_THOUSAND = hashes(70_000)
BIG = tiles_of(SEVENTY_THOUSAND)
EDGES = [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_792, 65_793, 69_999, 70_000]


def includes(index, size, leaf, root, found):
    proof.check_inclusion(index=index, size=size, leaf=leaf, root=root, proof=found)


def agrees(old, new, old_root, new_root, found):
    proof.check_consistency(old=old, new=new, old_root=old_root, new_root=new_root, proof=found)


@pytest.mark.parametrize(("index", "size", "published"), INCLUSION)
def test_the_published_inclusion_proofs(index, size, published):
    leaves = [tree.leaf_hash(leaf) for leaf in LEAVES[:size]]
    found = proof.inclusion(index, size, tiles_of(leaves))
    assert [step.hex() for step in found] == published
    includes(index, size, leaves[index], bytes.fromhex(ROOTS[size]), found)


@pytest.mark.parametrize(("old", "new", "published"), CONSISTENCY)
def test_the_published_consistency_proofs(old, new, published):
    leaves = [tree.leaf_hash(leaf) for leaf in LEAVES[:new]]
    found = proof.consistency(old, new, tiles_of(leaves))
    assert [step.hex() for step in found] == published
    agrees(old, new, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]), found)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_any_proof_is_the_slow_one_and_proves_it(data):
    size = data.draw(st.integers(1, 900))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))
    stored = data.draw(st.integers(size, size + 300))
    leaves = hashes(stored)
    read = tiles_of(leaves)
    root = proof.root_at(size, read)
    assert root == mth(leaves[:size])
    found = proof.inclusion(index, size, read)
    assert list(found) == path(index, leaves[:size])
    includes(index, size, leaves[index], root, found)
    grew = proof.consistency(old, size, read)
    assert list(grew) == (subproof(old, leaves[:size]) if old else [])
    agrees(old, size, mth(leaves[:old]), root, grew)


@pytest.mark.parametrize("size", EDGES)
def test_inclusion_at_the_edges_of_tiles(size):
    root = proof.root_at(size, BIG)
    assert root == mth(SEVENTY_THOUSAND[:size])
    for index in {edge + off for edge in EDGES for off in (-1, 0) if edge + off < size}:
        includes(index, size, SEVENTY_THOUSAND[index], root, proof.inclusion(index, size, BIG))


@pytest.mark.parametrize("old", [0, *EDGES])
def test_consistency_at_the_edges_of_tiles(old):
    old_root = proof.root_at(old, BIG)
    for new in (edge for edge in EDGES if edge >= old):
        agrees(old, new, old_root, proof.root_at(new, BIG), proof.consistency(old, new, BIG))


def test_a_proof_reads_few_tiles_at_once():
    asked = []

    def read(names):
        asked.append(len(names))
        return BIG(names)

    proof.inclusion(12_345, 70_000, read)
    assert len(asked) == 1
    assert asked[0] <= 5


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_proof_for_another_index_size_leaf_or_root_is_refused(data):
    size = data.draw(st.integers(2, 600))
    index = data.draw(st.integers(0, size - 1))
    leaves = hashes(size)
    right = {
        "index": index,
        "size": size,
        "leaf": leaves[index],
        "root": mth(leaves),
        "proof": proof.inclusion(index, size, tiles_of(leaves)),
    }
    wrong = data.draw(
        st.one_of(
            st.integers(0, size).filter(lambda i: i != index).map(lambda i: {"index": i}),
            st.sampled_from([{"proof": ()}, {"leaf": b""}, {"leaf": bytes(32)}, {"root": bytes(32)}]),
            st.sampled_from(
                [
                    {"index": -1},
                    {"size": 0},
                    {"proof": right["proof"][:-1]},
                    {"proof": (*right["proof"], bytes(32))},
                    {"proof": right["proof"][::-1] if len(right["proof"]) > 1 else ()},
                    {"proof": (*right["proof"][:-1], right["proof"][-1] + b"x")},
                ]
            ),
        )
    )
    with pytest.raises(ProofRefused):
        proof.check_inclusion(**(right | wrong))


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_tree_that_did_not_grow_out_of_the_old_one_is_refused(data):
    new = data.draw(st.integers(2, 600))
    old = data.draw(st.integers(1, new))
    leaves = hashes(new)
    changed = data.draw(st.integers(0, old - 1))
    forged = [*leaves]
    forged[changed] = bytes(32)
    read = tiles_of(forged)
    with pytest.raises(ProofRefused):
        agrees(old, new, mth(leaves[:old]), mth(forged), proof.consistency(old, new, read))


@pytest.mark.parametrize(
    "wrong",
    [
        {"proof": ()},
        {"proof": "short"},
        {"proof": "long"},
        {"proof": "bent"},
        {"old": 5},
        {
            "new": 9
        },  # not 8: a proof says nothing of a size that has the same shape; the signed checkpoint does
        {"old": 9},
        {"old": -1},
        {"old_root": bytes(32)},
        {"new_root": bytes(32)},
        {"old": 0},
        {"old": 7, "proof": ()},
        {"old": 7},
    ],
)
def test_a_consistency_proof_that_does_not_fit_is_refused(wrong):
    leaves = hashes(7)
    made = proof.consistency(6, 7, tiles_of(leaves))
    bent = {"short": made[:-1], "long": (*made, bytes(32)), "bent": (made[0][:-1], *made[1:])}
    right = {"old": 6, "new": 7, "old_root": mth(leaves[:6]), "new_root": mth(leaves), "proof": made}
    given_ = right | wrong
    with pytest.raises(ProofRefused):
        proof.check_consistency(**(given_ | {"proof": bent.get(given_["proof"], given_["proof"])}))


def test_the_empty_tree_is_the_beginning_of_every_tree_and_nothing_else_is_empty():
    agrees(0, 3, tree.EMPTY_ROOT, mth(hashes(3)), ())
    with pytest.raises(ProofRefused):
        agrees(0, 3, bytes(32), mth(hashes(3)), ())


def test_there_is_no_proof_beyond_the_tree():
    for index, size in ((3, 3), (-1, 3), (0, 0)):
        with pytest.raises(ProofRefused):
            proof.inclusion(index, size, BIG)
    with pytest.raises(ProofRefused):
        proof.consistency(4, 3, BIG)


def test_tiles_that_are_missing_or_too_short_are_named():
    with pytest.raises(TilesMissing, match="0/273"):
        proof.inclusion(70_000, 70_010, BIG)
    with pytest.raises(TilesMissing):
        proof.root_at(257, reading({}))


LOG = Signer("log.example/main", bytes(range(32)))
ENTRIES = [b'{"n":%d}' % n for n in range(300)]


def a_file(index=257, size=300, extra=True):
    leaves = [tree.leaf_hash(entry) for entry in ENTRIES[:size]]
    note = sign(TreeHead(LOG.name, size, mth(leaves)).text(), [LOG])
    found = proof.inclusion(index, size, tiles_of(leaves))
    return ProofFile(index, found, note, ENTRIES[index] if extra else b"")


@pytest.mark.parametrize(("index", "size"), [(257, 300), (0, 1), (255, 256), (0, 2)])
@pytest.mark.parametrize("extra", [True, False])
def test_a_proof_file_reads_back_and_proves_its_entry(index, size, extra):
    written = a_file(index, size, extra)
    read = tlog_proof.parse(written.text())
    assert read == written
    read.check(ENTRIES[index])
    for other in (b"", ENTRIES[index] + b" ", ENTRIES[index - 1]):
        with pytest.raises(ProofRefused):
            read.check(other)


def test_a_proof_file_is_as_the_specification_has_it():
    written = a_file(1, 2).text()
    sibling = base64.b64encode(tree.leaf_hash(ENTRIES[0])).decode()
    assert written == (
        "c2sp.org/tlog-proof@v1\n"
        f"extra {base64.b64encode(ENTRIES[1]).decode()}\n"
        f"index 1\n{sibling}\n\n{a_file(1, 2).note}"
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text.replace("@v1", "@v2"),
        lambda text: text.replace("index 257", "index 0257"),
        lambda text: text.replace("index 257", "index -1"),
        lambda text: text.replace("index 257\n", ""),
        lambda text: text.replace("\n\n", "\n", 1),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("=\n", "\n", 1),
        lambda text: text.replace("extra ", "extra  "),
        lambda text: text.replace("index", "extra eHg=\nindex"),
        lambda text: " " + text,
    ],
)
def test_a_proof_file_in_any_other_form_is_refused(change):
    text = a_file().text()
    assert change(text) != text
    with pytest.raises(NotAProofFile):
        tlog_proof.parse(change(text))


def test_a_proof_file_whose_checkpoint_is_none_is_refused():
    broken = ProofFile(0, (), "log.example/main\n01\nx\n\n— x AAAA\n")
    with pytest.raises(NotAProofFile):
        broken.check(b"")


def test_ten_million_entries_fit_into_two_kibibytes():
    size = 10_000_000
    note = sign(TreeHead(LOG.name, size, sha256(b"").digest()).text(), [LOG])
    longest = ProofFile(size - 1, tuple(bytes(32) for _ in range(size.bit_length())), note)
    assert len(longest.text()) <= 2048
