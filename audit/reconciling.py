"""Compares what the log says with what stands beside it: its own columns, and the objects it tells of.

The columns of an entry are what the page filters by; only the body is hashed. The versions of an object have no
gap, and the last one is that of its row, both ways.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import DataError, connection

from .cosignature import cosignatures
from .hooks import comparisons, digested
from .logs import origin
from .models import Checkpoint, Cosignature, Coupled, Payload
from .note import NoteRefused
from .payload import is_kept, payload_context
from .rows import differences
from .verifying import Report
from .witnessing import configured

# By their first bad index; entries without one are compared too. What the tree has found wrong is left out.
_COLUMNS = """
SELECT l.index FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry_id = e.id,
LATERAL (SELECT convert_from(e.body, 'UTF8')::jsonb AS entry) AS body
WHERE e.log = %(log)s AND (%(ids)s::bigint[] IS NULL OR e.id = ANY (%(ids)s))
    AND (l.index IS NULL OR l.index < %(below)s) AND (
    e.id, e.at, e.event, e.actor, e.role, e.session, e.object_type, e.object_ref, e.object_version, e.seen_version
) IS DISTINCT FROM (
    (entry ->> 'id')::bigint, (entry ->> 'at')::timestamptz, entry ->> 'event',
    entry #>> '{actor,ref}', entry #>> '{actor,role}', entry ->> 'session',
    entry #>> '{object,type}', entry #>> '{object,ref}',
    (entry #>> '{object,version}')::integer, (entry #>> '{object,seen_version}')::integer)
ORDER BY l.index LIMIT 20
"""

# Objects by what an index alone says of them; an object whose entries stand in both logs has one row of versions.
_WITH_GAPS = """
SELECT object_type, object_ref FROM audit_entry WHERE object_version IS NOT NULL
GROUP BY object_type, object_ref HAVING min(object_version) <> 1 OR max(object_version) <> count(*) LIMIT 20
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


def reconcile(log: str, report: Report) -> None:
    """Adds what it finds to the report. Reads with the rights of the caller, and changes nothing."""
    below = min((fault.first for fault in report.faults if fault.first is not None), default=1 << 62)
    try:
        for (index,) in _rows(_COLUMNS, {"log": log, "below": below, "ids": report.unlike}):
            report.add("The columns of the entry do not say what its bytes say.", index)
    except DataError as error:
        report.add(f"An entry below index {below} is not in the form of an entry: {error}")
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
    texts = {size: f"{note.partition(chr(10) * 2)[0]}\n" for size, note in _notes(log)}
    for row in Cosignature.objects.filter(log=log).order_by("size", "witness").iterator():
        if row.size not in texts:
            report.add(
                f"{row.witness} has cosigned size {row.size}, and that checkpoint is gone.", row.size - 1
            )
            continue
        try:
            cosignatures(texts[row.size], [row.line.removesuffix("\n")], keys)
        except NoteRefused as error:
            report.add(f"At size {row.size}: {error}", None)


def _notes(log: str) -> list[tuple[int, str]]:
    sizes = Cosignature.objects.filter(log=log).values("size")
    return list(Checkpoint.objects.filter(log=log, size__in=sizes).values_list("size", "note"))


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
