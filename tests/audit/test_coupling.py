"""No change without its entry and no entry of a change without the change: the database compares at commit.

The tables are folders and their sheets, made by the owner in the test's own database and coupled as a
migration couples them.
"""

import json

import psycopg
import pytest
from psycopg import errors

from audit.coupling import couple_child, couple_object

from .conftest import entry, write

pytestmark = pytest.mark.committed

TABLES = """
CREATE TABLE folder (
    id bigint PRIMARY KEY, ref varchar(20) UNIQUE, title text NOT NULL DEFAULT '',
    version integer NOT NULL DEFAULT 1, changed_xid bigint NOT NULL DEFAULT 0
);
CREATE TABLE sheet (id bigint PRIMARY KEY, folder_id bigint REFERENCES folder, words text);
CREATE TABLE label (id bigint PRIMARY KEY, folder_ref varchar(20) REFERENCES folder (ref));
"""
UNCOUPLED = errors.IntegrityError


@pytest.fixture
def folders(committed_db):
    with committed_db.connect("owner") as owner:
        owner.execute(TABLES)
        operations = [
            *couple_object("folder", "folder", "ref"),
            *couple_child("sheet", "folder_id", "folder"),
            *couple_child("label", "folder_ref", "folder", references="ref"),
        ]
        for operation in operations:
            owner.execute(operation.sql)
    with committed_db.connect("app", autocommit=False) as app:
        for number in (1, 2):
            app.execute("INSERT INTO folder (id, ref) VALUES (%s, %s)", [number, f"F-{number}"])
            say(app, 1, ref=f"F-{number}")
            app.execute("INSERT INTO sheet (id, folder_id) VALUES (%s, %s)", [number, number])
    return committed_db


@pytest.fixture
def app(folders):
    with folders.connect("app", autocommit=False) as connection:
        yield connection
        connection.rollback()


def say(connection, version, *, ref="F-1"):
    write(connection, event="folder.changed", object={"type": "folder", "ref": ref, "version": version})


def change(connection, number=1):
    connection.execute("UPDATE folder SET title = 'new', version = version + 1 WHERE id = %s", [number])


def together(connection, statement, *, changed):
    """The statement and an audited change of these folders, in one transaction."""
    with connection.transaction():
        connection.execute(statement)
        for number in changed:
            change(connection, number)
            say(connection, 2, ref=f"F-{number}")


def versions(database):
    with database.connect("app") as connection:
        return connection.execute("SELECT id, version FROM folder ORDER BY id").fetchall()


def test_a_change_with_its_entry_is_committed(app, folders):
    change(app)
    say(app, 2)
    app.commit()
    assert versions(folders) == [(1, 2), (2, 1)]


def test_the_entry_may_come_first(app, folders):
    say(app, 2)
    change(app)
    app.commit()
    assert versions(folders) == [(1, 2), (2, 1)]


def test_two_changes_in_one_transaction_have_two_entries(app, folders):
    change(app)
    change(app)
    say(app, 3)
    with pytest.raises(UNCOUPLED, match='Version 2 of folder "F-1" has no entry'):
        app.commit()
    change(app)
    say(app, 2)
    change(app)
    say(app, 3)
    app.commit()
    assert versions(folders) == [(1, 3), (2, 1)]


def test_a_change_without_an_entry_fails_at_commit(app, folders):
    change(app)
    with pytest.raises(UNCOUPLED, match="has no entry in the log"):
        app.commit()
    assert versions(folders) == [(1, 1), (2, 1)]


def test_a_new_row_without_an_entry_fails_at_commit(app):
    app.execute("INSERT INTO folder (id, ref) VALUES (3, 'F-3')")
    with pytest.raises(UNCOUPLED, match="has no entry in the log"):
        app.commit()


