"""The sequencer beside many writers, beside another sequencer, and killed in the middle."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from audit.sequencer import Overtaken, Sequencer

from . import whole_log
from .conftest import default_connection, write

pytestmark = [pytest.mark.committed, pytest.mark.faults]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 20


def eventually(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.02)


def check(database):
    with database.connect("owner") as owner:
        return whole_log.check(owner)


def _sequence_until_killed(database, batch):
    with default_connection(database, "sequencer"):
        sequencer = Sequencer("main", batch=batch)
        while True:
            try:
                sequencer.drain()
            except Overtaken:
                continue
            time.sleep(0.001)


@contextmanager
def sequencing(database, *, batch=4096):
    """A process that sequences until it is killed, at the latest when the block ends."""
    connections["default"].close()
    process = get_context("fork").Process(target=_sequence_until_killed, args=(database, batch), daemon=True)
    process.start()
    try:
        yield process
    finally:
        kill(process)


def kill(process):
    if process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
    process.join()


@contextmanager
def writers(database, count):
    """Threads that write entries in transactions of random length; gives the list of what they committed."""
    stop = threading.Event()
    written = [[] for _ in range(count)]
    failures = []

    def work(number):
        chance = random.Random(number)
        try:
            with database.connect("app", autocommit=False) as connection:
                while not stop.is_set():
                    entries = [write(connection) for _ in range(chance.randint(1, 4))]
                    time.sleep(chance.random() * 0.01)
                    if chance.random() < 0.1:
                        connection.rollback()
                    else:
                        connection.commit()
                        written[number] += entries
        except psycopg.Error as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield written
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []


def finish(database):
    with default_connection(database, "sequencer"):
        eventually(lambda: not Sequencer("main").drain() and not check(database).waiting, "all is sequenced")
    return check(database)


def test_nothing_is_lost_beside_six_writers(committed_db):
    with sequencing(committed_db, batch=16), writers(committed_db, 6) as written:
        time.sleep(2)
    found = finish(committed_db)
    expected = {entry_id for entries in written for entry_id in entries}
    assert len(expected) > 300
    assert expected <= set(found.order)
    assert len(found.order) == len(set(found.order)) == len(expected) + 1
    assert len(found.sizes) > 10, "it sequenced while they wrote"


def test_two_sequencers_at_once_share_one_chain(committed_db):
    with (
        sequencing(committed_db, batch=4),
        sequencing(committed_db, batch=5),
        writers(committed_db, 3) as written,
    ):
        time.sleep(1.5)
    found = finish(committed_db)
    assert {entry_id for entries in written for entry_id in entries} <= set(found.order)
    steps = {after - before for before, after in zip(found.sizes, found.sizes[1:], strict=False)}
    assert {4, 5} <= steps, "both had their turn"


@pytest.mark.parametrize("table", ["audit_entry", "audit_leaf", "audit_tile", "audit_checkpoint"])
@pytest.mark.parametrize("mode", ["ACCESS EXCLUSIVE", "SHARE"])
def test_killed_while_it_waits_for_a_table_it_leaves_a_whole_step_or_nothing(committed_db, table, mode):
    with committed_db.connect("app") as app:
        for _ in range(300):
            write(app)
    with committed_db.connect("owner", autocommit=False) as owner:
        owner.execute(f"LOCK TABLE {table} IN {mode} MODE")
        with sequencing(committed_db) as process:
            eventually(lambda: waits_for(committed_db, table), f"the sequencer waits for {table}")
            kill(process)
        assert check_size(owner) in (0, 1)
        owner.rollback()
    assert len(finish(committed_db).order) == 301


def waits_for(database, table):
    with database.connect("postgres") as superuser:
        query = (
            "SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE NOT l.granted AND l.relation = to_regclass(%s) AND a.usename = 'sequencer'"
        )
        return superuser.execute(query, [table]).fetchone() is not None


def check_size(connection):
    return connection.execute("SELECT coalesce(max(size), 0) FROM audit_checkpoint").fetchone()[0]


def test_killed_again_and_again_at_any_moment_it_signs_one_tree(committed_db):
    chance = random.Random(20261124)
    sizes = set()
    with writers(committed_db, 3) as written:
        for _ in range(25):
            with sequencing(committed_db, batch=8) as process:
                time.sleep(0.03 + chance.random() * 0.3)
                kill(process)
            with committed_db.connect("owner") as owner:
                sizes.add(check_size(owner))
    found = finish(committed_db)
    assert {entry_id for entries in written for entry_id in entries} <= set(found.order)
    assert len(sizes) > 10, "it came further between the kills"


def test_the_command_sequences_once_and_says_so(committed_db):
    with committed_db.connect("app") as app:
        for _ in range(3):
            write(app)
    done = subprocess.run(
        command("--once"), cwd=ROOT, env=environment(committed_db), capture_output=True, text=True, check=True
    )
    assert "main: 4 new entries have their index." in done.stdout
    assert "sealed: 1 new entries have their index." in done.stdout
    assert len(check(committed_db).order) == 4


def test_the_loop_follows_the_log_outlives_the_connection_and_stops_when_asked(committed_db):
    with subprocess.Popen(
        command("--loop"), cwd=ROOT, env=environment(committed_db), stderr=subprocess.PIPE, text=True
    ) as loop:
        try:
            eventually(lambda: len(check(committed_db).order) == 1, "the heartbeat is sequenced")
            with committed_db.connect("postgres") as superuser:
                superuser.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'sequencer'"
                )
            with committed_db.connect("app") as app:
                entry_id = write(app)
            eventually(lambda: check(committed_db).order[-1] == entry_id, "the entry is sequenced")
        finally:
            loop.send_signal(signal.SIGTERM)
            errors = loop.stderr.read()
    assert loop.returncode == 0
    assert "The database is away" in errors


def command(how):
    return [sys.executable, "manage.py", "audit", "sequence", how]


def environment(database):
    return os.environ | {"DATABASE_URL": database.url("sequencer")}
