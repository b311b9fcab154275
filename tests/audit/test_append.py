"""append(): the bytes it writes, what it keeps out of them, and what it refuses."""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError
from django.http import HttpResponse
from django.test import RequestFactory

from audit import registry
from audit.canonical import NotCanonical, canonical
from audit.context import session_digest
from audit.entries import SYSTEM, Actor, Changed, NotAnEntry, Seen, append
from audit.logs import origin
from audit.middleware import SessionDigestMiddleware, digest_of
from audit.models import Entry, Payload
from audit.payload import payload_context
from audit.registry import EventSpec, UnknownEvent
from sealing.boxes import open_bytes
from sealing.gcm import CannotOpen
from sealing.keys import new_key

ANN = Actor("u_ann", role="HANDLER")
FOLDER = Seen("folder", "F-1", 3)


def body(entry_id):
    return json.loads(bytes(Entry.objects.get(pk=entry_id).body))


def test_an_entry_says_what_it_was_given_and_nothing_more(db):
    before = datetime.now(UTC)
    entry_id = append(event="folder.viewed", actor=ANN, obj=FOLDER, detail={"page": 2})
    written = body(entry_id)
    at = datetime.fromisoformat(written.pop("at"))
    assert before - timedelta(seconds=1) < at < datetime.now(UTC) + timedelta(seconds=1)
    assert written == {
        "v": 1,
        "id": entry_id,
        "event": "folder.viewed",
        "actor": {"ref": "u_ann", "role": "HANDLER"},
        "object": {"type": "folder", "ref": "F-1", "seen_version": 3},
        "detail": {"page": 2},
    }


def test_what_does_not_apply_is_left_out(db):
    written = body(append(event="folder.viewed", actor=SYSTEM, detail={}, commits={}))
    assert set(written) == {"v", "id", "at", "event", "actor"}
    assert written["actor"] == {"ref": "system"}


def test_the_bytes_are_canonical(db):
    deputy = Actor("u_ann", role="HANDLER", on_behalf_of="u_bob")
    detail = {"ö": "naïve\n", "codes": ["B", "A"], "€": {"z": 1, "a": None}, "\ufb33": True, "😀": -5}
    entry_id = append(event="folder.viewed", actor=deputy, obj=FOLDER, detail=detail)
    stored = bytes(Entry.objects.get(pk=entry_id).body)
    assert canonical(json.loads(stored)) == stored
    assert json.loads(stored)["detail"] == detail
    assert json.loads(stored)["actor"]["on_behalf_of"] == "u_bob"


def test_the_clock_is_the_databases_own_when_the_entry_is_written(db):
    ids = [append(event="folder.viewed", actor=ANN) for _ in range(3)]
    instants = [body(entry_id)["at"] for entry_id in ids]
    assert len(set(instants)) == 3, "now() would stand still within a transaction"
    assert instants == sorted(instants)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", instant) for instant in instants)


def test_an_instant_that_was_read_with_the_lock_is_kept(db):
    at = datetime.now(UTC) - timedelta(seconds=5)
    entry_id = append(event="folder.viewed", actor=ANN, at=at)
    assert datetime.fromisoformat(body(entry_id)["at"]) == at
    assert Entry.objects.get(pk=entry_id).at == at


def test_text_that_looks_like_the_gap_for_the_clock_stays_text(db):
    trap = '"at":"0000-00-00T00:00:00.000000Z"'
    entry_id = append(event="folder.viewed", actor=Actor(trap), detail={"trap": trap})
    assert body(entry_id)["actor"]["ref"] == trap
    assert body(entry_id)["detail"] == {"trap": trap}


def test_ids_are_random(db):
    ids = [append(event="folder.viewed", actor=ANN) for _ in range(20)]
    assert len(set(ids)) == 20
    assert all(1 <= entry_id < 2**53 for entry_id in ids)
    assert max(ids) - min(ids) > 2**40
    assert ids != sorted(ids)


