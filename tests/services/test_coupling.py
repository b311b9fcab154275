"""Changes of a request and the log hold together whatever goes around the services: raw SQL, bulk, admin, COPY.

The world of this module is committed once; what the tests try fails at commit, so it stays as it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError
from psycopg import errors

from accounts.models import Membership, Organisation, User
from audit.entries import Actor, Changed, append
from disclosures.models import Letter, Request, RequestGroupGrant, Subject
from disclosures.states import State
from tests.audit.conftest import default_connection, write

from .raw_desk import UNCOUPLED, Connection, Desk, audited, change, copy_of, insert_step, say


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
    " (seal_id, request_id, user_id, role, reason, valid_from, added_by_id, waits)"
    " VALUES (gen_random_uuid(), %(id)s, %(user)s, 'MLRO', 'x', now(), %(user)s, false)",
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
    copy_of(raw, desk.approved, state="DRAFT")
    with pytest.raises(UNCOUPLED, match="has no entry in the log"):
        raw.commit()


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
