"""The sequencer and its witness: what is signed is brought there, and what the witness knows better stops it."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError

from audit import tree, verifier, witnessing
from audit.checkpoint import TreeHead
from audit.logs import origin, signers, verifiers
from audit.note import sign
from audit.sequencer import Sequencer
from audit.stored import Refused, last_head
from audit.tree import Edge
from audit.witnessing import Witnessing

from .conftest import tampering
from .log_desk import LogDesk
from .witness_desk import COSIGNER, a_witness

pytestmark = pytest.mark.committed


@pytest.fixture
def desk(committed_db):
    with committed_db.connect("owner") as owner:
        yield LogDesk(committed_db, owner)


@pytest.fixture
def witness(tmp_path, settings):
    with a_witness(tmp_path) as at_work:
        settings.AUDIT_WITNESSES = at_work.setting
        yield at_work


def cosigned(desk):
    return [
        row[0]
        for row in desk.owner.execute(
            "SELECT size FROM audit_cosignature WHERE log = %s ORDER BY size", [desk.log]
        )
    ]


def cut(desk, size, *, cosignatures=True):
    """Last week's dump: everything behind this checkpoint is gone, and what is left agrees with itself."""
    with tampering(desk.owner):
        for table in ("audit_checkpoint", "audit_leaf", "audit_entry", "audit_tile", "audit_cosignature"):
            desk.owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        desk.owner.execute("DELETE FROM audit_checkpoint WHERE size > %s", [size])
        if cosignatures:
            desk.owner.execute("DELETE FROM audit_cosignature WHERE size > %s", [size])
        gone = desk.owner.execute("DELETE FROM audit_leaf WHERE index >= %s RETURNING entry_id", [size])
        desk.owner.execute("DELETE FROM audit_entry WHERE id = ANY(%s)", [[row[0] for row in gone]])
        keep_tiles(desk, size)
        desk.owner.execute("ALTER TABLE audit_tile ENABLE ALWAYS TRIGGER audit_grows")


def keep_tiles(desk, size):
    bodies = desk.owner.execute(
        "SELECT body FROM audit_leaf JOIN audit_entry ON id = entry_id WHERE audit_leaf.log = %s ORDER BY index",
        [desk.log],
    )
    edge, tiles = tree.append(Edge(), [tree.leaf_hash(body) for (body,) in bodies])
    assert edge.size == size
    desk.owner.execute("DELETE FROM audit_tile WHERE log = %s", [desk.log])
    for name, hashes in tiles.items():
        desk.owner.execute(
            "INSERT INTO audit_tile (log, level, n, hashes) VALUES (%s, %s, %s, %s)",
            [desk.log, name.level, name.n, hashes],
        )
    return edge


def test_every_checkpoint_is_cosigned_and_says_so(desk, witness, tmp_path):
    desk.write(3, 300)
    assert cosigned(desk) == desk.sizes == [4, 304]
    assert witness.size() == 304
    printed = desk.run("checkpoint")
    assert printed.startswith(desk.note(304))
    assert printed.count("\n— ") == 2
    assert "agree" in desk.run("verify")
    desk.run("export", tmp_path / "out")
    keys = verifier.read_keys([str(tmp_path / "out" / "keys")], verifier.WITNESS_KEY)
    log_keys = verifier.read_keys([verifiers("main")[0].vkey], verifier.LOG_KEY)
    assert verifier.check_export(tmp_path / "out", log_keys, keys, []).witnessed
    proof = desk.run("prove", "--entry", desk.entry_at(2))
    assert verifier.check_proof(proof.encode(), None, log_keys, keys)[0].witnessed


def test_without_a_witness_nothing_is_asked(desk):
    desk.write(3)
    assert cosigned(desk) == []


def test_a_witness_that_is_away_holds_nothing_up_and_is_caught_up_with(desk, tmp_path, settings, monkeypatch):
    monkeypatch.setattr(witnessing, "QUIET_SECONDS", 0)
    with a_witness(tmp_path) as at_work:
        settings.AUDIT_WITNESSES = at_work.setting
        sequencer = Sequencer("main")
        desk.write(3)
        desk.sign(sequencer)
    for _ in range(4):
        desk.write(10)
        desk.sign(sequencer)
    assert cosigned(desk) == [4]
    assert desk.sizes[-1] == 44
    assert "agree" in desk.run("verify")
    with a_witness(tmp_path, at_work.port):
        desk.sign(sequencer)
        assert cosigned(desk) == [4, 44]
        assert "agree" in desk.run("verify")


def test_a_witness_that_is_away_is_left_alone_for_a_while(desk, settings, caplog):
    settings.AUDIT_WITNESSES = f"http://127.0.0.1:9 {COSIGNER.witness_key.vkey}"
    sequencer = Sequencer("main")
    for _ in range(3):
        desk.sign(sequencer)
    assert [record.message for record in caplog.records if "is away" in record.message][1:] == []


