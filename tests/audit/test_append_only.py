"""Nothing is taken out of the log or changed in it: by rights, and where rights do not hold, by triggers."""

import pytest
from psycopg import errors

from .conftest import write

pytestmark = pytest.mark.committed

TABLES = ["audit_entry", "audit_payload", "audit_leaf", "audit_tile", "audit_checkpoint", "audit_coupled"]
CHANGES = {
    "audit_entry": "UPDATE audit_entry SET body = '{}'",
    "audit_payload": "UPDATE audit_payload SET box = 'x'",
    "audit_leaf": "UPDATE audit_leaf SET index = index + 1",
    "audit_tile": "UPDATE audit_tile SET hashes = sha256('')",
    "audit_checkpoint": "UPDATE audit_checkpoint SET note = 'x'",
    "audit_coupled": "UPDATE audit_coupled SET table_name = 'x'",
}
HASH = bytes(32)


@pytest.fixture
def filled(committed_db):
    """One row in each table, put there by the owner, whom rights do not hold back."""
    with committed_db.connect("owner") as owner:
        entry_id = write(owner)
        owner.execute(
            "INSERT INTO audit_payload (entry_id, name, box) VALUES (%s, 'reason', 'x')", [entry_id]
        )
        owner.execute("INSERT INTO audit_leaf (log, index, entry_id) VALUES ('main', 0, %s)", [entry_id])
        owner.execute("INSERT INTO audit_tile (log, level, n, hashes) VALUES ('main', 0, 0, %s)", [HASH])
        owner.execute(
            "INSERT INTO audit_checkpoint (log, size, previous, root, note) VALUES ('main', 1, 0, %s, '')",
            [HASH],
        )
        owner.execute(
            "INSERT INTO audit_coupled (object_type, table_name, ref_column) VALUES ('a', 'b', 'c')"
            " ON CONFLICT DO NOTHING"
        )
    return committed_db


def attempts(table):
    return CHANGES[table], f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"


@pytest.mark.parametrize("role", ["app", "sequencer", "auditor"])
def test_no_role_has_the_right_to_change_the_log(filled, role):
    allowed = {("sequencer", CHANGES["audit_tile"])}  # it lengthens tiles; see below
    with filled.connect(role) as connection:
        for statement in (statement for table in TABLES for statement in attempts(table)):
            if (role, statement) not in allowed:
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(statement)


@pytest.mark.parametrize(
    ("role", "mode"),
    [("owner", "origin"), ("postgres", "origin"), ("postgres", "replica"), ("postgres", "local")],
)
def test_where_rights_do_not_hold_triggers_do(filled, role, mode):
    with filled.connect(role) as connection:
        if mode != "origin":
            connection.execute(f"SET session_replication_role = {mode}")
        for statement in (statement for table in TABLES for statement in attempts(table)):
            with pytest.raises((errors.RestrictViolation, errors.CheckViolation)):
                connection.execute(statement)


@pytest.mark.parametrize("role", ["app", "auditor"])
def test_only_the_sequencer_writes_the_tree(filled, role):
    with filled.connect(role) as connection:
        for table in ("audit_leaf", "audit_tile", "audit_checkpoint", "audit_coupled"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(f"INSERT INTO {table} SELECT * FROM {table}")


@pytest.mark.parametrize("role", ["sequencer", "auditor"])
def test_payloads_are_the_applications_alone(filled, role):
    with filled.connect(role) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("SELECT * FROM audit_payload")


def test_nobody_but_the_owner_couples_tables(filled):
    for role in ("app", "sequencer", "auditor"):
        with filled.connect(role) as connection:
            for call in ("audit_couple_object('a', 'b', 'c')", "audit_couple_child('a', 'b', 'c', 'd')"):
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(f"SELECT {call}")


def test_every_trigger_of_ours_is_always_on(committed_db):
    with committed_db.connect("owner") as owner:
        found = owner.execute(
            "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgname LIKE 'audit%'"
        ).fetchall()
    assert len(found) >= 14
    assert [row for row in found if row[2] != "A"] == []


def test_a_tile_is_only_lengthened(filled):
    change = "UPDATE audit_tile SET hashes = %s"
    with filled.connect("sequencer") as sequencer:
        for refused in (HASH, b"", b"\x01" * 64, HASH + b"\x01" * 31, HASH * 257):
            with pytest.raises((errors.RestrictViolation, errors.CheckViolation)):
                sequencer.execute(change, [refused])
        sequencer.execute(change, [HASH + b"\x01" * 32])
        sequencer.execute(change, [HASH + b"\x01" * 32 + HASH * 254])
        with pytest.raises((errors.RestrictViolation, errors.CheckViolation)):
            sequencer.execute(change, [HASH + b"\x01" * 32 + HASH * 255])


def test_checkpoints_do_not_fork(filled):
    add = "INSERT INTO audit_checkpoint (log, size, previous, root, note) VALUES ('main', %s, %s, %s, '')"
    with filled.connect("sequencer") as sequencer:
        for size, previous in ((2, 0), (1, 1), (1, 5)):
            with pytest.raises((errors.UniqueViolation, errors.CheckViolation)):
                sequencer.execute(add, [size, previous, HASH])
        sequencer.execute(add, [7, 1, HASH])


def test_an_entry_has_one_index_and_an_index_one_entry(filled):
    with filled.connect("owner") as owner:
        taken = owner.execute("SELECT entry_id FROM audit_leaf").fetchone()[0]
        free = write(owner)
        for index, entry_id in ((1, taken), (0, free), (-1, free)):
            with pytest.raises((errors.UniqueViolation, errors.CheckViolation)):
                owner.execute(
                    "INSERT INTO audit_leaf (log, index, entry_id) VALUES ('main', %s, %s)", [index, entry_id]
                )
