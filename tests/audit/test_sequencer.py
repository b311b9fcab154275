"""The sequencer: every committed entry once, in order, signed; and nothing signed on top of what is wrong."""

import base64
import json
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import ProgrammingError

from audit import tree
from audit.models import Log
from audit.note import Signer
from audit.sequencer import Overtaken, Sequencer
from audit.stored import Refused
from audit.tasks import sequence

from . import whole_log
from .conftest import entry, tampering, write

pytestmark = pytest.mark.committed


@pytest.fixture
def app(committed_db):
    with committed_db.connect("app", autocommit=False) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def owner(committed_db):
    with committed_db.connect("owner") as connection:
        yield connection


@pytest.fixture
def sequenced(app, as_role):
    """A sequencer that has done three entries and its heartbeat, in the process of the role `sequencer`."""
    for _ in range(3):
        write(app)
    app.commit()
    with as_role("sequencer"):
        sequencer = Sequencer("main")
        assert sequencer.drain() == 4
        yield sequencer


def checked(owner, log="main"):
    return whole_log.check(owner, log)


def heartbeats(connection, log="main"):
    query = "SELECT count(*) FROM audit_entry WHERE log = %s AND event = 'log.heartbeat'"
    return connection.execute(query, [log]).fetchone()[0]


def test_an_empty_log_begins_with_its_heartbeat(as_role, owner):
    with as_role("sequencer"):
        assert Sequencer("main").drain() == 1
    found = checked(owner)
    assert (len(found.order), found.waiting, found.sizes) == (1, set(), [1])
    assert heartbeats(owner) == 1


def test_entries_are_taken_in_the_order_of_their_transactions(app, as_role, owner):
    written = []
    for _ in range(3):
        written += sorted(write(app) for _ in range(4))
        app.commit()
    with as_role("sequencer"):
        Sequencer("main").drain()
    assert checked(owner).order[:12] == written


def test_nothing_overtakes_a_transaction_that_is_under_way(app, committed_db, sequenced, owner):
    early = write(app)
    with committed_db.connect("app") as other:
        late = write(other)
    assert sequenced.drain() == 0
    assert checked(owner).waiting == {late}
    app.commit()
    assert sequenced.drain() == 2
    assert checked(owner).order[-2:] == [early, late]


def test_eight_writers_with_open_transactions_wait_for_nobody_and_none_is_left_out(
    committed_db, sequenced, owner
):
    """Appending takes no lock that another writer could want: whoever waited would be refused after a moment."""
    with ExitStack() as open_ones:
        writers = [open_ones.enter_context(committed_db.connect("app", autocommit=False)) for _ in range(8)]
        written = []
        for turn in range(3):
            for writer in writers if turn % 2 else reversed(writers):
                writer.execute("SET LOCAL lock_timeout = '100ms'")
                written.append(write(writer))
        assert owner.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() == (0,)
        assert sequenced.drain() == 0, "while they are open, nothing of theirs is there to be sequenced"
        for writer in writers[::2]:
            writer.commit()
        sequenced.drain()
        for writer in writers[1::2]:
            writer.commit()
        sequenced.drain()
    found = checked(owner)
    assert found.waiting == set()
    assert set(written) <= set(found.order)
    assert len(found.order) == 4 + len(written)


def test_what_was_rolled_back_leaves_no_gap(app, sequenced, owner):
    write(app)
    app.rollback()
    kept = write(app)
    app.commit()
    sequenced.drain()
    assert checked(owner).order[-1] == kept


def test_the_two_logs_have_trees_of_their_own(app, as_role, owner):
    main, sealed = write(app), write(app, log="sealed")
    app.commit()
    with as_role("sequencer"):
        sequence()
    assert main in checked(owner, "main").order
    assert sealed in checked(owner, "sealed").order
    assert not set(checked(owner, "main").order) & set(checked(owner, "sealed").order)
    assert heartbeats(owner, "main") == heartbeats(owner, "sealed") == 1


