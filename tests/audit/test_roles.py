"""What each role of the database may not do, tried against the real server: only migrations own anything."""

import pytest
from psycopg import Connection, errors

from cpdisclose.local.environment import OWNER_COMMANDS
from tests.conftest import Database

pytestmark = pytest.mark.committed

BOUND = ("app", "sequencer", "auditor")
LOG = ("audit_entry", "audit_payload", "audit_leaf", "audit_tile", "audit_checkpoint", "audit_cosignature")
OTHERS = ("owner", "app", "sequencer", "auditor", "postgres")
REFUSED = (
    *(f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in LOG),
    *(f"ALTER TABLE {table} ADD COLUMN more text" for table in LOG),
    *(f"DROP TABLE {table} CASCADE" for table in LOG),
    *(f"DO $$ BEGIN LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; END $$" for table in LOG),
    *(f"CREATE RULE quiet AS ON DELETE TO {table} DO INSTEAD NOTHING" for table in LOG),
    "DROP TRIGGER audit_never ON audit_entry",
    "SET session_replication_role = replica",
    "CREATE TABLE of_mine (id int)",
    "CREATE VIEW of_mine AS SELECT 1",
    "CREATE SCHEMA of_mine",
    "CREATE FUNCTION public.of_mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION audit_never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE ROLE another LOGIN",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER SYSTEM SET fsync = off",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT lo_import('/etc/hostname')",
)


def refused(connection: Connection, statement: str) -> bool:
    try:
        connection.execute(statement)
    except errors.InsufficientPrivilege:
        return True
    return False


@pytest.mark.parametrize("role", BOUND)
def test_no_role_that_serves_changes_what_is_there(committed_db: Database, role: str) -> None:
    with committed_db.connect(role) as connection:
        assert [statement for statement in REFUSED if not refused(connection, statement)] == []
        assert not refused(connection, "SELECT 1"), "the connection itself works"


@pytest.mark.parametrize("role", BOUND)
def test_no_role_becomes_another(committed_db: Database, role: str) -> None:
    with committed_db.connect(role) as connection:
        assert [
            other for other in OTHERS if other != role and not refused(connection, f"SET ROLE {other}")
        ] == []


def test_the_owner_is_no_superuser_either_and_nobody_belongs_to_anybody(committed_db: Database) -> None:
    with committed_db.connect("owner") as owner:
        powers = owner.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (rolsuper OR rolcreatedb OR rolcreaterole"
            " OR rolreplication OR rolbypassrls)",
            [list(OTHERS[:-1])],
        ).fetchall()
        belongs = owner.execute(
            "SELECT roleid::regrole::text FROM pg_auth_members WHERE member::regrole::text = ANY(%s)",
            [list(OTHERS[:-1])],
        ).fetchall()
        assert (powers, belongs) == ([], [])
        assert refused(owner, "SET session_replication_role = replica")


def test_everything_belongs_to_whoever_migrates(committed_db: Database) -> None:
    """Tables, views, sequences and functions: made by migrations, which run as the owner."""
    with committed_db.connect("auditor") as connection:
        owners = connection.execute(
            "SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " UNION SELECT DISTINCT p.proowner::regrole::text FROM pg_proc p"
            " WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS"
            " (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
        ).fetchall()
    assert owners == [("owner",)]


@pytest.mark.parametrize("role", ["sequencer", "auditor"])
def test_those_who_keep_and_read_the_log_write_nothing_else(committed_db: Database, role: str) -> None:
    with committed_db.connect("owner") as owner:
        written = owner.execute(
            "SELECT table_name FROM information_schema.role_table_grants WHERE grantee = %s AND"
            " privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE') AND table_name NOT LIKE 'audit_%%'",
            [role],
        ).fetchall()
    assert written == []


def test_a_migration_is_given_the_owner_and_the_site_is_not() -> None:
    assert {"migrate", "makemigrations"} <= OWNER_COMMANDS
    assert not {"runserver", "sweep", "shell", "audit", "seed_demo"} & OWNER_COMMANDS


def test_a_migration_in_the_name_of_the_site_is_refused(committed_db: Database) -> None:
    """Should somebody give the site's own address to it, the first statement ends it."""
    with committed_db.connect("app", autocommit=False) as connection:
        for statement in (
            "ALTER TABLE disclosures_request ADD COLUMN more text",
            "DROP TABLE disclosures_step",
        ):
            assert refused(connection, statement)
            connection.rollback()
