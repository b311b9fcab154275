"""What an owner of the database could put into a row to have its columns believed unread, and what stays open."""

import time
from contextlib import closing

import pytest
from django.core.management import CommandError
from django.db import transaction

from audit.reading import Blocks

from .conftest import default_connection, entry, tampering, write
from .test_reading import desk as desk
from .test_reading import forge, report_of

pytestmark = pytest.mark.committed

COLUMNS = "The columns of the entry do not say what its bytes say."
FORM = "The bytes are not in the form of an entry."
ID = 4_000_000_000
PLAIN = '{"actor":{"ref":"u_tester"},"at":"%s",MIDDLE"event":"log.viewed","id":4000000000,"v":1}'


def now_of(desk, later="0 s"):
    return desk.one(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC' + %s::interval, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
        later,
    )


def named(desk):
    faults, walked = report_of(desk)
    return [(fault.words, fault.first) for fault in faults], walked


@pytest.mark.parametrize(
    "middle",
    [
        '"id":4000000000,',
        '"id":5,',
        '"event":"log.exported",',
        '"event":"log.viewed",',
        '"\\u0065vent":"log.exported",',
        '"v":1,',
        '"detail":{"a":1},"detail":{"a":2},',
        '"detail":{"a":1,"a":2},',
    ],
)
def test_a_name_that_stands_twice_is_named(desk, middle):
    """Two readers of such bytes need not read the same."""
    desk.write(5)
    at = now_of(desk)
    forge(desk, (PLAIN.replace("MIDDLE", middle) % at).encode(), instant=at)
    desk.sign()
    faults, walked = named(desk)
    assert walked == [ID]
    assert faults == [(FORM, 6)]


@pytest.mark.parametrize("middle", ["{},", '"x",', '"x":,', ",", '"detail":{"a":1}},{"b":2,'])
def test_a_middle_that_is_no_list_of_members_is_named(desk, middle):
    desk.write(5)
    at = now_of(desk)
    forge(desk, (PLAIN.replace("MIDDLE", middle) % at).encode(), instant=at)
    desk.sign()
    assert named(desk)[0] == [(FORM, 6)]


def test_an_empty_middle_is_none(desk):
    desk.write(5)
    at = now_of(desk)
    forge(desk, (PLAIN.replace("MIDDLE", "") % at).encode(), instant=at)
    desk.sign()
    assert named(desk) == ([], [])


@pytest.mark.parametrize("size", [3, 300, 600])
@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"", b"[" * 9_000, b'{"v":1,"id":1e999}'])
def test_bytes_that_are_no_text_and_no_object_are_named_with_their_index(desk, body, size):
    """Wherever they stand, and what is behind them is read as before."""
    desk.write(size)
    forge(desk, body)
    desk.sign()
    desk.write(300)
    found, _ = named(desk)
    assert (FORM, size + 1) in found
    assert {index for _, index in found} == {size + 1}


@pytest.mark.parametrize("size", [3, 300])
@pytest.mark.parametrize("later", ["16 minutes", "3 days", "70 years"])
def test_an_entry_dated_forward_is_named_and_not_those_behind_it(desk, size, later):
    desk.write(size)
    at = now_of(desk, later)
    forge(desk, entry(id=ID, at=at), instant=at)
    desk.sign()
    desk.write(300)
    assert named(desk)[0] == [("The entry claims to be newer than the checkpoint that covers it.", size + 1)]


def test_an_entry_longer_than_any_is_named(desk):
    desk.write(5)
    at = now_of(desk)
    middle = '"detail":{"a":"%s"},' % ("x" * 17_000)
    forge(desk, (PLAIN % at).replace("MIDDLE", middle).encode(), instant=at)
    desk.sign()
    assert named(desk)[0] == [(FORM, 6)]


def test_another_version_of_the_format_is_named(desk):
    desk.write(5)
    at = now_of(desk)
    forge(desk, (PLAIN.replace("MIDDLE", "").replace('"v":1', '"v":2') % at).encode(), instant=at)
    desk.sign()
    assert named(desk)[0] == [(FORM, 6)]


