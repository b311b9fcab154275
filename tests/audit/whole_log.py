"""Checks a whole log by recomputing everything from the entries. An oracle: it imports nothing it checks."""

import base64
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings

from .slow_tree import mth, tiles


@dataclass(frozen=True)
class Whole:
    """What was found in one log: ids in the order of their index, ids without one, sizes of checkpoints."""

    order: list[int]
    waiting: set[int]
    sizes: list[int]


def check(connection: psycopg.Connection[Any], log: str = "main") -> Whole:
    """Fails unless indexes, tiles and every checkpoint follow from the entries, as one snapshot has them."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return _check(connection, log)


def _check(connection: psycopg.Connection[Any], log: str) -> Whole:
    bodies = {
        row[0]: row[1] for row in _rows(connection, "SELECT id, body FROM audit_entry WHERE log = %s", log)
    }
    leaves = _rows(connection, "SELECT index, entry_id FROM audit_leaf WHERE log = %s ORDER BY index", log)
    assert [index for index, _ in leaves] == list(range(len(leaves))), "indexes have no gap and start with 0"
    order = [entry_id for _, entry_id in leaves]
    hashes = [sha256(b"\x00" + bodies[entry_id]).digest() for entry_id in order]
    stored = _rows(connection, "SELECT level, n, hashes FROM audit_tile WHERE log = %s", log)
    assert {(level, n): found for level, n, found in stored} == tiles(hashes)
    return Whole(order, bodies.keys() - set(order), _check_checkpoints(connection, log, hashes))


def _check_checkpoints(connection: psycopg.Connection[Any], log: str, hashes: list[bytes]) -> list[int]:
    query = "SELECT size, previous, root, note FROM audit_checkpoint WHERE log = %s ORDER BY size"
    rows = _rows(connection, query, log)
    sizes = [size for size, *_ in rows]
    assert [previous for _, previous, *_ in rows] == [0, *sizes][: len(sizes)], "one chain without forks"
    for size, _, root, note in rows:
        assert root == mth(hashes[:size])
        _check_note(log, note, size, root)
    assert (sizes or [0])[-1] == len(hashes), "the last checkpoint covers every index"
    return sizes


def _check_note(log: str, note: str, size: int, root: bytes) -> None:
    origin = f"{settings.AUDIT_ORIGIN}/{log}"
    text, _, signatures = note.rpartition("\n\n")
    assert f"{text}\n" == f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    dash, name, signed = signatures.removesuffix("\n").split("\n")[-1].split(" ")
    assert (dash, name) == ("—", origin)
    key = dict(part.split(":") for part in settings.AUDIT_VERIFIER_KEYS.split(","))[log]
    public = base64.b64decode(key)
    raw = base64.b64decode(signed)
    assert raw[:4] == sha256(f"{origin}\n\x01".encode() + public).digest()[:4]
    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], f"{text}\n".encode())


def _rows(connection: psycopg.Connection[Any], query: str, log: str) -> list[Any]:
    return connection.execute(query, [log]).fetchall()
