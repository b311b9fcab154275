"""Whatever writes, in whatever way: no change without its entry, and no entry of a change without the change.

What was committed is read out of the server's own journal, so that no trigger is asked about itself.
MIXED_WRITES says how many writes; `script/attacks` sets it high.
"""

import os
import random
import time
from collections import Counter
from multiprocessing import get_context

import pytest
from django.db import connections

from audit import reconciling, verifying
from audit.sequencer import Sequencer
from disclosures.states import State
from tests.architecture.test_tables import EXPECTED
from tests.conftest import a_cluster, cloned
from tests.world import make_world

from .conftest import default_connection
from .mixed_writes import WAYS, Writer, lock, touch_a_part, write_all
from .wal import Journal, objects_of

WRITES = int(os.environ.get("MIXED_WRITES", "2000"))
PROCESSES = 4
REQUESTS = 5
# Where the column of a part is not called after its whole.
COLUMNS = {
    "disclosures_requestgroupgrant": "content_object_id",
    "disclosures_requestusergrant": "content_object_id",
    "accounts_relationship": "company_id",
    "privacy_policyclause": "policy_id",
}


@pytest.fixture(scope="module")
def readable_cluster():
    """A server of its own, whose journal can be read."""
    with a_cluster() as cluster:
        with cluster.connect("postgres", "postgres") as superuser:
            superuser.execute("ALTER SYSTEM SET wal_level = 'logical'")
        cluster.stop()
        cluster.start()
        yield cluster


@pytest.fixture
def database(readable_cluster, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), cloned(readable_cluster) as database:
        yield database


def parts():
    for table, triggers in EXPECTED.items():
        for trigger in triggers:
            if trigger.startswith("audit_with_"):
                kind = trigger.removeprefix("audit_with_")
                yield table, (kind, COLUMNS.get(table, f"{kind}_id"))


@pytest.fixture
def journal(database):
    with database.connect("postgres") as superuser:
        journal = Journal(superuser, dict(objects_of(superuser)), dict(parts()))
        journal.begin()
        yield journal
        journal.end()


def _write(writer, count, pipe):
    try:
        pipe.send(write_all(writer, count))
    except BaseException as error:
        pipe.send(f"{type(error).__name__}: {error}")
        raise


def written_by_many(database, world, requests, journal):
    """Follows the journal while they write; answers how often each way was gone."""
    connections["default"].close()
    pipes, processes = [], []
    for number in range(PROCESSES):
        ours, theirs = get_context("fork").Pipe(duplex=False)
        writer = Writer(database, world, requests, number, random.Random(20261127 + number))
        process = get_context("fork").Process(target=_write, args=(writer, WRITES // PROCESSES, theirs))
        process.start()
        pipes.append(ours)
        processes.append(process)
    while any(process.is_alive() for process in processes):
        if not journal.follow():
            time.sleep(0.2)
    done = Counter()
    for pipe, process in zip(pipes, processes, strict=True):
        found = pipe.recv()
        assert isinstance(found, Counter), found
        done += found
        process.join()
    return done


def counted(connection):
    """The other count: what the rows say of their changes, beside the entries there are."""
    total = 0
    for table, of in objects_of(connection):
        rows = connection.execute(f"SELECT coalesce(sum(version), 0) FROM {table}").fetchone()[0]
        query = "SELECT count(*) FROM audit_entry WHERE object_type = %s AND object_version IS NOT NULL"
        assert rows == connection.execute(query, [of.kind]).fetchone()[0], of.kind
        total += rows
    return total


def test_mixed_writes_leave_no_change_without_entry_and_no_entry_without_change(database, journal):
    world = make_world()
    requests = [world.request_in(State.IN_REVIEW) for _ in range(REQUESTS)]
    done = written_by_many(database, world, requests, journal)
    while journal.follow():
        pass
    print(
        f"\n{done.total():,} writes: " + ", ".join(f"{name} {count:,}" for name, count in done.most_common())
    )
    print(
        f"{journal.transactions:,} transactions committed, with {journal.changes:,} changes, {journal.entries:,} entries"
        f" of changes and {journal.part_changes:,} changed parts; {len(journal.strays)} do not match"
    )
    assert journal.strays == []
    assert done.total() == WRITES // PROCESSES * PROCESSES
    assert set(done) == {way.__name__ for way, _ in WAYS}, "every way was gone"
    assert journal.changes == journal.entries > WRITES / 3
    assert journal.part_changes > WRITES / 10
    with database.connect("owner") as owner:
        assert counted(owner) >= journal.changes
    for log in ("main", "sealed"):
        with default_connection(database, "sequencer"):
            Sequencer(log).drain()
        with default_connection(database, "auditor"):
            report = verifying.verify(log)
            reconciling.reconcile(log, report)
        assert report.faults == []


def test_the_journal_shows_what_no_trigger_stopped(database, journal):
    """Otherwise the count above would prove nothing."""
    request = make_world().request_in(State.DRAFT)
    journal.follow()
    assert journal.strays == []
    with database.connect("owner", autocommit=False) as owner:
        for table in ("disclosures_request", "disclosures_item"):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        owner.commit()
        lock(owner, request)
        owner.execute("UPDATE disclosures_request SET version = version + 1 WHERE id = %s", [request.pk])
        owner.commit()
        touch_a_part(owner, request)
        owner.commit()
        owner.execute("DELETE FROM disclosures_item WHERE request_id = %s", [request.pk])
        owner.commit()
    journal.follow()
    without_entry, touched, deleted = journal.strays
    assert f"('request', '{request.reference}', {request.version + 1}): 1" in without_entry
    assert f"a part of request {request.pk}, and not the whole" in touched
    assert f"a part of request {request.pk}, and not the whole" in deleted
