"""kill -9 of the worker and of the sequencer, stalled by a lock on each table they write: kept later, once."""

import os
from collections.abc import Callable

import pytest

from cpdisclose.local.supervisor import Service
from cpdisclose.local.valkey import Valkey
from disclosures.states import State

from .conftest import OpenDesk
from .desk import Desk, eventually
from .test_two_of_each import UNPLACED, WAITING, mails_by_id

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
            with desk.locked(table, "ACCESS EXCLUSIVE") as let_go:
                desk.start(_victim(desk, victim))
                eventually(
                    lambda: desk.backends(victim, stalled=True), f"the {victim} stands still at {table}"
                )
                stalled += 1
                desk.kill(victim)
                let_go()
            desk.sql("UPDATE disclosures_outboxrow SET leased_until = now() WHERE lease_token IS NOT NULL")
        desk.start(_victim(desk, victim))
        done = WAITING if victim == "worker" else UNPLACED
        eventually(lambda: desk.sql(done) == [(0,)], f"the {victim} has caught up")
        _nothing_twice(desk, victim)
    said = f"{len(TABLES[victim])} points × {RUNS} runs, {stalled} killed while stalled"
    record_property(f"kill -9 of {victim}", said)
    with capsys.disabled():
        print(f"\nkill -9 of {victim}: {said}\n  at {', '.join(TABLES[victim])}")


def _victim(desk: Desk, victim: str) -> Service:
    """The loop that does the same work as the queue's worker; its start is its first knock."""
    if victim == "worker":
        return desk.command(victim, ["manage.py", "sweep", "--loop", "--every", "1"], ready=lambda: True)
    return desk.command(
        victim, ["manage.py", "audit", "sequence", "--loop"], role="sequencer", ready=lambda: True
    )


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
