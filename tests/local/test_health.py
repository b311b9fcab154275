"""/healthz and /readyz."""

from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from audit.entries import SYSTEM, append
from audit.models import Log
from audit.sequencer import Sequencer
from cpdisclose.health import ENTRY_LATE, HEARTBEAT_LATE, PROMISE_LATE, progress
from disclosures import outbox
from disclosures.models import OutboxRow
from disclosures.services.sweeping import sweep
from disclosures.states import Action
from tests.audit.conftest import default_connection
from tests.conftest import Database
from tests.world import make_world


def test_healthz_needs_no_database(client: Client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_readyz_answers_without_tls_because_it_is_asked_on_the_machine_itself(client: Client, db, settings):
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"database": "ok", "promises": "ok", "log": "ok", "files": "not scanned"},
    )


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


def test_an_entry_without_its_place_is_late_until_the_sequencer_comes(committed_db: Database):
    with transaction.atomic():
        append(event="log.heartbeat", actor=SYSTEM, log=Log.MAIN)
    later = timezone.now() + ENTRY_LATE + timedelta(minutes=1)
    assert progress(timezone.now())["log"] == "ok"
    assert progress(later)["log"] == "late"
    with default_connection(committed_db, "sequencer"):
        assert Sequencer(Log.MAIN).drain() == 1
    assert progress(later)["log"] == "ok"


def test_the_sealed_log_is_late_when_its_heartbeat_is_and_shows_nothing_else(committed_db: Database):
    with default_connection(committed_db, "sequencer"):
        assert Sequencer(Log.SEALED).drain() == 1
    beaten = timezone.now()
    with transaction.atomic():
        append(event="log.heartbeat", actor=SYSTEM, log=Log.SEALED)
    assert progress(beaten + HEARTBEAT_LATE - timedelta(minutes=1))["log"] == "ok"
    assert progress(beaten + HEARTBEAT_LATE + timedelta(seconds=1))["log"] == "late"


@pytest.mark.parametrize(("restricted", "verdict"), [(False, "late"), (True, "ok")])
def test_whoever_asks_hears_of_no_promise_of_a_restricted_request(db: None, restricted: bool, verdict: str):
    world = make_world()
    after = world.now + PROMISE_LATE + timedelta(seconds=1)
    world.road().record(restricted=restricted, received_at=world.now - timedelta(days=60))
    sweep(now=world.now)
    assert set(OutboxRow.objects.values_list("topic", flat=True)) == {"reminder"}
    assert progress(after)["promises"] == verdict
    OutboxRow.objects.all().delete()
    road = world.road()
    road.record(restricted=restricted)
    road.step("clerk", Action.SUBMIT)
    assert set(OutboxRow.objects.values_list("topic", flat=True)) == {"request.moved"}
    assert progress(after)["promises"] == verdict
