"""`manage.py sweep` as a process of its own: killed, stopped, and without its database."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.mail import EmailMessage

from disclosures import outbox
from disclosures.models import OutboxRow, Reminder
from tests.conftest import Database

from .clock_desk import Desk, delivered, forget_steps

pytestmark = pytest.mark.committed
PATIENCE = 60.0
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts `manage.py sweep` under production's settings; whatever still runs at the end is killed."""
    running: list[subprocess.Popen[str]] = []

    def run(*arguments: str, **environment: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "manage.py", "sweep", *arguments],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "cpdisclose.settings"} | environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.05)


def an_overdue_request() -> None:
    """Recorded three weeks ago; its reminders of today are one row that two people hear of."""
    Desk(datetime.now(UTC) - timedelta(days=21)).recorded()
    forget_steps()


def test_a_worker_killed_between_claim_and_done_loses_nothing_and_doubles_no_key(
    committed_db: Database, start: Start, mailoutbox: list[EmailMessage]
) -> None:
    an_overdue_request()
    with socket.create_server(("127.0.0.1", 0)) as deaf_mail_server:
        deaf_mail_server.settimeout(PATIENCE)
        port = deaf_mail_server.getsockname()[1]
        process = start("--once", DATABASE_URL=committed_db.url("app"), EMAIL_URL=f"smtp://127.0.0.1:{port}")
        connection, _ = deaf_mail_server.accept()  # claimed, and in the middle of sending
        process.send_signal(signal.SIGKILL)
        process.wait()
        connection.close()
    (held,) = OutboxRow.objects.filter(lease_token__isnull=False)
    assert held.done_at is None
    now = datetime.now(UTC)
    delivered(now)
    assert len(mailoutbox) == 1  # the other person's
    delivered(now + outbox.LEASE)
    assert sorted(mail.to[0] for mail in mailoutbox) == ["dpo@desk.example", "head@desk.example"]
    assert Reminder.objects.count() == 1
    assert not OutboxRow.objects.filter(done_at=None).exists()


def test_the_loop_works_without_a_broker_and_stops_when_it_is_told_to(
    committed_db: Database, start: Start
) -> None:
    an_overdue_request()
    process = start(
        "--loop", "--every", "600", DATABASE_URL=committed_db.url("app"), EMAIL_URL="dummymail://"
    )
    wait_until(lambda: OutboxRow.objects.filter(topic="mail", done_at__isnull=False).count() == 2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0


def test_a_database_that_is_away_is_asked_again(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    process = start("--loop", "--every", "0.1", DATABASE_URL=f"postgresql://app@127.0.0.1:{port}/none")
    assert process.stderr is not None
    complaints = 0
    for line in process.stderr:
        complaints += bool(re.search(r"The database is away \(OperationalError\)", line))
        if complaints == 3:
            break
    assert complaints == 3
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode == 0