@pytest.mark.parametrize("sign", ["\n", "\t", "\x1f", "\x01"])
def test_a_column_that_completes_the_bytes_with_a_control_character_is_named(desk, sign):
    desk.write(5)
    at = now_of(desk)
    body = (PLAIN.replace("MIDDLE", "").replace("u_tester", f"u_{sign}") % at).encode()
    forge(desk, body, instant=at, actor=f"u_{sign}")
    desk.sign()
    assert named(desk)[0] == [(FORM, 6)]


@pytest.mark.parametrize(
    "change",
    [
        "at = (to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00 BC')::timestamptz",
        "at = 'infinity'",
        "at = '-infinity'",
        "at = at + interval '1 microsecond'",
        "seen_version = 4",
        "seen_version = NULL, object_version = 3",
        "seen_version = NULL",
        "object_version = 3",
        "role = NULL",
        "role = ''",
        "session = NULL",
        "object_type = NULL, object_ref = NULL, seen_version = NULL",
        "object_type = NULL",
    ],
)
def test_a_column_changed_in_any_way_is_named(desk, change):
    desk.write(20)
    members = {"object": {"type": "folder", "ref": "F-1", "seen_version": 3}, "session": "s" * 32}
    entry_id = write(
        desk.owner, event="folder.viewed", actor={"ref": "u_tester", "role": "HANDLER"}, **members
    )
    desk.write(20)
    with tampering(desk.owner):
        desk.owner.execute(f"UPDATE audit_entry SET {change} WHERE id = %s", [entry_id])
    faults, walked = named(desk)
    assert (COLUMNS, 21) in faults
    assert faults[0][1] == 21
    assert walked == [entry_id]


@pytest.mark.parametrize("change", ["role = 'ADMIN'", "role = ''", "session = ''", "seen_version = 1"])
def test_a_column_of_what_the_bytes_do_not_have_is_named(desk, change):
    desk.write(20)
    entry_id = write(desk.owner)
    desk.write(20)
    with tampering(desk.owner):
        desk.owner.execute(f"UPDATE audit_entry SET {change} WHERE id = %s", [entry_id])
    assert named(desk) == ([(COLUMNS, 21)], [entry_id])


def come_to(desk, count):
    """The server ends a session a moment after it was left."""
    for _ in range(200):
        open_now = desk.one(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'auditor'"
        )
        if open_now == count:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("read", [1, 2])
def test_whoever_stops_half_way_leaves_no_connection_open(desk, read):
    desk.write(3_000)
    with default_connection(desk.database, "auditor"), transaction.atomic():
        with closing(iter(Blocks("main", 0, lambda *_: None))) as blocks:
            for _ in range(read):
                next(blocks)
            assert come_to(desk, 2)
        assert come_to(desk, 1)


def test_an_entry_dated_back_is_named_by_whoever_goes_on_just_before_it(desk):
    """Where a tile is full, none of the entries before is read again."""
    desk.write(255)
    assert desk.sizes == [256]
    at = now_of(desk, "-1 hour")
    forge(desk, entry(id=ID, at=at), instant=at)
    desk.sign()
    with pytest.raises(CommandError, match="Index 256: The entry claims to be older"):
        desk.run("verify", "--since", 256)


def test_an_entry_in_the_middle_that_is_no_text_leaves_no_connection_open(desk):
    desk.write(600)
    forge(desk, b"\xff")
    desk.write(600)
    with default_connection(desk.database, "auditor"), transaction.atomic():
        bodies = [body for block in Blocks("main", 0, lambda *_: None) for body in block]
        assert come_to(desk, 1)
    assert (len(bodies), bodies[601]) == (1_202, b"\xff")


def test_the_instant_is_read_as_it_stands(desk):
    at = now_of(desk)
    desk.write(2)
    forge(desk, entry(id=ID, at=at), instant=at)
    desk.sign()
    assert named(desk) == ([], [])