def test_rows_that_copy_brings_need_entries_too(app):
    with app.cursor().copy("COPY folder (id, ref) FROM STDIN") as copy:
        copy.write_row((3, "F-3"))
    with pytest.raises(UNCOUPLED, match="has no entry in the log"):
        app.commit()


def test_a_bulk_change_needs_an_entry_for_each_row(app):
    app.execute("UPDATE folder SET title = 'all', version = version + 1")
    say(app, 2, ref="F-1")
    with pytest.raises(UNCOUPLED, match='"F-2" has no entry'):
        app.commit()


def test_the_entry_of_another_row_does_not_help(app):
    change(app, 1)
    say(app, 2, ref="F-2")
    with pytest.raises(UNCOUPLED):
        app.commit()


def test_an_entry_without_a_change_fails_at_commit(app):
    say(app, 2)
    with pytest.raises(UNCOUPLED, match="no such change was made"):
        app.commit()


def test_an_entry_of_something_that_is_not_there_fails_at_commit(app):
    say(app, 1, ref="F-9")
    with pytest.raises(UNCOUPLED, match="no such change was made"):
        app.commit()


def test_an_entry_that_runs_ahead_of_the_change_fails_at_commit(app):
    change(app)
    say(app, 2)
    say(app, 3)
    with pytest.raises(UNCOUPLED, match="no such change was made"):
        app.commit()


def test_a_version_has_one_entry(app):
    change(app)
    say(app, 2)
    with pytest.raises(errors.UniqueViolation):
        say(app, 2)


def test_the_entry_of_an_earlier_transaction_does_not_count(folders):
    with folders.connect("owner") as owner:
        owner.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_has_folder")
        say(owner, 2)
        owner.execute("ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_has_folder")
    with folders.connect("app") as app, pytest.raises(UNCOUPLED, match="has no entry"):
        change(app)


def test_a_look_needs_no_change(app):
    write(app, object={"type": "folder", "ref": "F-1", "seen_version": 1})
    app.commit()


def test_the_version_rises_by_one_and_begins_with_one(app):
    for statement in (
        "UPDATE folder SET title = 'x' WHERE id = 1",
        "UPDATE folder SET version = version + 2 WHERE id = 1",
        "UPDATE folder SET version = 1 WHERE id = 1",
        "INSERT INTO folder (id, ref, version) VALUES (3, 'F-3', 2)",
    ):
        with pytest.raises(UNCOUPLED, match="version"):
            app.execute(statement)
        app.rollback()


def test_the_stamp_cannot_be_forged(app):
    say(app, 2)
    app.execute("UPDATE folder SET version = version + 1, changed_xid = 77 WHERE id = 1")
    stamped, current = app.execute(
        "SELECT changed_xid, pg_current_xact_id()::text::bigint FROM folder WHERE id = 1"
    ).fetchone()
    assert stamped == current


def test_a_savepoint_that_is_rolled_back_takes_its_entry_along(app):
    change(app)
    app.execute("SAVEPOINT here")
    say(app, 2)
    app.execute("SET CONSTRAINTS ALL IMMEDIATE")
    app.execute("ROLLBACK TO here")
    app.execute("SET CONSTRAINTS ALL DEFERRED")
    with pytest.raises(UNCOUPLED, match="has no entry"):
        app.commit()


def test_a_change_inside_a_savepoint_is_stamped_with_the_whole_transaction(app, folders):
    say(app, 2)
    app.execute("SAVEPOINT here")
    change(app)
    app.execute("RELEASE here")
    app.commit()
    assert versions(folders) == [(1, 2), (2, 1)]


def test_looking_early_does_not_switch_the_check_off(app):
    change(app)
    say(app, 2)
    app.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(UNCOUPLED, match="has no entry"):
        change(app)


