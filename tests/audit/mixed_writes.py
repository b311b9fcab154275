"""Writes of every kind, honest and not: through services, raw SQL, bulk, COPY and the admin, as the application and as
the owner of the database, by several processes at once.

An honest write must be committed, the others must be refused; both fail the run otherwise.
"""

import random
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import wraps

import psycopg
from django.contrib import admin
from django.db import IntegrityError, ProgrammingError, connections, transaction
from django.db.models import F
from psycopg import errors

from accounts.models import Organisation
from accounts.roles import Role
from accounts.services import end_membership, grant_membership
from audit.entries import SYSTEM, Actor, Changed, append, append_changes
from disclosures.demo import ROADS, Road
from disclosures.models import BankHoliday, Item, Letter, Request, RequestGroupGrant, Subject
from disclosures.services import perform
from disclosures.services.changes import ActionRefused
from disclosures.services.following import stop_watching, watch_request
from disclosures.services.holidays import save_holiday
from disclosures.services.on_file import write_comment
from disclosures.states import Action
from tests.conftest import Database
from tests.world import World

from .conftest import entry, write

Connection = psycopg.Connection
REFUSALS = (errors.IntegrityError, errors.InsufficientPrivilege, IntegrityError, ProgrammingError)
FIRST_DAY = date(2100, 1, 1)


@dataclass
class Writer:
    """One process: its number, its chance, and somebody's connection under each role's password."""

    database: Database
    world: World
    requests: list[Request]
    number: int
    chance: random.Random
    made: int = 0

    @contextmanager
    def raw(self, role: str = "") -> Iterator[Connection]:
        """Commits at the end. Both roles may write business rows, and neither gets past the log."""
        role = role or self.chance.choice(["app", "owner"])
        with closing(self.database.connect(role, autocommit=False)) as connection, connection:
            yield connection

    @property
    def request(self) -> Request:
        return self.chance.choice(self.requests)

    def next_day(self) -> date:
        """Nobody else uses it."""
        self.made += 1
        return FIRST_DAY + timedelta(days=self.number * 300_000 + self.made)


Way = Callable[[Writer], None]
WAYS: list[tuple[Way, int]] = []


def honest(weight: int) -> Callable[[Way], Way]:
    def keep(way: Way) -> Way:
        WAYS.append((way, weight))
        return way

    return keep


def refused(weight: int) -> Callable[[Way], Way]:
    def keep(way: Way) -> Way:
        @wraps(way)
        def tried(writer: Writer) -> None:
            try:
                way(writer)
            except REFUSALS:
                return
            raise AssertionError(f"{way.__name__} was committed")

        WAYS.append((tried, weight))
        return way

    return keep


def write_all(writer: Writer, count: int) -> Counter[str]:
    ways, weights = zip(*WAYS, strict=True)
    done: Counter[str] = Counter()
    try:
        for way in writer.chance.choices(ways, weights, k=count):
            way(writer)
            done[way.__name__] += 1
    finally:
        connections["default"].close()
    return done


def now() -> datetime:
    return datetime.now(UTC)


def lock(connection: Connection, request: Request) -> int:
    query = "SELECT version FROM disclosures_request WHERE id = %s FOR NO KEY UPDATE"
    row = connection.execute(query, [request.pk]).fetchone()
    assert row
    return int(row[0])


def change(connection: Connection, request: Request, by: int = 1) -> None:
    connection.execute(
        "UPDATE disclosures_request SET urgency = CASE urgency WHEN 'ROUTINE' THEN 'PRIORITY' ELSE 'ROUTINE' END,"
        " version = version + %s WHERE id = %s",
        [by, request.pk],
    )


def say(connection: Connection, request: Request, version: int) -> None:
    obj = {"type": "request", "ref": request.reference, "version": version}
    write(connection, event="request.amended", object=obj)


def touch_a_part(connection: Connection, request: Request) -> None:
    connection.execute("UPDATE disclosures_item SET position = position WHERE request_id = %s", [request.pk])


# Honest: services and the admin -----------------------------------------------------------------


@honest(14)
def a_service_writes_a_comment(writer: Writer) -> None:
    write_comment(request_id=writer.request.pk, words="As agreed.", actor=writer.world["handler"], now=now())


@honest(8)
def a_service_takes_parts_away_again(writer: Writer) -> None:
    who = {"request_id": writer.request.pk, "actor": writer.world["handler"], "now": now()}
    watch_request(**who)
    stop_watching(**who)


