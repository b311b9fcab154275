"""What an owner of the database writes into a row while its triggers are off is named with its object.

The version of the object stays as it was: only what its last entry says of the content shows it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from accounts.models import Membership
from audit import reconciling, verifying
from audit.models import Entry, Log
from audit.sequencer import Sequencer
from cpdisclose.local.postgres import Cluster
from disclosures.demo import ROADS
from disclosures.models import Request
from disclosures.states import State
from tests.audit.conftest import default_connection, write
from tests.conftest import Database, cloned
from tests.world import World, make_world

OF_REQUEST = "WHERE request_id = %(id)s"
# What is written where, and which of the request's rows the finding names.
EDITS = {
    "an outcome": ("decisions", "UPDATE disclosures_request SET outcome = 'REFUSED_FULL' WHERE id = %(id)s"),
    "a state": ("decisions", "UPDATE disclosures_request SET state = 'REFUSED' WHERE id = %(id)s"),
    "its first day": ("decisions", "UPDATE disclosures_request SET received_at = received_at - interval '9 days' WHERE id = %(id)s"),
    "an item's decision": ("decisions", f"UPDATE disclosures_itemdecision SET decision = 'NOT_HELD', refusal_code = '' {OF_REQUEST}"),
    "an item's text": ("decisions", f"UPDATE disclosures_itemdecision SET text = 'x' {OF_REQUEST}"),
    "an item's decision gone": ("decisions", f"DELETE FROM disclosures_itemdecision {OF_REQUEST}"),
    "who approved": ("decisions", f"UPDATE disclosures_step SET actor_id = %(user)s {OF_REQUEST} AND action = 'APPROVE_RELEASE'"),
    "when it was approved": ("decisions", f"UPDATE disclosures_step SET at = at - interval '1 day' {OF_REQUEST} AND action = 'APPROVE_RELEASE'"),
    "the letter": ("releases", f"UPDATE disclosures_letter SET body = 'x' {OF_REQUEST}"),
    "to whom it went": ("releases", f"UPDATE disclosures_letter SET sent_to = 'x' {OF_REQUEST} AND sent_at IS NOT NULL"),
    "the letter gone": ("releases", f"DELETE FROM disclosures_delivery {OF_REQUEST}; DELETE FROM disclosures_letter {OF_REQUEST}"),
    "a delivery": ("releases", f"UPDATE disclosures_delivery SET stage = 'BOUNCED' {OF_REQUEST}"),
    "a grant gone": ("grants", "DELETE FROM disclosures_requestgroupgrant WHERE id = (SELECT max(id) FROM disclosures_requestgroupgrant WHERE content_object_id = %(ref)s)"),
    "a grant more": ("grants", "INSERT INTO disclosures_requestusergrant (content_object_id, user_id, permission_id) SELECT %(ref)s, %(user)s, id FROM auth_permission WHERE codename = 'see_request'"),
    "an exclusion": ("grants", "INSERT INTO disclosures_exclusion (seal_id, request_id, user_id, reason, excluded_at, excluded_by_id) VALUES (gen_random_uuid(), %(id)s, %(user)s, 'x', now(), %(user)s)"),
}  # fmt: skip
TABLES = (
    "disclosures_request", "disclosures_step", "disclosures_itemdecision", "disclosures_letter", "disclosures_delivery",
    "disclosures_requestgroupgrant", "disclosures_requestusergrant", "disclosures_exclusion", "disclosures_compartmentmember",
    "accounts_membership",
)  # fmt: skip


@pytest.fixture(scope="module")
def finished(
    cluster: Cluster, django_db_setup: None, django_db_blocker: object
) -> Iterator[tuple[str, World, Request, Request]]:
    """A request in each state that a road leads to, and a restricted one, all sequenced."""
    with django_db_blocker.unblock(), cloned(cluster) as database:  # type: ignore[attr-defined]
        world = make_world()
        released = [world.request_in(state) for state in ROADS][list(ROADS).index(State.RELEASED)]
        secret = world.road().record(restricted=True)
        with default_connection(database, "sequencer"):
            for log in Log.values:
                Sequencer(log).drain()
        yield database.name, world, released, secret


@contextmanager
def as_owner(database: Database) -> Iterator[object]:
    """Triggers off, change, triggers on."""
    with database.connect("owner") as owner:
        for table in TABLES:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        yield owner
        for table in TABLES:
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())


def found(database: Database, log: str = "main", role: str = "auditor") -> list[verifying.Fault]:
    with default_connection(database, role):
        report = verifying.verify(log)
        reconciling.reconcile(log, report)
    return report.faults


@pytest.fixture
def copy(
    cluster: Cluster, finished: tuple[str, World, Request, Request], django_db_blocker: object
) -> Iterator[Database]:
    with (
        django_db_blocker.unblock(),  # type: ignore[attr-defined]
        cloned(cluster, finished[0]) as database,
    ):
        yield database


def test_rows_are_what_their_last_entries_say_for_every_role_that_verifies(copy: Database) -> None:
    for log in Log.values:
        for role in ("auditor", "app", "sequencer", "owner"):
            assert found(copy, log, role) == []
    last = Entry.objects.filter(object_type="request").order_by("-object_version", "-at").first()
    assert last is not None
    rows = json.loads(bytes(last.body))["detail"]["rows"]
    assert set(rows) == {"format", "decisions", "releases", "grants"}


@pytest.mark.parametrize("edit", EDITS)
def test_a_row_that_an_owner_edited_is_named_with_its_request(
    copy: Database, finished: tuple[str, World, Request, Request], edit: str
) -> None:
    _, world, released, _ = finished
    part, statements = EDITS[edit]
    with as_owner(copy) as owner:
        for statement in statements.split("; "):
            names = {"id": released.pk, "ref": released.reference, "user": world["outsider"].pk}
            assert owner.execute(statement, names).rowcount >= 1  # type: ignore[attr-defined]
    (fault,) = found(copy)
    assert f"The {part} of request {released.reference} are not those of its last entry" in fault.words
    last = Entry.objects.get(
        object_type="request", object_ref=released.reference, object_version=released.version
    )
    assert fault.first == last.leaf.index


def test_a_member_exchanged_in_a_restricted_request_is_named_in_the_sealed_log_alone(
    copy: Database, finished: tuple[str, World, Request, Request]
) -> None:
    _, world, _, secret = finished
    with as_owner(copy) as owner:
        owner.execute(  # type: ignore[attr-defined]
            "UPDATE disclosures_compartmentmember SET user_id = %s WHERE id = (SELECT max(id)"
            " FROM disclosures_compartmentmember WHERE request_id = %s)",
            [world["outsider"].pk, secret.pk],
        )
    (fault,) = found(copy, "sealed")
    assert f"The grants of request {secret.reference}" in fault.words
    assert found(copy, "main") == []


def test_a_role_that_was_made_longer_is_named(copy: Database) -> None:
    held = Membership.objects.order_by("pk").first()
    assert held
    with as_owner(copy) as owner:
        owner.execute(  # type: ignore[attr-defined]
            "UPDATE accounts_membership SET role = 'ADMIN' WHERE id = %s", [held.pk]
        )
    (fault,) = found(copy)
    assert f"The terms of membership {held.ref}" in fault.words


def test_entries_that_say_nothing_of_rows_verify_as_before(
    copy: Database, finished: tuple[str, World, Request, Request]
) -> None:
    """Those of an earlier release."""
    released = finished[2]
    with copy.connect("app", autocommit=False) as app:
        app.execute("UPDATE disclosures_request SET version = version + 1 WHERE id = %s", [released.pk])
        obj = {"type": "request", "ref": released.reference, "version": released.version + 1}
        write(app, event="request.amended", object=obj)
    with default_connection(copy, "sequencer"):
        Sequencer("main").drain()
    assert found(copy) == []


def test_rows_in_a_format_that_nobody_here_knows_are_said_to_be_unknown(
    copy: Database, finished: tuple[str, World, Request, Request]
) -> None:
    released = finished[2]
    with copy.connect("app", autocommit=False) as app:
        app.execute("UPDATE disclosures_request SET version = version + 1 WHERE id = %s", [released.pk])
        obj = {"type": "request", "ref": released.reference, "version": released.version + 1}
        write(app, event="request.amended", object=obj, detail={"rows": {"format": 99, "grants": "0" * 64}})
    with default_connection(copy, "sequencer"):
        Sequencer("main").drain()
    (fault,) = found(copy)
    assert "Nothing here computes the rows of a request in format 99" in fault.words
