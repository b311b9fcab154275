"""The one file an auditor is handed: it agrees with what is sound, and with nothing that was touched."""

import ast
import base64
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import note, verifier
from audit.canonical import canonical
from audit.checkpoint import TreeHead
from audit.logs import origin, verifiers
from audit.note import Signer, sign
from audit.tlog_proof import ProofFile

from .log_desk import LogDesk
from .slow_tree import mth, path, subproof
from .test_tree import hashes

ONE_FILE = Path(verifier.__file__)
LOG = Signer("log.example/main", bytes(range(32)))
STRANGER = Signer("log.example/main", bytes(range(1, 33)))
KEY = verifier.read_key(LOG.verifier.vkey)


def body(number, **more):
    return canonical(
        {
            "v": 1,
            "id": number + 1,
            "at": f"2026-11-24T14:{number // 60 % 60:02d}:{number % 60:02d}.000001Z",
            "event": "folder.viewed",
            "actor": {"ref": "u_ann"},
            **more,
        }
    )


def head(leaves, size=None):
    return verifier.Head(LOG.name, len(leaves[:size]), mth(leaves[:size]))


# Arithmetic -------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_it_agrees_with_the_slow_tree_and_with_no_other_step(data):
    size = data.draw(st.integers(1, 400))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))
    leaves = hashes(size)
    found = path(index, leaves)
    verifier.check_inclusion(index, head(leaves), leaves[index], found)
    grew = subproof(old, leaves) if old else []
    verifier.check_consistency(head(leaves, old), head(leaves), grew)
    for wrong in ([*found, bytes(32)], found[1:] if found else [bytes(32)]):
        with pytest.raises(verifier.Bad):
            verifier.check_inclusion(index, head(leaves), leaves[index], wrong)
    if size > 1:
        with pytest.raises(verifier.Bad):
            verifier.check_inclusion((index + 1) % size, head(leaves), leaves[index], found)
    if old:
        forged = verifier.Head(LOG.name, old, bytes(32))
        for was, steps in ((forged, grew), (head(leaves, old), [*grew, bytes(32)])):
            with pytest.raises(verifier.Bad):
                verifier.check_consistency(was, head(leaves), steps)


def test_it_grows_the_tree_of_the_slow_reference():
    tree = verifier.Tree()
    for size, hash_ in enumerate(hashes(300)):
        assert tree.root == mth(hashes(size))
        tree.add(hash_)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n1\n", "\n01\n"),
        lambda text: text.replace("\n1\n", "\n1\nmore\n"),
        lambda text: text + text.split("\n\n")[1],
        lambda text: text[:-1],
        lambda text: text.replace("\n\n", "\n"),
        lambda text: sign(text.split("\n\n")[0] + "\n", [STRANGER]),
        lambda text: sign(text.split("\n\n")[0] + "\n", [Signer("other.example", LOG.seed)]),
        lambda text: text.replace("— log", "— \tlog"),
        lambda text: "",
    ],
)
def test_a_checkpoint_that_is_none_is_refused(change):
    whole = sign(TreeHead(LOG.name, 1, mth(hashes(1))).text(), [LOG])
    assert verifier.read_note(whole.encode(), [KEY], []).size == 1
    with pytest.raises(verifier.Bad):
        verifier.read_note(change(whole).encode(), [KEY], [])


def test_a_key_that_was_copied_wrongly_is_refused():
    vkey = LOG.verifier.vkey
    for wrong in (vkey[:-1], vkey.replace("+", "-"), vkey.replace("main", "mein"), ""):
        with pytest.raises(verifier.Bad):
            verifier.read_key(wrong)