def test_one_entry_is_one_query(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        append(event="folder.viewed", actor=ANN, obj=FOLDER)


def test_an_entry_can_go_to_either_log(db):
    sealed = append(event="folder.viewed", actor=ANN, log="sealed")
    assert Entry.objects.get(pk=sealed).log == "sealed"
    assert Entry.objects.get(pk=append(event="folder.viewed", actor=ANN)).log == "main"


def test_personal_values_are_committed_to_and_sealed(db):
    key = new_key()
    values = {"reason": "Mrs Ω Hale, born 1 May 1970", "note": "rang back at noon"}
    entry_id = append(event="folder.viewed", actor=ANN, obj=FOLDER, commits=values, key=key)
    stored = bytes(Entry.objects.get(pk=entry_id).body)
    assert b"Hale" not in stored
    for name, value in values.items():
        box = bytes(Payload.objects.get(entry_id=entry_id, name=name).box)
        assert value.encode() not in box
        context = payload_context(origin=origin("main"), entry_id=entry_id, event="folder.viewed", name=name)
        opened = open_bytes(key, box, context)
        assert opened[32:].decode() == value
        assert hashlib.sha256(opened).hexdigest() == json.loads(stored)["commits"][name]


def test_the_same_value_is_never_committed_to_alike(db):
    key = new_key()
    found = {
        body(append(event="folder.viewed", actor=ANN, commits={"name": "Hale"}, key=key))["commits"]["name"]
        for _ in range(3)
    }
    assert len(found) == 3


def test_a_payload_opens_only_where_it_belongs(db):
    key = new_key()
    one, two = (
        append(event="folder.viewed", actor=ANN, commits={"name": "a", "note": "b"}, key=key)
        for _ in range(2)
    )
    right = {"origin": origin("main"), "entry_id": one, "event": "folder.viewed", "name": "name"}
    box = bytes(Payload.objects.get(entry_id=one, name="name").box)
    open_bytes(key, box, payload_context(**right))
    for wrong in ({"origin": origin("sealed")}, {"entry_id": two}, {"event": "x.y"}, {"name": "note"}):
        with pytest.raises(CannotOpen):
            open_bytes(key, box, payload_context(**right | wrong))


def test_values_need_a_key(db):
    with pytest.raises(NotAnEntry, match="key"):
        append(event="folder.viewed", actor=ANN, commits={"name": "Hale"})


def test_an_unknown_event_is_refused(db):
    with pytest.raises(UnknownEvent, match=r"folder\.burnt"):
        append(event="folder.burnt", actor=ANN)


@pytest.mark.parametrize(
    ("event", "obj"),
    [
        ("folder.changed", None),
        ("folder.changed", Seen("folder", "F-1", 1)),
        ("folder.viewed", Changed("folder", "F-1", 1)),
    ],
)
def test_an_event_goes_with_its_kind_of_object(db, event, obj):
    with pytest.raises(NotAnEntry, match="change"):
        append(event=event, actor=ANN, obj=obj)


@pytest.mark.parametrize("detail", [{"x": 0.5}, {"x": object()}, {"x": "\ud800"}, {"x": 2**60}])
def test_what_json_cannot_hold_exactly_is_refused(db, detail):
    with pytest.raises(NotCanonical):
        append(event="folder.viewed", actor=ANN, detail=detail)


def test_a_long_entry_is_refused_before_the_database_sees_it(db, django_assert_num_queries):
    with django_assert_num_queries(0), pytest.raises(NotAnEntry, match="16,384"):
        append(event="folder.viewed", actor=ANN, detail={"x": "a" * 16_384})


@pytest.mark.committed
def test_an_entry_outside_a_transaction_is_refused():
    with pytest.raises(TransactionManagementError):
        append(event="folder.viewed", actor=ANN)


@pytest.mark.committed
def test_an_entry_shares_the_fate_of_its_transaction():
    with transaction.atomic():
        append(event="folder.viewed", actor=ANN)
        transaction.set_rollback(True)
    assert not Entry.objects.exists()
    with transaction.atomic():
        append(event="folder.viewed", actor=ANN)
    assert Entry.objects.count() == 1


def test_the_session_is_named_by_a_keyed_digest(db, settings):
    request = RequestFactory().get("/")
    request.session = type("Session", (), {"session_key": "s" * 32})()
    seen = []

    def page(_request):
        seen.append(body(append(event="folder.viewed", actor=ANN))["session"])
        return HttpResponse()

    SessionDigestMiddleware(page)(request)
    assert seen == [digest_of("s" * 32)]
    assert re.fullmatch("[0-9a-f]{32}", seen[0])
    assert session_digest.get() == "", "nothing of it stays for the next request of the thread"
    settings.AUDIT_SESSION_KEY = "another"
    assert digest_of("s" * 32) != seen[0]


def test_there_is_no_digest_without_a_session():
    assert digest_of(None) == digest_of("") == ""


def test_every_registered_event_reads_like_one_and_says_what_it_is():
    for name, spec in registry.all_events().items():
        assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", name)
        assert spec.words[:1].isupper()


def test_an_event_keeps_its_meaning():
    known = registry.spec("log.viewed")
    registry.register([known])
    with pytest.raises(ValueError, match="twice"):
        registry.register([EventSpec("log.viewed", changes=True, words="Log read")])
