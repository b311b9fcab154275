"""Who may read `sealed`: named, dated, given by the head of legal; for everybody else it leaves no trace."""

import json
import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Value
from django.urls import reverse

from accounts.roles import Role
from audit import hooks
from audit.clearances import ClearanceRefused, end_clearance, give_clearance, is_cleared
from audit.entries import SYSTEM, Actor, Seen, append
from audit.models import Clearance, Entry

from .desk import browser, make_office

pytestmark = pytest.mark.django_db

LOG, PAGE = reverse("audit:log"), reverse("audit:clearances")
LOGS_PAGES = [
    LOG,
    reverse("audit:checkpoints"),
    reverse("audit:verifications"),
    reverse("audit:export", args=["csv"]),
]


@pytest.fixture
def office(db):
    return make_office()


@pytest.fixture
def auditor(office):
    return browser(office.auditor)


@pytest.fixture
def legal(office):
    return browser(office.legal)


@pytest.fixture
def hidden_folders(monkeypatch):
    """References of folders that are hidden now, as another app would say it."""
    refs = {"nothing yet"}

    def rows(reference):
        found = Entry.objects.filter(object_ref__in=refs, object_type="folder")
        return found.alias(asked=Value(1)).filter(object_ref=reference)

    monkeypatch.setitem(hooks._hidden, "folder", rows)
    return refs


def clear(office, *, until=30, begins=0):
    return give_clearance(
        reader=office.auditor.ref,
        ground="STATUTORY",
        document="Engagement letter 14/2026",
        valid_from=office.now + timedelta(days=begins) - timedelta(minutes=1),
        valid_until=office.now + timedelta(days=until),
        actor=Actor(office.legal.ref),
        now=office.now,
    )


def say(ref="F-1", log="main"):
    return append(event="folder.viewed", actor=Actor("u_ann"), obj=Seen("folder", ref, 1), log=log)


def ids(client, **query):
    answer = client.get(LOG, query)
    assert answer.status_code == 200
    return {row.entry.id for row in answer.context["rows"]}


def newest(log, event):
    entry = Entry.objects.filter(log=log, event=event).order_by("-at", "-id")[0]
    return entry, json.loads(bytes(entry.body))


def given(office, **more):
    day = office.now.astimezone()
    last = day + timedelta(days=20)
    return {
        "reader": office.auditor.ref, "ground": "REGULATOR", "document": "Notice 7",
        "since": f"{day:%d %m %Y}", "until": f"{last:%d %m %Y}", **more,
    }  # fmt: skip


def test_the_head_of_legal_clears_an_auditor_and_the_entry_is_in_sealed(office, legal):
    assert "Nobody was ever cleared." in legal.get(PAGE).content.decode()
    answer = legal.post(PAGE, given(office))
    assert (answer.status_code, answer.url) == (302, PAGE)
    row = Clearance.objects.get()
    assert is_cleared(office.auditor.ref, office.now + timedelta(minutes=1))
    entry, body = newest("sealed", "clearance.given")
    assert (entry.actor, entry.object_ref, entry.object_version) == (office.legal.ref, row.ref, 1)
    assert body["detail"] == {
        "reader": office.auditor.ref,
        "ground": "REGULATOR",
        "from": row.valid_from.isoformat(),
        "until": row.valid_until.isoformat(),
    }
    assert not Entry.objects.filter(log="main", event__startswith="clearance").exists()
    page = " ".join(legal.get(PAGE).content.decode().split())
    assert "Ada Auditor <strong>cleared now</strong>" in page
    assert "A regulator&#x27;s inspection" in page


def test_it_is_ended_early_and_once(office, legal):
    ref = clear(office).ref
    assert legal.post(PAGE, {"end": ref}).status_code == 302
    assert not is_cleared(office.auditor.ref, office.now + timedelta(minutes=1))
    assert newest("sealed", "clearance.ended")[0].object_ref == ref
    again = legal.post(PAGE, {"end": ref})
    assert again.status_code == 422
    assert "This clearance has already ended." in again.content.decode()
    assert legal.post(PAGE, {"end": "k_nothing"}).status_code == 422


def test_it_holds_from_its_first_day_to_its_last(office):
    row = clear(office, begins=2, until=4)
    assert not is_cleared(office.auditor.ref, row.valid_from - timedelta(seconds=1))
    assert is_cleared(office.auditor.ref, row.valid_from)
    assert not is_cleared(office.auditor.ref, row.valid_until)


def test_all_that_is_wrong_is_told_at_once(office, legal):
    page = legal.post(PAGE, {"since": "yesterday"})
    assert page.status_code == 422
    for words in (
        "Choose an auditor.",
        "Choose the ground.",
        "Name the document that shows the ground.",
        "First day must be a real date",
        "Last day is needed",
    ):
        assert words in page.content.decode()
    backwards = legal.post(PAGE, given(office, until="1 1 2020"))
    assert "The last day must not be before the first." in backwards.content.decode()
    past = legal.post(PAGE, given(office, since="1 1 2020", until="2 1 2020"))
    assert "nor in the past" in past.content.decode()
    assert not Clearance.objects.exists()


