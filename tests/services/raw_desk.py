"""A committed desk, and somebody who has a role's password and SQL. What they try fails at commit, so the desk stays as it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb
from pytest_django import DjangoDbBlocker

from cpdisclose.local.postgres import Cluster
from disclosures.models import Request, Step
from disclosures.services.weighing import record_opinion
from disclosures.states import State
from tests.audit.conftest import write
from tests.conftest import Database, cloned
from tests.world import World, make_world

UNCOUPLED = errors.IntegrityError
Connection = psycopg.Connection[Any]


STEPS_TO = {State.DRAFT: 0, State.PENDING_APPROVAL: 4, State.APPROVED: 5}


@dataclass
class Desk:
    """`approved` has one row of nearly everything that belongs to a request."""

    database: Database
    world: World
    approved: Request
    proposed: Request
    secret: Request


@pytest.fixture(scope="module")
def desk(cluster: Cluster, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Desk]:
    with django_db_blocker.unblock(), cloned(cluster) as database:
        world = make_world()
        road = world.road()
        approved = road.to(State.APPROVED)
        advised = world.request_in(State.IN_REVIEW)
        record_opinion(
            request_id=advised.pk, in_favour=True, advice="Yes.", actor=world["dpo"], now=world.now
        )
        proposed = world.request_in(State.PENDING_APPROVAL)
        secret = world.road().record(restricted=True)
        yield Desk(database, world, approved, proposed, secret)
        for request in (approved, proposed, secret):
            left = (Request.objects.get(pk=request.pk).version, Step.objects.filter(request=request).count())
            assert left == (request.version, STEPS_TO[State(request.state)]), (
                "something tried here was committed"
            )


@pytest.fixture(params=["app", "owner"])
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def raw(desk: Desk, role: str) -> Iterator[Connection]:
    """A connection of somebody who has the password of that role, and SQL."""
    with desk.database.connect(role, autocommit=False) as connection:
        yield connection
        connection.rollback()


def change(
    connection: Connection, request: Request, assignments: str = "urgency = 'PRIORITY'", by: int = 1
) -> None:
    statement = f"UPDATE disclosures_request SET {assignments}, version = version + %s WHERE id = %s"
    connection.execute(statement.encode(), [by, request.pk])


def say(connection: Connection, request: Request, version: int, event: str = "request.amended") -> None:
    write(connection, event=event, object={"type": "request", "ref": request.reference, "version": version})


def audited(connection: Connection, request: Request, assignments: str = "urgency = 'PRIORITY'") -> None:
    """A change with its entry, as an honest writer makes it."""
    change(connection, request, assignments)
    say(connection, request, request.version + 1)


def insert_step(connection: Connection, request: Request, **columns: Any) -> None:
    """As the last step, with these columns put over it and one version later."""
    changed = {"version": request.version + 1, "idempotency_key": "", **columns}
    connection.execute(
        """
        INSERT INTO disclosures_step SELECT (jsonb_populate_record(s, %s || jsonb_build_object(
            'id', nextval(pg_get_serial_sequence('disclosures_step', 'id')), 'seal_id', gen_random_uuid()))).*
        FROM disclosures_step s WHERE request_id = %s ORDER BY id DESC LIMIT 1
        """,
        [Jsonb(changed), request.pk],
    )


def copy_of(connection: Connection, request: Request, **columns: Any) -> None:
    changed = {"id": 10**9, "reference": "CP-0000-0000", "version": 1, "recording_key": None, **columns}
    connection.execute(
        """
        WITH key AS (
            INSERT INTO sealing_datakey (ref, master_version, wrapped) VALUES (gen_random_uuid(), 1, 'x') RETURNING id
        )
        INSERT INTO disclosures_request SELECT (jsonb_populate_record(r, %s || jsonb_build_object(
            'seal_id', gen_random_uuid(), 'data_key_id', key.id))).*
        FROM disclosures_request r, key WHERE r.id = %s
        """,
        [Jsonb(changed), request.pk],
    )