@pytest.mark.parametrize(
    "bytes_",
    [
        b"",
        b"[]",
        b'{"v":1}',
        body(1) + b" ",
        body(1).replace(b'"v":1', b'"v":2'),
        body(1).replace(b'"v":1', b'"v":1.0'),
        body(1).replace(b'"v":1', b'"v":1,"v":1'),
        body(1).replace(b'"id":2', b'"id":02'),
        body(1).replace(b'"id":2', b'"id":-2'),
        body(1).replace(b'"id":2', b'"id":9007199254740992'),
        body(1).replace(b"u_ann", b"\\u0000"),
        body(1).replace(b"u_ann", b"\\ud800"),
        body(1).replace(b"u_ann", b"\\u0041"),
        body(1).replace(b"u_ann", b"\xff"),
        body(1).replace(b"000001Z", b"1Z"),
        body(1, detail={"x": "y" * 17_000}),
        body(1, detail={"n": 1}).replace(b'"n":1', b'"n":NaN'),
        body(1).replace(b'"v":1', b'"v":true'),
        body(1).replace(b'"id":2', b'"id":true'),
        body(1).replace(b'"ref":"u_ann"', b'"ref":""'),
        body(1).replace(b'"ref":"u_ann"', b'"ref":7'),
        body(1).replace(b'{"ref":"u_ann"}', b'"u_ann"'),
        body(1).replace(b"folder.viewed", b"folder"),
        body(1, object={"ref": "r", "type": "request"}),
        body(1, object={"ref": "r", "type": "request", "seen_version": 1, "version": 1}),
        body(1, object={"ref": "r", "type": "request", "version": "1"}),
        body(1, object={"ref": "r", "type": "request", "version": True}),
        body(1, object={"ref": "", "type": "request", "version": 1}),
        body(1, object="aversion"),
        body(1, object=5),
        body(1, object=[]),
    ],
)
def test_bytes_in_another_form_are_no_entry(bytes_):
    verifier.read_entry(body(1, detail={"z": "\\u0000 \U0001f600", "a": [True, None, -5]}))
    with pytest.raises(verifier.Bad):
        verifier.read_entry(bytes_)


@pytest.mark.parametrize(
    ("entries", "bad"),
    [
        ([body(1), body(2), body(1)], 2),
        ([body(1), body(3000), body(2)], 2),
        ([body(1, object={"ref": "r", "type": "request", "version": 1})] + [body(2)] * 2, 2),
        ([body(n, object={"ref": "r", "type": "request", "version": v}) for n, v in ((1, 1), (2, 1))], 1),
        ([body(n, object={"ref": "r", "type": "request", "version": v}) for n, v in ((1, 1), (2, 3))], 1),
        ([body(n, object={"ref": "r", "type": "request", "version": v}) for n, v in ((1, 2), (2, 3))], 0),
        (
            [
                body(n, object={"ref": "r", "type": "request", "version": v})
                for n, v in enumerate((1, 2, 4, 5, 6))
            ],
            2,
        ),
        (
            [
                body(n, object={"ref": "r", "type": "request", "version": v})
                for n, v in enumerate((1, 3, 2, 6, 5, 9))
            ],
            4,
        ),
        ([body(1, object={"ref": "r", "type": "request", "version": 10**15})], 0),
        (
            [body(1), body(900), body(1800)]
            + [body(n, object=o) for n, o in ((1801, "aversion"), (1802, {}))],
            3,
        ),
        ([body(1, object={"ref": "r", "type": "request", "version": 0})], 0),
    ],
)
def test_entries_that_do_not_follow_each_other_are_named(entries, bad):
    with pytest.raises(verifier.Bad) as caught:
        read_all(entries)
    assert caught.value.index == bad


def test_what_was_written_while_an_object_was_in_the_other_log_is_no_gap():
    """Of a request that was restricted later, and opened again, each log has a part."""

    def entries(*changes):
        about = {"ref": "r", "type": "request"}
        return [body(n, event=event, object={**about, "version": v}) for n, (event, v) in enumerate(changes)]

    read_all(
        entries(
            ("request.recorded", 1), ("request.opened", 6), ("request.step_taken", 7), ("secrecy.ended", 9)
        )
    )
    read_all(entries(("request.restricted", 2), ("member.added", 3), ("request.restricted", 7)))
    with pytest.raises(verifier.Bad) as caught:
        read_all(entries(("request.recorded", 1), ("request.opened", 6), ("request.step_taken", 8)))
    assert caught.value.index == 2


