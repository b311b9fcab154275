"""Compares the columns of entries with their bytes: the page filters by the columns, and only the bytes are hashed.

The database compares; where it cannot read what it finds, each entry is read here, and what is none is named.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.db import DatabaseError, connection, transaction

from .models import LARGEST_BODY
from .reading import NOT_TEXT

MOST = 20
UNLIKE = "The columns of the entry do not say what its bytes say."
NO_ENTRY = "The bytes are not in the form of an entry."

# By their first bad index; entries without one are compared too. Behind what the tree has found wrong nothing is.
_FROM = """
FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry_id = e.id
WHERE e.log = %(log)s AND (%(ids)s::bigint[] IS NULL OR e.id = ANY (%(ids)s))
    AND (l.index IS NULL OR l.index <= %(below)s)
"""
_COMPARED = f"""
SELECT index, is_entry FROM (SELECT l.index,
    CASE WHEN octet_length(e.body) > {LARGEST_BODY} OR e.body IS NOT JSON OBJECT WITH UNIQUE KEYS THEN false
    ELSE convert_from(e.body, 'UTF8')::jsonb -> 'v' IS NOT DISTINCT FROM '1' END AS is_entry,
    CASE WHEN octet_length(e.body) <= {LARGEST_BODY} THEN (SELECT (
        e.id, e.at, e.event, e.actor, e.role, e.session, e.object_type, e.object_ref, e.object_version, e.seen_version
    ) IS NOT DISTINCT FROM (
        (entry ->> 'id')::bigint, (entry ->> 'at')::timestamptz, entry ->> 'event',
        entry #>> '{{actor,ref}}', entry #>> '{{actor,role}}', entry ->> 'session',
        entry #>> '{{object,type}}', entry #>> '{{object,ref}}',
        (entry #>> '{{object,version}}')::integer, (entry #>> '{{object,seen_version}}')::integer)
        FROM (SELECT convert_from(e.body, 'UTF8')::jsonb AS entry OFFSET 0) AS body) END AS is_like
    {_FROM}) AS compared
WHERE NOT is_entry OR NOT is_like AND index IS DISTINCT FROM %(below)s ORDER BY index LIMIT {MOST}
"""  # noqa: S608 -- constants
_READ = f"""
SELECT l.index, substring(e.body FOR {LARGEST_BODY + 1}), e.id, CASE WHEN e.at >= '0001-01-01Z' AND e.at < '10000-01-01Z'
    THEN to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') END, e.event, e.actor, e.role, e.session,
    e.object_type, e.object_ref, e.object_version, e.seen_version {_FROM} ORDER BY l.index
"""

Found = tuple[str, int | None]


def unlike(log: str, *, ids: list[int] | None, below: int) -> Iterator[Found]:
    """Sentences, each with its index if there is one. `ids`: the entries to be looked at, all of them for None."""
    asked = {"log": log, "ids": ids, "below": below}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_COMPARED, asked)
            rows = cursor.fetchall()
    except DatabaseError as error:
        if not isinstance(error.__cause__, NOT_TEXT):
            raise
        yield from _read(asked)
        return
    yield from ((UNLIKE if is_entry else NO_ENTRY, index) for index, is_entry in rows)


def _read(asked: dict[str, Any]) -> Iterator[Found]:
    found = 0
    with connection.chunked_cursor() as cursor:
        cursor.execute(_READ, asked)
        while found < MOST and (rows := cursor.fetchmany(2_000)):
            for index, body, *columns in rows:
                entry = _entry(bytes(body))
                if entry is None or (entry != columns and index != asked["below"]):
                    found += 1
                    yield NO_ENTRY if entry is None else UNLIKE, index


def _entry(body: bytes) -> list[Any] | None:
    """What the columns should be; None for bytes that are no entry."""
    try:
        entry = json.loads(body.decode(), object_pairs_hook=_members)
        if len(body) > LARGEST_BODY or not isinstance(entry, dict) or entry.get("v") != 1:
            return None
        about = entry.get("object", {})
        return [
            *(entry.get(name) for name in ("id", "at", "event")),
            *(entry["actor"].get(name) for name in ("ref", "role")),
            entry.get("session"),
            *(about.get(name) for name in ("type", "ref", "version", "seen_version")),
        ]
    except (ValueError, KeyError, AttributeError, RecursionError):
        return None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError("A name stands twice.")
    return found