@honest(6)
def a_service_refuses(writer: Writer) -> None:
    try:
        perform(
            request_id=writer.request.pk, action=Action.CLOSE, actor=writer.world["handler"], now=now(),
            reason="x",
        )  # fmt: skip
    except ActionRefused:
        return
    raise AssertionError("the step was taken")


@honest(4)
def a_service_gives_a_role_and_ends_it(writer: Writer) -> None:
    begins = datetime(2040, 1, 1, tzinfo=UTC) + timedelta(days=writer.number * 300_000, hours=writer.made * 2)
    writer.made += 1
    given = grant_membership(
        user=writer.world["outsider"], organisation=writer.world.company, role=Role.AUDITOR, valid_from=begins,
        valid_until=begins + timedelta(hours=1), actor=None, now=now(),
    )  # fmt: skip
    end_membership(membership_id=given.pk, at=begins + timedelta(minutes=9), actor=None, now=now())


@honest(4)
def a_service_keeps_a_holiday(writer: Writer) -> None:
    day = writer.next_day()
    holiday = BankHoliday(
        ref=f"CL-{day.isoformat()}", division="CL", date=day, title="Closed", source="HAND", imported_at=now(),
        version=0,
    )  # fmt: skip
    with transaction.atomic():
        save_holiday(holiday=holiday, actor=None, now=now())


@honest(1)
def a_whole_request_walks_its_road(writer: Writer) -> None:
    writer.made += 1
    state = writer.chance.choice(list(ROADS))
    road = Road(writer.world.people, writer.world.police, now(), number=10**6 * writer.number + writer.made)
    road.to(state)


@honest(4)
def an_administrators_page_saves_with_its_entry(writer: Writer) -> None:
    with transaction.atomic():
        row = Organisation.objects.select_for_update(no_key=True).get(pk=writer.world.company.pk)
        row.version += 1
        admin.ModelAdmin(Organisation, admin.site).save_model(None, row, None, change=True)  # type: ignore[arg-type]
        append(event="organisation.changed", actor=SYSTEM, obj=Changed("organisation", row.ref, row.version))