def test_small_batches_make_the_same_tree(app, as_role, owner):
    written = sorted(write(app) for _ in range(600))
    app.commit()
    with as_role("sequencer"):
        assert Sequencer("main", batch=64).drain() == 601
    found = checked(owner)
    assert found.order[:600] == written
    assert found.sizes == [*range(64, 601, 64), 601]


@pytest.mark.parametrize("size", [255, 256, 257, 512, 513])
def test_a_tree_is_carried_on_across_the_edge_of_a_tile(app, as_role, owner, size):
    for _ in range(size - 1):
        write(app)
    app.commit()
    with as_role("sequencer"):
        assert Sequencer("main").drain() == size
        for _ in range(3):
            write(app)
            app.commit()
            assert Sequencer("main").drain() == 1
    assert checked(owner).sizes == [size, size + 1, size + 2, size + 3]


def test_a_heartbeat_comes_every_fifteen_minutes(sequenced, owner):
    assert sequenced.drain() == 0
    for minutes, expected in ((14, 1), (16, 2)):
        before = datetime.now(UTC) - timedelta(minutes=minutes)
        with tampering(owner):
            owner.execute("UPDATE audit_entry SET at = %s WHERE event = 'log.heartbeat'", [before])
        sequenced.drain()
        assert heartbeats(owner) == expected
    checked(owner)


def test_entries_of_a_restored_dump_are_taken_although_their_xid_lies_ahead(owner, as_role):
    body = entry()
    with tampering(owner):
        owner.execute(
            "INSERT INTO audit_entry (id, xid, at, log, event, actor, body)"
            " VALUES (%s, '99999999999', now(), 'main', 'log.viewed', 'u_tester', %s)",
            [json.loads(body)["id"], body],
        )
    with as_role("sequencer"):
        Sequencer("main").drain()
        with owner.transaction():
            late = write(owner)
        Sequencer("main").drain()
    found = checked(owner)
    assert found.order[1:] == [json.loads(body)["id"], late]
    assert not found.waiting


def test_a_second_sequencer_stands_back(sequenced, committed_db, app):
    write(app)
    app.commit()
    with committed_db.connect("sequencer", autocommit=False) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s, 0)", [0x617564])
        assert sequenced.drain() == 0
        other.rollback()
    assert sequenced.drain() == 1


def test_without_the_lock_the_database_still_takes_one_successor(sequenced, app, owner, monkeypatch):
    write(app)
    app.commit()
    head = "INSERT INTO audit_checkpoint (log, size, previous, root, note) VALUES ('main', 9, 4, %s, 'x')"
    rows = Sequencer._write_checkpoint

    def late(self, cursor, before, after):
        owner.execute(head, [bytes(32)])
        rows(self, cursor, before, after)

    monkeypatch.setattr(Sequencer, "_write_checkpoint", late)
    with pytest.raises(Overtaken):
        sequenced.drain()
    assert owner.execute("SELECT count(*) FROM audit_leaf").fetchone() == (4,)


def refuses(owner, sequencer, match):
    write(owner)
    before = owner.execute("SELECT count(*) FROM audit_checkpoint").fetchone()
    with pytest.raises(Refused, match=match):
        sequencer.drain()
    assert owner.execute("SELECT count(*) FROM audit_checkpoint").fetchone() == before


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize(
    ("change", "match"),
    [
        (
            "UPDATE audit_tile SET hashes = set_byte(hashes, 5, get_byte(hashes, 5) # 1)",
            "root that was signed",
        ),
        ("UPDATE audit_tile SET hashes = substring(hashes FOR 96)", "do not fit"),
        ("DELETE FROM audit_tile", "do not fit"),
        ("UPDATE audit_checkpoint SET root = sha256('')", "does not say what was signed"),
        ("UPDATE audit_checkpoint SET note = replace(note, '4', '5')", "cannot be trusted"),
        ("UPDATE audit_checkpoint SET note = ''", "cannot be trusted"),
    ],
)
def test_nothing_is_signed_on_top_of_a_tree_that_was_not(owner, sequenced, change, match, fresh):
    with tampering(owner):
        owner.execute(change)
    refuses(owner, Sequencer("main") if fresh else sequenced, match)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ("UPDATE audit_entry SET body = body || ' '", "not the one that was signed"),
        ("DELETE FROM audit_leaf WHERE index = 1", "last indexes"),
        ("UPDATE audit_leaf SET index = index + 1 WHERE index = 3", "last indexes"),
        (
            "UPDATE audit_leaf SET index = CASE index WHEN 0 THEN 90 ELSE 91 END WHERE index < 2",
            "last indexes",
        ),
        ("DELETE FROM audit_checkpoint", "last indexes"),
    ],
)
def test_a_sequencer_that_starts_looks_at_the_last_entries(owner, sequenced, change, match):
    with tampering(owner):
        owner.execute(change)
    refuses(owner, Sequencer("main"), match)


