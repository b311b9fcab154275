"""The auditor's page: who may open it, what it shows and hides, its filters and its pages."""

import html
import json
import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Value
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from accounts.services import end_membership
from audit import hooks, selectors
from audit.entries import SYSTEM, Actor, Seen, append
from audit.models import Checkpoint, Entry
from audit.sequencer import Sequencer

from .conftest import default_connection, tampering
from .desk import browser, make_office, write_many

LOG = reverse("audit:log")


@pytest.fixture
def office(db):
    return make_office()


@pytest.fixture
def auditor(office):
    return browser(office.auditor)


def look(client, **query):
    answer = client.get(LOG, query)
    assert answer.status_code == 200
    return answer


def ids(answer):
    return [row.entry.id for row in answer.context["rows"]]


def events(answer):
    return {row.entry.event for row in answer.context["rows"]}


def without_token(answer):
    return re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1", answer.content.decode())


def say(ref="F-1", *, actor="u_ann", event="folder.viewed", log="main", **detail):
    return append(event=event, actor=Actor(actor), obj=Seen("folder", ref, 1), log=log, detail=detail)


def last(event="log.viewed"):
    entry = Entry.objects.filter(event=event).order_by("-at", "-id")[0]
    return entry, json.loads(bytes(entry.body))


def test_an_auditor_reads_the_log(auditor):
    say("F-9", actor="u_ann", action="OPEN")
    page = html.unescape(look(auditor).content.decode())
    for words in (
        "Folder opened",
        "F-9",
        "u_ann",
        "action OPEN",
        "Person registered",
        "Role given",
        "not yet",
    ):
        assert words in page


@pytest.mark.parametrize(
    "role", [*(role for role in Role if role != Role.AUDITOR and "GROUP" not in role), None]
)
def test_nobody_else_does(office, role):
    somebody = browser(office.hire("Somebody Else", role))
    entry_id = say()
    for address in (LOG, f"{LOG}?event=folder.viewed", reverse("audit:entry", args=[entry_id])):
        answer = somebody.get(address)
        assert answer.status_code == 404
        assert b"Folder opened" not in answer.content
        entry, body = last("log.refused")
        assert (entry.object_ref, body.get("detail")) == (None, None)


def test_a_superuser_is_nobody_special(office):
    office.legal.is_superuser = office.legal.is_staff = True
    assert browser(office.legal).get(LOG).status_code == 404


def test_an_auditor_of_yesterday_reads_nothing(office, auditor):
    held = office.auditor.memberships.get()
    end_membership(membership_id=held.pk, at=office.now + timedelta(seconds=1), actor=None, now=office.now)
    look(auditor)
    type(held).objects.all()
    assert not hooks.people().may_read(office.auditor, office.now + timedelta(seconds=1))


def test_a_stranger_is_sent_to_the_sign_in(client, office):
    for address in (LOG, reverse("audit:entry", args=[5])):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("account_login"))


def test_nothing_is_changed_by_asking(auditor):
    assert auditor.post(LOG).status_code == 405


def test_reading_the_log_is_in_the_log(office, auditor):
    look(auditor)
    entry, body = last()
    assert (entry.actor, entry.object_ref) == (office.auditor.ref, None)
    assert re.fullmatch("[0-9a-f]{32}", body["session"])
    assert "detail" not in body
    assert last()[0].id in ids(look(auditor))


def test_what_was_asked_for_is_recorded_in_codes(office, auditor):
    say("F-9", actor=office.legal.ref)
    look(
        auditor, event="folder.viewed", who="lena legal", about="F-9", since="24 11 2020", until="24/11/2036"
    )
    assert last()[1]["detail"] == {
        "event": "folder.viewed",
        "actor": office.legal.ref,
        "object": "F-9",
        "since": "2020-11-24",
        "until": "2036-11-24",
    }


def test_what_is_typed_and_found_nowhere_is_not_recorded(auditor):
    look(auditor, about="Mrs Hale, 1 May 1970")
    assert "detail" not in last()[1]
    before = Entry.objects.count()
    look(auditor, who="Mrs Hale")
    assert Entry.objects.count() == before, "nothing was shown"


def test_it_shows_the_log_main_and_never_the_sealed_one(auditor):
    shown, kept = say("F-1"), say("F-2", log="sealed")
    assert shown in ids(look(auditor))
    assert kept not in ids(look(auditor))
    assert ids(look(auditor, about="F-2")) == []
    assert auditor.get(reverse("audit:entry", args=[kept])).status_code == 404


