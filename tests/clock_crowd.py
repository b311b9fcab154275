"""Thousands of open requests with a clock each, copied from one whose clock was started on the real road.

Only what a recalculation reads is copied: the request, its running deadline and its events. The superuser
writes them past the triggers, because ten thousand real roads take hours.
"""

from collections.abc import Sequence
from contextlib import closing

from psycopg import Connection, sql

from cpdisclose.local.postgres import SUPERUSER
from disclosures.models import Request
from tests.conftest import Database

from .crowd import FIRST, LETTERS, _copy

TABLES = ("sealing_datakey", "disclosures_request", "disclosures_deadline", "disclosures_clockevent")


def copy_clocks(database: Database, request: Request, count: int) -> None:
    """`count` more requests like this one, the clocks of every second one in Scotland."""
    letter = f"substr('{LETTERS}', (g / %s)::int %% {len(LETTERS)} + 1, 1)"
    reference = "'CP-3333-' || " + " || ".join(letter % (30**place) for place in (3, 2, 1, 0))
    own = {"request_id": f"{FIRST} + g"}
    with closing(database.cluster.connect(SUPERUSER, database.name)) as superuser:
        switch_triggers(superuser, "DISABLE", TABLES)
        key = {"id": f"{FIRST} + g", "ref": "gen_random_uuid()", "parent_id": "NULL", "master_version": "1"}
        _copy(superuser, "sealing_datakey", f"id = {request.data_key_id}", 0, count, key)
        row = {
            "id": f"{FIRST} + g", "seal_id": "gen_random_uuid()", "data_key_id": f"{FIRST} + g", "reference": reference,
            "recording_key": "NULL", "nation": "CASE g % 2 WHEN 0 THEN 'SC' ELSE 'EW' END",
        }  # fmt: skip
        _copy(superuser, "disclosures_request", f"id = {request.pk}", 0, count, row)
        clock = own | {"id": f"{FIRST} + g", "scheme": "CASE g % 2 WHEN 0 THEN 'SC' ELSE 'EW' END"}
        _copy(
            superuser, "disclosures_deadline", f"request_id = {request.pk} AND stopped_at IS NULL", 0, count, clock
        )  # fmt: skip
        heard = own | {"id": f"{FIRST} + g", "deadline_id": f"{FIRST} + g"}
        _copy(superuser, "disclosures_clockevent", f"request_id = {request.pk}", 0, count, heard)
        switch_triggers(superuser, "ENABLE ALWAYS", TABLES)
        superuser.execute("ANALYZE")


def switch_triggers(superuser: Connection, how: str, tables: Sequence[str]) -> None:
    """Our own triggers by name; those of the foreign keys go with ALL and come back as they were."""
    for table in tables:
        if how == "DISABLE":
            superuser.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER ALL").format(sql.Identifier(table)))
            continue
        superuser.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER ALL").format(sql.Identifier(table)))
        ours = superuser.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = %s::regclass", [table]
        )
        for (name,) in ours.fetchall():
            superuser.execute(
                sql.SQL("ALTER TABLE {} ENABLE ALWAYS TRIGGER {}").format(
                    sql.Identifier(table), sql.Identifier(name)
                )
            )
