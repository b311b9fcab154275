"""Changes of a request and the log hold together whatever goes around the services: raw SQL, bulk, admin, COPY.

The world of this module is committed once; what the tests try fails at commit, so it stays as it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError
from psycopg import errors, sql
from psycopg.types.json import Jsonb
from pytest_django import DjangoDbBlocker

from accounts.models import Membership, Organisation, User
from audit.entries import Actor, Changed, append
from cpdisclose.local.postgres import Cluster
from disclosures.models import Letter, Request, RequestGroupGrant, Step, Subject
from disclosures.services.weighing import record_opinion
from disclosures.states import State
from tests.audit.conftest import default_connection, write
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


def test_an_honest_writer_is_let_through(desk: Desk) -> None:
    """Otherwise nothing below would prove anything: the same statements, complete, are committed."""
    request = desk.world.request_in(State.APPROVED)
    with desk.database.connect("app", autocommit=False) as connection:
        audited(connection, request, "state = 'RELEASING'")
        insert_step(
            connection, request, action="START_RELEASE", source="APPROVED", target="RELEASING", act=""
        )
        connection.execute(
            "UPDATE disclosures_subject SET status = 'OTHER' WHERE request_id = %s", [request.pk]
        )
        connection.commit()
    request.refresh_from_db()
    assert request.state == State.RELEASING


# Changes without an entry ----------------------------------------------------------------------

OF_REQUEST = "WHERE request_id = %(id)s"
OF_GRANT = "WHERE content_object_id = %(ref)s"
PARTS = {
    "a subject": f"UPDATE disclosures_subject SET status = 'OTHER' {OF_REQUEST}",
    "a sealed value": f"UPDATE disclosures_subject SET name = NULL {OF_REQUEST}",
    "a decision": f"UPDATE disclosures_itemdecision SET text = 'x' {OF_REQUEST}",
    "an assessment": f"UPDATE disclosures_assessment SET necessary = false {OF_REQUEST}",
    "a letter": f"UPDATE disclosures_letter SET body = 'x' {OF_REQUEST}",
    "a letter away": f"DELETE FROM disclosures_letter {OF_REQUEST}",
    "an officer": f"UPDATE disclosures_officer SET rank = 'CC' {OF_REQUEST}",
    "an instrument": f"UPDATE disclosures_instrument SET valid_until = '2030-01-01' {OF_REQUEST}",
    "an item": f"UPDATE disclosures_item SET period_to = NULL {OF_REQUEST}",
    "a search": f"UPDATE disclosures_searchrecord SET found = 'x' {OF_REQUEST}",
    "a task": f"UPDATE disclosures_searchtask SET due_on = '2030-01-01' {OF_REQUEST}",
    "a clock": f"UPDATE disclosures_deadline SET due_at = due_at + interval '1 day' {OF_REQUEST}",
    "a grant": f"UPDATE disclosures_requestgroupgrant SET group_id = (SELECT min(id) FROM auth_group) {OF_GRANT}"
    " AND permission_id = (SELECT id FROM auth_permission WHERE codename = 'release_answer')",
    "a grant away": f"DELETE FROM disclosures_requestgroupgrant {OF_GRANT}",
    "a grant by name": "INSERT INTO disclosures_requestusergrant (content_object_id, user_id, permission_id)"
    " SELECT %(ref)s, %(user)s, id FROM auth_permission WHERE codename = 'see_request'",
    "an exclusion": "INSERT INTO disclosures_exclusion"
    " (seal_id, request_id, user_id, reason, excluded_at, excluded_by_id)"
    " VALUES (gen_random_uuid(), %(id)s, %(user)s, 'x', now(), %(user)s)",
    "a member": "INSERT INTO disclosures_compartmentmember"
    " (seal_id, request_id, user_id, role, reason, valid_from, added_by_id)"
    " VALUES (gen_random_uuid(), %(id)s, %(user)s, 'MLRO', 'x', now(), %(user)s)",
}  # fmt: skip


@pytest.mark.parametrize("statement", PARTS.values(), ids=PARTS.keys())
def test_no_part_of_a_request_changes_by_itself(raw: Connection, desk: Desk, statement: str) -> None:
    names = {"id": desk.approved.pk, "ref": desk.approved.reference, "user": desk.world["outsider"].pk}
    touched = raw.execute(statement.encode(), names)
    assert touched.rowcount >= 1, "the statement found nothing to change"
    with pytest.raises(UNCOUPLED, match="without a change of the request it belongs to"):
        raw.commit()


def test_a_request_does_not_change_without_its_entry(raw: Connection, desk: Desk) -> None:
    change(raw, desk.approved)
    with pytest.raises(UNCOUPLED, match="has no entry in the log"):
        raw.commit()


def test_a_change_that_keeps_the_version_is_refused(raw: Connection, desk: Desk) -> None:
    with pytest.raises(UNCOUPLED, match="raises version by one"):
        change(raw, desk.approved, by=0)


def test_a_version_that_jumps_is_refused(raw: Connection, desk: Desk) -> None:
    say(raw, desk.approved, desk.approved.version + 2)
    with pytest.raises(UNCOUPLED, match="raises version by one"):
        change(raw, desk.approved, by=2)


def test_rows_that_copy_brings_are_parts_like_any_other(raw: Connection, desk: Desk) -> None:
    columns = "COPY disclosures_item (seal_id, request_id, position, item_type) FROM STDIN"
    with raw.cursor().copy(columns) as copy:
        copy.write_row(["00000000-0000-4000-8000-000000000001", desk.approved.pk, 99, "PAYMENTS"])
    with pytest.raises(UNCOUPLED, match="without a change of the request"):
        raw.commit()


def test_a_new_request_needs_its_entry(raw: Connection, desk: Desk) -> None:
    _copy_of(raw, desk.approved, state="DRAFT")
    with pytest.raises(UNCOUPLED, match="has no entry in the log"):
        raw.commit()


def _copy_of(connection: Connection, request: Request, **columns: Any) -> None:
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


# The same through Django's own shortcuts ---------------------------------------------------------


@contextmanager
def as_role(desk: Desk, role: str) -> Iterator[None]:
    with default_connection(desk.database, role):
        yield


def test_a_bulk_update_fails_at_commit(desk: Desk, role: str) -> None:
    rows = Request.objects.filter(pk__in=[desk.approved.pk, desk.proposed.pk])
    with as_role(desk, role), pytest.raises(IntegrityError, match="has no entry"):
        rows.update(urgency="PRIORITY", version=F("version") + 1)


def test_a_bulk_update_of_parts_fails_at_commit(desk: Desk, role: str) -> None:
    with as_role(desk, role), pytest.raises(IntegrityError, match="without a change of the request"):
        Subject.objects.filter(request=desk.approved).update(status="OTHER")


def test_deleting_parts_fails_at_commit(desk: Desk, role: str) -> None:
    for rows in (Letter.objects.filter(request=desk.approved), RequestGroupGrant.objects.all()):
        with as_role(desk, role), pytest.raises(IntegrityError, match="without a change of the request"):
            rows.delete()


def test_deleting_a_request_fails_before_the_database_is_asked(desk: Desk, role: str) -> None:
    with as_role(desk, role), pytest.raises(ProtectedError):
        Request.objects.filter(pk=desk.approved.pk).delete()


@pytest.mark.parametrize("model", [User, Organisation, Membership])
def test_an_administrators_page_that_only_saves_fails(desk: Desk, role: str, model: Any) -> None:
    """What Django's admin does with a form: `save_model`, and nothing of ours around it."""
    page = admin.ModelAdmin(model, admin.site)
    row = model.objects.order_by("pk").first()
    with as_role(desk, role), pytest.raises(IntegrityError, match="raises version by one"):
        page.save_model(None, row, None, change=True)  # type: ignore[arg-type]
    row.version += 1
    with as_role(desk, role), pytest.raises(IntegrityError, match="has no entry"):
        page.save_model(None, row, None, change=True)  # type: ignore[arg-type]