@pytest.fixture
def hidden_folders(monkeypatch):
    """References of folders that are hidden now, as another app would say it."""
    refs = {"nothing yet"}

    def rows(reference):
        found = Entry.objects.filter(object_ref__in=refs, object_type="folder")
        return found.alias(asked=Value(1)).filter(object_ref=reference)

    monkeypatch.setitem(hooks._hidden, "folder", rows)
    return refs


def test_entries_of_a_hidden_object_are_not_there(auditor, hidden_folders):
    hidden, shown, plain = say("F-1"), say("F-2"), append(event="folder.viewed", actor=SYSTEM)
    assert {hidden, shown, plain} <= set(ids(look(auditor)))
    hidden_folders.add("F-1")
    assert {hidden, shown, plain} & set(ids(look(auditor))) == {shown, plain}
    absent, concealed = (look(auditor, about=ref) for ref in ("F-7", "F-1"))
    assert ids(concealed) == []
    assert without_token(concealed).replace("F-1", "F-7") == without_token(absent)


def test_a_hidden_entry_and_a_missing_one_are_the_same(auditor, hidden_folders):
    hidden = say("F-1")
    hidden_folders.add("F-1")
    answers = [
        auditor.get(reverse("audit:entry", args=[entry_id])) for entry_id in (hidden, 2**53 + 1, 10**30)
    ]
    assert [answer.status_code for answer in answers] == [404] * 3
    refusals = Entry.objects.filter(event="log.refused")
    bodies = [json.loads(bytes(refusal.body)) for refusal in refusals]
    assert len({json.dumps({k: v for k, v in body.items() if k not in ("id", "at")}) for body in bodies}) == 1


def test_requests_that_are_restricted_are_hidden():
    assert "request" in hooks.hidden()


def test_it_filters_by_event(auditor):
    say()
    assert events(look(auditor, event="folder.viewed")) == {"folder.viewed"}
    assert auditor.get(LOG, {"event": "no.such"}).context["form"].errors


def test_it_filters_by_name_or_reference(office, auditor):
    mine = say(actor=office.legal.ref)
    for typed in ("Lena Legal", "lena", office.legal.ref):
        assert ids(look(auditor, who=typed)) == [mine]
    assert events(look(auditor, who="system")) >= {"user.registered", "membership.granted"}


def test_a_name_of_several_people_asks_which(office, auditor):
    other = office.hire("Lena Lawful", None)
    page = html.unescape(look(auditor, who="Lena").content.decode())
    for person in (office.legal, other):
        assert f"{person.display_name} is {person.ref}" in page


def test_a_name_nobody_has_says_so(auditor):
    assert "Nobody here goes by that name." in look(auditor, who="Zoe").content.decode()


def test_it_filters_by_object(auditor):
    first, second = say("F-1"), say("F-1")
    say("F-2")
    assert ids(look(auditor, about=" F-1 ")) == [second, first]


def test_it_filters_by_days_of_london(auditor):
    say()
    today = f"{Entry.objects.latest('at').at.astimezone():%d %m %Y}"
    assert ids(look(auditor, since=today, until=today))
    for nothing in ({"since": "1 January 2090"}, {"until": "31-12-1999"}):
        assert ids(look(auditor, **nothing)) == []


@pytest.mark.parametrize("typed", ["2026-13-45", "31 2 2026", "yesterday"])
def test_a_day_that_is_none_says_what_to_type(auditor, typed):
    page = look(auditor, since=typed)
    assert "From must be a real date: day, month and year, such as 24 11 2026." in page.content.decode()
    assert page.context["rows"] == []


def test_days_in_the_wrong_order_say_so(auditor):
    assert "To must not be before From." in look(auditor, since="2 1 2026", until="1 1 2026").content.decode()


def test_pages_lead_through_everything_once_and_back(auditor):
    write_many(130)
    query = {"event": "folder.viewed"}
    everything = list(Entry.objects.filter(**query).order_by("-at", "-id").values_list("id", flat=True))
    down, page = [], look(auditor, **query)
    assert page.context["newer"] == ""
    while True:
        down.append(ids(page))
        if not page.context["older"]:
            break
        page = auditor.get(LOG + page.context["older"])
    assert [len(part) for part in down] == [50, 50, 30]
    assert [entry_id for part in down for entry_id in part] == everything
    page = auditor.get(LOG + page.context["newer"])
    assert ids(page) == down[1]
    page = auditor.get(LOG + page.context["newer"])
    assert ids(page) == down[0]
    assert page.context["newer"] == ""
    assert "event=folder.viewed" in page.context["older"]


