"""For migrations: ties a table to the log, so that neither changes without the other, and says what its rows hold.

The triggers themselves are made by SQL functions whose text is frozen in audit's migration 0002.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.special import RunSQL

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
LONGEST_NAME = 63


def couple_object(object_type: str, table: str, ref_column: str) -> list[Operation]:
    """The rows of the table become objects of the log, named there by `ref_column`.

    The table has `version` (1 at first, one more at each UPDATE) and `changed_xid` (stamped by a trigger).
    A change and its entry commit together or not at all; rows are never deleted, and their name stays.
    """
    return [_call("audit_couple_object", object_type, table, ref_column)]


def couple_child(table: str, fk_column: str, object_type: str, *, references: str = "id") -> list[Operation]:
    """Rows of the table are parts of an object: they change only in a transaction that changes it too.

    `fk_column` points at the object's column `references`.
    """
    made = f"audit_{table}_with_{object_type}"
    if len(made) > LONGEST_NAME:
        raise ValueError(f"PostgreSQL would cut the name {made}: it is longer than {LONGEST_NAME}.")
    return [_call("audit_couple_child", table, fk_column, object_type, references)]


def _call(function: str, *names: str) -> Operation:
    arguments = ", ".join(f"'{_plain(name)}'" for name in names)
    return RunSQL(f"SELECT {function}({arguments})")


@dataclass(frozen=True)
class Rows:
    """Rows that belong to an object: by `key`, which points at the object's column `whole`."""

    table: str
    columns: tuple[str, ...]
    key: str
    whole: str = "id"


def digest_rows(
    object_type: str, table: str, ref_column: str, parts: Mapping[str, Sequence[Rows]], *, format: int = 1
) -> list[Operation]:
    """Makes the function that digests the rows of such objects (docs/audit-format.md, section 2).

    A later list of columns is a later `format` beside the earlier ones, which old entries need.
    """
    whole = f"public.{_plain(table)} AS whole WHERE whole.{_plain(ref_column)} = ANY (refs)"
    branches = [
        f"SELECT whole.{ref_column}::text, '{_plain(part)}', encode(sha256(convert_to("  # noqa: S608 -- plain names
        f"whole.{ref_column}{''.join(_lines(rows) for rows in own)}, 'UTF8')), 'hex') FROM {whole}"
        for part, own in parts.items()
    ]
    name = _plain(f"audit_rows_of_{object_type}_{format}")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"PostgreSQL would cut the name {name}: it is longer than {LONGEST_NAME}.")
    body = " UNION ALL ".join(branches)
    function = (
        f"CREATE FUNCTION public.{name}(refs text[]) RETURNS TABLE (ref text, part text, digest text)"
        f" LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $rows$ {body} $rows$"
    )
    return [RunSQL([function, f"REVOKE EXECUTE ON FUNCTION public.{name} FROM PUBLIC"])]


def _lines(rows: Rows) -> str:
    """One line a row, in the order of their ids: the table and the columns as a JSON array."""
    columns = ", ".join(f"own.{_plain(column)}" for column in rows.columns)
    return (
        f" || (SELECT coalesce(string_agg(E'\\n' || jsonb_build_array('{_plain(rows.table)}', {columns})::text, ''"  # noqa: S608 -- plain names
        f" ORDER BY own.id), '') FROM public.{rows.table} AS own"
        f" WHERE own.{_plain(rows.key)} = whole.{_plain(rows.whole)})"
    )


def _plain(name: str) -> str:
    if not _IDENTIFIER.fullmatch(name):
        raise ValueError(f"{name} is not a plain name of lower-case letters, digits and underscores.")
    return name
