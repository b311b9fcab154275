"""The bell: heard when the broker is there, and nobody waits for it when it is not."""

import json
import socket
import time

import pytest
from celery import current_app
from django.db import transaction

from audit import nudge as bell
from audit.nudge import nudge, ring
from cpdisclose.local.valkey import Valkey
from tests.brokers import broker_at

# Timed by itself: the bell's own patience is well under a second.
pytestmark = pytest.mark.faults
PATIENCE = 1.0


@pytest.fixture
def valkey(tmp_path):
    server = Valkey(tmp_path)
    server.start()
    try:
        with broker_at(server.url):
            yield server
    finally:
        server.stop()


def heard(queue):
    """What lies in the queue, oldest first."""
    with current_app.connection_for_read() as connection:
        found = connection.default_channel.client.lrange(queue, 0, -1)
    return [json.loads(message)["headers"]["task"] for message in reversed(found)]


def seconds_of(call):
    began = time.monotonic()
    call()
    return time.monotonic() - began


def test_it_is_heard_on_the_queue_of_the_sequencer(valkey):
    nudge()
    ring("disclosures.sweep", queue="celery")
    assert (heard("audit"), heard("celery")) == (["audit.sequence"], ["disclosures.sweep"])


@pytest.mark.committed
def test_it_rings_after_the_commit_and_not_before(valkey):
    with transaction.atomic():
        transaction.on_commit(nudge)
        assert heard("audit") == []
    assert heard("audit") == ["audit.sequence"]


def test_it_is_heard_again_when_the_broker_has_come_back(tmp_path):
    server = Valkey(tmp_path)
    server.start()
    with broker_at(server.url):
        nudge()
        server.process.kill()
        server.process.wait()
        assert seconds_of(nudge) < PATIENCE
        server.start()
        try:
            bell.Bell.quiet_until = 0.0  # the quiet time has passed
            assert seconds_of(nudge) < PATIENCE
            assert heard("audit") == ["audit.sequence"] * 2
        finally:
            server.stop()


def test_nobody_waits_for_a_broker_that_is_away(caplog, tmp_path):
    with broker_at(f"redis+socket://{tmp_path}/none.sock"):
        assert seconds_of(nudge) < PATIENCE
    assert "was not rung" in caplog.text


def test_nobody_waits_for_a_broker_that_does_not_answer(caplog):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"
        with broker_at(address):
            assert seconds_of(nudge) < PATIENCE
            assert "was not rung" in caplog.text
            assert seconds_of(nudge) < PATIENCE / 50, "a bell that was broken just now is left alone"


def test_without_a_broker_there_is_no_bell(settings, caplog):
    settings.CELERY_BROKER_URL = ""
    nudge()
    assert caplog.text == ""
