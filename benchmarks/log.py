"""How fast the log is sequenced, verified and proved, each beside what it cannot be faster than.

    .venv/bin/python -m benchmarks.log [ENTRIES]

It works in a database server of its own, made and thrown away. The baseline of sequencing and verifying is the
plain reading and hashing of the same entries out of PostgreSQL, in the same run.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from hashlib import sha256

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.conf import settings  # noqa: E402 -- behind the set-up

from audit import proving, verifying  # noqa: E402
from audit.sequencer import Sequencer  # noqa: E402
from tests.audit.conftest import default_connection  # noqa: E402
from tests.audit.log_desk import BULK, LogDesk  # noqa: E402
from tests.conftest import TEMPLATE, Database, a_cluster  # noqa: E402

AT_ONCE = 20_000
PROOFS = 200
TARGET_ENTRIES = 10_000_000


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def fill(desk: LogDesk, entries: int) -> None:
    for _ in range(0, entries, AT_ONCE):
        desk.owner.execute(BULK, {"log": "main", "count": AT_ONCE})
    desk.owner.execute("ANALYZE")


def plain(desk: LogDesk) -> None:
    """Every body read in the order of its index, and hashed once: nobody can do with less."""
    with desk.owner.transaction(), desk.owner.cursor("plain", binary=True) as cursor:
        cursor.itersize = 8192
        cursor.execute("SELECT body FROM audit_leaf JOIN audit_entry ON id = entry_id ORDER BY index")
        for (body,) in cursor:
            sha256(b"\0" + body).digest()


def proofs(desk: LogDesk, size: int) -> tuple[list[float], int]:
    ids = [desk.entry_at(place * size // PROOFS) for place in range(PROOFS)]
    times, longest = [], 0
    for entry_id in ids:
        began = time.perf_counter()
        found = proving.prove_entry("main", entry_id, with_entry=False)
        times.append(time.perf_counter() - began)
        longest = max(longest, len(found.text()))
    return times, longest


def report(entries: int) -> None:
    with a_cluster() as cluster:
        cluster.create_database("bench", mark=settings.DATABASE_MARK, template=TEMPLATE)
        database = Database(cluster, "bench")
        with database.connect("owner") as owner, default_connection(database, "sequencer"):
            desk = LogDesk(database, owner)
            fill(desk, entries)
            sequenced = seconds(Sequencer("main").drain)
            owner.execute("ANALYZE")
            size = desk.one("SELECT max(size) FROM audit_checkpoint")
            floor = seconds(lambda: plain(desk))
            found: list[verifying.Report] = []
            verified = seconds(lambda: found.append(verifying.verify("main")))
            if found[0].faults:
                raise SystemExit(f"The log is not whole: {found[0].faults[0]}")
            times, longest = proofs(desk, size)
            stored = desk.one(
                "SELECT pg_total_relation_size('audit_tile') + pg_total_relation_size('audit_leaf')"
            )
    scaled = TARGET_ENTRIES / size
    print(f"{size:,} entries")
    print(
        f"sequencing           {size / sequenced:>12,.0f} entries/s   (baseline: read and hash {size / floor:,.0f}/s)"
    )
    print(f"verify               {verified:>12.1f} s  = {verified * scaled:.0f} s for 10 million")
    print(
        f"  baseline           {floor:>12.1f} s  = {floor * scaled:.0f} s for 10 million, read and hash alone"
    )
    print(
        f"one proof            {1000 * statistics.median(times):>12.2f} ms median, {1000 * max(times):.2f} ms at most, {longest:,} bytes at most"
    )
    print(f"tree and indexes     {stored / size:>12.0f} bytes an entry")


if __name__ == "__main__":
    report(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
