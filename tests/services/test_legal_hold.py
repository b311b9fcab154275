"""A legal hold beats every way of destroying: services, the job, querysets, the admin, raw SQL, even as the owner."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import psycopg
import pytest
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db import DatabaseError, connections, transaction
from django.db.models import ProtectedError
from pytest_django import DjangoDbBlocker

from cpdisclose.local.postgres import Cluster
from disclosures.demo import Road, sample_intake
from disclosures.demo_kinds import OrderRoad
from disclosures.models import Disposal, Document, DocumentContent, LegalHold, Letter, Request, Step, Subject
from disclosures.selectors import NotThere
from disclosures.services import ActionRefused, perform
from disclosures.services.destroying import BLANKED, destroy_what_was_confirmed, parts
from disclosures.services.holding import Kept, confirm_hold
from disclosures.services.intake import Intake, SubjectInput
from disclosures.services.keeping import lift_hold
from disclosures.services.on_file import attach_document
from disclosures.services.recording import amend_request
from disclosures.states import Action, State
from sealing.fields import sealed_of
from sealing.keys import erase, erase_whole
from sealing.models import DataKey
from tests.conftest import Database, cloned
from tests.disposal_desk import closed, confirm, hold, later, lift, propose
from tests.preserving import hold_in, preservation
from tests.services.log_lines import last
from tests.world import World, make_world

db = pytest.mark.django_db


def guards(refused: pytest.ExceptionInfo[ActionRefused]) -> set[str]:
    return {objection.guard for objection in refused.value.objections}


# Who places one, and who lifts it ---------------------------------------------------------------


@db
def test_the_head_of_legal_and_the_mlro_place_and_lift_it_and_nobody_else(world: World) -> None:
    request = closed(world)
    for who in ("clerk", "handler", "approver", "release", "lead", "dpo", "outsider"):
        with pytest.raises(NotThere):
            hold(world, request, who)
    placed = hold(world, request, "mlro")
    assert last("legal_hold.placed")["detail"]["ground"] == "LITIGATION"
    with pytest.raises(NotThere):
        lift(world, placed, "approver")
    lift(world, placed, "head")
    assert last("legal_hold.lifted")["detail"]["hold"] == placed.reference
    with pytest.raises(NotThere):
        lift(world, placed, "head")


@db
def test_it_says_why_until_when_it_is_looked_at_and_every_fault_at_once(world: World) -> None:
    request = closed(world)
    with pytest.raises(ActionRefused) as refused:
        hold(world, request, ground="SECRECY", reason=" ", review_on=world.now.date())
    assert guards(refused) == {"hold_has_a_ground", "hold_has_a_reason", "hold_is_looked_at_again"}
    placed = hold(world, request)
    with pytest.raises(ActionRefused) as refused:
        lift_hold(request_id=request.pk, hold=placed.reference, reason="", actor=world["head"], now=world.now)
    assert guards(refused) == {"lifting_has_a_reason"}


@db
def test_two_holds_each_hold_alone(world: World) -> None:
    request = closed(world)
    first, _second = hold(world, request), hold(world, request, ground="REGULATOR")
    lift(world, first)
    with pytest.raises(ActionRefused) as refused:
        propose(world, request)
    assert guards(refused) == {"nothing_holds_it"}


# By the services and the job --------------------------------------------------------------------


@db
def test_nothing_held_is_proposed_or_confirmed(world: World) -> None:
    request = closed(world)
    row = propose(world, request)
    hold(world, request)
    row.refresh_from_db()
    assert row.withdrawn_by == world["head"]
    with pytest.raises(NotThere):
        confirm(world, row)
    with pytest.raises(ActionRefused) as refused:
        propose(world, request)
    assert guards(refused) == {"nothing_holds_it"}
    with pytest.raises(ActionRefused) as refused:
        propose(world, request, position=1, ground="ERASURE", reason="Asked.")
    assert guards(refused) == {"nothing_holds_it"}


@db
def test_a_hold_calls_off_what_was_confirmed_and_lifting_revives_nothing(world: World) -> None:
    request = closed(world)
    confirm(world, propose(world, request))
    placed = hold(world, request)
    assert destroy_what_was_confirmed(now=later(world)) == 0
    lift(world, placed)
    assert destroy_what_was_confirmed(now=later(world)) == 0
    assert Subject.objects.filter(request=request).exists()


@db
def test_a_preservation_in_force_holds_as_well(world: World) -> None:
    road = preservation(world, days=4000)
    answer = Kept(result="KEPT", kept_on=world.now.date(), how="Deletion switched off.")
    confirm_hold(task_id=hold_in(world, road).pk, answer=answer, actor=world["holder"], now=world.now)
    perform(
        request_id=road.request.pk, action=Action.TRANSFER, actor=world["handler"], now=world.now, reason="Theirs."
    )  # fmt: skip
    perform(request_id=road.request.pk, action=Action.CLOSE, actor=world["handler"], now=world.now)
    request = Request.objects.get(pk=road.request.pk)
    with pytest.raises(ActionRefused) as refused:
        propose(world, request)
    assert guards(refused) == {"nothing_holds_it"}
    with pytest.raises(DatabaseError, match="held"), transaction.atomic():
        Subject.objects.filter(request=request)._raw_delete("default")


@db
def test_a_secrecy_duty_locks_the_case_by_itself_until_it_is_lifted(world: World) -> None:
    world.made += 1
    request = OrderRoad(world.people, world.police, world.now, number=world.made).to(State.CLOSED)
    (lock,) = LegalHold.objects.filter(request=request)
    assert (lock.ground, lock.placed_by, lock.lifted_at) == ("SECRECY", None, None)
    with pytest.raises(ActionRefused) as refused:
        propose(world, request)
    assert guards(refused) == {"nothing_holds_it"}
    lift(world, lock, "mlro")
    confirm(world, propose(world, request))
    assert destroy_what_was_confirmed(now=later(world)) == 1
    assert last("disposal.done")["object"]["ref"] == request.reference


@db
def test_a_held_request_that_is_still_open_goes_on_and_loses_nobody(world: World) -> None:
    road = world.road()
    people = (
        SubjectInput(status="SUSPECT", name="Alex Example", born_on="1988-04-17"),
        SubjectInput(status="VICTIM", name="Sam Example", phone="01632 960401"),
    )
    request = road.record(subjects=people)
    hold(world, request)
    with pytest.raises(ActionRefused) as refused:
        amend_request(
            request_id=request.pk, intake=an_intake(road, people[:1]), actor=world["clerk"], now=world.now
        )
    assert guards(refused) == {"held_people_stay"}
    amend_request(request_id=request.pk, intake=an_intake(road, people), actor=world["clerk"], now=world.now)
    assert road.to(State.CLOSED).state == State.CLOSED


def an_intake(road: Road, people: tuple[SubjectInput, ...]) -> Intake:
    return replace(sample_intake(road.body, road.now, road.number), subjects=people)


# By querysets, cascades and the admin -----------------------------------------------------------


@db
def test_no_queryset_and_no_cascade_takes_anything_of_a_held_request(world: World) -> None:
    request = closed(world)
    attach_document(
        request_id=request.pk, purpose="PAPER", name="Order.pdf", content=b"%PDF-1.7 held", actor=world["handler"],
        now=world.now,
    )  # fmt: skip
    hold(world, request)
    for attempt in (
        lambda: Subject.objects.filter(request=request)._raw_delete("default"),
        lambda: Letter.objects.filter(request=request)._raw_delete("default"),
        lambda: DocumentContent.objects.filter(request=request).delete(),
        lambda: Document.objects.filter(request=request)._raw_delete("default"),
        lambda: Request.objects.filter(pk=request.pk).delete(),
        lambda: request.delete(),
        lambda: DataKey.objects.filter(pk=request.data_key_id).delete(),
        lambda: erase(key=request.data_key, now=world.now),
        lambda: erase_whole(key=request.data_key, now=world.now),
        lambda: LegalHold.objects.filter(request=request).delete(),
        lambda: Subject.objects.filter(request=request).update(name=None),
        lambda: Request.objects.filter(pk=request.pk).update(summary=None, version=request.version + 2),
    ):  # fmt: skip
        with pytest.raises((DatabaseError, ProtectedError)), transaction.atomic():
            attempt()
    assert DataKey.objects.filter(parent=request.data_key, wrapped__isnull=False).count() == 1


def test_the_admin_registers_no_table_that_tells_of_a_request() -> None:
    for model in admin.site._registry:
        with pytest.raises(FieldDoesNotExist):
            model._meta.get_field("request")
        assert model not in {Request, DataKey}


# By raw SQL, with the password of the app and of the owner ---------------------------------------


@dataclass
class Held:
    database: Database
    world: World
    request: Request


@pytest.fixture(scope="module")
def held(cluster: Cluster, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Held]:
    with django_db_blocker.unblock(), cloned(cluster) as database:
        world = make_world()
        request = closed(world)
        hold(world, request)
        yield Held(database, world, request)
        assert DataKey.objects.filter(parent=request.data_key, wrapped__isnull=False).count() == 1


KEYS = (
    "UPDATE sealing_datakey SET wrapped = NULL, erased_at = now() WHERE id = {key}",
    "UPDATE sealing_datakey SET wrapped = NULL, erased_at = now() WHERE parent_id = {key}",
    "UPDATE sealing_datakey SET wrapped = 'rubbish' WHERE id = {key}",
    "UPDATE sealing_datakey SET wrapped = 'rubbish' WHERE parent_id = {key}",
    "DELETE FROM sealing_datakey WHERE parent_id = {key}",
    "DELETE FROM disclosures_request WHERE id = {request}",
    "UPDATE disclosures_request SET disposed_at = now(), version = version + 1 WHERE id = {request}",
    "TRUNCATE disclosures_subject CASCADE",
    "UPDATE disclosures_legalhold SET ground = 'OTHER' WHERE request_id = {request}",
    "DELETE FROM disclosures_legalhold WHERE request_id = {request}",
    "SET session_replication_role = replica; DELETE FROM disclosures_subject WHERE request_id = {request}",
)
FORGED = """
INSERT INTO disclosures_disposal (seal_id, batch, what, ground, retention_class, proposed_at, proposed_by_id, proposed_role,
    confirmed_at, confirmed_by_id, confirmed_role, counts, digest, request_id)
