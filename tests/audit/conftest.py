"""What the tests of the log share: each process under its own role, and entries written by hand."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from environ import Env

from audit.registry import EventSpec, register
from tests.conftest import Database

FOLDER_EVENTS = (
    EventSpec("folder.changed", changes=True, words="Folder changed"),
    EventSpec("folder.viewed", changes=False, words="Folder opened"),
)
register(FOLDER_EVENTS)

Role = Callable[[str], AbstractContextManager[None]]


@contextmanager
def default_connection(database: Database, role: str) -> Iterator[None]:
    """What runs inside is the process of another role: its default connection is that role's."""
    default = settings.DATABASES["default"]
    before = {key: default[key] for key in ("NAME", "USER", "PASSWORD", "OPTIONS")}
    connections["default"].close()
    of_the_role = Env.db_url_config(database.url(role))
    default.update({key: of_the_role[key] for key in before})
    try:
        yield
    finally:
        connections["default"].close()
        default.update(before)


@pytest.fixture
def as_role(committed_db: Database) -> Role:
    return lambda role: default_connection(committed_db, role)


def entry(**members: Any) -> bytes:
    """An entry as an honest writer makes it, with these members put over it; None takes a member away."""
    whole = {
        "v": 1,
        "id": 1 + secrets.randbelow(2**53 - 1),
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "event": "log.viewed",
        "actor": {"ref": "u_tester"},
        **members,
    }
    present = {name: value for name, value in whole.items() if value is not None}
    return json.dumps(present, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def write(connection: psycopg.Connection[Any], log: str = "main", **members: Any) -> int:
    """Inserts one entry by raw SQL and answers its id."""
    query = "INSERT INTO audit_entry (log, body) VALUES (%s, %s) RETURNING id"
    row = connection.execute(query, [log, entry(**members)]).fetchone()
    assert row
    return row[0]


@contextmanager
def tampering(owner: psycopg.Connection[Any]) -> Iterator[None]:
    """What an attacker with the owner's rights does: triggers off, change, triggers on."""
    tables = ("audit_entry", "audit_leaf", "audit_tile", "audit_checkpoint")
    for table in tables:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for table in tables:
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
