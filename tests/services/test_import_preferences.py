"""`manage.py import_preferences FILE`: every line is reported, nothing counts twice, and what is queued is taken back."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.roles import Role
from disclosures.services.access import restrict_request
from disclosures.states import State
from privacy.models import Preference
from tests.services.test_objections import ANN, BEN, consent, road
from tests.world import World

pytestmark = pytest.mark.django_db
GOOD = {
    "record_id": "1", "kind": "CONSENT", "channel": "EMAIL", "company": "demo-retail", "said_at": "2026-03-01T10:00:00Z",
    "source": "PREFERENCE_PAGE", "email": "ann@example.org",
}  # fmt: skip


def run(path: Path) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("import_preferences", str(path), stdout=out)
    except SystemExit as ended:
        return out.getvalue(), int(ended.code or 0)
    return out.getvalue(), 0


def jsonl(folder: Path, *lines: object) -> Path:
    path = folder / "preferences.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return path


def test_a_second_run_imports_nothing_twice(world: World, tmp_path: Path) -> None:
    path = jsonl(tmp_path, GOOD, {**GOOD, "record_id": "2", "kind": "OPT_OUT", "channel": "", "company": ""})
    assert run(path) == ("line 1: imported\nline 2: imported\n2 imported, 0 here already, 0 refused.\n", 0)
    assert run(path) == (
        "line 1: here already\nline 2: here already\n0 imported, 2 here already, 0 refused.\n",
        0,
    )
    assert Preference.objects.count() == 2


def test_a_csv_with_a_mark_of_its_encoding_and_cells_over_two_lines_is_read(
    world: World, tmp_path: Path
) -> None:
    path = tmp_path / "preferences.CSV"
    rows = [
        "record_id,kind,said_at,source,channel,company,name,born_on,policy_version",
        'a,OPT_OUT,2026-03-01,LETTER,POST,,"Ann\nExample",1980-01-02,1',
        "",
        "b,OFFERED,2026-03-01 09:30,WEB_CHECKBOX,,,Ben Example,1981-03-04,",
    ]
    path.write_text("\r\n".join(rows), "utf-8-sig")
    out, code = run(path)
    assert (code, out.splitlines()[-1]) == (0, "2 imported, 0 here already, 0 refused.")
    assert Preference.objects.get(kind="OPT_OUT").policy_number == 1


def test_each_refused_line_says_all_that_is_wrong_and_repeats_nothing_of_it(
    world: World, tmp_path: Path
) -> None:
    path = jsonl(
        tmp_path, {**GOOD, "record_id": "9", "kind": "MAYBE", "source": "RUMOUR"}, "{not json", '["a", "b"]',
        {**GOOD, "record_id": "10", "email": {"address": "x"}}, {**GOOD, "record_id": "11", "said_at": "yesterday"},
        {**GOOD, "record_id": "12", "favourite_colour": "green"}, {"record_id": "13"}, GOOD, GOOD,
        {**GOOD, "record_id": "14", "said_at": "2999-01-01"}, {**GOOD, "record_id": "15", "policy_version": "first"},
        {**GOOD, "record_id": "16", "wording": "w" * 41},
    )  # fmt: skip
    out, code = run(path)
    assert code == 1
    for sentence in (
        "kind is none of CONSENT", "source is none of WEB_CHECKBOX", "line 2: refused", "line 3: refused", "line 4: refused",
        "said_at is no date and time", "1 names in it are unknown", "kind is missing.", "Another line of this file",
        "said_at lies in the future", "policy_version is no number", "wording is too long", "1 imported, 0 here already, 11 refused.",
    ):  # fmt: skip
        assert sentence in out
    for personal in ("ann@", "RUMOUR", "yesterday", "green"):
        assert personal not in out


def test_the_same_number_with_other_content_is_refused(world: World, tmp_path: Path) -> None:
    run(jsonl(tmp_path, GOOD))
    out, code = run(jsonl(tmp_path, {**GOOD, "channel": "SMS"}))
    assert code == 1
    assert "says something else" in out


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("none.csv", None, "cannot be read"),
        ("latin.csv", b"record_id,kind\xff", "not written in UTF-8"),
        ("heading.csv", b"record_id,kind,colour\n", "The heading of"),
        ("twice.csv", b"record_id,kind,said_at,source,kind\n", "The heading of"),
        ("empty.csv", b"", "The heading of"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(
    world: World, tmp_path: Path, name: str, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        run(path)


def test_a_row_with_too_many_cells_is_one_refused_line(world: World, tmp_path: Path) -> None:
    path = tmp_path / "preferences.csv"
    path.write_text(
        "record_id,kind,said_at,source,email\na,OPT_OUT,2026-03-01,LETTER,a@example.org,more\nb,OPT_OUT,2026-03-01,LETTER,b@example.org\n"
    )
    out, code = run(path)
    assert code == 1
    assert "line 2: refused" in out
    assert "line 3: imported" in out


@pytest.mark.parametrize("restricted", [False, True])
def test_an_imported_objection_takes_a_queued_approval_back_at_once(
    world: World, tmp_path: Path, restricted: bool
) -> None:
    """Of a restricted one it is silent: who imports the file need not know of it."""
    consent(world, ANN, BEN)
    walked = road(world)
    request = walked.to(State.APPROVED)
    if restricted:
        members = {world["handler"]: Role.HANDLER.value}
        restrict_request(
            request_id=request.pk, members=members, reason="A colleague.", actor=world["head"], now=world.now
        )
    when = world.now.isoformat()
    objection = {
        "record_id": "77",
        "kind": "OPT_OUT",
        "said_at": when,
        "source": "UNSUBSCRIBE_LINK",
        "email": "BEN@example.org",
    }
    out, code = run(jsonl(tmp_path, objection))
    assert code == 0
    assert ("1 queued for release went back to review" in out) is not restricted
    assert walked._fresh().state == State.IN_REVIEW