VALUES (gen_random_uuid(), 'd_forged', 'CASE', 'COURT', '', now(), {one}, 'TEAM_LEAD', now(), {two}, 'APPROVER', '{{}}', '',
    {request});
"""
SEALED = [model for model in (*parts(), *BLANKED) if sealed_of(model)]
ROWS = [f"DELETE FROM {model._meta.db_table} WHERE request_id = {{request}}" for model in SEALED] + [
    f"UPDATE {model._meta.db_table} SET {name} = NULL WHERE request_id = {{request}} AND {name} IS NOT NULL"
    for model in SEALED
    for name in sealed_of(model)[:1]
]


@pytest.mark.parametrize("role", ["app", "owner"])
@pytest.mark.parametrize("forged", [False, True], ids=["bare", "with-a-forged-disposal"])
@pytest.mark.parametrize("statement", KEYS)
def test_raw_sql_destroys_no_key_and_no_row(held: Held, role: str, statement: str, forged: bool) -> None:
    with pytest.raises(psycopg.Error):
        run(held, role, statement, forged=forged)


@pytest.mark.parametrize("role", ["app", "owner"])
@pytest.mark.parametrize("forged", [False, True], ids=["bare", "with-a-forged-disposal"])
def test_raw_sql_takes_no_sealed_row_and_no_word_of_what_is_held(held: Held, role: str, forged: bool) -> None:
    """Of every table that has such rows; where there are none, there is nothing to refuse."""
    there = 0
    for statement in ROWS:
        table = statement.split()[2 if statement.startswith("DELETE") else 1]
        if not rows_of(held, statement, table):
            continue
        there += 1
        with pytest.raises(psycopg.Error, match=r"held|only ever added to"):
            run(held, role, statement, forged=forged)
    assert there > 12


def rows_of(held: Held, statement: str, table: str) -> int:
    where = statement.partition(" WHERE ")[2].format(request=held.request.pk)
    with held.database.connect("owner") as connection:
        found = connection.execute(f"SELECT count(*) FROM {table} WHERE {where}".encode()).fetchone()
    return int(found[0]) if found else 0


def run(held: Held, role: str, statement: str, *, forged: bool) -> None:
    values = {
        "request": held.request.pk, "key": held.request.data_key_id,
        "one": held.world["lead"].pk, "two": held.world["approver"].pk,
    }  # fmt: skip
    with held.database.connect(role, autocommit=False) as connection:
        try:
            if forged:
                connection.execute(FORGED.format(**values).encode())
            connection.execute(statement.format(**values).encode())
            connection.execute(b"SET CONSTRAINTS ALL IMMEDIATE")
        finally:
            connection.rollback()


def test_what_is_not_held_is_destroyed_by_nobody_alone_either(held: Held) -> None:
    other = closed(held.world)
    values = {"request": other.pk, "key": other.data_key_id}
    for statement in (
        "UPDATE sealing_datakey SET wrapped = NULL, erased_at = now() WHERE id = {key}",
        "DELETE FROM disclosures_subject WHERE request_id = {request}",
        "DELETE FROM disclosures_letter WHERE request_id = {request}",
    ):
        with (
            held.database.connect("app", autocommit=False) as connection,
            pytest.raises(psycopg.Error, match="two people have not decided"),
        ):
            connection.execute(statement.format(**values).encode())


# Racing -----------------------------------------------------------------------------------------


@pytest.mark.committed
@pytest.mark.parametrize("turn", range(3))
def test_a_hold_and_the_job_at_once_end_in_one_of_the_two_and_never_in_between(
    committed_db: Database, turn: int
) -> None:
    world = make_world()
    request = closed(world)
    row = confirm(world, propose(world, request))
    start = threading.Barrier(2)

    def together(work: Callable[[], object]) -> threading.Thread:
        def go() -> None:
            start.wait()
            try:
                work()
            except NotThere:
                assert turn >= 0  # the job was first, and there is nothing left to hold
            finally:
                connections.close_all()

        thread = threading.Thread(target=go)
        thread.start()
        return thread

    threads = [
        together(lambda: destroy_what_was_confirmed(now=later(world))),
        together(lambda: hold(world, request)),
    ]
    for thread in threads:
        thread.join(60)
    row.refresh_from_db()
    whole = DataKey.objects.get(pk=request.data_key_id).wrapped is not None
    is_held = LegalHold.objects.filter(request=request, lifted_at=None).exists()
    assert (row.done_at is None, Request.objects.get(pk=request.pk).disposed_at is None) == (whole, whole)
    assert is_held == whole
    assert Step.objects.filter(request=request).exists()
    assert Disposal.objects.filter(request=request).count() == 1
