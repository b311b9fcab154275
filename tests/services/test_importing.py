"""Twenty-five lines as post arrives: fifteen are taken whole, ten are told everything that is wrong with them."""

import json
import re
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from jsonschema import Draft202012Validator

from accounts.models import User
from accounts.roles import Role
from accounts.services import grant_membership
from audit.models import Entry
from disclosures.demo import make_desk
from disclosures.forms.imported import LineRefused, read_line, schema
from disclosures.models import Item, Request, Step
from disclosures.selectors.intake import bodies_that_ask
from disclosures.selectors.opening import open_request
from disclosures.states import State

ROOT = Path(__file__).parents[2]
FILE = ROOT / "tests/data/requests.jsonl"
CLERK = "clerk@desk.example"


REASONS = {
    2: ["This line is not JSON, from character 45 on."],
    5: ["“received_at” is missing.", "“nation” is missing."],
    7: [
        "no field has this name: colour. The schema lists them all.",
        "channel: this must be one of SECURE_MAIL, MAIL, PORTAL, POST, TELEPHONE, IN_PERSON.",
    ],
    10: [
        "received_at: this must be a moment with its zone, written as 2026-11-24T14:05:00+00:00.",
        "made_on: this must be a day, written as 2026-11-24.",
    ],
    12: [
        "received_at: This lies in the future. Give the time at which it reached the company.",
        "signed_on: “Signed by the officer on” lies in the future. Copy the date from the form.",
    ],
    15: [
        "channel: By telephone we take a request only where life is at risk. Ask the officer to send the form, "
        "or mark the request “Immediate threat to life”."
    ],
    17: [
        "body: the register of organisations has no force, agency, court or company of this name that is active."
    ],
    20: [
        "instrument: The form cites the Data Protection Act 1998, which was repealed. Choose “Request that cites "
        "the repealed 1998 Act”: triage sends it back with the present law."
    ],
    22: ["id: line 1 has the same."],
    24: [
        "Before it can be submitted, please add: what the matter is about; a purpose that the policy opens to the "
        "group; who in the company will receive it; at least one item."
    ],
}


@pytest.fixture
def people(db: None) -> dict[str, User]:
    return make_desk(now=timezone.now(), password="not-used-here-at-all")[2]


def run(file: Path = FILE, clerk: str = CLERK) -> tuple[list[str], int]:
    said, code = StringIO(), 0
    try:
        call_command("import_requests", str(file), f"--as={clerk}", stdout=said)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return said.getvalue().splitlines(), code


def read(given: object) -> tuple[str, ...]:
    raw = given if isinstance(given, bytes) else json.dumps(given).encode()
    with pytest.raises(LineRefused) as caught:
        read_line(raw, now=timezone.now(), bodies=bodies_that_ask())
    return caught.value.reasons


def test_fifteen_are_taken_and_ten_are_told_why_not(people: dict[str, User]) -> None:
    said, code = run()
    told: dict[int, list[str]] = {}
    for line in said[:-1]:
        if line.startswith("line "):
            number = int(line.removeprefix("line ").split(":")[0])
            told[number] = []
        else:
            told[number].append(line.removeprefix("  - "))
    assert {number: reasons for number, reasons in told.items() if reasons} == REASONS
    assert said[-1] == "15 imported, 0 here already, 10 rejected."
    assert code == 1

    taken = Request.objects.all()
    assert {line.split(", ")[1] for line in said if ": imported" in line} == {row.reference for row in taken}
    assert {row.state for row in taken} == {State.SUBMITTED}
    assert {row.recorded_by for row in taken} == {people["clerk"]}
    # Each was recorded and submitted; the line that its instrument kept from triage left its refusal alone.
    assert Step.objects.count() == len(taken)
    events = Entry.objects.filter(event__startswith="request.").values_list("event", flat=True)
    assert Counter(events) == {
        "request.recorded": 15, "request.step_taken": 15, "request.step_denied": 1,
    }  # fmt: skip


def test_a_second_run_imports_nothing_twice(people: dict[str, User]) -> None:
    first, _ = run()
    again, code = run()
    assert Request.objects.count() == 15
    assert again[-1] == "0 imported, 15 here already, 10 rejected."
    assert [line.replace("here already", "imported") for line in again[:-1]] == first[:-1]
    assert code == 1


def test_another_clerk_is_told_of_what_they_may_see_and_the_rest_is_new_to_them(
    people: dict[str, User],
) -> None:
    """The keys of the lines count on: whoever tried one would learn that an order came."""
    run()
    also_a_clerk(people, "release")
    secret = Request.objects.filter(restricted=True)
    hidden = {row.reference for row in secret}
    assert hidden
    for run_by in ("release", "release", "clerk"):
        said, _ = run(clerk=people[run_by].email)
        assert bool(hidden & set(re.findall(r"CP-\S+", " ".join(said)))) is (run_by == "clerk")
    assert said[-1] == "0 imported, 15 here already, 10 rejected."
    assert secret.filter(recorded_by=people["release"]).count() == len(hidden)
    assert Request.objects.filter(restricted=False).count() == 15 - len(hidden)


