"""Two beats, two workers, two sweeps, two sequencers: one row per key, each kept once, whoever is killed."""

import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from cpdisclose.local import parts
from cpdisclose.local.supervisor import Service
from cpdisclose.local.valkey import Valkey
from disclosures.states import State
from tests.world import World

from .conftest import OpenDesk
from .desk import Desk, eventually

pytestmark = pytest.mark.faults
WAITING = "SELECT count(*) FROM disclosures_outboxrow WHERE done_at IS NULL"
UNPLACED = (
    "SELECT count(*) FROM audit_entry e WHERE NOT EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = e.id)"
)
CELERY = ["-m", "celery", "-A", "cpdisclose.celery"]


@pytest.fixture
def at_the_desk(open_desk: OpenDesk, broker: Valkey) -> Iterator[tuple[Desk, World]]:
    with open_desk(broker.url) as both:
        yield both


def worker(desk: Desk, name: str, queue: str, role: str = "app") -> Service:
    arguments = ["worker", "-n", f"{name}@tests", "-Q", queue, "--concurrency", "1", "-l", "INFO"]
    return desk.command(name, [*CELERY, *arguments], role=role, ready=lambda: "ready." in desk.log(name))


def second_beat(desk: Desk) -> Service:
    schedule, pid = desk.place.local / "second-schedule", desk.place.local / "second.pid"
    return desk.command("beat2", [*CELERY, "beat", "-s", str(schedule), f"--pidfile={pid}"], ready=pid.exists)


def mails_by_id(folder: Path) -> Counter[str]:
    texts = "".join(path.read_text("utf-8", errors="replace") for path in folder.iterdir())
    return Counter(re.findall(r"^Message-ID: (\S+)", texts, re.MULTILINE | re.IGNORECASE))


def test_two_of_everything_keep_each_promise_once(at_the_desk: tuple[Desk, World]) -> None:
    desk, world = at_the_desk
    for days in (30, 12):
        world.road().record(received_at=world.now - timedelta(days=days))
    world.request_in(State.APPROVED)
    desk.start(
        worker(desk, "worker1", "celery"),
        worker(desk, "worker2", "celery"),
        worker(desk, "sequencer1", "audit", role="sequencer"),
        worker(desk, "sequencer2", "audit", role="sequencer"),
        parts.beat(desk.env),
        second_beat(desk),
        desk.command("sweep1", ["manage.py", "sweep", "--loop", "--every", "1"]),
        desk.command("sweep2", ["manage.py", "sweep", "--loop", "--every", "1"]),
    )
    world.request_in(State.SUBMITTED)
    eventually(lambda: desk.sql(WAITING) == [(0,)], "every promise is kept")
    eventually(lambda: desk.sql(UNPLACED) == [(0,)], "every entry has its place")

    promised = desk.sql("SELECT count(*), count(DISTINCT key), max(attempts) FROM disclosures_outboxrow")[0]
    assert promised[0] == promised[1], "one row per key"
    assert promised[2] == 1, "nobody took a row that another had"
    reminders = desk.sql("SELECT count(*) FROM disclosures_reminder")[0][0]
    assert reminders, "the old requests were reminded of"
    sent = mails_by_id(desk.place.mail)
    assert sent, "mails were sent"
    assert max(sent.values()) == 1, "no mail went twice"
    places = desk.sql(
        "SELECT log, count(*), max(index) + 1, count(DISTINCT entry_id) FROM audit_leaf GROUP BY log"
    )
    assert all(count == end == different for _, count, end, different in places), "each entry once, no gap"


@contextmanager
def a_post_office_that_never_answers() -> Iterator[tuple[int, threading.Event]]:
    """Takes the connection and says nothing: whoever sends stands still between claim and done."""
    called = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    held.append(listener.accept()[0])
                except OSError:
                    return
                called.set()

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1]), called
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    for connection in held:
        connection.close()


def test_a_worker_killed_between_claim_and_done_leaves_one_row_that_is_kept_later(
    at_the_desk: tuple[Desk, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, world = at_the_desk
    with a_post_office_that_never_answers() as (port, called):
        env = desk.env.of("stuck") | {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        with monkeypatch.context() as patched:
            patched.setattr(type(desk.env), "of", lambda *_, **__: env)
            desk.start(
                desk.command("stuck", ["manage.py", "sweep", "--loop", "--every", "1"], ready=lambda: True)
            )
        world.request_in(State.SUBMITTED)
        assert called.wait(60), "somebody is sending"
        desk.kill("stuck")
    claimed = desk.sql(
        "SELECT id, key FROM disclosures_outboxrow WHERE lease_token IS NOT NULL AND done_at IS NULL"
    )
    assert claimed, "the dead held a lease"
    desk.sql(
        "UPDATE disclosures_outboxrow SET leased_until = now() - interval '1 second' WHERE lease_token IS NOT NULL"
    )
    desk.start(desk.command("sweep", ["manage.py", "sweep", "--loop", "--every", "1"]))
    eventually(lambda: desk.sql(WAITING) == [(0,)], "the promise is kept after the lease")
    for row, key in claimed:
        found = desk.sql("SELECT id, attempts FROM disclosures_outboxrow WHERE key = %s", key)
        assert found == [(row, 2)], "the same row, taken a second time"
    assert max(mails_by_id(desk.place.mail).values()) == 1
