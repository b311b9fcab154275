"""Entries are read in the order in which they were committed, and compared with their columns on the way; whatever is
not plain is read and compared the slow way, and comes to the same."""

import json

import pytest
from django.core.management import CommandError
from django.db import transaction

from audit import reconciling, verifying
from audit.entries import Actor, Seen, append
from audit.reading import Blocks, stream

from .conftest import default_connection, entry, tampering, write
from .log_desk import LogDesk

pytestmark = pytest.mark.committed


@pytest.fixture
def desk(committed_db):
    with committed_db.connect("owner") as owner:
        yield LogDesk(committed_db, owner)


def blocks_of(desk, first=0):
    faults = []
    with default_connection(desk.database, "auditor"), transaction.atomic():
        blocks = Blocks("main", first, lambda words, index: faults.append((index, words)))
        found = list(blocks)
        with stream("main", first) as rows:
            joined = [body for _, _, body in rows]
    assert [body for block in found for body in block] == joined
    assert all(len(block) == 256 for block in found[:-1])
    return blocks, faults


def report_of(desk):
    with default_connection(desk.database, "auditor"):
        report = verifying.verify("main")
        walked = report.unlike
        reconciling.reconcile("main", report)
    return report.faults, walked


def forge(desk, body, **columns):
    """Puts an entry in with triggers off: these bytes, and columns of the owner's choice."""
    whole = {
        "id": 4_000_000_000,
        "at": "now()",
        "log": "main",
        "event": "log.viewed",
        "actor": "u_tester",
        **columns,
    }
    with tampering(desk.owner):
        desk.owner.execute(
            "INSERT INTO audit_entry (id, at, log, event, actor, role, session, object_type, object_ref, seen_version, body)"
            " VALUES (%(id)s, coalesce(%(instant)s::timestamptz, clock_timestamp()), %(log)s, %(event)s, %(actor)s, %(role)s,"
            " %(session)s, %(object_type)s, %(object_ref)s, %(seen_version)s, %(body)s)",
            {"role": None, "session": None, "object_type": None, "object_ref": None, "seen_version": None,
             "instant": None, **whole, "body": body},
        )  # fmt: skip


@pytest.mark.parametrize("first", [0, 256, 512])
def test_the_short_way_reads_what_the_long_way_reads(desk, first):
    blocks, faults = blocks_of(desk.write(10, 300, 260), first)
    assert faults == []
    assert blocks.unlike == ([] if first == 0 else None)
    assert blocks.next == 571


def test_a_log_of_many_fetches_is_read_whole(desk):
    blocks, _ = blocks_of(desk.write(16_384 + 16_384 - 1, 600))
    assert blocks.unlike == []
    assert blocks.next == 2 * 16_384 + 600


def test_an_order_that_is_not_the_one_of_committing_is_followed_too(desk):
    """As after a dump of another cluster was restored."""
    desk.write(300, 300)
    with tampering(desk.owner):
        desk.owner.execute(
            "UPDATE audit_entry SET xid = (xid::text::bigint + 1000000)::text::xid8"
            " WHERE id IN (SELECT entry_id FROM audit_leaf WHERE index BETWEEN 260 AND 300)"
        )
    blocks, faults = blocks_of(desk)
    assert faults == []
    assert blocks.unlike is None
    assert report_of(desk) == ([], None)


def test_what_honest_writers_write_is_never_named(desk):
    """Quotes, backslashes, other scripts, nested members of the same names, proxies, no object, no session."""
    odd = [
        {"detail": {"object": {"ref": "x"}, "session": "x", "at": "x", "note": 'a "quoted" \\ word\n'}},
        {"actor": Actor("u_1", "APPROVER", "u_2")},
        {"actor": Actor("u_1", on_behalf_of="u_2"), "detail": {"event": "x", "actor": "y", "v": 1}},
        {"actor": Actor('u_"odd"\\'), "detail": {"ä": "Ω", "𝄞": ["żółw", 1, None, True]}},
        {"obj": Seen("folder", 'F-"1"', 3)},
        {"obj": Seen("folder", "F-1", 3), "detail": {"nested": {"id": 1, "v": 1}}},
    ]
    with default_connection(desk.database, "app"), transaction.atomic():
        for members in odd:
            append(event="folder.viewed", **{"actor": Actor("u_1"), **members})
    desk.sign()
    faults, walked = report_of(desk)
    assert faults == []
    assert 0 < len(walked) < len(odd), "some are looked at twice, the plain ones once"


@pytest.mark.parametrize(
    "column", ["actor", "event", "role", "session", "object_type", "object_ref", "seen_version"]
)
@pytest.mark.parametrize("sequenced", [True, False])
def test_a_column_that_says_something_else_is_named(desk, column, sequenced):
    desk.write(20)
    members = {"object": {"type": "folder", "ref": "F-1", "seen_version": 3}, "session": "s" * 32}
    actor = {"ref": "u_tester", "role": "HANDLER"}
    entry_id = write(desk.owner, event="folder.viewed", actor=actor, **members)
    if sequenced:
        desk.sign()
    with tampering(desk.owner):
        value = "4" if column == "seen_version" else f"{column} || 'x'"
        desk.owner.execute(f"UPDATE audit_entry SET {column} = {value} WHERE id = %s", [entry_id])
    faults, walked = report_of(desk)
    assert [(fault.words, fault.first) for fault in faults] == [
        ("The columns of the entry do not say what its bytes say.", 21 if sequenced else None)
    ]
    assert walked == [entry_id]


@pytest.mark.parametrize(
    ("body", "columns"),
    [
        # An object or a session that stands where no honest writer puts it, and not in the columns.
        (b'{"actor":{"ref":"u_tester"},"at":"%s","object":{"ref":"F-1","seen_version":1,"type":"folder"},"event":"log.viewed","id":4000000000,"v":1}', {}),
        (b'{"actor":{"ref":"u_tester"},"at":"%s","session":"x","event":"log.viewed","id":4000000000,"v":1}', {}),
        # Columns that complete the bytes with quotes of their own.
        (b'{"actor":{"ref":"u_tester","role":"ADMIN"},"at":"%s","event":"log.viewed","id":4000000000,"v":1}', {"actor": 'u_tester","role":"ADMIN'}),
        # The plain end, inside.
        (b'{"actor":{"ref":"u_tester"},"at":"%s","detail":{"x":{"y":1,"event":"log.viewed","id":4000000000,"v":1}},"event":"log.cleared","id":4000000000,"v":1}', {}),
    ],
)  # fmt: skip
def test_bytes_made_to_look_plain_are_compared_all_the_same(desk, body, columns):
    desk.write(5)
    at = json.loads(entry())["at"]
    forge(desk, body % at.encode(), instant=at, **columns)
    desk.sign()
    faults, walked = report_of(desk)
    assert walked == [4_000_000_000]
    assert "The columns of the entry do not say what its bytes say." in [fault.words for fault in faults]


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b'{"actor":{"ref":"u_tester"},"at":"x'])
def test_bytes_that_are_no_entry_are_said_to_be_none(desk, body):
    desk.write(5)
    forge(desk, body)
    desk.sign()
    faults, _ = report_of(desk)
    assert any("not in the form of an entry" in fault.words for fault in faults)
    with pytest.raises(CommandError, match="is not whole"):
        desk.run("verify")
