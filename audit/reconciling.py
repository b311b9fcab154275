"""Compares what the log says with what stands beside it: its own columns, and the objects it tells of.

The columns of an entry are what the page filters by; only the body is hashed. The versions of an object have no
gap, and the last one is that of its row, both ways.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from . import columns
from .cosignature import WitnessKey, cosignatures
from .hooks import comparisons, digested
from .logs import origin
from .models import Coupled, Payload
from .note import NoteRefused, signature_of
from .payload import is_kept, payload_context
from .rows import AT_ONCE, differences
from .snapshot import one_snapshot
from .verifying import Report
from .witnessing import configured

# Objects by what an index alone says of them; an object whose entries stand in both logs has one row of versions.
_WITH_GAPS = """
SELECT object_type, object_ref FROM audit_entry WHERE object_version IS NOT NULL
GROUP BY object_type, object_ref
HAVING min(object_version) <> 1 OR max(object_version) <> count(*) OR count(DISTINCT object_version) <> count(*) LIMIT 20
"""

_GAPS = """
SELECT numbered.object_version, l.index FROM (
    SELECT id, log, object_version, row_number() OVER (ORDER BY object_version) AS place
    FROM audit_entry WHERE object_type = %s AND object_ref = %s AND object_version IS NOT NULL) AS numbered
LEFT JOIN audit_leaf l ON l.entry_id = numbered.id
WHERE numbered.object_version <> numbered.place AND numbered.log = %s
ORDER BY l.index LIMIT 20
"""

# Rows whose entries are all in the other log are left to it; a row without any entry is a fault in both.
_ROWS = """
WITH told AS (
    SELECT object_ref AS ref, max(object_version) AS version, (array_agg(id ORDER BY object_version DESC))[1] AS id,
        bool_or(log = %(log)s) AS ours
    FROM audit_entry WHERE object_type = %(kind)s AND object_version IS NOT NULL GROUP BY object_ref)
SELECT ref, there.version, told.version, (SELECT index FROM audit_leaf WHERE entry_id = told.id)
FROM audit_versions(%(kind)s) AS there FULL JOIN told USING (ref)
WHERE there.version IS DISTINCT FROM told.version AND coalesce(told.ours, true)
ORDER BY 4, 1 LIMIT 20
"""


_COSIGNED = """
SELECT size, witness, line, note FROM audit_cosignature LEFT JOIN audit_checkpoint USING (log, size)
WHERE log = %s ORDER BY size, witness
"""


def reconcile(log: str, report: Report) -> None:
    """Adds what it finds to the report, all of one moment. Reads with the rights of the caller, and changes nothing."""
    with one_snapshot():
        _reconcile(log, report)


def _reconcile(log: str, report: Report) -> None:
    below = min((fault.first for fault in report.faults if fault.first is not None), default=1 << 62)
    for words, index in columns.unlike(log, ids=report.unlike, below=below):
        report.add(words, index)
    _compare_cosignatures(log, report)
    for kind, ref in _rows(_WITH_GAPS, []):
        for version, index in _rows(_GAPS, [kind, ref, log]):
            report.add(f"Version {version} of {kind} {ref} does not follow the one before it.", index)
    for coupled in Coupled.objects.order_by("object_type"):
        _compare_rows(log, coupled.object_type, report)
    for kind in sorted(digested()):
        for words, index in differences(log, kind):
            report.add(words, index)
    for compare in comparisons():
        for words, index in compare(log):
            report.add(words, index)


def open_payloads(log: str, report: Report) -> None:
    """Opens every sealed value of the log and checks its commitment. Needs the master keys and the app's rights."""
    rows = Payload.objects.filter(entry__log=log).select_related("entry", "entry__leaf").order_by("entry_id")
    for row in rows.iterator(chunk_size=500):
        entry = row.entry
        context = payload_context(origin=origin(log), entry_id=entry.id, event=entry.event, name=row.name)
        commitment = json.loads(bytes(entry.body)).get("commits", {}).get(row.name, "")
        if not is_kept(bytes(row.box), commitment=commitment, context=context):
            leaf = getattr(entry, "leaf", None)
            report.add(
                f"The sealed value {row.name} is not the one that was committed to.",
                leaf.index if leaf else None,
            )


def _compare_cosignatures(log: str, report: Report) -> None:
    keys = [witness.key for witness in configured()]
    with connection.chunked_cursor() as cursor:
        cursor.execute(_COSIGNED, [log])
        while rows := cursor.fetchmany(AT_ONCE):
            for size, witness, line, note in rows:
                if note is None:
                    report.add(f"{witness} has cosigned size {size}, and that checkpoint is gone.", size - 1)
                    continue
                try:
                    _check_cosignature(witness, line, f"{note.partition(chr(10) * 2)[0]}\n", keys)
                except NoteRefused as error:
                    report.add(f"At size {size}: {error}", None)


def _check_cosignature(witness: str, line: str, text: str, keys: Sequence[WitnessKey]) -> None:
    """Raises `NoteRefused` for one that is wrong, or another's than it is shown as."""
    line = line.removesuffix("\n")
    if signature_of(line)[0] != witness:
        raise NoteRefused(f"What is kept as the cosignature of {witness} is none of {witness}.")
    cosignatures(text, [line], keys)


def _compare_rows(log: str, kind: str, report: Report) -> None:
    for ref, there, told, index in _rows(_ROWS, {"log": log, "kind": kind}):
        if there is None:
            words = f"The log tells of version {told} of {kind} {ref}, which is not there."
        elif told is None:
            words = f"{kind} {ref} is there, and the log does not tell of it."
        else:
            words = f"{kind} {ref} is at version {there}, and the log tells of version {told}."
        report.add(words, index)


def _rows(
    query: str, parameters: Mapping[str, str | int | list[int] | None] | Sequence[str]
) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
