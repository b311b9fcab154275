"""How long a new bank holiday takes to move 10,000 open requests: python -m benchmarks.holidays [REQUESTS]

From the administrator's click to the end of the run, in one process, on a PostgreSQL of its own. Beside it, in the
same run, the same UPDATEs of the same rows without the log, the versions and the derivation.
"""

import os
import sys
import time
from datetime import UTC, date, datetime

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from django.db import connection  # noqa: E402 -- behind the set-up

from audit.models import Entry  # noqa: E402 -- behind the set-up
from disclosures.models import CalendarRun, Deadline  # noqa: E402 -- behind the set-up
from disclosures.services.days_off import enter_day_off  # noqa: E402 -- behind the set-up
from disclosures.services.recalculating import continue_runs  # noqa: E402 -- behind the set-up
from tests.clock_crowd import copy_clocks  # noqa: E402 -- behind the set-up
from tests.conftest import a_cluster, cloned  # noqa: E402 -- behind the set-up
from tests.services.clock_desk import MONDAY, Desk  # noqa: E402 -- behind the set-up

ASKED_SECONDS = 30
JUBILEE = date(2026, 3, 11)


def main(requests: int) -> None:
    with a_cluster() as cluster, cloned(cluster) as database:
        desk = Desk()
        copy_clocks(database, desk.recorded(received_at=MONDAY), requests)
        before = dict(Deadline.objects.values_list("pk", "due_on"))
        bare = _bare_updates()
        started = time.perf_counter()
        enter_day_off(
            division="EW", day=JUBILEE, title="Jubilee", reason="Gazette", actor=desk.people["admin"],
            now=datetime.now(UTC),
        )  # fmt: skip
        entered = time.perf_counter()
        batches = continue_runs(now=datetime.now(UTC))
        ended = time.perf_counter()
        run = CalendarRun.objects.latest("id")
        after = dict(Deadline.objects.values_list("pk", "due_on"))
        moved = sum(before[pk] != day for pk, day in after.items())
        told = Entry.objects.filter(event="deadline.recalculated").count()
    print(f"open requests                      {len(before):>9,}")
    print(f"moved (each with its entry)        {moved:>9,}   entries {told:,}, the run says {run.moved:,}")
    print(f"entering the day                   {entered - started:>9.2f} s")
    print(f"counting all of them again         {ended - entered:>9.2f} s in {batches} batches")
    print(f"together (asked: under {ASKED_SECONDS} s)       {ended - started:>9.2f} s")
    print(f"the bare UPDATEs of the same rows  {bare:>9.2f} s")


def _bare_updates() -> float:
    """One UPDATE a deadline and one a request, rolled back: what the database alone asks."""
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(
            "SELECT id, request_id FROM disclosures_deadline WHERE stopped_at IS NULL AND scheme = 'EW'"
        )
        for deadline, request in cursor.fetchall():
            cursor.execute("UPDATE disclosures_deadline SET due_on = due_on + 1 WHERE id = %s", [deadline])
            cursor.execute(
                "UPDATE disclosures_request SET due_on = due_on + 1, version = version + 1 WHERE id = %s",
                [request],
            )
        cursor.execute("ROLLBACK")
    return time.perf_counter() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
