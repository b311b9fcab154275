"""Steps, grants, secrets and history, held by the database whoever writes past the services."""

import pytest
from psycopg import errors, sql

from disclosures.states import State

from .raw_desk import UNCOUPLED, Connection, Desk, audited, change, copy_of, insert_step

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
        copy_of(raw, desk.approved, state=state)


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
