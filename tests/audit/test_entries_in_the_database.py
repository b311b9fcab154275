"""What the database accepts as an entry, whoever brings it."""

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import errors

from .conftest import entry, write

pytestmark = pytest.mark.committed


@pytest.fixture
def app(committed_db):
    with committed_db.connect("app") as connection:
        yield connection


def row(connection, entry_id):
    with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return cursor.execute("SELECT * FROM audit_entry WHERE id = %s", [entry_id]).fetchone()


def text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_columns_are_read_out_of_the_body(app):
    written = row(
        app,
        write(
            app,
            actor={"ref": "u_ann", "role": "HANDLER"},
            object={"type": "request", "ref": "CP-7F3K-92QM", "seen_version": 3},
            session="0" * 32,
        ),
    )
    body = json.loads(written["body"])
    assert (written["event"], written["actor"], written["role"]) == ("log.viewed", "u_ann", "HANDLER")
    assert (written["object_type"], written["object_ref"]) == ("request", "CP-7F3K-92QM")
    assert (written["object_version"], written["seen_version"]) == (None, 3)
    assert written["session"] == "0" * 32
    assert text(written["at"]) == body["at"]


def test_columns_that_the_writer_brings_do_not_count(app):
    body = entry()
    app.execute(
        """INSERT INTO audit_entry (id, at, event, actor, role, object_type, object_ref, object_version,
               seen_version, session, log, body)
           VALUES (1, '2020-01-01', 'x.y', 'u_other', 'R', 'request', 'CP', 1, 1, 's', 'main', %s)""",
        [body],
    )
    written = row(app, json.loads(body)["id"])
    assert (written["event"], written["actor"], written["role"]) == ("log.viewed", "u_tester", None)
    assert [written[name] for name in ("object_type", "object_ref", "object_version", "seen_version")] == [
        None
    ] * 4
    assert written["session"] is None
    assert text(written["at"]) == json.loads(body)["at"]


def test_an_entry_is_stored_byte_by_byte(app):
    body = entry(detail={"words": "naïve — 😀\u2028"})
    app.execute("INSERT INTO audit_entry (log, body) VALUES ('main', %s)", [body])
    assert bytes(row(app, json.loads(body)["id"])["body"]) == body


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff", b"{}", b"null"])
def test_what_is_not_json_is_refused(app, body):
    _refuses(app, body)


@pytest.mark.parametrize("twice", [b'"v":1', b'"object":null'])
def test_a_member_that_comes_twice_or_empty_is_refused(app, twice):
    _refuses(app, entry().replace(b'"v"', twice + b',"v"'))


@pytest.mark.parametrize(
    "members",
    [
        {"v": 2},
        {"v": "1"},
        {"v": None},
        {"id": None},
        {"id": "5"},
        {"id": 0},
        {"id": -1},
        {"id": 2**53},
        {"id": 1.5},
        {"event": None},
        {"event": ""},
        {"event": "words with spaces"},
        {"event": "nodots"},
        {"actor": None},
        {"actor": {}},
        {"actor": {"ref": ""}},
        {"actor": {"ref": 5}},
        {"actor": "u_ann"},
        {"at": None},
        {"at": "yesterday"},
        {"at": "now"},
        {"object": {}},
        {"object": {"type": "request", "ref": "CP"}},
        {"object": {"type": "request", "ref": "", "seen_version": 1}},
        {"object": {"type": "", "ref": "CP", "seen_version": 1}},
        {"object": {"type": "request", "ref": "CP", "seen_version": 0}},
        {"object": {"type": "request", "ref": "CP", "seen_version": 1, "version": 1}},
        {"object": {"type": "request", "ref": "CP", "seen_version": "one"}},
        {"object": {"type": "nothing_coupled", "ref": "CP", "version": 1}},
        {"object": "CP"},
    ],
    ids=str,
)
def test_what_is_not_an_entry_is_refused(app, members):
    _refuses(app, entry(**members))


def _refuses(connection, body):
    with pytest.raises(psycopg.DatabaseError):
        connection.execute("INSERT INTO audit_entry (log, body) VALUES ('main', %s)", [body])
    assert connection.execute("SELECT count(*) FROM audit_entry").fetchone() == (0,)


def test_the_clock_of_the_database_decides(app):
    now = datetime.now(UTC)
    write(app, at=text(now - timedelta(seconds=50)))
    write(app, at=text(now + timedelta(seconds=50)))
    for off in (timedelta(seconds=-70), timedelta(seconds=70), timedelta(days=-400)):
        with pytest.raises(errors.CheckViolation, match="60 seconds"):
            write(app, at=text(now + off))


@pytest.mark.parametrize(
    "form", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%S.%f+00:00"]
)
def test_an_instant_has_one_form(app, form):
    with pytest.raises(errors.CheckViolation, match="reads like"):
        write(app, at=datetime.now(UTC).strftime(form))


def test_an_entry_has_at_most_sixteen_kibibytes(app):
    room = 16_384 - len(entry(id=1, detail={"x": ""}))
    app.execute(
        "INSERT INTO audit_entry (log, body) VALUES ('main', %s)", [entry(id=1, detail={"x": "a" * room})]
    )
    with pytest.raises(errors.CheckViolation, match="16,384"):
        app.execute(
            "INSERT INTO audit_entry (log, body) VALUES ('main', %s)",
            [entry(id=2, detail={"x": "a" * (room + 1)})],
        )


def test_there_are_two_logs_and_no_third(app):
    write(app, log="main")
    write(app, log="sealed")
    with pytest.raises(errors.CheckViolation):
        write(app, log="other")


def test_an_entry_cannot_pretend_to_another_transaction(app):
    for xid in ("5", "9223372036854775807"):
        with pytest.raises(errors.CheckViolation, match="transaction"):
            app.execute(
                "INSERT INTO audit_entry (log, body, xid) VALUES ('main', %s, %s::text::xid8)", [entry(), xid]
            )


def test_an_entry_comes_once(app):
    body = entry()
    app.execute("INSERT INTO audit_entry (log, body) VALUES ('main', %s)", [body])
    for log in ("main", "sealed"):
        with pytest.raises(errors.UniqueViolation):
            app.execute("INSERT INTO audit_entry (log, body) VALUES (%s, %s)", [log, body])


def test_copy_meets_the_same_checks(app):
    with (
        pytest.raises(errors.CheckViolation),
        app.cursor().copy("COPY audit_entry (log, body) FROM STDIN") as copy,
    ):
        copy.write_row(("main", entry(event="nodots")))
