"""A desk with thousands of requests, copied from one that walked the real road.

The copies are for lists, which open nothing: their sealed values would not open. They are written by
the superuser past the triggers, because five thousand real roads take an hour.
"""

from collections.abc import Mapping
from contextlib import closing

from psycopg import Connection, sql

from cpdisclose.local.postgres import SUPERUSER
from disclosures.models import Request
from tests.conftest import Database

FIRST = 10_000_000
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
TABLES = (
    "sealing_datakey", "disclosures_request", "disclosures_subject", "disclosures_item", "disclosures_instrument",
    "disclosures_requestgroupgrant",
)  # fmt: skip


def copy_request(database: Database, request: Request, *, after: int, upto: int) -> None:
    """Copies number `after` + 1 to `upto`, each with its person, item, instrument and grants."""
    letter = f"substr('{LETTERS}', (g / %s)::int %% {len(LETTERS)} + 1, 1)"
    reference = "'CP-2222-' || " + " || ".join(letter % (30**place) for place in (3, 2, 1, 0))
    own = {"seal_id": "gen_random_uuid()", "request_id": f"{FIRST} + g"}
    plain = {"id": None}
    with closing(database.cluster.connect(SUPERUSER, database.name)) as superuser:
        for table in TABLES:
            superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for start, of in ((FIRST, "request"), (2 * FIRST, "subject")):
            key = {
                "id": f"{start} + g",
                "ref": "gen_random_uuid()",
                "parent_id": "NULL",
                "master_version": "1",
            }
            whose = f"id IN (SELECT data_key_id FROM disclosures_{of} WHERE {_column(of)} = {request.pk})"
            _copy(superuser, "sealing_datakey", whose, after, upto, key)
        row = {
            "id": f"{FIRST} + g", "seal_id": "gen_random_uuid()", "data_key_id": f"{FIRST} + g", "reference": reference,
            "recording_key": "NULL", "due_at": "t.due_at + g % 40 * interval '1 day'", "due_on": "t.due_on + g % 40",
        }  # fmt: skip
        _copy(superuser, "disclosures_request", f"id = {request.pk}", after, upto, row)
        mine = f"request_id = {request.pk}"
        _copy(
            superuser,
            "disclosures_subject",
            mine,
            after,
            upto,
            plain | own | {"data_key_id": f"{2 * FIRST} + g"},
        )
        _copy(superuser, "disclosures_item", mine, after, upto, plain | own)
        _copy(superuser, "disclosures_instrument", mine, after, upto, plain | own)
        grants = f"content_object_id = '{request.reference}'"
        _copy(
            superuser,
            "disclosures_requestgroupgrant",
            grants,
            after,
            upto,
            plain | {"content_object_id": reference},
        )
        superuser.execute("ANALYZE")


def _column(of: str) -> str:
    return "id" if of == "request" else "request_id"


def _copy(
    superuser: Connection, table: str, where: str, after: int, upto: int, changed: Mapping[str, str | None]
) -> None:
    """`changed`: the columns that differ, as expressions of g; None leaves a column to its default."""
    found = superuser.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table]
    )
    columns = [name for (name,) in found if changed.get(name, "") is not None]
    values = [changed.get(name) or f't."{name}"' for name in columns]
    superuser.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} t, generate_series({}, {}) g WHERE {}").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(map(sql.SQL, values)),
            sql.Identifier(table),
            sql.Literal(after + 1),
            sql.Literal(upto),
            sql.SQL(where),
        )
    )