def test_entries_of_the_same_instant_are_neither_lost_nor_doubled(office):
    at = office.now
    for _ in range(120):
        append(event="folder.viewed", actor=SYSTEM, at=at)
    entries = selectors.filtered(event="folder.viewed", since=None, until=None)
    seen, place = [], None
    while True:
        page = selectors.page(entries, place)
        seen += [row.id for row in page.rows]
        if not page.older:
            break
        place = selectors.read_place(page.older)
    assert len(seen) == len(set(seen)) == 120
    back = selectors.page(entries, selectors.read_place(page.newer, newer=True))
    assert [row.id for row in back.rows] == seen[50:100]


@pytest.mark.parametrize("cursor", ["", "x", "1-", "-5", "1-2-3", "٣-٤", "9" * 17 + "-1", "1-" + "9" * 40])
def test_a_cursor_that_is_none_begins_at_the_top(auditor, cursor):
    newest = say()
    assert newest in ids(look(auditor, older=cursor, event="folder.viewed"))


def test_the_number_of_queries_is_the_same_at_any_length(office, auditor):
    look(auditor)
    counts = []
    for more in (20, 180, 4800):
        write_many(more, actor=f"'{office.auditor.ref}'")
        with CaptureQueriesContext(
            connection,
        ) as caught:
            look(auditor)
        counts.append([query["sql"].split()[0] for query in caught])
    assert counts[0] == counts[1] == counts[2]
    asked = [word for word in counts[0] if word in ("SELECT", "INSERT")]
    assert len(asked) == QUERIES_OF_THE_PAGE, asked


# Session, person, second factor, role, clearance, entries, names, indexes, the entry that says who looked, the frame.
QUERIES_OF_THE_PAGE = 10


def test_an_entry_has_a_page_of_its_own(auditor):
    entry_id = say("F-1", action="OPEN")
    answer = auditor.get(reverse("audit:entry", args=[entry_id]))
    page = html.unescape(answer.content.decode())
    for words in (
        "Folder opened",
        "F-1",
        "seen at version 1",
        '"action": "OPEN"',
        "has not been sequenced yet",
    ):
        assert words in page
    assert last()[1]["detail"] == {"entry": entry_id}


@pytest.mark.committed
def test_a_sequenced_entry_shows_its_index_and_its_checkpoint(committed_db):
    office = make_office()
    with transaction.atomic():
        entry_id = say("F-1")
    with default_connection(committed_db, "sequencer"):
        Sequencer("main").drain()
    auditor = browser(office.auditor)
    answer = auditor.get(reverse("audit:entry", args=[entry_id]))
    shown = answer.context["sequenced"]
    assert shown.hash_is_in_tree
    assert shown.checkpoint == Checkpoint.objects.get()
    page = html.unescape(answer.content.decode())
    assert Checkpoint.objects.get().note in page
    assert "has not been sequenced yet" not in page
    assert shown.index in [row.index for row in look(auditor).context["rows"]]


@pytest.mark.committed
def test_an_entry_that_the_tree_does_not_bear_out_is_shown_as_such(committed_db):
    office = make_office()
    with transaction.atomic():
        entry_id = say("F-1")
    with default_connection(committed_db, "sequencer"):
        Sequencer("main").drain()
    auditor = browser(office.auditor)
    address = reverse("audit:entry", args=[entry_id])
    with committed_db.connect("owner") as owner:
        with tampering(owner):
            owner.execute("UPDATE audit_entry SET body = body || ' ' WHERE id = %s", [entry_id])
        assert "does not bear this entry out" in auditor.get(address).content.decode()
        with tampering(owner):
            owner.execute("UPDATE audit_entry SET body = rtrim(body, ' ') WHERE id = %s", [entry_id])
        assert "does not bear this entry out" not in auditor.get(address).content.decode()
        with tampering(owner):
            owner.execute("DELETE FROM audit_checkpoint")
        assert "does not bear this entry out" in auditor.get(address).content.decode()


@pytest.mark.committed
def test_the_view_is_committed_before_the_page_is_sent(committed_db):
    office = make_office()
    auditor = browser(office.auditor)
    look(auditor)
    with committed_db.connect("owner") as other:
        query = "SELECT actor FROM audit_entry WHERE event = 'log.viewed'"
        assert other.execute(query).fetchall() == [(office.auditor.ref,)]