@honest(4)
def a_bulk_update_with_its_entries(writer: Writer) -> None:
    keys = [request.pk for request in writer.requests]
    with transaction.atomic():
        rows = list(Request.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
        Request.objects.filter(pk__in=keys).update(urgency="PRIORITY", version=F("version") + 1)
        changes = [(Changed("request", row.reference, row.version + 1), row.log, {}) for row in rows]
        append_changes(event="request.amended", actor=Actor("u_many"), changes=changes)


# Honest: SQL ------------------------------------------------------------------------------------


@honest(14)
def raw_sql_with_its_entry(writer: Writer) -> None:
    request = writer.request
    with writer.raw() as connection:
        version = lock(connection, request)
        change(connection, request)
        touch_a_part(connection, request)
        say(connection, request, version + 1)


@honest(6)
def raw_sql_twice_in_one_transaction(writer: Writer) -> None:
    request = writer.request
    with writer.raw() as connection:
        version = lock(connection, request)
        say(connection, request, version + 2)
        change(connection, request)
        say(connection, request, version + 1)
        connection.execute("SAVEPOINT here")
        change(connection, request)
        connection.execute("RELEASE here" if writer.chance.random() < 0.5 else "SAVEPOINT there")


@honest(4)
def raw_sql_rolled_back(writer: Writer) -> None:
    request = writer.request
    with writer.raw() as connection:
        change(connection, request)
        connection.rollback()


@honest(6)
def copy_brings_rows_and_entries(writer: Writer) -> None:
    days = [writer.next_day() for _ in range(3)]
    with writer.raw() as connection, connection.cursor() as cursor:
        copy_holidays(cursor, days)
        with cursor.copy("COPY audit_entry (log, body) FROM STDIN") as copy:
            for day in days:
                obj = {"type": "holiday", "ref": f"CL-{day.isoformat()}", "version": 1}
                copy.write_row(("main", entry(event="holiday.changed", object=obj)))


def copy_holidays(cursor: psycopg.Cursor, days: list[date]) -> None:
    columns = "id, ref, division, date, title, substitute, source, reason, imported_at, version, changed_xid"
    with cursor.copy(f"COPY disclosures_bankholiday ({columns}) FROM STDIN") as copy:
        for day in days:
            key = 10**9 + secrets.randbelow(10**15)
            ref = f"CL-{day.isoformat()}"
            copy.write_row((key, ref, "CL", day, "Closed", False, "HAND", "", now(), 1, 0))


# Without an entry, or without a change ------------------------------------------------------------


@refused(8)
def raw_sql_without_its_entry(writer: Writer) -> None:
    with writer.raw() as connection:
        change(connection, writer.request)


@refused(5)
def an_entry_without_its_change(writer: Writer) -> None:
    request = writer.request
    with writer.raw() as connection:
        say(connection, request, lock(connection, request) + 1)


@refused(3)
def the_entry_of_another_request(writer: Writer) -> None:
    one, other = writer.chance.sample(writer.requests, 2)
    with writer.raw() as connection:
        version = lock(connection, one)
        change(connection, one)
        obj = {"type": "request", "ref": other.reference, "version": version + 1}
        write(connection, event="request.amended", object=obj)


@refused(3)
def a_version_that_stays_or_jumps(writer: Writer) -> None:
    request = writer.request
    with writer.raw() as connection:
        version, by = lock(connection, request), writer.chance.choice([-1, 0, 2])
        change(connection, request, by)
        say(connection, request, version + by)


@refused(5)
def a_part_without_its_whole(writer: Writer) -> None:
    with writer.raw() as connection:
        touch_a_part(connection, writer.request)


@refused(3)
def a_part_beside_the_change_of_another(writer: Writer) -> None:
    one, other = writer.chance.sample(writer.requests, 2)
    with writer.raw() as connection:
        version = lock(connection, one)
        change(connection, one)
        say(connection, one, version + 1)
        touch_a_part(connection, other)


@refused(3)
def an_entry_that_a_savepoint_took_back(writer: Writer) -> None:
    request = writer.request
    with writer.raw() as connection:
        version = lock(connection, request)
        change(connection, request)
        connection.execute("SAVEPOINT here")
        say(connection, request, version + 1)
        connection.execute("ROLLBACK TO here")


@refused(3)
def copy_without_entries(writer: Writer) -> None:
    with writer.raw() as connection, connection.cursor() as cursor:
        copy_holidays(cursor, [writer.next_day()])


@refused(2)
def copy_of_entries_without_rows(writer: Writer) -> None:
    obj = {"type": "holiday", "ref": f"CL-{writer.next_day().isoformat()}", "version": 1}
    into = "COPY audit_entry (log, body) FROM STDIN"
    with writer.raw() as connection, connection.cursor() as cursor, cursor.copy(into) as copy:
        copy.write_row(("main", entry(event="holiday.changed", object=obj)))


@refused(3)
def a_bulk_update_with_one_entry_too_few(writer: Writer) -> None:
    keys = [request.pk for request in writer.requests]
    with transaction.atomic():
        rows = list(Request.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
        Request.objects.filter(pk__in=keys).update(urgency="PRIORITY", version=F("version") + 1)
        changes = [(Changed("request", row.reference, row.version + 1), row.log, {}) for row in rows[1:]]
        append_changes(event="request.amended", actor=Actor("u_many"), changes=changes)


@refused(3)
def a_bulk_update_of_parts(writer: Writer) -> None:
    with transaction.atomic():
        writer.chance.choice([Subject, Item]).objects.filter(request=writer.request).update(
            seal_id=F("seal_id")
        )


@refused(2)
def parts_deleted_by_django(writer: Writer) -> None:
    """With its own cascade."""
    request = writer.request
    with transaction.atomic():
        Letter.objects.filter(request=request).delete()
        RequestGroupGrant.objects.filter(content_object=request.reference).delete()


@refused(3)
def an_administrators_page_that_only_saves(writer: Writer) -> None:
    with transaction.atomic():
        row = Organisation.objects.select_for_update(no_key=True).get(pk=writer.world.company.pk)
        row.version += writer.chance.choice([0, 1])
        admin.ModelAdmin(Organisation, admin.site).save_model(None, row, None, change=True)  # type: ignore[arg-type]


@refused(2)
def rows_taken_away(writer: Writer) -> None:
    table = writer.chance.choice(["disclosures_request", "audit_entry", "disclosures_bankholiday"])
    with writer.raw() as connection:
        connection.execute(f"DELETE FROM {table} WHERE id IN (SELECT max(id) FROM {table})")


@refused(2)
def whoever_plays_the_replica(writer: Writer) -> None:
    with writer.raw("postgres") as connection:
        connection.execute("SET session_replication_role = replica")
        change(connection, writer.request)
