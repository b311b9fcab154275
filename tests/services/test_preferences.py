"""The register of preferences: what it takes, what it keeps, and that it knows nobody by name."""

from dataclasses import replace

import pytest
from django.db import Error, connection, transaction

from audit.models import Entry
from privacy.services import PreferenceInput, PreferenceRefused, record_preference
from tests.services.test_objections import ANN, RETAIL, says
from tests.world import World

pytestmark = pytest.mark.django_db


def body(entry: Entry) -> str:
    return bytes(entry.body).decode()


def test_the_register_and_the_log_know_nobody_by_name(world: World) -> None:
    row = says(world, "CONSENT", ANN, channel="EMAIL", company=RETAIL)
    entry = Entry.objects.get(event="preference.recorded", object_ref=row.ref)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p::text || m::text FROM privacy_preference p JOIN privacy_preferencemark m ON m.preference_id = p.id"
        )
        stored = body(entry) + "".join(text for (text,) in cursor.fetchall())
    for personal in ("Ann", "1980", "ann@", "960001", "A-1", "A1"):
        assert personal not in stored
    assert '"channel":"EMAIL"' in body(entry)


def test_the_same_record_twice_is_one_and_with_other_content_is_refused(world: World) -> None:
    given = PreferenceInput(
        record_id="x", kind="OPT_OUT", said_at=world.now, source="LETTER", email="ann@example.org"
    )
    first = record_preference(given=given, actor=None, now=world.now)
    second = record_preference(given=given, actor=None, now=world.now)
    assert (first.is_new, second.is_new, second.preference) == (True, False, first.preference)
    with pytest.raises(PreferenceRefused, match="says something else"):
        record_preference(given=replace(given, email="ben@example.org"), actor=None, now=world.now)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"record_id": " "}, "record_id is empty"),
        ({"kind": "MAYBE"}, "kind is none of"),
        ({"channel": "FAX"}, "channel is none of"),
        ({"source": "RUMOUR"}, "source is none of"),
        ({"company": "nowhere"}, "not the code of an organisation"),
        ({"kind": "CONSENT", "company": RETAIL}, "names the company and the channel"),
        ({"kind": "CONSENT", "channel": "SMS"}, "names the company and the channel"),
        ({"kind": "CONSENT", "channel": "SMS", "company": RETAIL, "source": "CONTRACT"}, "is no consent"),
        ({"email": "", "name": "Ann Example"}, "Nothing says whose it is"),
        ({"born_on": "17.4.1988"}, "born_on is no date"),
        ({"kind": "TPS_CLEAR"}, "needs the phone"),
        ({"kind": "OVERRULED"}, "overruled at the desk"),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_relied_on_is_refused(world: World, changes: dict, sentence: str) -> None:
    given = PreferenceInput(
        record_id="x", kind="OPT_OUT", said_at=world.now, source="LETTER", email="ann@example.org"
    )
    with pytest.raises(PreferenceRefused, match=sentence):
        record_preference(given=replace(given, **changes), actor=None, now=world.now)


def test_nothing_was_said_tomorrow(world: World) -> None:
    with pytest.raises(PreferenceRefused, match="in the future"):
        says(world, "OPT_OUT", ANN, -1)


@pytest.mark.parametrize(("who", "may"), [("clerk", True), ("dpo", True), ("auditor", False), ("holder", False), ("outsider", False)])  # fmt: skip
def test_the_desk_records_what_people_ask_for(world: World, who: str, may: bool) -> None:
    given = PreferenceInput(
        record_id="x", kind="OPT_OUT", said_at=world.now, source="LETTER", email="ann@example.org"
    )
    if may:
        assert record_preference(given=given, actor=world[who], now=world.now).preference.hand == world[who]
    else:
        with pytest.raises(PreferenceRefused, match="Only the desk"):
            record_preference(given=given, actor=world[who], now=world.now)


def test_only_the_protection_officer_or_the_head_overrules(world: World) -> None:
    given = PreferenceInput(
        record_id="x", kind="OVERRULED", said_at=world.now, source="DESK", email="ann@example.org"
    )
    with pytest.raises(PreferenceRefused, match="overrules"):
        record_preference(given=given, actor=world["handler"], now=world.now)
    assert record_preference(given=given, actor=world["dpo"], now=world.now).is_new


@pytest.mark.parametrize("sql", [
    "UPDATE privacy_preference SET kind = 'OFFERED', version = version + 1",
    "DELETE FROM privacy_preference",
    "UPDATE privacy_preferencemark SET digest = repeat('0', 64)",
    "DELETE FROM privacy_preferencemark",
])  # fmt: skip
def test_what_was_said_stays_said(world: World, sql: str) -> None:
    says(world, "OPT_OUT", ANN)
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
