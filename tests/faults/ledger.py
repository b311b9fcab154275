"""All that one step writes about a request, read with SQL, so that a whole step can be told from half of one."""

import json
from dataclasses import dataclass
from typing import Any

import psycopg

from accounts.roles import Role
from disclosures.permissions import GRANTS
from disclosures.states import State

REQUEST = (
    "SELECT id, state, version, due_at IS NOT NULL, restricted FROM disclosures_request WHERE reference = %s"
)
STEPS = """
SELECT version, action, source, target FROM disclosures_step WHERE request_id = %s ORDER BY version
"""
ENTRIES = "SELECT body FROM audit_entry WHERE object_ref = %s AND object_version IS NOT NULL ORDER BY object_version"
PAYLOADS = """
SELECT e.object_version, p.name FROM audit_payload p JOIN audit_entry e ON e.id = p.entry_id
WHERE e.object_ref = %s AND e.object_version IS NOT NULL ORDER BY 1, 2
"""
PROMISES = """
SELECT key FROM disclosures_outboxrow WHERE topic = 'request.moved' AND payload @> jsonb_build_object('request', %s::bigint)
"""
GROUP_GRANTS = """
SELECT r.role, p.codename FROM disclosures_requestgroupgrant g JOIN auth_permission p ON p.id = g.permission_id
JOIN accounts_rolegroup r ON r.group_id = g.group_id WHERE g.content_object_id = %s
"""
USER_GRANTS = """
SELECT m.role, p.codename FROM disclosures_requestusergrant g JOIN auth_permission p ON p.id = g.permission_id
JOIN disclosures_request q ON q.reference = g.content_object_id
JOIN disclosures_compartmentmember m ON m.request_id = q.id AND m.user_id = g.user_id WHERE g.content_object_id = %s
"""
MEMBERS = "SELECT role FROM disclosures_compartmentmember WHERE request_id = %s"
CLOCKS = """
SELECT d.purpose, d.due_version, d.due_at IS NOT NULL, d.paused_at IS NOT NULL, d.stopped_at IS NOT NULL,
    ARRAY(SELECT kind::text FROM disclosures_clockevent WHERE deadline_id = d.id ORDER BY id)
FROM disclosures_deadline d WHERE d.request_id = %s ORDER BY d.purpose
"""


@dataclass(frozen=True)
class Standing:
    """Where a request stands. Nothing here tells one request from another on the same stretch of road."""

    state: str
    version: int
    is_due: bool
    steps: tuple[Any, ...]
    entries: tuple[Any, ...]
    commitments: frozenset[Any]
    payloads: tuple[Any, ...]
    promises: frozenset[str]
    grants: tuple[Any, ...]
    clocks: tuple[Any, ...]


def standing(connection: psycopg.Connection[Any], reference: str) -> Standing:
    """Fails where what stands there cannot come from whole steps."""

    def rows(query: str, value: object = reference) -> list[Any]:
        return connection.execute(query.encode(), [value]).fetchall()

    ((pk, state, version, is_due, restricted),) = rows(REQUEST)
    entries = [json.loads(bytes(body)) for (body,) in rows(ENTRIES)]
    found = Standing(
        state=state,
        version=version,
        is_due=is_due,
        steps=tuple(rows(STEPS, pk)),
        entries=tuple((entry["event"], entry["object"]["version"]) for entry in entries),
        commitments=frozenset(
            (entry["object"]["version"], name) for entry in entries for name in entry.get("commits", ())
        ),
        payloads=tuple(rows(PAYLOADS)),
        promises=frozenset(key.replace(reference, "…") for (key,) in rows(PROMISES, pk)),
        grants=tuple(sorted(rows(GROUP_GRANTS) + rows(USER_GRANTS))),
        clocks=tuple((*clock, tuple(events)) for *clock, events in rows(CLOCKS, pk)),
    )
    _check(found, {role for (role,) in rows(MEMBERS, pk)} if restricted else set(Role))
    return found


def _check(found: Standing, roles: set[str]) -> None:
    taken = [version for event, version in found.entries if event == "request.step_taken"]
    granted = GRANTS[State(found.state)].items()
    running = [due for _, _, due, paused, stopped, _ in found.clocks if not (paused or stopped)]
    assert [version for _, version in found.entries] == list(range(1, found.version + 1)), (
        "an entry a version"
    )
    assert [version for version, *_ in found.steps] == taken, "a step an entry"
    assert found.promises == {f"step:…:{version}" for version in taken}, "a promise a step"
    assert found.state == (found.steps[-1][3] if found.steps else State.DRAFT), "the last step led here"
    assert set(found.payloads) == found.commitments, "a payload a commitment"
    assert list(found.grants) == sorted(
        (role.value, perm.value) for role, perms in granted if role in roles for perm in perms
    ), "the grants of the state, each once"
    assert found.is_due == any(running), "the queue shows a date while a clock runs"