@pytest.mark.parametrize("cosignatures", [True, False])
def test_nothing_is_signed_on_top_of_an_old_dump(desk, witness, cosignatures):
    desk.write(3, 300)
    cut(desk, 4, cosignatures=cosignatures)
    assert desk.one("SELECT count(*) FROM audit_leaf") == 4
    with pytest.raises(Refused, match=r"knows 304 entries .* has 4\. Was an old dump restored"):
        desk.sign(Sequencer("main"))
    assert desk.one("SELECT max(size) FROM audit_checkpoint") == 4
    if not cosignatures:
        with pytest.raises(CommandError, match="has cosigned size 304, and that checkpoint is gone"):
            desk.run("verify")


def test_nothing_is_signed_in_a_database_that_was_emptied(desk, witness):
    desk.write(3)
    cut(desk, 0)
    with pytest.raises(Refused, match="knows 4 entries"):
        desk.sign(Sequencer("main"))
    assert desk.one("SELECT count(*) FROM audit_checkpoint") == 0


def test_a_dump_restored_while_the_witness_was_away_is_found_when_it_is_back(
    desk, tmp_path, settings, monkeypatch
):
    monkeypatch.setattr(witnessing, "QUIET_SECONDS", 0)
    with a_witness(tmp_path) as at_work:
        settings.AUDIT_WITNESSES = at_work.setting
        desk.write(3, 300)
    cut(desk, 4)
    sequencer = Sequencer("main")
    desk.write(400)
    desk.sign(sequencer)
    before = desk.sizes[-1]
    with a_witness(tmp_path, at_work.port):
        with pytest.raises(Refused, match="another history"):
            desk.sign(sequencer)
        with pytest.raises(Refused, match="another history"):
            desk.sign(sequencer)
        with pytest.raises(Refused, match="another history"):
            desk.sign(Sequencer("main"))
    assert desk.one("SELECT max(size) FROM audit_checkpoint") == before


def test_a_rewritten_log_signed_with_the_stolen_key_is_refused(desk, witness):
    desk.write(3, 300)
    with tampering(desk.owner):
        desk.owner.execute(
            "UPDATE audit_entry SET body = replace(body::text, 'x', 'x')::bytea || ' ' WHERE id = %s",
            [desk.entry_at(2)],
        )
        edge = keep_tiles(desk, 304)
        head = TreeHead(origin("main"), 304, tree.root(edge))
        desk.owner.execute(
            "UPDATE audit_checkpoint SET root = %s, note = %s WHERE size = 304",
            [head.root, sign(head.text(), signers("main"))],
        )
        desk.owner.execute("DELETE FROM audit_checkpoint WHERE size = 4")
        desk.owner.execute("UPDATE audit_checkpoint SET previous = 0 WHERE size = 304")
    with pytest.raises(Refused, match="has cosigned another tree of 304 entries"):
        desk.sign(Sequencer("main"))


def test_a_cosignature_whose_row_was_never_written_is_fetched_again(desk, witness):
    desk.write(3)
    desk.owner.execute("ALTER TABLE audit_cosignature DISABLE TRIGGER USER")
    desk.owner.execute("DELETE FROM audit_cosignature")
    desk.owner.execute("ALTER TABLE audit_cosignature ENABLE ALWAYS TRIGGER audit_never")
    desk.write(5)
    assert cosigned(desk) == [4, 9]
    assert "agree" in desk.run("verify")


def test_a_cosignature_that_was_touched_is_named(desk, witness):
    desk.write(3)
    desk.owner.execute("ALTER TABLE audit_cosignature DISABLE TRIGGER USER")
    desk.owner.execute("UPDATE audit_cosignature SET line = overlay(line placing 'A' from 40)")
    with pytest.raises(CommandError, match=r"At size 4: The cosignature of witness\.example/w1 is wrong"):
        desk.run("verify")


def test_a_witness_that_does_not_know_the_key_is_away(desk, tmp_path, settings, caplog):
    with a_witness(tmp_path) as at_work:
        settings.AUDIT_WITNESSES = at_work.setting
        at_work.working.logs[origin("main")].clear()
        desk.write(3)
    assert cosigned(desk) == []
    assert "It answered 403" in caplog.text


def test_two_sequencers_bring_one_history(desk, witness):
    one, other = Sequencer("main"), Sequencer("main")
    for _ in range(3):
        for sequencer in (one, other):
            desk.write(2)
            desk.sign(sequencer)
    assert set(desk.sizes) == set(cosigned(desk))
    assert "agree" in desk.run("verify")


def test_a_late_look_of_a_slower_sequencer_is_no_alarm(desk, witness, monkeypatch):
    desk.write(3)
    before = last_head("main")
    desk.write(5)
    heads = [before]
    monkeypatch.setattr(witnessing, "last_head", lambda log: heads.pop() if heads else last_head(log))
    Witnessing("main").ask()
    assert heads == []


@pytest.mark.parametrize("value", ["x", "http://w.example", "ftp://w.example " + COSIGNER.witness_key.vkey])
def test_a_witness_that_is_none_is_refused(desk, settings, value):
    settings.AUDIT_WITNESSES = value
    with pytest.raises(ImproperlyConfigured, match="AUDIT_WITNESSES must read like"):
        desk.sign()