def test_a_service_that_forgot_its_entry_would_fail(desk: Desk) -> None:
    request = Request.objects.get(pk=desk.approved.pk)
    request.version += 1
    with pytest.raises(IntegrityError, match="has no entry"), transaction.atomic():
        request.save(update_fields=["version"])


# Entries without a change ------------------------------------------------------------------------


def test_an_entry_of_a_change_that_was_not_made_is_refused(raw: Connection, desk: Desk) -> None:
    say(raw, desk.approved, desk.approved.version + 1)
    with pytest.raises(UNCOUPLED, match="no such change was made"):
        raw.commit()


def test_a_version_that_has_its_entry_gets_no_second_one(raw: Connection, desk: Desk) -> None:
    with pytest.raises(errors.UniqueViolation, match="audit_one_entry_per_version"):
        say(raw, desk.approved, desk.approved.version)


def test_an_entry_under_another_version_is_refused(raw: Connection, desk: Desk) -> None:
    change(raw, desk.approved)
    say(raw, desk.approved, desk.approved.version + 2)
    with pytest.raises(UNCOUPLED, match=r"has no entry|no such change"):
        raw.commit()


def test_an_entry_about_another_request_does_not_serve(raw: Connection, desk: Desk) -> None:
    change(raw, desk.approved)
    say(raw, desk.proposed, desk.proposed.version + 1)
    with pytest.raises(UNCOUPLED, match=r"has no entry|no such change"):
        raw.commit()