def read_all(entries):
    reader = verifier.Reader()
    for index, entry in enumerate(entries):
        reader.read(index, entry)
    reader.end(entries)


# Files ------------------------------------------------------------------------------------------


def run(*words):
    done = subprocess.run(
        [sys.executable, str(ONE_FILE), *map(str, words)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def said(capsys, monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["verifier.py", *map(str, words)])
    code = verifier.main()
    found = capsys.readouterr()
    return code, found.out + found.err


def test_it_imports_the_standard_library_and_cryptography_alone():
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(ONE_FILE.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def test_it_runs_where_nothing_of_ours_is(tmp_path):
    shutil.copy(ONE_FILE, tmp_path / "verifier.py")
    receipt = tmp_path / "one.tlog-proof"
    receipt.write_text(a_receipt().text())
    done = subprocess.run(
        [sys.executable, "-I", "verifier.py", "receipt", str(receipt), "--key", LOG.verifier.vkey],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "this entry is at index 2 of the 5 that were signed" in done.stdout
    assert '"ref": "u_ann"' in done.stdout


def a_receipt(index=2, extra=True):
    bodies = [body(n) for n in range(5)]
    leaves = [verifier.leaf(one) for one in bodies]
    whole = sign(TreeHead(LOG.name, 5, mth(leaves)).text(), [LOG])
    return ProofFile(index, tuple(path(index, leaves)), whole, bodies[index] if extra else b"")


def test_an_entry_may_come_beside_its_proof(tmp_path, capsys, monkeypatch):
    proof, entry = tmp_path / "proof", tmp_path / "entry"
    proof.write_text(a_receipt(extra=False).text())
    entry.write_bytes(body(2))
    words = ("proof", proof, "--key", LOG.verifier.vkey)
    assert said(capsys, monkeypatch, *words, "--entry", entry)[0] == 0
    code, text = said(capsys, monkeypatch, *words)
    assert (code, "give it with --entry" in text) == (1, True)
    entry.write_bytes(body(3))
    code, text = said(capsys, monkeypatch, *words, "--entry", entry)
    assert (code, "First bad index: 2" in text) == (1, True)


def test_no_bit_of_a_receipt_can_change(tmp_path, capsys, monkeypatch):
    receipt = tmp_path / "receipt"
    whole = a_receipt().text().encode()
    chance = random.Random(20261127)
    for _ in range(150):
        changed = bytearray(whole)
        changed[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        receipt.write_bytes(changed)
        code, text = said(capsys, monkeypatch, "receipt", receipt, "--key", LOG.verifier.vkey)
        assert code == 1, changed
        assert text.startswith("NOT GOOD: ")


def test_a_witness_that_is_named_must_have_signed(tmp_path, capsys, monkeypatch):
    witness = Signer("witness.example/w1", bytes(range(2, 34)))
    public = witness.verifier.key
    vkey = "+".join(
        [
            witness.name,
            verifier.Key(witness.name, 4, public).id.hex(),
            base64.b64encode(b"\x04" + public).decode(),
        ]
    )
    receipt = tmp_path / "receipt"
    receipt.write_text(a_receipt().text())
    words = ("receipt", receipt, "--key", LOG.verifier.vkey, "--witness", vkey)
    code, text = said(capsys, monkeypatch, *words)
    assert (code, "not witnessed by anybody" in text) == (1, True)
    plain = a_receipt().note.partition("\n\n")[0] + "\n"
    stamp = 1_790_000_000
    raw = witness._private().sign(f"cosignature/v1\ntime {stamp}\n{plain}".encode())
    signed = verifier.Key(witness.name, 4, public).id + stamp.to_bytes(8, "big") + raw
    line = f"— {witness.name} {base64.b64encode(signed).decode()}\n"
    receipt.write_text(a_receipt().text() + line)
    code, text = said(capsys, monkeypatch, *words)
    assert code == 0
    assert "Witnessed by witness.example/w1 at 2026-09-21" in text
    receipt.write_text(a_receipt().text() + line.replace("AAAAA", "AAAAB"))
    assert said(capsys, monkeypatch, *words)[0] == 1


# Exports ----------------------------------------------------------------------------------------


@pytest.fixture
def desk(committed_db):
    with committed_db.connect("owner") as owner:
        yield LogDesk(committed_db, owner).write(10, 300, 1, 255)


@pytest.fixture
def exported(desk, tmp_path):
    desk.run("export", tmp_path / "out")
    return tmp_path / "out"


@pytest.mark.committed
def test_an_export_is_checked_as_a_whole(desk, exported, tmp_path):
    key = verifiers("main")[0].vkey
    held = tmp_path / "held"
    held.write_text(desk.note(desk.sizes[1]))
    code, text = run("export", exported, "--key", key, "--held", held)
    assert (code, text) == (0, f"{origin('main')}: 567 entries agree with the signed checkpoint.\n")
    code, text = run("export", exported)
    assert code == 0
    assert text.startswith("NO KEY WAS GIVEN")
    grew = tmp_path / "grew"
    grew.write_text(desk.run("consistency", desk.sizes[1], 567))
    assert run("consistency", held, grew, "--key", key)[0] == 0
    held.write_text(desk.note(desk.sizes[2]))
    assert run("consistency", held, grew, "--key", key)[0] == 1


@pytest.mark.committed
def test_no_byte_of_an_export_can_change_on_its_way(exported, capsys, monkeypatch):
    key = verifiers("main")[0].vkey
    files = sorted(path for path in exported.rglob("*") if path.is_file() and path.name != "keys")
    chance = random.Random(20261127)
    for number in range(60):
        path = files[number % len(files)]
        whole = path.read_bytes()
        changed = bytearray(whole)
        kind = chance.choice(["flip", "cut", "grow", "gone"])
        if kind == "flip":
            changed[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        elif kind == "cut":
            del changed[chance.randrange(len(whole)) :]
        elif kind == "grow":
            changed += b"\0" * chance.randint(1, 40)
        path.unlink() if kind == "gone" else path.write_bytes(changed)
        code, text = said(capsys, monkeypatch, "export", exported, "--key", key)
        assert code == 1, (path, kind)
        assert "First bad index: " in text or path.name == "checkpoint", (path, kind, text)
        path.write_bytes(whole)
    assert said(capsys, monkeypatch, "export", exported, "--key", key)[0] == 0


@pytest.mark.committed
def test_an_export_of_another_history_is_shown_by_what_somebody_kept(exported, tmp_path, capsys, monkeypatch):
    """The whole log was replaced and signed again with the stolen key: only the kept checkpoint tells."""
    seed = bytes(range(32))
    key = note.Verifier(origin("main"), Signer(origin("main"), seed).verifier.key)
    kept = tmp_path / "kept"
    kept.write_text(
        sign(TreeHead(origin("main"), 11, mth(hashes(11))).text(), [Signer(origin("main"), seed)])
    )
    keys = ["--key", verifiers("main")[0].vkey, "--key", key.vkey]
    code, text = said(capsys, monkeypatch, "export", exported, *keys, "--held", kept)
    assert code == 1
    assert "First bad index: 0" in text
    kept.write_text(sign(TreeHead(origin("main"), 600, bytes(32)).text(), [Signer(origin("main"), seed)]))
    code, text = said(capsys, monkeypatch, "export", exported, *keys, "--held", kept)
    assert "The export ends here" in text
    assert "at most 567 are good" in text
    assert "First bad index: 0" in text, "nothing that was kept agrees with any of it"
