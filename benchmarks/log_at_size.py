"""A log of millions of entries: sequenced, verified, proved and weighed, each beside its baseline in the same run.

The server has 2 GB of shared buffers, as one that holds such a log would. The entries are written past the triggers
of their table, for ten million of them would take an hour; everything behind that is the real road.
"""

import statistics
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256

import psycopg
from django.conf import settings
from django.db import connection

from audit import proving, reconciling, verifying
from audit.sequencer import Sequencer
from benchmarks.figures import Figure, Spent, at_least, at_most, percentile, server_cpu, spent
from tests.audit.conftest import default_connection
from tests.audit.log_desk import LogDesk
from tests.conftest import TEMPLATE, Database, a_cluster

TEN_MILLION = 10_000_000
AT_ONCE = 1_000
WRITERS = 2
PROOFS = 400
SETTINGS = {
    "shared_buffers": "2GB", "maintenance_work_mem": "512MB", "max_wal_size": "16GB", "checkpoint_timeout": "30min",
}  # fmt: skip

# Two of three entries are looks; every third is a change, five versions to an object, that says what it did and what
# its rows hold now, and commits to its reason.
FILL = """
INSERT INTO audit_entry (id, at, log, event, actor, role, session, object_type, object_ref, object_version,
    seen_version, body)
SELECT id, at, 'main', event, actor, 'HANDLER', session, 'folder', ref, version, seen, convert_to(
    '{"actor":{"ref":"' || actor || '","role":"HANDLER"},"at":"' ||
    to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"' || said || ',"event":"' || event || '","id":' || id ||
    ',"object":{"ref":"' || ref || CASE WHEN version IS NULL THEN '","seen_version":1,"type":"folder"'
    ELSE '","type":"folder","version":' || version END || '},"session":"' || session || '","v":1}', 'UTF8')
FROM (SELECT (1 + random() * 9e15)::bigint AS id, clock_timestamp() AS at, 'u_' || n %% 97 AS actor,
    md5((n %% 1009)::text) AS session, 'F-' || n / 15 AS ref,
    CASE WHEN n %% 3 = 0 THEN 'folder.changed' ELSE 'folder.viewed' END AS event,
    CASE WHEN n %% 3 = 0 THEN ',"commits":{"reason":"' || md5(n::text) || md5((-n)::text)
        || '"},"detail":{"rows":{"folder":"' || md5((n + 1)::text) || md5((-n - 1)::text) || '"},"step":"FILED"}'
        ELSE '' END AS said,
    CASE WHEN n %% 3 = 0 THEN n / 3 %% 5 + 1 END AS version, CASE WHEN n %% 3 <> 0 THEN 1 END AS seen
    FROM generate_series(%s::bigint, %s::bigint - 1) AS n) AS made
"""


@contextmanager
def a_log(entries: int) -> Iterator[LogDesk]:
    """Filled and not yet sequenced."""
    with a_cluster() as cluster:
        with cluster.connect("postgres", "postgres") as superuser:
            for name, value in SETTINGS.items():
                superuser.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
        cluster.stop()
        cluster.start()
        cluster.create_database("bench", mark=settings.DATABASE_MARK, template=TEMPLATE)
        database = Database(cluster, "bench")
        with database.connect("owner") as owner:
            desk = LogDesk(database, owner)
            fill(desk, entries)
            yield desk


def fill(desk: LogDesk, entries: int) -> None:
    """The indexes that pages use are made afterwards: ten million random places each would take an hour too."""
    query = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'audit_entry' AND indexname <> 'audit_entry_pkey'"
    indexes = desk.owner.execute(query).fetchall()
    for name, _ in indexes:
        desk.owner.execute(f'DROP INDEX "{name}"'.encode())
    desk.owner.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(lambda number: _fill(desk.database, number, entries), range(WRITERS)))
    for _, definition in indexes:
        desk.owner.execute(definition.encode())
    desk.owner.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    desk.owner.execute("VACUUM ANALYZE")


def _fill(database: Database, number: int, entries: int) -> None:
    with database.connect("owner") as owner:
        for start in range(number * AT_ONCE, entries, WRITERS * AT_ONCE):
            owner.execute(FILL, [start, min(start + AT_ONCE, entries)])