def test_a_view_is_no_entry_of_a_change(raw: Connection, desk: Desk) -> None:
    change(raw, desk.approved)
    seen = {"type": "request", "ref": desk.approved.reference, "seen_version": desk.approved.version + 1}
    write(raw, event="request.viewed", object=seen)
    with pytest.raises(UNCOUPLED, match="has no entry"):
        raw.commit()


def test_append_alone_is_refused_as_well(desk: Desk) -> None:
    obj = Changed("request", desk.approved.reference, desk.approved.version + 1)
    with pytest.raises(IntegrityError, match="no such change"), transaction.atomic():
        append(event="request.amended", actor=Actor("u_somebody"), obj=obj)


# The workflow --------------------------------------------------------------------------------------


def test_a_state_does_not_change_without_a_step(raw: Connection, desk: Desk) -> None:
    audited(raw, desk.approved, "state = 'RELEASING'")
    with pytest.raises(errors.CheckViolation, match="without a step"):
        raw.commit()


def test_a_step_of_an_earlier_version_does_not_serve(raw: Connection, desk: Desk) -> None:
    audited(raw, desk.approved, "state = 'RELEASING'")
    insert_step(
        raw, desk.approved, action="START_RELEASE", source="APPROVED", target="RELEASING", act="",
        version=desk.approved.version + 7,
    )  # fmt: skip
    with pytest.raises(errors.CheckViolation, match="without a step"):
        raw.commit()


def test_a_step_between_other_states_does_not_serve(raw: Connection, desk: Desk) -> None:
    audited(raw, desk.approved, "state = 'RELEASED'")
    insert_step(raw, desk.approved, action="START_RELEASE", source="APPROVED", target="RELEASING", act="")
    with pytest.raises(errors.CheckViolation, match="without a step"):
        raw.commit()


@pytest.mark.parametrize(
    ("action", "target"),
    [
        ("START_RELEASE", "RELEASED"),
        ("RECORD_SENT", "RELEASED"),
        ("ANYTHING", "CLOSED"),
        ("APPROVE_RELEASE", "APPROVED"),
    ],
)
def test_a_step_that_is_no_arrow_is_refused(raw: Connection, desk: Desk, action: str, target: str) -> None:
    with pytest.raises(errors.CheckViolation, match="no arrow"):
        insert_step(raw, desk.approved, action=action, source="APPROVED", target=target, act="")


@pytest.mark.parametrize("state", [state for state in State if state is not State.DRAFT])
def test_a_request_begins_as_a_draft(raw: Connection, desk: Desk, state: State) -> None:
    with pytest.raises(errors.CheckViolation, match="begins as DRAFT"):
        _copy_of(raw, desk.approved, state=state)


@pytest.mark.parametrize(
    ("who", "action", "act", "target"),
    [
        ("handler", "APPROVE_RELEASE", "APPROVE", "APPROVED"),
        ("verifier", "APPROVE_RELEASE", "APPROVE", "APPROVED"),
        ("handler", "CONCUR", "CONCUR", "PENDING_APPROVAL"),
        ("verifier", "PROPOSE_EMERGENCY", "PROPOSE_EMERGENCY", "EMERGENCY_PENDING"),
    ],
)
def test_one_person_does_not_decide_twice(
    raw: Connection, desk: Desk, who: str, action: str, act: str, target: str
) -> None:
    """The handler proposed it and the verifier confirmed who asks; neither may take another deciding act."""
    step = {"action": action, "act": act, "source": "PENDING_APPROVAL", "target": target}
    with pytest.raises(errors.ExclusionViolation, match="deciding_acts_exclude_each_other"):
        insert_step(raw, desk.proposed, actor_id=desk.world[who].pk, **step)


