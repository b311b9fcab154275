"""What the log costs whoever works: the same steps of the workflow with it and without it, in turn.

Two copies of one desk. The one without has no trigger of the log on any table, and its services write no entry.
"""

import io
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import psycopg
from django.db import connection, connections

from benchmarks.figures import Figure, at_least, at_most, percentile, server_cpu, spent
from disclosures.models import Request
from disclosures.services import changes, perform
from disclosures.states import Action, State
from tests.audit.conftest import default_connection, write
from tests.audit.witness_desk import a_witness
from tests.conftest import ROOT, Database, a_cluster, cloned
from tests.world import World, make_world

BLOCK = 10
BLOCKS = 8
WRITERS = 8
EACH = 10
ROUNDS = 3
WATCHED_SECONDS = 20.0
WATCHED_EVERY = 0.02

TRIGGERS = """
SELECT format('DROP TRIGGER %I ON %I', tgname, tgrelid::regclass) FROM pg_trigger
WHERE NOT tgisinternal AND tgname LIKE 'audit\\_%'
"""


@dataclass
class Side:
    """One of the two copies. `waiting` are requests that nobody has worked on yet."""

    database: Database
    audited: bool
    waiting: list[int]
    seconds: list[float] = field(default_factory=list)
    cpu: float = 0.0
    throughput: list[float] = field(default_factory=list)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        append = changes.append
        if not self.audited:
            changes.append = _no_entry
        try:
            with default_connection(self.database, "app"):
                yield
        finally:
            changes.append = append

    def take(self, count: int) -> list[int]:
        taken, self.waiting = self.waiting[:count], self.waiting[count:]
        return taken


def _no_entry(**_: object) -> int:
    return 0


def figures() -> Iterator[Figure]:
    with a_cluster() as cluster, cloned(cluster) as original:
        world = make_world()
        drafts = [world.request_in(State.DRAFT).pk for _ in range(BLOCK * BLOCKS + WRITERS * EACH * ROUNDS)]
        connections["default"].close()
        with ExitStack() as copies:
            sides = []
            for audited in (True, False):
                copy = copies.enter_context(cloned(cluster, original.name))
                sides.append(Side(copy, audited, list(drafts)))
            without(sides[1].database)
            yield from one_after_the_other(world, sides)
            yield from at_once(world, sides)
        yield from until_signed(original)


def without(database: Database) -> None:
    with database.connect("owner") as owner:
        for (statement,) in owner.execute(TRIGGERS).fetchall():
            owner.execute(statement.encode())


def step(world: World, request_id: int, who: str, action: Action) -> None:
    perform(request_id=request_id, action=action, actor=world[who], now=datetime.now(UTC), reason="A reason.")


def one_after_the_other(world: World, sides: Sequence[Side]) -> Iterator[Figure]:
    """Blocks in turn, so that what else the machine does falls on both."""
    for block in range(BLOCKS):
        for side in sides if block % 2 else reversed(sides):
            _block(world, side)
    audited, plain = sides
    ratio = statistics.median(audited.seconds) / statistics.median(plain.seconds)
    beside = (
        f" ({1000 * statistics.median(audited.seconds):.1f} ms ÷ {1000 * statistics.median(plain.seconds):.1f} ms;"
        f" of processors {audited.cpu / plain.cpu:.2f})"
    )
    yield at_most("audited change ÷ the same without", ratio, 1.3, "{:.2f}", beside)


def _block(world: World, side: Side) -> None:
    with side.at_work():
        Request.objects.count()
        pid = connection.connection.info.backend_pid
        before = server_cpu(pid)
        for request_id in side.take(BLOCK):
            for who, action in (("clerk", Action.SUBMIT), ("handler", Action.ACCEPT)):
                time_ = spent(lambda: step(world, request_id, who, action))  # noqa: B023 -- called at once
                side.seconds.append(time_.wall)
                side.cpu += time_.cpu
        side.cpu += server_cpu(pid) - before