def plain(desk: LogDesk) -> None:
    """Every body read in the order it was committed in, and hashed once: nobody can do with less."""
    with desk.owner.transaction(), psycopg.ServerCursor(desk.owner, "plain") as cursor:
        desk.owner.execute("SET LOCAL cursor_tuple_fraction = 0.0001")
        cursor.itersize = 16_384
        cursor.execute("SELECT body FROM audit_entry WHERE log = 'main' ORDER BY xid, id", binary=True)
        for (body,) in cursor:
            sha256(b"\0" + body).digest()


def figures(entries: int) -> Iterator[Figure]:
    with a_log(entries) as desk:
        with default_connection(desk.database, "sequencer"):
            yield sequencing()
            desk.owner.execute("VACUUM ANALYZE")
            size = desk.one("SELECT max(size) FROM audit_checkpoint")
        with default_connection(desk.database, "auditor"):
            yield from verification(desk, size)
        with default_connection(desk.database, "app"):
            yield from proofs(desk, size)
        yield from weight(desk, size)


def sequencing() -> Figure:
    """One core: the sequencer and its server wait for each other, and so spend what one would."""
    sequencer = Sequencer("main")
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    before = server_cpu(pid)
    done = []
    time = spent(lambda: done.append(sequencer.drain()))
    cpu = time.cpu + server_cpu(pid) - before
    beside = f" on one core ({done[0] / time.wall:,.0f} by the clock on the wall)"
    return at_least("sequencing, entries a second", done[0] / cpu, 20_000, "{:,.0f}", beside)


def verification(desk: LogDesk, size: int) -> Iterator[Figure]:
    scaled = TEN_MILLION / size
    floor = spent(lambda: plain(desk))
    found: list[verifying.Report] = []
    walk = spent(lambda: found.append(verifying.verify("main")))
    compare = spent(lambda: reconciling.reconcile("main", found[0]))
    if found[0].faults or found[0].size != size:
        raise SystemExit(f"The log is not whole: {found[0].faults}")
    whole = Spent(walk.wall + compare.wall, walk.cpu + compare.cpu)
    beside = f" ({whole.wall:,.1f} s for {size:,}; {whole.cpu * scaled:,.0f} s of it on our side's processor)"
    yield at_most("verify 10 million, seconds", whole.wall * scaled, 60, "{:,.0f}", beside)
    yield Figure("  beside: read and hash alone", f"{floor.wall * scaled:,.0f}")


def proofs(desk: LogDesk, size: int) -> Iterator[Figure]:
    ids = [desk.entry_at(place * size // PROOFS) for place in range(PROOFS)]
    proving.prove_entry("main", ids[0])
    times, longest = [], 0
    for entry_id in ids:
        found: list[str] = []
        times.append(
            1000
            * spent(
                lambda one=entry_id, to=found: to.append(
                    proving.prove_entry("main", one, with_entry=False).text()
                )
            ).wall
        )  # type: ignore[misc]
        longest = max(longest, len(found[0].encode()))
    beside = f" median, {percentile(times, 99):.1f} in 99 of 100"
    yield at_most(f"one proof at {size:,}, ms", statistics.median(times), 5, "{:.1f}", beside)
    yield at_most("one proof, bytes", longest, 2048, "{:,.0f}")


def weight(desk: LogDesk, size: int) -> Iterator[Figure]:
    tree = desk.one(
        "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(ARRAY['audit_leaf', 'audit_tile',"
        " 'audit_checkpoint', 'audit_cosignature']) AS name"
    )
    entries, text = (
        desk.one("SELECT pg_total_relation_size('audit_entry')"),
        desk.one("SELECT sum(octet_length(body)) FROM audit_entry"),
    )
    beside = f" (an entry's own text here: {text / size:,.0f})"
    yield at_most(
        "bytes beyond an entry's text: index, tiles, checkpoints", float(tree) / size, 300, "{:,.0f}", beside
    )
    yield Figure("  beside: columns and indexes that pages filter by", f"{float(entries - text) / size:,.0f}")