def test_a_second_person_is_let_through(raw: Connection, desk: Desk) -> None:
    step = {"action": "APPROVE_RELEASE", "act": "APPROVE", "source": "PENDING_APPROVAL", "target": "APPROVED"}
    audited(raw, desk.proposed, "state = 'APPROVED'")
    insert_step(raw, desk.proposed, actor_id=desk.world["approver"].pk, **step)
    raw.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_only_the_clock_acts_without_a_person(raw: Connection, desk: Desk) -> None:
    step = {"action": "APPROVE_RELEASE", "act": "APPROVE", "source": "PENDING_APPROVAL", "target": "APPROVED"}
    with pytest.raises(errors.CheckViolation, match="only_the_clock_acts_without_a_person"):
        insert_step(raw, desk.proposed, actor_id=None, **step)


# Secrets and grants ----------------------------------------------------------------------------------

GRANT_TO_A_GROUP = """
    INSERT INTO disclosures_requestgroupgrant (content_object_id, group_id, permission_id)
    SELECT %s, (SELECT min(group_id) FROM accounts_rolegroup), id FROM auth_permission WHERE codename = %s
"""
GRANT_TO_A_PERSON = """
    INSERT INTO disclosures_requestusergrant (content_object_id, user_id, permission_id)
    SELECT %s, (SELECT min(id) FROM accounts_user), id FROM auth_permission WHERE codename = %s
"""


def test_a_restricted_request_takes_no_group_grant(raw: Connection, desk: Desk) -> None:
    audited(raw, desk.secret)
    raw.execute(GRANT_TO_A_GROUP, [desk.secret.reference, "see_request"])
    with pytest.raises(errors.CheckViolation, match="a restricted request has no group grant"):
        raw.commit()


def test_no_group_grant_outlives_the_restriction(raw: Connection, desk: Desk) -> None:
    audited(raw, desk.approved, "restricted = true")
    with pytest.raises(errors.CheckViolation, match="a restricted request has no group grant"):
        raw.commit()


@pytest.mark.parametrize("grant", [GRANT_TO_A_GROUP, GRANT_TO_A_PERSON], ids=["group", "person"])
def test_the_permission_of_the_clock_is_granted_to_nobody(raw: Connection, desk: Desk, grant: str) -> None:
    audited(raw, desk.proposed)
    with pytest.raises(errors.CheckViolation, match="granted to nobody"):
        raw.execute(grant.encode(), [desk.proposed.reference, "system_only"])


def test_no_grant_turns_into_the_clocks(raw: Connection, desk: Desk) -> None:
    audited(raw, desk.proposed)
    turned = (
        "UPDATE disclosures_requestgroupgrant SET permission_id ="
        " (SELECT id FROM auth_permission WHERE codename = 'system_only') WHERE content_object_id = %s"
    )
    with pytest.raises(errors.CheckViolation, match="granted to nobody"):
        raw.execute(turned, [desk.proposed.reference])


# What is only ever added to ----------------------------------------------------------------------------

FOREVER = ("disclosures_step", "disclosures_evidence", "disclosures_clockevent", "disclosures_opinion")


@pytest.mark.parametrize("role", ["app", "owner", "postgres"], indirect=True)
@pytest.mark.parametrize("table", FOREVER)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET request_id = request_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_history_is_only_ever_added_to(raw: Connection, role: str, table: str, statement: str) -> None:
    if role == "postgres":
        raw.execute("SET session_replication_role = replica")
    refusals = (errors.InsufficientPrivilege, errors.RestrictViolation)
    with pytest.raises(refusals, match=r"only ever added to|is refused|permission denied"):
        raw.execute(sql.SQL(statement).format(sql.Identifier(table)))


@pytest.mark.parametrize("role", ["app", "owner", "postgres"], indirect=True)
@pytest.mark.parametrize(
    "statement", ["DELETE FROM disclosures_request", "TRUNCATE disclosures_request CASCADE"]
)
def test_a_request_is_never_deleted(raw: Connection, role: str, statement: str) -> None:
    if role == "postgres":
        raw.execute("SET session_replication_role = replica")
    with pytest.raises((errors.InsufficientPrivilege, errors.RestrictViolation)):
        raw.execute(statement.encode())


def test_a_superuser_who_plays_the_replica_is_no_exception(desk: Desk) -> None:
    with desk.database.connect("postgres", autocommit=False) as connection:
        connection.execute("SET session_replication_role = replica")
        change(connection, desk.approved)
        with pytest.raises(UNCOUPLED, match="has no entry"):
            connection.commit()
        with pytest.raises(errors.CheckViolation, match="granted to nobody"):
            connection.execute(GRANT_TO_A_GROUP, [desk.proposed.reference, "system_only"])
        connection.rollback()
