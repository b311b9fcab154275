"""Digests of the rows that an object consists of: what an entry of a change says of them, and whether they are that still.

Versions show that something changed without an entry; only the content shows what somebody wrote into a row
while its triggers were off.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import ProgrammingError, connection, transaction

from .hooks import digested

AT_ONCE = 500

_DIGESTS = "SELECT ref, part, digest FROM audit_rows(%s, %s, %s)"
# The last entry of each object, if it is in this log; what came before it was replaced.
_LAST = """
SELECT last.object_ref, convert_from(e.body, 'UTF8')::jsonb #> '{detail,rows}', last.object_version, l.index
FROM (SELECT DISTINCT ON (object_ref) id, object_ref, object_version FROM audit_entry
    WHERE object_type = %(kind)s AND object_version IS NOT NULL
    ORDER BY object_ref, object_version DESC) AS last
JOIN audit_entry e ON e.id = last.id LEFT JOIN audit_leaf l ON l.entry_id = last.id
WHERE e.log = %(log)s
"""

Said = dict[str, Any]


def digests(kind: str, refs: Sequence[str]) -> dict[str, Said]:
    """By reference: the format, and the digest of each part of the rows as they are now. Empty for other kinds."""
    form = digested().get(kind)
    return {} if form is None else _digests(kind, form, refs)


def _digests(kind: str, form: int, refs: Sequence[str]) -> dict[str, Said]:
    found: dict[str, Said] = defaultdict(lambda: {"format": form})
    with connection.cursor() as cursor:
        cursor.execute(_DIGESTS, [kind, form, list(refs)])
        for ref, part, digest in cursor.fetchall():
            found[ref][part] = digest
    return dict(found)


def differences(log: str, kind: str) -> Iterator[tuple[str, int | None]]:
    """Sentences, each with the index of the entry: rows of this kind that are not what their last entry says."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_LAST, {"kind": kind, "log": log})
        while batch := cursor.fetchmany(AT_ONCE):
            said = {ref: (json.loads(told), version, index) for ref, told, version, index in batch if told}
            yield from _compared(kind, said)


def _compared(kind: str, said: dict[str, tuple[Said, int, int | None]]) -> Iterator[tuple[str, int | None]]:
    for form in sorted({told["format"] for told, _, _ in said.values()}):
        refs = [ref for ref, (told, _, _) in said.items() if told["format"] == form]
        try:
            with transaction.atomic():
                there = _digests(kind, form, refs)
        except ProgrammingError:
            yield f"Nothing here computes the rows of a {kind} in format {form}.", said[refs[0]][2]
            continue
        for ref in refs:
            told, version, index = said[ref]
            for part in _unlike(told, there.get(ref, told)):
                yield f"The {part} of {kind} {ref} are not those of its last entry, version {version}.", index


def _unlike(told: Said, there: Said) -> Iterable[str]:
    """An object that is not there at all is named by its version."""
    return sorted(part for part in told.keys() | there.keys() if told.get(part) != there.get(part))
