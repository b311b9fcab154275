"""The catalogue holds every instrument of the law, and refuses a wrong row by its file and line."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.roles import CONTROLLER_ROLES, Role
from disclosures.catalogue import CATALOGUE, INSTRUMENTS, LADDERS, RowType
from disclosures.catalogue.ladders import ROLES, ladder_of
from disclosures.catalogue.loader import FOLDER, CatalogueError, load
from disclosures.catalogue.sections import ORDER, in_sections, section_of
from disclosures.deadlines.rules import Purpose

BY_KIND_AND_NUMBER = {"P": 29, "A": 45, "G": 6, "O": 22}
Folder = Callable[..., Path]


@pytest.fixture
def changed(tmp_path: Path) -> Folder:
    """A copy of the data files in which one row has one key changed; an empty value takes the key away."""

    def change(file: str, code: str, key: str, value: str | None, beside: tuple[str, ...] = ()) -> Path:
        folder = tmp_path / "catalogue"
        (folder / "instruments").mkdir(parents=True)
        for name in {
            "profiles.toml",
            "ladders.toml",
            "item_types.toml",
            "refusals.toml",
            "ranks.toml",
            "purposes.toml",
            file,
            *beside,
        }:
            shutil.copy(FOLDER / name, folder / name)
        path = folder / file
        lines = path.read_text("utf-8").splitlines()
        start = lines.index(f'code = "{code}"')
        end = next((n for n in range(start, len(lines)) if not lines[n].strip()), len(lines))
        kept = [line for line in lines[start + 1 : end] if not line.startswith(f"{key} =")]
        new = [f"{key} = {value}"] if value is not None else []
        head = [lines[start]] if key != "code" else []
        path.write_text("\n".join([*lines[:start], *head, *new, *kept, *lines[end:]]), "utf-8")
        return folder

    return change


def line_of(folder: Path, file: str, text: str) -> int:
    lines = (folder / file).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if line == text)


def test_every_row_of_the_law_is_there() -> None:
    counted = {kind: sum(row.code.startswith(f"{kind}-") for row in INSTRUMENTS.values()) for kind in "PAGO"}
    assert counted == BY_KIND_AND_NUMBER
    assert sum(counted.values()) == 102


def test_every_type_of_row_is_there() -> None:
    assert {row.row_type for row in INSTRUMENTS.values()} == set(RowType)
    assert {row.code for row in INSTRUMENTS.values() if row.row_type is RowType.NOTE} == {"P-IPA2"}
    assert {row.code for row in INSTRUMENTS.values() if row.row_type is RowType.CITATION} == {
        "P-LEG98",
        "A-MLAD",
        "A-EIO",
        "A-FATF",
    }
    routed = {row.code for row in INSTRUMENTS.values() if row.row_type is RowType.ROUTE}
    assert {code for code in INSTRUMENTS if code.startswith("O-")} < routed


def test_every_row_has_its_place_in_the_list() -> None:
    assert {section_of(row) for row in INSTRUMENTS.values()} == set(ORDER)
    assert sum(len(rows) for _, rows in in_sections(INSTRUMENTS.values())) == len(INSTRUMENTS)


def test_two_rows_of_one_section_have_two_names() -> None:
    for section, rows in in_sections(INSTRUMENTS.values()):
        assert len({row.name for row in rows}) == len(rows), section


def test_the_place_of_a_row_is_its_line() -> None:
    place = CATALOGUE.places["A-PO"]
    text = (FOLDER / "instruments" / place.file).read_text("utf-8").splitlines()
    assert text[place.line - 1] == "[[instrument]]"
    assert text[place.keys["code"] - 1] == 'code = "A-PO"'


WORKED = "instruments/police_voluntary.toml"
ORDERS = "instruments/police_orders.toml"
MONEY = "instruments/money_laundering.toml"
CDATA = "instruments/communications_data.toml"
TERROR = "instruments/terrorism.toml"
WRONG = [
    # file, row, key, value, what is said
    (WORKED, "P-DPA2", "statute", '""', "statute is empty"),
    (WORKED, "P-DPA2", "name", '""', "name is empty"),
    (WORKED, "P-DPA2", "plain_words", '""', "plain_words is empty"),
    (WORKED, "P-DPA2", "who", '""', "who is empty"),
    (WORKED, "P-DPA2", "link", '"on the shelf"', "link is no address"),
    (WORKED, "P-DPA2", "refusals", '["R-BROAD", "R-WHIM"]', "refusal 'R-WHIM' is in no register"),
    (WORKED, "P-DPA2", "evidence", '["A_HUNCH"]', "evidence 'A_HUNCH' is in no register"),
    (WORKED, "P-DPA2", "evidence", "[]", "needs evidence of who asks"),
    (WORKED, "P-DPA2", "issuers", '["ANYBODY"]', "issuer 'ANYBODY' is in no register"),
    (WORKED, "P-DPA2", "issuers", "[]", "somebody who may use it"),
    (WORKED, "P-DPA2", "kinds", '["X"]', "kind 'X' is in no register"),
    (WORKED, "P-DPA2", "kinds", "[]", "at least one kind"),
    (WORKED, "P-DPA2", "kinds", '["O"]', "handed to legal and never worked"),
    (WORKED, "P-DPA2", "kinds", '["G"]', "weighed as a legitimate interest"),
    (WORKED, "P-DPA2", "nations", '["FR"]', "nation 'FR' is in no register"),
    (WORKED, "P-DPA2", "nations", "[]", "at least one nation"),
    (WORKED, "P-DPA2", "opinions", '["NEIGHBOUR"]', "opinion 'NEIGHBOUR' is in no register"),
    (WORKED, "P-DPA2", "comms", '["GOSSIP"]', "class of communications data 'GOSSIP' is in no register"),
    (WORKED, "P-DPA2", "needs_submit", '["LUCK"]', "need 'LUCK' is in no register"),
    (WORKED, "P-DPA2", "needs_review", '["ITEMS"]', "needs people and items before review"),
    (WORKED, "P-DPA2", "present_law", '["P-OLD"]', "instrument 'P-OLD' is in no register"),
    (WORKED, "P-DPA2", "scheme", '"LUNAR"', "calendar scheme 'LUNAR' is in no register"),
    (WORKED, "P-DPA2", "secrecy", '"HUSH"', "secrecy code 'HUSH' is in no register"),
    (WORKED, "P-DPA2", "retention", '"RET-EVER"', "retention class 'RET-EVER' is in no register"),
    (WORKED, "P-DPA2", "report_category", '"misc"', "report category 'misc' is in no register"),
    (WORKED, "P-DPA2", "profile", '"WISH"', "profile 'WISH' is in no register"),
    (WORKED, "P-DPA2", "time_rule", '"SOON"', "time rule 'SOON' is in no register"),
    (WORKED, "P-DPA2", "time_rule", '"WN"', "needs a number of at least 1"),
    (WORKED, "P-DPA2", "time_rule", '"SLA 4"', "takes no number"),
    (WORKED, "P-DPA2", "time_rule", '""', "needs a rule of time"),
    (WORKED, "P-DPA2", "time_rule", '"CI 7 TOLD"', "not counted from what we told somebody"),
    (TERROR, "A-T5PO", "second_periods", '["SOON CI 7"]', "its purpose 'SOON' is in no register"),
    (TERROR, "A-T5PO", "second_periods", '["REVIEW_REQUEST"]', "time rule '' is in no register"),
    (TERROR, "A-T5PO", "second_periods", '["REVIEW_REQUEST CX"]', "CX needs a number of at least 1"),
    (TERROR, "A-T5PO", "second_periods", '["REVIEW_REQUEST SLA"]', "is counted in days: CI, CX, WN"),
    (TERROR, "A-T5PO", "second_periods", '["REVIEW_REQUEST CX 7 TOLD"]', "counted from the day we told of it (TOLD), and nothing else is"),
    (TERROR, "A-T5PO", "second_periods", '["LATER_MATERIAL CI 28", "LATER_HAND_OVER CI 7"]', "counted from the day we told of it (TOLD)"),
    (TERROR, "A-T5PO", "second_periods", '["LATER_MATERIAL CI 28"]', "go together"),
    (TERROR, "A-T5PO", "second_periods", '["REVIEW_REQUEST CX 7", "REVIEW_REQUEST CX 9"]', "'REVIEW_REQUEST' stands twice"),
    (TERROR, "A-T5PO", "second_periods", '"REVIEW_REQUEST CX 7"', "second_periods may not be 'REVIEW_REQUEST CX 7'"),
    ("instruments/own_duties.toml", "A-SAR330", "second_periods", '["REVIEW_REQUEST CX 7"]', "and so no second period"),
    (WORKED, "P-DPA2", "working_days", "0", "the house's own days need a number"),
    (WORKED, "P-DPA2", "working_days", '"ten"', "working_days may not be 'ten'"),
    (WORKED, "P-DPA2", "colour", '"red"', "unknown key 'colour'"),
    (WORKED, "P-DPA2", "version", None, "version is missing"),
    (WORKED, "P-DPA2", "force", '"STRONG"', "force may not be 'STRONG'"),
    (WORKED, "P-DPA2", "answer", '"Send it back."', "`answer` is for a row that is recognised and not worked"),
    (WORKED, "P-DPA2", "approvals", "0", "at least one approval"),
    (WORKED, "P-DPA2", "tests", '"COMPULSORY"', "and no other, asks the compulsory tests"),
    (WORKED, "P-DPA2", "countersigner_minimum", "0", "a countersignature needs the rank"),
    (WORKED, "P-DPA2", "refusals", "[]", "can be refused for something"),
    (MONEY, "A-MLR21", "approvals", "1", "needs two approvals"),
    (WORKED, "P-NCAV", "needs_verification", "false", "a row from memory must say needs_verification"),
    (ORDERS, "P-PACE9", "time_rule", '"SLA"', "never falls back to the house's own days"),
    (ORDERS, "P-PACE9", "refusals", '["R-NEC"]', "may be refused only for"),
    (ORDERS, "P-PACE9", "document", '"NONE"', "needs its document"),
    (ORDERS, "P-PACE9", "evidence", '["CALL_BACK"]', "evidence COURT_DOCUMENT"),
    (ORDERS, "P-CJA2", "evidence", '["CALL_BACK"]', "evidence NOTICE_CHECKED"),
    (ORDERS, "P-CJA2", "evidence", '["CALL_BACK", "NOTICE_CHECKED"]', "a person looks at it: AUTHORITY_SHOWN"),
    (ORDERS, "P-PACE9", "oral", "true", "does not come by word of mouth"),
    (ORDERS, "P-RIPA49", "needs_review", '["SUBJECTS", "ITEMS"]', "REQUESTER_RANK"),
    (MONEY, "A-PO", "secrecy", '""', "needs its secrecy code"),
    (CDATA, "P-IPA60A", "secrecy", '"PREJ"', "communications data notices are secret"),
    (CDATA, "P-IPA2", "issuers", '["AGENCY"]', "nobody sends us our own duty or what is never recorded"),
    ("instruments/own_duties.toml", "A-SAR330", "answer", '""', "needed there"),
    ("refusals.toml", "R-NEC", "way_on", None, "way_on is missing"),
    (WORKED, "P-DPA2", "ladder", '"ROPE"', "ladder 'ROPE' is in no register"),
    (WORKED, "P-DPA2", "ladder", '""', "ladder '' is in no register"),
    (WORKED, "P-DPA2", "ladder", '"WAITING"', "belongs to clocks, not to an instrument"),
    (WORKED, "P-DPA2", "ladder", '"BOUND"', "and no other, runs the risk of contempt"),
    (MONEY, "A-PO", "ladder", '"HOUSE"', "and no other, runs the risk of contempt"),
    ("instruments/own_duties.toml", "A-SAR330", "ladder", '"HOUSE"', "what does not arrive: it has no ladder"),
    ("ladders.toml", "BOUND", "overdue", '["NEIGHBOUR"]', "role 'NEIGHBOUR' is in no register"),
    ("ladders.toml", "BOUND", "overdue", "[]", "somebody hears of what is overdue"),
    ("ladders.toml", "BOUND", "overdue_days", "-1", "days are counted from 0"),
    ("ladders.toml", "BOUND", "emergency_minutes", "0", "says how often"),
    ("ladders.toml", "BOUND", "emergency_minutes", '"often"', "emergency_minutes may not be 'often'"),
    ("ladders.toml", "BOUND", "plain_words", '" "', "plain_words is empty"),
    ("ladders.toml", "BOUND", "clocks", '["TEA"]', "clock 'TEA' has no ladder of its own"),
    ("ladders.toml", "BREACH", "clocks", '["BREACH_72H", "MORATORIUM"]', "clock 'MORATORIUM' has the ladder WAITING already"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "code", "key", "value", "said"), WRONG)
def test_a_wrong_row_is_refused_with_its_file_and_line(
    changed: Folder, file: str, code: str, key: str, value: str | None, said: str
) -> None:
    folder = changed(file, code, key, value)
    with pytest.raises(CatalogueError) as refused:
        load(folder)
    named = [line for line in str(refused.value).splitlines() if said in line]
    assert named
    name, _, rest = named[0].partition(":")
    line = int(rest.partition(":")[0])
    assert name == Path(file).name
    assert code in named[0]
    # The key's own line, which the change put below the code's; where the row lacks the key, the row's first.
    of_the_code = line_of(folder, file, f'code = "{code}"')
    assert line == (of_the_code + 1 if value is not None else of_the_code - 1) or key not in named[0]


def test_a_code_that_stands_twice_is_refused(changed: Folder) -> None:
    folder = changed(ORDERS, "P-PACE9", "code", '"P-PACE8"')
    with pytest.raises(CatalogueError, match=r"police_orders.toml:\d+: P-PACE8: its code stands twice"):
        load(folder)


def test_a_code_that_stands_in_two_files_is_refused(changed: Folder) -> None:
    folder = changed(ORDERS, "P-PACE9", "code", '"A-PO"', (MONEY,))
    with pytest.raises(
        CatalogueError, match=r"police_orders.toml:\d+: A-PO: stands in money_laundering.toml:\d+ too"
    ):
        load(folder)


def test_a_file_that_is_no_toml_is_refused_with_its_line(changed: Folder) -> None:
    folder = changed(ORDERS, "P-PACE9", "oral", "perhaps")
    with pytest.raises(CatalogueError, match=r"police_orders.toml:\d+: cannot be read"):
        load(folder)


def test_a_profile_with_an_unknown_key_is_refused(changed: Folder) -> None:
    folder = changed(ORDERS, "P-PACE9", "oral", "false")
    profiles = folder / "profiles.toml"
    profiles.write_text(
        profiles.read_text("utf-8").replace("[profile.NOTE]", '[profile.NOTE]\ncolour = "red"'), "utf-8"
    )
    with pytest.raises(CatalogueError, match=r"profiles.toml:\d+: profile NOTE: unknown key 'colour'"):
        load(folder)


def test_every_fault_is_named_at_once(changed: Folder) -> None:
    folder = changed(WORKED, "P-DPA2", "statute", '""', (MONEY,))
    other = folder / MONEY
    other.write_text(other.read_text("utf-8").replace('time_rule = "CI 7"', 'time_rule = "SLA"', 1), "utf-8")
    with pytest.raises(CatalogueError) as refused:
        load(folder)
    assert "P-DPA2: statute is empty" in str(refused.value)
    assert "A-PO: a compulsory instrument never falls back" in str(refused.value)


def test_the_command_says_what_is_wrong_and_where(changed: Folder) -> None:
    folder = changed(WORKED, "P-DPA2", "statute", '""')
    with pytest.raises(CommandError, match=r"police_voluntary.toml:\d+: P-DPA2: statute is empty"):
        call_command("check_catalogue", folder=folder)


def test_a_ladder_that_changed_under_its_code_is_named_with_its_line(changed: Folder) -> None:
    """Decided requests go by it, so a changed one is a new one."""
    folder = changed("ladders.toml", "BOUND", "overdue_days", "7")
    for name in ("versions.jsonl", "ladders.jsonl"):
        shutil.copy(FOLDER / name, folder / name)
    with pytest.raises(CommandError, match=r"ladders.toml:\d+: BOUND: overdue_days is not what was recorded"):
        call_command("check_catalogue", folder=folder, record=True)


def test_a_ladder_that_a_recorded_version_names_is_not_taken_away(changed: Folder) -> None:
    folder = changed("ladders.toml", "BOUND", "overdue_days", "1")
    for name in ("versions.jsonl", "ladders.jsonl"):
        shutil.copy(FOLDER / name, folder / name)
    old = json.loads((folder / "versions.jsonl").read_text("utf-8").splitlines()[-1])
    with (folder / "versions.jsonl").open("a", encoding="utf-8") as out:
        out.write(json.dumps({**old, "version": 99, "ladder": "ROPE"}) + "\n")
    with pytest.raises(
        CommandError, match="ROPE: a recorded version of an instrument still names this ladder"
    ):
        call_command("check_catalogue", folder=folder)


def test_each_instrument_that_arrives_names_its_ladder_and_each_clock_has_one() -> None:
    for code, row in INSTRUMENTS.items():
        assert (row.ladder in LADDERS) == row.arrives, code
    for purpose in Purpose:
        assert ladder_of(purpose, INSTRUMENTS["A-PO"], LADDERS).code == (
            {
                "NOTICE_PERIOD": "WAITING",
                "MORATORIUM": "WAITING",
                "RATIFICATION": "RATIFICATION",
                "BREACH_72H": "BREACH",
                "LATER_MATERIAL": "WINDOW",
                "REVIEW_REQUEST": "WINDOW",
            }
        ).get(purpose, "BOUND_AML")
    assert ladder_of(Purpose.ANSWER, None, LADDERS).code == "HOUSE"


def test_every_instrument_calls_an_emergency_out_each_quarter_and_the_overdue_daily() -> None:
    for ladder in LADDERS.values():
        if ladder.clocks:
            continue
        assert ladder.emergency_minutes == 15
        assert ladder.overdue_days == 1
        assert {"HEAD_OF_LEGAL", "DPO"} <= set(ladder.overdue)


def test_a_ladder_knows_the_roles_of_the_company() -> None:
    assert set(ROLES) == CONTROLLER_ROLES - {Role.AUDITOR, Role.ADMIN, Role.DATA_HOLDER}


def test_what_is_from_memory_says_so() -> None:
    for row in INSTRUMENTS.values():
        assert row.needs_verification == ("M" in row.conf), row.code


def test_every_version_that_is_in_force_is_recorded_for_good() -> None:
    call_command("check_catalogue")


def test_a_row_that_changed_under_its_old_version_is_named_with_its_line(changed: Folder) -> None:
    folder = changed(WORKED, "P-DPA2", "name", '"Another name"')
    shutil.copy(FOLDER / "versions.jsonl", folder / "versions.jsonl")
    with pytest.raises(
        CommandError, match=r"police_voluntary.toml:\d+: P-DPA2: name is not what version 2 said"
    ):
        call_command("check_catalogue", folder=folder)
