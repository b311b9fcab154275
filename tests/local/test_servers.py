"""Clusters, their databases and their marks."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.management.base import CommandError

from cpdisclose.local.checkout import Checkout
from cpdisclose.local.environment import Environment, caller
from cpdisclose.local.errors import LaunchError
from cpdisclose.local.external import role_urls
from cpdisclose.local.guard import demo_database_guard
from cpdisclose.local.postgres import SUPERUSER, Cluster, find_binaries
from cpdisclose.local.servers import DATABASE, Addresses, Servers

NewCluster = Callable[[], Cluster]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path)
    made.prepare()
    return made


@pytest.fixture
def servers(checkout: Checkout, cluster: Cluster) -> Iterator[Servers]:
    """Of a checkout whose database is in the tests' cluster."""
    made = Servers(checkout, {})
    made.cluster = cluster
    yield made
    cluster.drop_database(DATABASE)


def test_rows_survive_kill_9_of_the_server(new_cluster: NewCluster):
    cluster = new_cluster()
    cluster.create_roles()
    cluster.create_database("d", mark="x")
    address = cluster.url("owner", "d")
    with cluster.connect("owner", "d") as owner:
        owner.execute("CREATE TABLE t AS SELECT 1 AS n")
    os.kill(cluster.process.pid, signal.SIGKILL)
    cluster.process.wait()
    cluster.start()
    assert cluster.url("owner", "d") == address
    with psycopg.connect(address) as owner:
        assert owner.execute("SELECT n FROM t").fetchone() == (1,)


def test_a_second_checkout_runs_beside_the_first(cluster: Cluster, new_cluster: NewCluster):
    second = new_cluster()
    assert cluster.answers()
    with second.connect(SUPERUSER, SUPERUSER) as other:
        assert other.execute("SELECT 1 FROM pg_roles WHERE rolname = 'app'").fetchone() is None


def test_text_sorts_by_code_point_as_in_production(cluster: Cluster):
    with cluster.connect(SUPERUSER, SUPERUSER) as connection:
        kind = (
            "SELECT datlocprovider, datlocale, datctype FROM pg_database WHERE datname = current_database()"
        )
        assert connection.execute(kind).fetchone() == ("b", "C.UTF-8", "C.UTF-8")
        assert connection.execute("SELECT 'Z' < 'a', upper('ä')").fetchone() == (True, "Ä")


def test_fresh_starts_over_what_the_launcher_made(servers: Servers, cluster: Cluster):
    servers.make_database(fresh=False)
    first = cluster.mark_of(DATABASE)
    with cluster.connect("owner", DATABASE) as owner:
        owner.execute("CREATE TABLE t ()")
    servers.make_database(fresh=False)
    assert cluster.mark_of(DATABASE) == first
    servers.make_database(fresh=True)
    assert cluster.mark_of(DATABASE) not in {"", first}
    with cluster.connect("owner", DATABASE) as owner, pytest.raises(psycopg.errors.UndefinedTable):
        owner.execute("SELECT FROM t")


@pytest.mark.parametrize("comment", ["NULL", "'cpdisclose.local 0123'"])
def test_fresh_refuses_a_database_without_this_checkouts_mark(
    servers: Servers, cluster: Cluster, comment: str
):
    servers.make_database(fresh=False)
    with cluster.connect(SUPERUSER, SUPERUSER) as connection:
        connection.execute(f"COMMENT ON DATABASE {DATABASE} IS {comment}")
    with pytest.raises(LaunchError, match="does not carry this checkout's mark"):
        servers.make_database(fresh=True)
    assert cluster.has_database(DATABASE)


def test_a_given_database_gets_the_four_roles_once(new_cluster: NewCluster, checkout: Checkout):
    cluster = new_cluster()
    with cluster.connect(SUPERUSER, SUPERUSER) as connection:
        connection.execute("CREATE ROLE maker LOGIN CREATEROLE PASSWORD 'm'")
        connection.execute("CREATE DATABASE given OWNER maker")
    given = {"DATABASE_URL": f"postgresql://maker:m@/given?host={cluster.sockets}"}
    urls = role_urls(given, checkout)
    assert role_urls(given, checkout) == urls
    with psycopg.connect(urls["owner"]) as owner:
        owner.execute("CREATE TABLE t (n int)")
    with psycopg.connect(urls["app"]) as app:
        app.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("TRUNCATE t")
    with psycopg.connect(urls["sequencer"]) as sequencer, pytest.raises(psycopg.errors.InsufficientPrivilege):
        sequencer.execute("SELECT FROM t")


