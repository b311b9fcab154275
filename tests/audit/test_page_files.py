"""The auditor's checkpoints, who holds them, and the page of the log as a file."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse

from accounts.roles import Role
from audit import verifier
from audit.entries import Actor, Seen, append
from audit.files import defused
from audit.logs import verifiers
from audit.models import Entry
from audit.sequencer import Sequencer

from .conftest import default_connection
from .desk import browser, make_office
from .log_desk import LogDesk
from .witness_desk import COSIGNER, a_witness

pytestmark = pytest.mark.committed

CHECKPOINTS = reverse("audit:checkpoints")


@pytest.fixture
def office(committed_db):
    return make_office()


@pytest.fixture
def auditor(office):
    return browser(office.auditor)


def say(ref, **detail):
    with transaction.atomic():
        return append(event="folder.viewed", actor=Actor("u_ann"), obj=Seen("folder", ref, 1), detail=detail)


def sign(database):
    with default_connection(database, "sequencer"):
        Sequencer("main").drain()


def export(client, form, **query):
    answer = client.get(reverse("audit:export", args=[form]), query)
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="log.{form}"'
    return answer.content.decode("utf-8-sig")


def test_a_table_has_what_the_page_shows_and_runs_no_formula(auditor, committed_db):
    entry_id = say("=1+1", action="@SUM(A1)")
    say("F-2")
    sign(committed_db)
    rows = list(csv.DictReader(io.StringIO(export(auditor, "csv", about="=1+1"))))
    assert [row["Id"] for row in rows] == [str(entry_id)]
    assert rows[0]["Reference"] == "'=1+1"
    assert rows[0]["What"] == "Folder opened"
    assert rows[0]["Index"].isdecimal()
    told = json.loads(bytes(Entry.objects.get(event="log.exported").body))["detail"]
    assert told == {"object": "=1+1", "form": "csv", "entries": 1}


@pytest.mark.parametrize(
    "cell", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＋1", "－1", "＠x"]
)
def test_a_cell_that_a_spreadsheet_would_run_is_defused(cell):
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "a=1", "3", None, "'x"])
def test_any_other_cell_stays(cell):
    assert defused(cell) == ("" if cell is None else cell)


def test_every_line_brings_a_proof_that_the_verifier_believes(auditor, committed_db):
    for number in range(5):
        say(f"F-{number}")
    sign(committed_db)
    late = say("F-late")
    lines = [json.loads(line) for line in export(auditor, "jsonl", event="folder.viewed").splitlines()]
    assert [line["entry"]["object"]["ref"] for line in lines] == ["F-late", "F-4", "F-3", "F-2", "F-1", "F-0"]
    assert (lines[0]["entry"]["id"], lines[0]["index"], lines[0]["proof"]) == (late, None, None)
    key = verifier.read_key(verifiers("main")[0].vkey)
    for line in lines[1:]:
        _, index, body = verifier.check_proof(line["proof"].encode(), None, [key], [])
        assert (index, json.loads(body)) == (line["index"], line["entry"])


def test_what_is_shown_is_what_is_taken_along_page_by_page(auditor, committed_db):
    for number in range(120):
        say(f"F-{number}")
    sign(committed_db)
    query, seen = {"event": "folder.viewed"}, []
    while True:
        page = auditor.get(reverse("audit:log"), query)
        shown = [row.entry.id for row in page.context["rows"]]
        table = csv.DictReader(io.StringIO(export(auditor, "csv", **query)))
        lines = [json.loads(line) for line in export(auditor, "jsonl", **query).splitlines()]
        assert [int(row["Id"]) for row in table] == shown
        assert [line["entry"]["id"] for line in lines] == shown
        assert all(line["proof"] for line in lines)
        seen += shown
        if not page.context["older"]:
            break
        query = dict(QueryDict(page.context["older"].removeprefix("?")).items())
    assert len(seen) == len(set(seen)) == 120


def test_filters_that_are_wrong_lead_back_to_the_page(auditor):
    answer = auditor.get(reverse("audit:export", args=["csv"]), {"since": "yesterday"})
    assert (answer.status_code, answer["Location"]) == (302, f"{reverse('audit:log')}?since=yesterday")
    assert auditor.get(reverse("audit:export", args=["exe"])).status_code == 404


def test_without_a_witness_the_page_is_red(auditor, committed_db):
    assert "Nothing has been signed yet" in auditor.get(CHECKPOINTS).content.decode()
    sign(committed_db)
    page = auditor.get(CHECKPOINTS).content.decode()
    assert "No copy has left the house yet" in page
    assert "signed, not yet witnessed" in page


def test_it_says_who_holds_a_checkpoint_and_hands_it_out(
    auditor, committed_db, tmp_path, settings, monkeypatch
):
    with a_witness(tmp_path) as witness:
        settings.AUDIT_WITNESSES = witness.setting
        sign(committed_db)
    page = auditor.get(CHECKPOINTS)
    assert COSIGNER.name in page.content.decode()
    assert "No copy has left" not in page.content.decode()
    [held] = page.context["shown"]
    note = auditor.get(reverse("audit:checkpoint", args=[held.checkpoint.size])).content.decode()
    with committed_db.connect("owner") as owner:
        kept = tmp_path / "kept"
        kept.write_text(note)
        assert "1 of them kept elsewhere" in LogDesk(committed_db, owner).run("verify", "--held", kept)
    monkeypatch.setattr("audit.selectors.COPIES_LEAVE_WITHIN", timedelta(0))
    assert "No copy has left the house since" in auditor.get(CHECKPOINTS).content.decode()
    assert auditor.get(reverse("audit:checkpoint", args=[9999])).status_code == 404


def test_nobody_else_sees_any_of_it(office, committed_db):
    sign(committed_db)
    somebody = browser(office.hire("Somebody Else", Role.ADMIN))
    for address in (
        CHECKPOINTS,
        reverse("audit:checkpoint", args=[1]),
        reverse("audit:export", args=["csv"]),
        reverse("audit:export", args=["jsonl"]),
    ):
        assert somebody.get(address).status_code == 404
