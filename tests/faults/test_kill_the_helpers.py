"""kill -9 of the worker and of the sequencer, stalled by a lock on each table they write: kept later, once."""

import os
from collections.abc import Callable

import pytest
from celery import current_app

from cpdisclose.local.supervisor import Service
from cpdisclose.local.valkey import Valkey
from disclosures.states import State

from .conftest import OpenDesk
from .desk import Desk, eventually
from .test_two_of_each import UNPLACED, WAITING, mails_by_id, worker

pytestmark = pytest.mark.faults
RUNS = int(os.environ.get("FAULT_RUNS", "1"))
TABLES = {
    "worker": ("disclosures_outboxrow", "disclosures_request"),
    "sequencer": ("audit_entry", "audit_leaf", "audit_tile", "audit_checkpoint"),
}


@pytest.mark.parametrize("victim", list(TABLES))
def test_a_helper_killed_at_any_table_keeps_its_promises_once(
    open_desk: OpenDesk,
    broker: Valkey,
    victim: str,
    capsys: pytest.CaptureFixture[str],
    record_property: Callable[[str, object], None],
) -> None:
    stalled = 0
    with open_desk(broker.url) as (desk, world):
        for table in TABLES[victim] * RUNS:
            world.request_in(State.SUBMITTED)
            desk.start(_victim(desk, victim))
            with desk.locked(table, "ACCESS EXCLUSIVE") as let_go:
                _ring(broker, victim)
                eventually(
                    lambda: desk.backends(victim, stalled=True), f"the {victim} stands still at {table}"
                )
                stalled += 1
                desk.kill(victim)
                let_go()
            desk.sql("UPDATE disclosures_outboxrow SET leased_until = now() WHERE lease_token IS NOT NULL")
        desk.start(_victim(desk, victim))
        _ring(broker, victim)
        done = WAITING if victim == "worker" else UNPLACED
        eventually(lambda: desk.sql(done) == [(0,)], f"the {victim} has caught up")
        _nothing_twice(desk, victim)
    said = f"{len(TABLES[victim])} points × {RUNS} runs, {stalled} killed while stalled"
    record_property(f"kill -9 of {victim}", said)
    with capsys.disabled():
        print(f"\nkill -9 of {victim}: {said}\n  at {', '.join(TABLES[victim])}")


def _victim(desk: Desk, victim: str) -> Service:
    """The Celery worker of that queue, as script/server has it."""
    if victim == "worker":
        return worker(desk, victim, "celery")
    return worker(desk, victim, "audit", role="sequencer")


def _ring(broker: Valkey, victim: str) -> None:
    task, queue = ("disclosures.sweep", "celery") if victim == "worker" else ("audit.sequence", "audit")
    with current_app.connection_for_write(broker.url) as bell:
        current_app.send_task(task, queue=queue, connection=bell)


def _nothing_twice(desk: Desk, victim: str) -> None:
    if victim == "worker":
        assert max(mails_by_id(desk.place.mail).values()) == 1
        assert desk.sql("SELECT count(*) - count(DISTINCT key) FROM disclosures_outboxrow") == [(0,)]
        return
    places = desk.sql(
        "SELECT log, count(*), max(index) + 1, count(DISTINCT entry_id) FROM audit_leaf GROUP BY log"
    )
    assert places
    assert all(count == end == different for _, count, end, different in places)
