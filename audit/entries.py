"""The one way to write to the log."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection
from django.db.transaction import TransactionManagementError

from sealing.models import DataKey

from . import payload, registry
from .canonical import JSON, canonical
from .context import session_digest
from .logs import origin
from .models import LARGEST_BODY, LARGEST_ID, Log, Payload
from .payload import Committed
from .rows import digests

VERSION = 1

# Stands in the bytes where the database puts its own clock. No string in canonical form can look like it.
_NO_INSTANT = "0000-00-00T00:00:00.000000Z"
_AT = b'"at":"%s"'
_INSERT_NOW = """
INSERT INTO audit_entry (log, body) VALUES (%s, %s || convert_to('"at":"' || to_char(
    clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'UTF8') || %s)
"""
_INSERT_MANY_NOW = """
INSERT INTO audit_entry (log, body) SELECT log, before || convert_to('"at":"' || to_char(
    clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'UTF8') || after
FROM unnest(%s::text[], %s::bytea[], %s::bytea[]) AS many (log, before, after)
"""
_INSERT = "INSERT INTO audit_entry (log, body) VALUES (%s, %s)"


class NotAnEntry(ValueError):
    """The event does not go with such an object, or the entry is too long."""


@dataclass(frozen=True)
class Actor:
    """Who acted: an opaque reference, the role it was done in, and for whom if not for themselves."""

    ref: str
    role: str = ""
    on_behalf_of: str = ""


SYSTEM = Actor("system")


@dataclass(frozen=True)
class Changed:
    """The object that the event changed, and the version that made."""

    type: str
    ref: str
    version: int


@dataclass(frozen=True)
class Seen:
    """The object that was looked at or refused, and the version that was there."""

    type: str
    ref: str
    version: int


def append(
    *,
    event: str,
    actor: Actor,
    obj: Changed | Seen | None = None,
    log: str = Log.MAIN,
    detail: Mapping[str, JSON] | None = None,
    commits: Mapping[str, str] | None = None,
    key: DataKey | None = None,
    at: datetime | None = None,
) -> int:
    """Writes one entry in the caller's transaction and answers its id.

    `at` is for callers that read the database's clock with the row lock; without it the entry takes that
    clock itself. `detail` holds codes and opaque references only. Personal values and free text go to
    `commits`: the entry gets a commitment, and the value is sealed under `key`.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("An entry is written in the transaction of what it tells of.")
    _check_object(event, obj)
    committed = payload.commit(commits or {})
    if committed and key is None:
        raise NotAnEntry("Values that are committed to need the key that seals them.")
    entry_id = 1 + secrets.randbelow(LARGEST_ID)
    members: dict[str, JSON] = {
        "v": VERSION,
        "id": entry_id,
        "at": _instant(at),
        "event": event,
        "actor": _without_empty(ref=actor.ref, role=actor.role, on_behalf_of=actor.on_behalf_of),
        "object": _object(obj),
        "session": session_digest.get(),
        "detail": _with_rows(detail, _rows_of([obj] if isinstance(obj, Changed) else []), obj),
        "commits": {name: value.commitment for name, value in committed.items()},
    }
    _insert(log, canonical(_without_empty(**members)))
    if committed and key is not None:
        _insert_payloads(committed, key=key, entry_id=entry_id, event=event, log=log)
    return entry_id


def append_changes(
    *, event: str, actor: Actor, changes: Sequence[tuple[Changed, str, Mapping[str, JSON]]]
) -> None:
    """Writes one entry for each (object, log, detail) in one INSERT, each at the database's own clock.

    For runs over thousands of objects: what `append` writes, without values that are committed to.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("An entry is written in the transaction of what it tells of.")
    logs, befores, afters = [], [], []
    rows = _rows_of([obj for obj, _, _ in changes])
    for obj, log, detail in changes:
        _check_object(event, obj)
        members: dict[str, JSON] = {
            "v": VERSION,
            "id": 1 + secrets.randbelow(LARGEST_ID),
            "at": _instant(None),
            "event": event,
            "actor": _without_empty(ref=actor.ref, role=actor.role, on_behalf_of=actor.on_behalf_of),
            "object": _object(obj),
            "session": session_digest.get(),
            "detail": _with_rows(detail, rows, obj),
        }
        body = canonical(_without_empty(**members))
        if len(body) > LARGEST_BODY:
            raise NotAnEntry(f"An entry has at most {LARGEST_BODY:,} bytes; this one has {len(body):,}.")
        before, _, after = body.partition(_AT % _NO_INSTANT.encode())
        logs.append(log)
        befores.append(before)
        afters.append(after)
    if logs:
        with connection.cursor() as cursor:
            cursor.execute(_INSERT_MANY_NOW, [logs, befores, afters])


def _check_object(event: str, obj: Changed | Seen | None) -> None:
    changes = registry.spec(event).changes
    if changes and not isinstance(obj, Changed):
        raise NotAnEntry(f"{event} changes an object and needs Changed(type, ref, version).")
    if not changes and isinstance(obj, Changed):
        raise NotAnEntry(f"{event} changes nothing: it takes Seen(type, ref, version) or no object.")


def _rows_of(changed: Sequence[Changed]) -> Mapping[tuple[str, str], JSON]:
    """What the objects' rows hold now: an entry is written last, when they are as they will be committed."""
    found: dict[tuple[str, str], JSON] = {}
    for kind in {obj.type for obj in changed}:
        refs = [obj.ref for obj in changed if obj.type == kind]
        found |= {(kind, ref): said for ref, said in digests(kind, refs).items()}
    return found


def _with_rows(
    detail: Mapping[str, JSON] | None, rows: Mapping[tuple[str, str], JSON], obj: Changed | Seen | None
) -> Mapping[str, JSON]:
    said = rows.get((obj.type, obj.ref)) if isinstance(obj, Changed) else None
    return {**(detail or {}), **({"rows": said} if said else {})}


def _object(obj: Changed | Seen | None) -> JSON:
    if obj is None:
        return None
    version = "version" if isinstance(obj, Changed) else "seen_version"
    return {"type": obj.type, "ref": obj.ref, version: obj.version}


def _without_empty(**members: JSON) -> dict[str, JSON]:
    return {name: value for name, value in members.items() if value not in (None, "", {})}


def _instant(at: datetime | None) -> str:
    return _NO_INSTANT if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _insert(log: str, body: bytes) -> None:
    if len(body) > LARGEST_BODY:
        raise NotAnEntry(f"An entry has at most {LARGEST_BODY:,} bytes; this one has {len(body):,}.")
    before, no_instant, after = body.partition(_AT % _NO_INSTANT.encode())
    with connection.cursor() as cursor:
        if no_instant:
            cursor.execute(_INSERT_NOW, [log, before, after])
        else:
            cursor.execute(_INSERT, [log, body])


def _insert_payloads(
    committed: Mapping[str, Committed], *, key: DataKey, entry_id: int, event: str, log: str
) -> None:
    Payload.objects.bulk_create(
        Payload(entry_id=entry_id, name=name, box=_box(value, key, origin(log), entry_id, event, name))
        for name, value in committed.items()
    )


def _box(value: Committed, key: DataKey, of: str, entry_id: int, event: str, name: str) -> bytes:
    context = payload.payload_context(origin=of, entry_id=entry_id, event=event, name=name)
    return payload.seal(value, key=key, context=context)