def test_only_an_auditor_can_be_chosen_and_nobody_twice_for_the_same_time(office, legal):
    assert legal.post(PAGE, given(office, reader=office.legal.ref)).status_code == 422
    clear(office)
    assert "already cleared for a part of that time" in legal.post(PAGE, given(office)).content.decode()
    with pytest.raises(ClearanceRefused, match="Nobody clears themselves"):
        give_clearance(
            reader="u_a", ground="COURT", document="x", valid_from=office.now, actor=Actor("u_a"), now=office.now,
            valid_until=office.now + timedelta(days=1),
        )  # fmt: skip


@pytest.mark.parametrize(
    "role", [role for role in Role if role != Role.HEAD_OF_LEGAL and "GROUP" not in role]
)
def test_for_everybody_else_there_is_no_such_page(office, role):
    somebody = browser(office.hire("Somebody Else", role))
    missing = somebody.get(reverse("audit:entry", args=[5]))
    for answer in (somebody.get(PAGE), somebody.post(PAGE, given(office))):
        assert answer.status_code == 404
        assert plain(answer) == plain(missing)
    assert not Clearance.objects.exists()


def plain(answer):
    """Without the token, and without the page's own address, to which a change of theme leads back."""
    page = re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1", answer.content.decode())
    return re.sub(r'value="/log/[^"]*"', "", page)


def test_whoever_is_not_cleared_is_told_nothing_by_any_address(office, auditor):
    say("F-1")
    kept = say("F-2", log="sealed")
    for address in LOGS_PAGES:
        asked, control = auditor.get(f"{address}?log=sealed"), auditor.get(f"{address}?log=nothing")
        assert asked.status_code == control.status_code == 200
        one, other = plain(asked), plain(control).replace("log=nothing", "log=sealed")
        if address != LOG and "csv" not in address:
            assert one == other
        assert "F-2" not in one
        assert "Which log" not in one
    for scope in ("sealed", "main-hidden"):
        assert kept not in ids(auditor, log=scope)
    missing = auditor.get(reverse("audit:entry", args=[7]))
    assert plain(auditor.get(reverse("audit:entry", args=[kept]))) == plain(missing)
    assert auditor.get(reverse("audit:checkpoint", args=[1]) + "?log=sealed").status_code == 404


def test_whoever_is_cleared_reads_both_and_main_still_as_everybody_does(office, auditor, hidden_folders):
    shown, hidden, kept = say("F-1"), say("F-9"), say("F-2", log="sealed")
    hidden_folders.add("F-9")
    clear(office)
    assert {shown, hidden, kept} & ids(auditor) == {shown}
    assert {shown, hidden, kept} & ids(auditor, log="main-hidden") == {shown, hidden}
    assert {shown, hidden, kept} & ids(auditor, log="sealed") == {kept}
    for entry_id in (shown, hidden, kept):
        assert auditor.get(reverse("audit:entry", args=[entry_id])).status_code == 200
    for address in LOGS_PAGES[1:3]:
        assert "sealed" in auditor.get(f"{address}?log=sealed").content.decode()


def test_reading_what_not_every_auditor_sees_is_told_in_sealed(office, auditor, hidden_folders):
    hidden, kept = say("F-9"), say("F-2", log="sealed")
    hidden_folders.add("F-9")
    clear(office)
    ids(auditor)
    before = Entry.objects.filter(log="main").count()
    ids(auditor, log="sealed")
    ids(auditor, log="main-hidden", about="F-9")
    for address in LOGS_PAGES[1:]:
        auditor.get(f"{address}?log=sealed")
    for entry_id in (hidden, kept):
        auditor.get(reverse("audit:entry", args=[entry_id]))
    assert Entry.objects.filter(log="main").count() == before
    told = Entry.objects.filter(log="sealed", actor=office.auditor.ref, event="log.viewed").count()
    assert (told, Entry.objects.filter(log="sealed", event="log.exported").count()) == (6, 1)
    ids(auditor)
    assert Entry.objects.filter(log="main").count() == before + 1


def test_a_clearance_that_has_ended_shows_nothing_more(office, auditor):
    kept = say("F-2", log="sealed")
    ref = clear(office).ref
    assert kept in ids(auditor, log="sealed")
    end_clearance(ref=ref, actor=Actor(office.legal.ref), now=office.now)
    assert kept not in ids(auditor, log="sealed")


def test_a_cleared_person_who_is_no_auditor_reads_nothing(office):
    somebody = office.hire("Somebody Else", Role.HANDLER)
    give_clearance(
        reader=somebody.ref, ground="INTERNAL", document="x", valid_from=office.now - timedelta(minutes=1),
        valid_until=office.now + timedelta(days=1), actor=Actor(office.legal.ref), now=office.now,
    )  # fmt: skip
    assert browser(somebody).get(f"{LOG}?log=sealed").status_code == 404


def test_no_clearance_without_its_entry_and_none_is_rewritten(office):
    silent = Clearance(
        reader="u_a", ground="COURT", document="x", given_by="u_b", given_at=office.now,
        valid_from=office.now, valid_until=office.now + timedelta(days=1),
    )  # fmt: skip
    with pytest.raises(DatabaseError, match="has no entry in the log"), transaction.atomic():
        _commit(silent)
    clear(office)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Clearance.objects.update(valid_until=office.now + timedelta(days=900))
    assert append(event="log.heartbeat", actor=SYSTEM)


def _commit(row):
    row.save()
    connection.check_constraints()
