"""/healthz and /readyz."""

from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from audit.entries import SYSTEM, append
from audit.models import Log
from audit.sequencer import Sequencer
from cpdisclose.health import ENTRY_LATE, PROMISE_LATE, progress
from disclosures import outbox
from tests.audit.conftest import default_connection
from tests.conftest import Database


def test_healthz_needs_no_database(client: Client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_readyz_answers_without_tls_because_it_is_asked_on_the_machine_itself(client: Client, db, settings):
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "promises": "ok", "log": "ok"})


def test_readyz_says_503_when_the_database_is_away(client: Client, committed_db):
    connections["default"].close()
    committed_db.cluster.drop_database(committed_db.name)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"database": "down"})


def test_an_overdue_promise_is_late_and_one_for_later_is_not(db):
    now = timezone.now()
    outbox.put(key="later", topic="reminder", payload={}, not_before=now + timedelta(hours=1))
    outbox.put(key="k", topic="reminder", payload={}, not_before=now)
    assert progress(now + PROMISE_LATE)["promises"] == "ok"
    assert progress(now + PROMISE_LATE + timedelta(seconds=1))["promises"] == "late"


@pytest.mark.parametrize("log", Log.values)
def test_an_entry_without_its_place_is_late_until_the_sequencer_comes(committed_db: Database, log: str):
    with transaction.atomic():
        append(event="log.heartbeat", actor=SYSTEM, log=log)
    later = timezone.now() + ENTRY_LATE + timedelta(minutes=1)
    assert progress(timezone.now())["log"] == "ok"
    assert progress(later)["log"] == "late"
    with default_connection(committed_db, "sequencer"):
        assert Sequencer(log).drain() == 1
    assert progress(later)["log"] == "ok"
