"""manage.py deadline: a date and its derivation, one or ten thousand, with a table or without, and every problem at once."""

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.utils import timezone

from disclosures.models import BankHoliday
from disclosures.services import reckoning
from disclosures.services.days_off import enter_day_off
from disclosures.services.holidays import PACKAGE, import_holidays, rows_of_the_package
from tests.rules.test_deadlines import WORKED, worked_rule
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def table() -> None:
    import_holidays(rows=rows_of_the_package(), source=PACKAGE, actor=None, now=timezone.now())


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    call_command("deadline", *words)
    return capsys.readouterr().out


def refused(*words: str) -> list[str]:
    with pytest.raises(CommandError) as caught:
        call_command("deadline", *words)
    return str(caught.value).split("\n")


def batch(folder: Path, text: str) -> str:
    path = folder / "questions.csv"
    path.write_text(text)
    return f"--batch={path}"


@pytest.mark.usefixtures("table")
def test_all_fifty_six_worked_dates_come_out_of_the_command_one_by_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert len(WORKED) == 56
    for row in WORKED:
        rule = worked_rule(row)
        said = ask(capsys, rule.code, row["start"], "--n", str(rule.n), "--scheme", rule.scheme)
        assert said.startswith(f"Due {row['due']}, "), row["no"]


@pytest.mark.usefixtures("table")
def test_all_fifty_six_worked_dates_come_out_of_a_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rules = [worked_rule(row) for row in WORKED]
    lines = [
        f"{rule.code},{row['start']},{rule.n},{rule.scheme}" for rule, row in zip(rules, WORKED, strict=True)
    ]
    said = ask(capsys, batch(tmp_path, "\n".join(["rule,start,n,scheme", *lines])))
    found = list(csv.DictReader(io.StringIO(said)))
    assert list(found[0]) == ["rule", "start", "n", "scheme", "due"]
    assert [row["due"] for row in found] == [row["due"] for row in WORKED]


@pytest.mark.usefixtures("table")
def test_the_derivation_names_each_holiday_and_who_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    said = ask(capsys, "WN", "2024-03-28", "--n", "1", "--scheme", "EW")
    assert "2024-03-29  Good Friday, not counted  [package holidays]" in said
    assert "2024-04-02  day 1" in said
    assert "Bank holidays: the table of this site." in said


@pytest.mark.usefixtures("table")
def test_json_holds_the_date_and_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    said = json.loads(ask(capsys, "ci", "2024-05-20", "--n", "7", "--json"))
    assert (said["rule"], said["due"], said["last_working_day"]) == ("CI", "2024-05-26", "2024-05-24")
    assert len([line for line in said["derivation"] if line["words"].startswith("day ")]) == 6
    assert not said["provisional"]


@pytest.mark.usefixtures("table")
def test_pauses_add_their_working_days_to_the_house_s_own_clock(capsys: pytest.CaptureFixture[str]) -> None:
    plain = json.loads(ask(capsys, "SLA", "2024-06-03", "--n", "5", "--json"))
    paused = json.loads(
        ask(capsys, "SLA", "2024-06-03", "--n", "5", "--pause", "2024-06-06..2024-06-10", "--json")
    )
    assert (plain["due"], paused["due"]) == ("2024-06-10", "2024-06-13")
    ours = ask(
        capsys,
        "WN",
        "2024-06-03",
        "--n",
        "5",
        "--scheme",
        "SLA",
        "--pause",
        "2024-06-06..2024-06-10",
        "--json",
    )
    assert json.loads(ours)["due"] == "2024-06-13"
    saturday = ("WN", "2024-06-01", "--n", "1", "--scheme", "SLA", "--pause", "2024-06-03..2024-06-03")
    assert "Due 2024-06-04" in ask(capsys, *saturday), "day 1 is Monday, and one day was paused"
    waiting = ask(capsys, "SLA", "2024-06-03", "--n", "5", "--pause", "2024-06-06..")
    assert waiting.startswith("Paused")


@pytest.mark.usefixtures("table")
def test_the_house_s_own_calendar_knows_its_closures_and_no_other_does(
    capsys: pytest.CaptureFixture[str], world: World
) -> None:
    enter_day_off(
        division="CL", day=date(2026, 12, 29), title="Closed between the years", reason="Board",
        actor=world["admin"], now=world.now,
    )  # fmt: skip
    question = ("WN", "2026-12-24", "--n", "1", "--scheme")
    assert "Due 2026-12-30" in ask(capsys, *question, "SLA")
    assert "Due 2026-12-29" in ask(capsys, *question, "EW")
    assert "Due 2026-12-29" in ask(capsys, *question, "UK")