@pytest.mark.parametrize("role", ["app", "owner"])
@pytest.mark.parametrize("statement", ["DELETE FROM folder WHERE id = 2", "TRUNCATE folder CASCADE"])
def test_a_coupled_row_is_never_deleted(folders, role, statement):
    with folders.connect(role) as connection:
        connection.execute("DELETE FROM sheet WHERE false")
        with pytest.raises((errors.RestrictViolation, errors.InsufficientPrivilege)):
            connection.execute(statement)


def test_the_name_of_a_coupled_row_stays(app):
    with pytest.raises(errors.RestrictViolation):
        app.execute("UPDATE folder SET ref = 'F-7', version = version + 1 WHERE id = 1")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO sheet (id, folder_id) VALUES (9, 1)",
        "UPDATE sheet SET words = 'other' WHERE id = 1",
        "DELETE FROM sheet WHERE id = 1",
        "INSERT INTO label (id, folder_ref) VALUES (9, 'F-1')",
    ],
)
def test_a_part_changes_only_with_the_whole(folders, statement):
    with folders.connect("app") as app:
        with pytest.raises(UNCOUPLED, match="without a change of the folder it belongs to"):
            app.execute(statement)
        with pytest.raises(UNCOUPLED, match="without a change of the folder it belongs to"):
            together(app, statement, changed=[2])
        together(app, statement, changed=[1])


def test_a_part_that_moves_needs_both_wholes_changed(folders):
    move = "UPDATE sheet SET folder_id = 2 WHERE id = 1"
    with folders.connect("app") as app:
        for changed in ([1], [2]):
            with pytest.raises(UNCOUPLED, match="without a change of the folder it belongs to"):
                together(app, move, changed=changed)
        together(app, move, changed=[1, 2])


def test_parts_are_not_truncated(folders):
    with folders.connect("owner") as owner, pytest.raises(errors.RestrictViolation):
        owner.execute("TRUNCATE sheet")


def test_replication_mode_does_not_pass_by(folders):
    with folders.connect("postgres") as superuser:
        superuser.execute("SET session_replication_role = replica")
        with pytest.raises(UNCOUPLED, match="has no entry"):
            change(superuser)
        with pytest.raises(UNCOUPLED, match="no such change"):
            say(superuser, 2)
        with pytest.raises(UNCOUPLED, match="without a change"):
            superuser.execute("DELETE FROM sheet WHERE id = 1")


def test_a_temporary_table_of_the_same_name_deceives_nobody(folders):
    """Even where a role may make temporary tables: the triggers name the schema of what they read."""
    with folders.connect("owner", autocommit=False) as owner:
        owner.execute("CREATE TEMPORARY TABLE audit_entry (LIKE public.audit_entry)")
        owner.execute("SET search_path = pg_temp, public")
        change(owner)
        body = entry(event="folder.changed", object={"type": "folder", "ref": "F-1", "version": 2})
        owner.execute(
            "INSERT INTO pg_temp.audit_entry SELECT %s, pg_current_xact_id(), now(), 2, NULL, 'main',"
            " 'folder.changed', 'u', NULL, 'folder', 'F-1', NULL, %s",
            [json.loads(body)["id"], body],
        )
        with pytest.raises(UNCOUPLED, match="has no entry"):
            owner.commit()


@pytest.mark.parametrize("name", ["Folder", "folder; DROP TABLE sheet", "folder'", "", "f-1"])
def test_only_plain_names_are_coupled(name):
    with pytest.raises(ValueError, match="plain name"):
        couple_object(name, "folder", "ref")
    with pytest.raises(ValueError, match="plain name"):
        couple_child("sheet", name, "folder")


def test_a_name_that_postgresql_would_cut_is_refused():
    with pytest.raises(ValueError, match="longer than 63"):
        couple_child("a" * 50, "folder_id", "folder")


def test_a_part_of_nothing_is_refused(committed_db):
    with committed_db.connect("owner") as owner, pytest.raises(psycopg.errors.NoDataFound):
        owner.execute("SELECT audit_couple_child('audit_payload', 'entry_id', 'nothing', 'id')")
