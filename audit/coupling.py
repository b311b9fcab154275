"""For migrations: ties a table to the log, so that neither changes without the other.

The triggers themselves are made by SQL functions whose text is frozen in audit's migration 0002.
"""

import re

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
    for name in names:
        if not _IDENTIFIER.fullmatch(name):
            raise ValueError(f"{name} is not a plain name of lower-case letters, digits and underscores.")
    arguments = ", ".join(f"'{name}'" for name in names)
    return RunSQL(f"SELECT {function}({arguments})")