def test_a_running_sequencer_sees_that_the_database_went_back(owner, sequenced):
    write(owner)
    sequenced.drain()
    with tampering(owner):
        owner.execute("DELETE FROM audit_checkpoint WHERE size = 5")
        owner.execute("DELETE FROM audit_leaf WHERE index = 4")
        owner.execute("UPDATE audit_tile SET hashes = substring(hashes FOR 128)")
    refuses(owner, sequenced, "went back behind size 5")


def test_a_checkpoint_that_somebody_else_signed_is_not_trusted(owner, sequenced):
    size, root = owner.execute("SELECT size, root FROM audit_checkpoint").fetchone()
    name = owner.execute("SELECT split_part(note, chr(10), 1) FROM audit_checkpoint").fetchone()[0]
    text = f"{name}\n{size}\n{base64.b64encode(root).decode()}\n"
    forged = text + "\n" + Signer(name, b"\x07" * 32).signature_line(text)
    with tampering(owner):
        owner.execute("UPDATE audit_checkpoint SET note = %s", [forged])
    refuses(owner, Sequencer("main"), "cannot be trusted")


def test_a_log_whose_name_changed_is_not_carried_on(owner, sequenced, settings):
    settings.AUDIT_ORIGIN = "elsewhere.example/log"
    refuses(owner, Sequencer("main"), "keeps its origin for ever")


def test_the_application_cannot_sequence(owner):
    write(owner)
    with pytest.raises(ProgrammingError, match="permission denied for table audit_leaf"):
        Sequencer("main").drain()


def test_without_the_key_nothing_is_signed(owner, as_role, settings):
    settings.AUDIT_SIGNING_KEYS = ""
    write(owner)
    with as_role("sequencer"), pytest.raises(ImproperlyConfigured, match="no key for the log main"):
        Sequencer("main").drain()
    assert owner.execute("SELECT count(*) FROM audit_leaf").fetchone() == (0,)


def test_a_key_is_replaced_by_signing_with_both_for_a_time(owner, sequenced, settings):
    old = settings.AUDIT_SIGNING_KEYS.split(",")[0]
    new = "main:" + base64.b64encode(b"\x09" * 32).decode()
    old_public = settings.AUDIT_VERIFIER_KEYS.split(",")[0]
    for keys, lines in ((f"{old},{new}", 2), (new, 1)):
        settings.AUDIT_SIGNING_KEYS = keys
        write(owner)
        Sequencer("main").drain()
        note = owner.execute("SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1").fetchone()[0]
        assert note.count("\n— ") == lines
    settings.AUDIT_VERIFIER_KEYS = old_public
    write(owner)
    Sequencer("main").drain()


@pytest.mark.parametrize("keys", ["main", "main:AAAA", "other:" + "A" * 43 + "=", "main:!!!"])
def test_a_key_that_is_none_is_refused(as_role, settings, keys):
    settings.AUDIT_SIGNING_KEYS = keys
    with as_role("sequencer"), pytest.raises(ImproperlyConfigured, match="must read like"):
        Sequencer("main").drain()


def test_every_log_of_the_table_has_a_sequencer():
    assert set(Log.values) == {"main", "sealed"}
    assert whole_log.mth([]) == tree.EMPTY_ROOT