@pytest.mark.usefixtures("table")
def test_a_minute_to_midnight_in_london_is_still_that_day(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Due 2024-06-06" in ask(capsys, "WN", "2024-06-05T23:59", "--n", "1")
    assert "Due 2024-06-06" in ask(capsys, "WN", "2024-06-05T22:59+00:00", "--n", "1")
    assert "Due 2024-06-07" in ask(capsys, "WN", "2024-06-05T23:00+00:00", "--n", "1")


def test_without_a_table_the_package_answers_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    said = ask(capsys, "WN", "2026-06-12", "--n", "1", "--scheme", "SC")
    assert said.startswith("Due 2026-06-16")
    assert "Bank holidays: the package holidays (the table of this site is empty)." in said


def test_without_a_database_the_package_answers_and_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away:
        def filter(self, **_: object) -> None:
            raise DatabaseError

    monkeypatch.setattr(reckoning, "BankHoliday", type("Table", (), {"objects": Away()}))
    assert BankHoliday is not reckoning.BankHoliday
    said = ask(capsys, "WN", "2026-06-12", "--n", "1", "--scheme", "SC")
    assert said.startswith("Due 2026-06-16")
    assert "(the table of this site cannot be reached)" in said


@pytest.mark.usefixtures("table")
def test_beyond_what_is_published_a_date_is_provisional(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Provisional:" in ask(capsys, "WN", "2030-11-01", "--n", "5")
    assert "Provisional:" not in ask(capsys, "WN", "2024-11-01", "--n", "5")


def test_every_problem_of_a_question_is_told_at_once() -> None:
    assert refused("WD", "12.6.2026", "--n", "0", "--scheme", "FR", "--pause", "2026-06-15") == [
        "The rule 'WD' is not one of WN, CI, CX, MB, MONTH, MIN_WN, MAX_CI, IMM, SLA, HOURS.",
        "The start '12.6.2026' is not a date: write it as 2026-06-12, or with its time as 2026-06-12T17:30.",
        "The number n must be a whole number from 1 to 1000, not '0'.",
        "The scheme 'FR' is not one of EW, SC, NI, UK, SLA.",
        "The pause '2026-06-15' is not two days: write it as 2026-06-15..2026-06-17.",
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("WN", "2026-06-12"), "The rule WN needs its number n."),
        (("IMM", "2026-06-12", "--n", "3"), "The rule IMM takes no number n."),
        (("ON_INSTR", "2026-06-12"), "ON_INSTR counts nothing"),
        (("WN", "2011-12-31", "--n", "1"), "does not lie between 2012-01-01 and 2030-12-31"),
        (("WN", "2031-01-01", "--n", "1"), "does not lie between 2012-01-01 and 2030-12-31"),
        (("HOURS", "2024-03-31T01:30", "--n", "1"), "did not happen in London"),
        (("WN", "2026-02-30", "--n", "1"), "is not a date"),
        (("WN",), "Say START"),
        (
            ("WN", "2026-06-12", "--n", "7", "--scheme", "EW", "--pause", "2026-06-15..2026-06-16"),
            "WN is set by law",
        ),
        (("CI", "2026-06-12", "--n", "7", "--pause", "2026-06-15..2026-06-16"), "CI is set by law"),
        (("SLA", "2026-06-12", "--n", "7", "--pause", "2026-06-17..2026-06-16"), "ends before it begins"),
        (("--batch", "/nowhere/at-all.csv"), "cannot be read: No such file or directory"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(words: tuple[str, ...], sentence: str) -> None:
    assert any(sentence in line for line in refused(*words))


@pytest.mark.usefixtures("table")
def test_a_file_keeps_its_other_columns_and_their_order(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = "\ufeffcase,scheme,RULE,n,start\nA,SC,wn,1,2026-06-12\n\nB,-,MB,,2024-01-30\n"
    assert ask(capsys, batch(tmp_path, text)) == (
        "case,scheme,RULE,n,start,due\nA,SC,wn,1,2026-06-12,2026-06-16\nB,-,MB,,2024-01-30,2024-02-29\n"
    )


def test_every_problem_of_a_file_is_told_at_once_with_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = "rule,start,n,scheme\nWN,2026-06-12,1,SC\nWN,soon,,EW\nWN,2026-06-12,1\nCI,2026-06-12,7,XX\n"
    assert refused(batch(tmp_path, text)) == [
        "Line 3: The start 'soon' is not a date: write it as 2026-06-12, or with its time as 2026-06-12T17:30.",
        "Line 3: The rule WN needs its number n.",
        "Line 4: it has 3 values, the header has 4.",
        "Line 5: The scheme 'XX' is not one of EW, SC, NI, UK, SLA.",
        "Nothing was written.",
    ]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty"),
        ("rule,start,number,scheme\n", "Line 1: the column n is missing."),
        ("rule,start,n,n,scheme\n", "Line 1: the column n stands twice."),
        ("rule,start,n,scheme,due\n", "there is a column due already"),
        ('rule,start,n,scheme\nWN,"2026-06-12,1,SC\n', "cannot be read as a row of values"),
    ],
)
def test_a_file_that_is_no_table_says_why(text: str, sentence: str, tmp_path: Path) -> None:
    assert any(sentence in line for line in refused(batch(tmp_path, text)))


@pytest.mark.usefixtures("table")
def test_ten_thousand_rows_are_answered_each_on_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lines = [f"WN,2024-{1 + i % 12:02d}-{1 + i % 28:02d},{1 + i % 40},{['EW', 'SC', 'NI', 'UK'][i % 4]}" for i in range(10_000)]  # fmt: skip
    said = ask(capsys, batch(tmp_path, "\n".join(["rule,start,n,scheme", *lines])))
    assert [line.rsplit(",", 1)[0] for line in said.splitlines()[1:]] == lines