def test_a_role_that_may_make_no_roles_is_told_what_to_give(cluster: Cluster, checkout: Checkout):
    given = {"DATABASE_URL": cluster.url("auditor", SUPERUSER)}
    with pytest.raises(LaunchError, match="DATABASE_OWNER_URL and DATABASE_SEQUENCER_URL"):
        role_urls(given, checkout)


def test_three_given_addresses_are_used_as_they_are(checkout: Checkout):
    given = {"DATABASE_URL": "a", "DATABASE_OWNER_URL": "o", "DATABASE_SEQUENCER_URL": "s"}
    assert role_urls(given, checkout) == {"app": "a", "owner": "o", "sequencer": "s"}


def test_only_the_sequencer_is_given_the_signing_keys(checkout: Checkout):
    addresses = Addresses(
        {role: f"postgresql://{role}@/x" for role in ("app", "owner", "sequencer")}, "b", ""
    )
    given = {
        "AUDIT_SIGNING_KEYS": "inherited",
        "SEALING_MASTER_KEYS": "inherited",
        "BLIND_INDEX_KEYS": "inherited",
        "DATABASE_URL": "inherited",
    }
    env = Environment(checkout, given, addresses, 8000)
    keys = {"AUDIT_SIGNING_KEYS", "SEALING_MASTER_KEYS", "BLIND_INDEX_KEYS"}
    assert keys & set(env.of("web")) == {"SEALING_MASTER_KEYS", "BLIND_INDEX_KEYS"}
    assert keys & set(env.of("sequencer", role="sequencer")) == {"AUDIT_SIGNING_KEYS"}
    assert keys & set(env.of_command("migrate")) == set()
    assert keys & set(env.of_command("audit", "sequence", "--once")) == {"AUDIT_SIGNING_KEYS"}
    assert keys & set(env.of_command("audit", "verify")) == {"SEALING_MASTER_KEYS", "BLIND_INDEX_KEYS"}
    assert env.of("web")["DATABASE_URL"] == "postgresql://app@/x?application_name=cpdisclose-web"
    assert env.of("web")["SECRET_KEY"] == env.of("beat")["SECRET_KEY"]


def test_a_callers_own_keys_are_used_by_name_and_by_file(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "keys").write_text("1:from-a-file\n")
    monkeypatch.setenv("SEALING_MASTER_KEYS_FILE", str(tmp_path / "keys"))
    monkeypatch.setenv("SECRET_KEY", "given")
    env = Environment(checkout, caller(), Addresses({"app": "postgresql://app@/x"}, "b", ""), 8000).of("web")
    assert (env["SEALING_MASTER_KEYS"], env["SECRET_KEY"]) == ("1:from-a-file", "given")
    assert "SEALING_MASTER_KEYS_FILE" not in env


def test_demo_data_goes_into_a_marked_database(db):
    demo_database_guard()


def test_demo_data_goes_into_no_other(db, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOCAL_DATABASE_MARK", "cpdisclose.local another")
    with pytest.raises(CommandError, match="was not made by script/server"):
        demo_database_guard()
    monkeypatch.setenv("LOCAL_DATABASE_MARK", "")
    with pytest.raises(CommandError, match="was not made by script/server"):
        demo_database_guard()


def test_a_pg_bin_without_postgres_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(LaunchError, match="holds no initdb"):
        find_binaries()


def test_starting_the_demo_over_leaves_the_keys_of_a_given_database(servers: Servers, checkout: Checkout):
    roles = {role: f"postgresql://{role}@/x" for role in ("app", "owner", "sequencer")}

    def keys(mark: str) -> str:
        return Environment(checkout, {}, Addresses(roles, "b", mark), 8000).of("web")["SEALING_MASTER_KEYS"]

    servers.make_database(fresh=False)
    given, demo = keys(""), keys("cpdisclose.local 0123")
    servers.make_database(fresh=True)
    assert keys("") == given
    assert len({given, demo, keys("cpdisclose.local 0123")}) == 3