def at_once(world: World, sides: Sequence[Side]) -> Iterator[Figure]:
    for turn in range(ROUNDS):
        for side in sides if turn % 2 else reversed(sides):
            side.throughput.append(_race(world, side))
    audited, plain = (statistics.median(side.throughput) for side in sides)
    beside = f" ({audited:.1f} ÷ {plain:.1f} changes a second)"
    yield at_least(f"{WRITERS} writers ÷ {WRITERS} without", audited / plain, 0.85, "{:.2f}", beside)


def _race(world: World, side: Side) -> float:
    """Changes a second of eight processes that begin together."""
    context = get_context("fork")
    begin = context.Barrier(WRITERS + 1)
    with side.at_work():
        connections["default"].close()
        writers = [context.Process(target=_run, args=(world, side.take(EACH), begin)) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        begin.wait()
        began = time.perf_counter()
        for writer in writers:
            writer.join()
            if writer.exitcode:
                raise SystemExit("A writer failed.")
        return WRITERS * EACH * 2 / (time.perf_counter() - began)


def _run(world: World, request_ids: Sequence[int], begin: "threading.Barrier") -> None:
    Request.objects.count()
    begin.wait()
    for request_id in request_ids:
        step(world, request_id, "clerk", Action.SUBMIT)
        step(world, request_id, "handler", Action.ACCEPT)
    connections["default"].close()


# From commit to signature -----------------------------------------------------------------------


def until_signed(database: Database) -> Iterator[Figure]:
    """Entries at a steady pace, beside the sequencer's own process and a witness over HTTP."""
    with (
        tempfile.TemporaryDirectory() as state,
        redirect_stderr(io.StringIO()),  # the witness's own line for each checkpoint
        a_witness(Path(state)) as witness,
    ):
        environment = os.environ | {
            "DATABASE_URL": database.url("sequencer"), "AUDIT_WITNESSES": witness.setting,
        }  # fmt: skip
        loop = subprocess.Popen(
            [sys.executable, "manage.py", "audit", "sequence", "--loop"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            with database.connect("owner") as owner:
                _wait(lambda: _all_is_witnessed(owner))
                committed = _write_steadily(database)
                _wait(lambda: _all_is_witnessed(owner))
                yield from _delays(owner, committed)
        finally:
            loop.terminate()
            loop.wait()


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not until():
        if time.monotonic() > deadline:
            raise SystemExit("The log was not signed and witnessed in two minutes.")
        time.sleep(0.1)


def _all_is_witnessed(owner: psycopg.Connection) -> bool:
    query = (
        "SELECT (SELECT count(*) FROM audit_entry WHERE log = 'main'),"
        " (SELECT max(size) FROM audit_cosignature WHERE log = 'main')"
    )
    entries, witnessed = owner.execute(query).fetchone() or (0, None)
    return bool(entries == witnessed)


def _write_steadily(database: Database) -> dict[int, datetime]:
    committed = {}
    until = time.monotonic() + WATCHED_SECONDS
    with database.connect("app") as app:
        while time.monotonic() < until:
            entry_id = write(app)
            committed[entry_id] = datetime.now(UTC)
            time.sleep(WATCHED_EVERY)
    return committed


def _delays(owner: psycopg.Connection, committed: dict[int, datetime]) -> Iterator[Figure]:
    for name, table, target in (("signed", "audit_checkpoint", 1), ("witnessed", "audit_cosignature", 5)):
        query = (
            f"SELECT l.entry_id, (SELECT at FROM {table} c WHERE c.log = 'main' AND c.size > l.index ORDER BY size LIMIT 1)"
            " FROM audit_leaf l WHERE l.log = 'main' AND l.entry_id = ANY (%s)"
        )
        rows = owner.execute(query.encode(), [list(committed)]).fetchall()
        if len(rows) != len(committed):
            raise SystemExit(f"{len(committed) - len(rows)} entries have no index.")
        delays = [(at - committed[entry_id]).total_seconds() for entry_id, at in rows]
        beside = f" in 99 of 100, {statistics.median(delays):.2f} median, of {len(delays):,}"
        yield at_most(f"commit → {name}, seconds", percentile(delays, 99), target, "{:.2f}", beside)