@pytest.mark.parametrize("secrets", [0, 1])
def test_a_line_whose_key_a_secret_has_is_here_already_for_the_next_clerk(
    people: dict[str, User], tmp_path: Path, secrets: int
) -> None:
    """The line was new to the second clerk, who is told nothing of the first one's; to the third it is none."""
    line = json.loads(FILE.read_text("utf-8").splitlines()[0])
    file = tmp_path / "line.jsonl"
    for clerk, restricted in [("clerk", True)] * secrets + [("release", False), ("lead", False)]:
        also_a_clerk(people, clerk)
        file.write_text(json.dumps({**line, "restricted": restricted}) + "\n", "utf-8")
        said, _ = run(file, people[clerk].email)
    assert said[-1] == "0 imported, 1 here already, 0 rejected."
    assert Request.objects.filter(restricted=True).count() == secrets
    assert Request.objects.filter(restricted=False).count() == 1


def also_a_clerk(people: dict[str, User], key: str) -> None:
    controller = people["clerk"].memberships.get().organisation
    if key != "clerk":
        grant_membership(
            user=people[key], organisation=controller, role=Role.INTAKE_CLERK, valid_from=timezone.now(),
            valid_until=None, actor=None, now=timezone.now(),
        )  # fmt: skip


def test_what_is_taken_is_taken_whole(people: dict[str, User]) -> None:
    run()
    orders = Request.objects.filter(instrument__code__in=["A-PO", "P-PACE9"])
    assert {row.restricted for row in orders.filter(instrument__code="A-PO")} == {True}
    company = Request.objects.get(policy_purpose="PU-CRC")
    opened = open_request(company, actor=people["clerk"], now=timezone.now())
    assert [row.own_reference for row in opened.subjects] == [f"R-013-{number}" for number in range(1, 6)]
    two = Request.objects.get(nation="SC")
    assert [row.item_type for row in Item.objects.filter(request=two).order_by("position")] == [
        "CORRESPONDENCE",
        "PAYMENTS",
    ]
    spring = Request.objects.get(channel="IN_PERSON")
    assert spring.received_at.isoformat() == "2026-11-16T16:55:00+00:00"


def test_a_file_without_a_fault_ends_well(people: dict[str, User], tmp_path: Path) -> None:
    good = tmp_path / "good.jsonl"
    good.write_text("\ufeff" + FILE.read_text("utf-8").splitlines()[0] + "\n\n", "utf-8")
    assert run(good)[1] == 0
    assert Request.objects.count() == 1


@pytest.mark.parametrize("email", ["handler@desk.example", "nobody@desk.example"])
def test_only_an_intake_clerk_imports(people: dict[str, User], email: str) -> None:
    with pytest.raises(CommandError, match="Nobody with this address is an intake clerk today"):
        call_command("import_requests", str(FILE), f"--as={email}")
    assert not Request.objects.exists()


def test_a_file_that_is_not_there_is_named(people: dict[str, User], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_requests", str(tmp_path / "none.jsonl"), f"--as={CLERK}")


def test_odd_lines_get_a_sentence_and_never_what_they_hold(people: dict[str, User]) -> None:
    good = json.loads(FILE.read_text("utf-8").splitlines()[0])
    person, item = good["subjects"][0], good["items"][0]
    assert read(b"\xff\xfe") == ("This line is not UTF-8. Save the file in that encoding.",)
    assert read(b"[" * 100_000) == (
        "This line cannot be read: it is nested too deep, or a number is too long.",
    )
    assert read([]) == ("This line is not an object in curly brackets.",)
    assert read({**good, "summary": 5}) == ("summary: this must be a text.",)
    assert read({**good, "id": ""}) == ("id: this is empty.",)
    assert read({**good, "court": "x" * 201}) == ("court: this is too long; 200 characters fit.",)
    assert read({**good, "subjects": [person] * 26}) == (
        "subjects: these are too many; 25 fit. Put the rest into another request.",
    )
    assert read({**good, "purposes": ["PREVENT", "PREVENT"]}) == (
        "purposes: one of these stands here twice.",
    )
    assert read({**good, "subjects": [{**person, "born_on": "2099-01-01"}]}) == (
        "subjects 1, born_on: The date of birth lies in the future. Copy it from the form.",
    )
    assert read({**good, "items": [item, {**item, "period_to": "2020-01-01"}]}) == (
        "items 2, period_to: The period ends before it begins. Check both days.",
    )


def test_the_published_schema_is_the_one_that_judges() -> None:
    published = json.loads((ROOT / "docs/import.schema.json").read_text("utf-8"))
    assert published == schema()
    Draft202012Validator.check_schema(published)
