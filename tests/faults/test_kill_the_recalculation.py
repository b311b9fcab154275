"""kill -9 of whoever counts the open clocks again, in the middle: the next one goes on, and nothing is different."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.conf import settings

from audit.models import Entry
from disclosures.models import CalendarRun, Deadline
from disclosures.services.days_off import enter_day_off, strike_out_day
from disclosures.services.recalculating import continue_runs
from tests.clock_crowd import copy_clocks
from tests.conftest import Database
from tests.services.clock_desk import MONDAY, Desk, forget_steps

pytestmark = [pytest.mark.faults, pytest.mark.committed]
REQUESTS = 10_000
KILLS = 3
PATIENCE = 180
JUBILEE = date(2026, 3, 11)
Rows = list[tuple[object, ...]]


def as_it_stands() -> Rows:
    """Everything that a reader can see of every clock, and the date its request shows."""
    rows = Deadline.objects.order_by("id").values_list(
        "id", "due_on", "due_at", "last_day_on", "derivation", "request__due_on", "request__due_at"
    )
    return list(rows)


def recalculation(database: Database) -> subprocess.Popen[bytes]:
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database.url("app")}
    command = [sys.executable, "-m", "tests.faults.recalculate"]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=env, stderr=subprocess.DEVNULL)


def killed_on_the_way(database: Database, run: CalendarRun) -> int:
    """How far it had come when it was killed: further than before, and not at the end."""
    run.refresh_from_db()
    before, process, end = run.after_request, recalculation(database), time.monotonic() + PATIENCE
    while run.after_request == before:
        assert time.monotonic() < end, "it does not begin"
        time.sleep(0.01)
        run.refresh_from_db()
    process.send_signal(signal.SIGKILL)
    process.wait()
    run.refresh_from_db()
    assert run.finished_at is None
    return run.after_request


def entered(desk: Desk) -> CalendarRun:
    return enter_day_off(
        division="EW", day=JUBILEE, title="Jubilee", reason="Gazette", actor=desk.people["admin"],
        now=datetime.now(UTC),
    )  # fmt: skip


def test_a_recalculation_killed_three_times_ends_as_one_that_was_not(
    committed_db: Database,
    capsys: pytest.CaptureFixture[str],
    record_property: Callable[[str, object], None],
) -> None:
    desk = Desk()
    original = desk.recorded(received_at=MONDAY)
    forget_steps()
    copy_clocks(committed_db, original, REQUESTS)
    untouched = as_it_stands()
    entered(desk)
    continue_runs(now=datetime.now(UTC))
    expected = as_it_stands()
    assert expected != untouched
    strike_out_day(ref=f"EW-{JUBILEE}", reason="Again.", actor=desk.people["admin"], now=datetime.now(UTC))
    continue_runs(now=datetime.now(UTC))
    assert as_it_stands() == untouched

    told = Entry.objects.filter(event="deadline.recalculated").count()
    run = entered(desk)
    places = [killed_on_the_way(committed_db, run) for _ in range(KILLS)]
    assert recalculation(committed_db).wait(PATIENCE) == 0
    run.refresh_from_db()
    assert run.finished_at is not None
    assert as_it_stands() == expected
    moved = REQUESTS // 2 + 1
    assert run.moved == moved
    assert Entry.objects.filter(event="deadline.recalculated").count() - told == moved, "each told once"
    said = f"{KILLS} kills in {REQUESTS} requests, after {places}"
    record_property("kill -9 of the recalculation", said)
    with capsys.disabled():
        print(f"\nkill -9 of the recalculation: {said}")
