"""kill -9 of the job that destroys, in the middle of a request: that one is whole, and the next run does it, once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.conf import settings

from accounts.models import opaque
from audit.models import Entry, Log, Payload
from audit.reconciling import open_payloads, reconcile
from audit.verifying import Report
from cpdisclose.local.postgres import SUPERUSER
from disclosures.models import Comment, Disposal, Request
from disclosures.services.destroying import BLANKED, parts
from disclosures.services.disposing import confirm_disposal, propose_disposal
from disclosures.services.on_file import write_comment
from disclosures.states import State
from sealing.fields import sealed_of
from sealing.models import DataKey
from tests.conftest import Database
from tests.world import World, make_world

pytestmark = [pytest.mark.faults, pytest.mark.committed]
PATIENCE = 60
# Where the job is held until it is killed: at the rows that go first, at the keys, at the salts behind the log.
STALLS: dict[str, Callable[[Request], tuple[str, int]]] = {
    "rows": lambda request: ("disclosures_comment WHERE id", Comment.objects.get(request=request).pk),
    "keys": lambda request: ("sealing_datakey WHERE id", request.data_key_id),
    "salts": lambda request: ("audit_payload WHERE entry_id", _entry_with_salt(request)),
}
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'app' AND pid <> %s"


def _entry_with_salt(request: Request) -> int:
    mine = Payload.objects.filter(entry__object_type="request", entry__object_ref=request.reference)
    return max(mine.values_list("entry_id", flat=True))


def confirmed(world: World) -> Request:
    request = world.request_in(State.CLOSED)
    write_comment(request_id=request.pk, words="A word among us.", actor=world["handler"], now=world.now)
    row = propose_disposal(
        request_id=request.pk, batch=opaque("d"), ground="MISTAKE", reason="Recorded twice.", actor=world["release"],
        now=world.now,
    )  # fmt: skip
    confirm_disposal(disposal_id=row.pk, actor=world["head"], now=world.now)
    return Request.objects.get(pk=request.pk)


def of(request: Request) -> dict[str, int]:
    """What is there of it: rows, sealed values, whole keys, and the salts behind its entries."""
    found = {model.__name__: model._default_manager.filter(request=request).count() for model in parts()}
    for model in BLANKED:
        for name in sealed_of(model):
            there = model._default_manager.filter(request=request, **{f"{name}__isnull": False})
            found[f"{model.__name__}.{name}"] = there.count()
    keys = DataKey.objects.filter(wrapped__isnull=False)
    found["keys"] = (
        keys.filter(pk=request.data_key_id).count() + keys.filter(parent=request.data_key_id).count()
    )
    ours = {"entry__object_type": "request", "entry__object_ref": request.reference}
    return {**found, "salts": Payload.objects.filter(**ours).count()}


def job(database: Database) -> subprocess.Popen[bytes]:
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database.url("app")}
    return subprocess.Popen([sys.executable, "-m", "tests.faults.dispose"], cwd=settings.BASE_DIR, env=env)


def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.02)


@contextmanager
def stalled(database: Database, rows: str, pk: int) -> Iterator[None]:
    """Whoever would change these rows waits, as long as this lasts."""
    with database.cluster.connect(SUPERUSER, database.name, autocommit=False) as held:
        held.execute(f"SELECT 1 FROM {rows} = %s FOR UPDATE", [pk])
        yield
        held.rollback()


def killed_in_the_middle(database: Database, rows: str, pk: int) -> None:
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with database.cluster.connect(SUPERUSER, database.name) as watcher:
        with stalled(database, rows, pk):
            process = job(database)
            until(lambda: watcher.execute(waits).fetchone()[0] == 1, "the job never came there")
            process.send_signal(signal.SIGKILL)
            process.wait()
        # The server notices at its next word to the dead one; until then what it did is neither done nor undone.
        mine = _own_backend()
        until(lambda: watcher.execute(OTHERS, [mine]).fetchone()[0] == 0, "its transaction never ended")


def _own_backend() -> int:
    from django.db import connection

    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def test_a_disposal_killed_three_times_leaves_each_request_whole_or_destroyed(
    committed_db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    world = make_world()
    requests = [confirmed(world) for _ in range(2 * len(STALLS))]
    for number, where in enumerate(STALLS):
        earlier, stalling = requests[2 * number], requests[2 * number + 1]
        before = of(stalling)
        assert min(before["keys"], before["salts"], before["Comment"]) > 0
        killed_in_the_middle(committed_db, *STALLS[where](stalling))
        assert of(stalling) == before, f"killed at the {where}, and something is gone"
        assert not any(of(earlier).values()), "what was done before stays done"
        assert _done() == 2 * number + 1
    assert job(committed_db).wait(PATIENCE) == 0
    assert _done() == len(requests)
    for request in requests:
        assert not any(of(request).values())
        request.refresh_from_db()
        assert request.disposed_at is not None
        assert Entry.objects.filter(event="disposal.done", object_ref=request.reference).count() == 1, (
            "told once"
        )
    for log in Log.values:
        report = Report(log)
        reconcile(log, report)
        open_payloads(log, report)
        assert report.faults == []
    with capsys.disabled():
        print(
            f"\nkill -9 of the disposal: at {', '.join(STALLS)}, {len(requests)} requests destroyed once each"
        )


def _done() -> int:
    return Disposal.objects.filter(done_at__isnull=False, done_at__lte=datetime.now(UTC)).count()
