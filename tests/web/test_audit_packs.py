"""The audit pack of a period: asked for, made in the background, taken along, and checked with what is in it."""

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import User
from accounts.roles import Role
from accounts.services import register_organisation
from audit.clearances import give_clearance
from audit.entries import Actor
from audit.logs import verifiers
from audit.models import Entry, Log
from audit.selectors import Scope
from audit.sequencer import Sequencer
from disclosures.demo import Road
from disclosures.documents.controls import CONTROLS
from disclosures.documents.pack_zip import Archive
from disclosures.models import AuditPack, AuditPackWork, Request
from disclosures.selectors.audit_pack import Counted, rank
from disclosures.services import ActionRefused
from disclosures.services.audit_packs import KEPT_FOR, LEASE, build_next, drop_old_packs
from disclosures.services.on_file import record_correspondence
from disclosures.states import Action, State
from disclosures.tasks import build_packs
from tests.audit.conftest import default_connection
from tests.conftest import Database
from tests.services.log_lines import last
from tests.web.browsers import browser_for
from tests.world import World, make_world

PAGE = reverse("disclosures:audit-packs")
TABLES = ("population", "post-book", "mailbox", "reconciliation", "sample", "exceptions", "roles", "controls")


def given(world: World, **changes: object) -> dict:
    day = localdate(world.now)
    first = day - timedelta(days=400)
    dates = {
        f"{name}_{part}": getattr(of, part)
        for name, of in (("first_day", first), ("last_day", day))
        for part in ("day", "month", "year")
    }
    return {**dates, "sample_size": 2, "seed": "a word of mine", **changes}


def ask(client, world: World, **changes: object) -> AuditPack:
    answer = client.post(PAGE, given(world, **changes))
    assert (answer.status_code, answer.url) == (302, PAGE), answer.content.decode()[:3000]
    return AuditPack.objects.latest("id")


def take(client, pack: AuditPack, archive: str = "main") -> zipfile.ZipFile:
    answer = client.get(reverse("disclosures:audit-pack", args=[pack.ref, archive]))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content))


def rows(files: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files.read(f"{name}.csv").decode("utf-8-sig"))))


def clear(world: World) -> None:
    give_clearance(
        reader=world["auditor"].ref, ground="STATUTORY", document="Engagement letter 1",
        valid_from=world.now - timedelta(minutes=1), valid_until=world.now + timedelta(days=30),
        actor=Actor(world.somebody(Role.HEAD_OF_LEGAL).ref), now=world.now,
    )  # fmt: skip


@pytest.mark.django_db
def test_a_pack_is_asked_for_made_and_taken_along(world: World, browser_of) -> None:
    auditor = browser_of("auditor")
    assert "You have asked for no pack yet." in auditor.get(PAGE).content.decode()
    closed, pending = world.request_in(State.CLOSED), world.request_in(State.PENDING_APPROVAL)
    secret = world.road()
    secret.record(restricted=True)
    pack = ask(auditor, world, post_count=0, post_source="Post book, page 3")
    assert "Waiting, or counting" in auditor.get(PAGE).content.decode()
    assert last("audit_pack.asked")["detail"]["seed"] == "a word of mine"
    build_packs()
    page = auditor.get(PAGE).content.decode()
    assert "Download" in page
    assert "restricted requests</a>" not in page
    files = take(auditor, pack)
    assert last("audit_pack.downloaded")["detail"] == {"archive": "main"}
    names = set(files.namelist())
    assert {f"{name}.csv" for name in TABLES} | {
        "summary.pdf",
        "summary.json",
        "README.txt",
        "verifier.py",
    } <= names
    population = rows(files, "population")
    assert {row["reference"] for row in population} == {closed.reference, pending.reference}
    assert {row["reference"]: row["open at the end"] for row in population} == {
        closed.reference: "no",
        pending.reference: "yes",
    }
    for reference in (closed.reference, pending.reference):
        assert files.read(f"records/{reference}.pdf").startswith(b"%PDF")
        assert json.loads(files.read(f"records/{reference}.json"))["asked"]["reference"] == reference
    assert files.read("summary.pdf").startswith(b"%PDF")
    everything = b"".join(files.read(name) for name in names)
    assert secret.request.reference.encode() not in everything
    exported = [json.loads(bytes(entry.body)) for entry in Entry.objects.filter(event="record.exported")]
    assert {(body["object"]["ref"], body["detail"]["form"]) for body in exported} == {
        (closed.reference, "PACK"),
        (pending.reference, "PACK"),
    }


@pytest.mark.django_db
def test_what_was_received_is_reconciled(world: World, browser_of) -> None:
    world.request_in(State.CLOSED)
    world.request_in(State.IN_REVIEW)
    by_mail = Request.objects.filter(channel__in=["MAIL", "SECURE_MAIL"]).count()
    auditor = browser_of("auditor")
    pack = ask(auditor, world, mail_count=by_mail + 1, mail_source="Mailbox export of today")
    build_packs()
    found = {row["what"]: row for row in rows(take(auditor, pack), "reconciliation")}
    assert found["Received = open + closed"]["difference"] == "0"
    assert found["Received = open + closed"]["ours"] == "2"
    assert found["Of these closed at the end"]["ours"] == "1"
    assert found["Received = recorded in the log"]["difference"] == "0"
    assert found["Came by mail = mailbox"]["difference"] == "-1"
    assert found["Came by mail = mailbox"]["source"] == "Mailbox export of today"
    assert found["Came by post = post book"]["source"] == "not given"


@pytest.mark.django_db
def test_what_came_by_post_and_by_mail_can_be_ticked_off_line_by_line(world: World, browser_of) -> None:
    formula = register_organisation(
        code="formula", name="=HYPERLINK(1)", kind="POLICE_FORCE", nation="EW", actor=None, now=world.now
    )
    by_mail = Road(world.people, formula, world.now, number=1).record()
    by_post = Road(world.people, formula, world.now, number=2).record(channel="POST")
    record_correspondence(
        request_id=by_mail.pk, direction="IN", channel="POST", at=world.now, with_whom="Robin Sample",
        words="The signed form.", actor=world["handler"], now=world.now,
    )  # fmt: skip
    auditor = browser_of("auditor")
    pack = ask(auditor, world)
    build_packs()
    files = take(auditor, pack)
    post, mailbox = rows(files, "post-book"), rows(files, "mailbox")
    assert [(row["what"], row["reference"], row["channel"]) for row in post] == [
        ("Request", by_post.reference, "Post"),
        ("About a request", by_mail.reference, "Post"),
    ]
    assert [(row["reference"], row["recorded by"]) for row in mailbox] == [(by_mail.reference, "Demo Clerk")]
    assert {row["from"] for row in post} == {"'=HYPERLINK(1)"}, "no cell runs as a formula"
    assert b"Robin" not in files.read("post-book.csv")
    found = {row["what"]: row["ours"] for row in rows(files, "reconciliation")}
    assert (found["Came by post = post book"], found["Came by mail = mailbox"]) == ("1", "1")
    assert json.loads(files.read("summary.json"))["counts"]["post-book"] == 2


class Line(dict):
    """A line that knows how many of its kind there are at the moment."""

    alive = most = 0

    def __init__(self, number: int) -> None:
        super().__init__(
            {"reference": f"R{number}", "open at the end": "yes" if number % 3 else "no", "channel": "Post"}
        )
        Line.alive += 1
        Line.most = max(Line.most, Line.alive)

    def __del__(self) -> None:
        Line.alive -= 1


@pytest.mark.django_db
def test_a_population_of_any_size_goes_through_and_is_not_held() -> None:
    counted, size = Counted("seed", 25, Scope.MAIN), 20_000
    assert Archive().table("population", counted.over(Line(number) for number in range(size))) == size
    assert Line.most < 2_200
    assert (counted.closed, counted.still_open, counted.by_post) == (6_667, 13_333, size)
    ranked = sorted((f"R{number}" for number in range(size)), key=lambda ref: rank(ref, seed="seed"))
    assert [row["reference"] for _, row in counted.sample] == ranked[:25]


@pytest.mark.django_db
def test_the_sample_follows_from_seed_and_list_alone(world: World, browser_of) -> None:
    for _ in range(4):
        world.request_in(State.SUBMITTED)
    auditor = browser_of("auditor")
    packs = [ask(auditor, world, seed=seed) for seed in ("one", "one", "two")]
    build_packs()
    samples = [[row["reference"] for row in rows(take(auditor, pack), "sample")] for pack in packs]
    everything = [row["reference"] for row in rows(take(auditor, packs[0]), "population")]
    assert samples[0] == samples[1]
    for seed, sample in zip(("one", "one", "two"), samples, strict=True):
        ranked = sorted(
            everything, key=lambda ref, seed=seed: hashlib.sha256(f"{seed}:{ref}".encode()).hexdigest()
        )
        assert sample == ranked[:2]
    assert rank("R1", seed="x") != rank("R1", seed="y")


@pytest.mark.django_db
def test_what_was_out_of_the_ordinary_is_listed(world: World, browser_of) -> None:
    road = world.road()
    request = road.to(State.PENDING_APPROVAL)
    world.give("handler", Role.APPROVER)
    with pytest.raises(ActionRefused):
        road.step("handler", Action.APPROVE_RELEASE)
    auditor = browser_of("auditor")
    pack = ask(auditor, world)
    build_packs()
    files = take(auditor, pack)
    found = rows(files, "exceptions")
    assert ("Step refused", request.reference) in {(row["what"], row["about"]) for row in found}
    assert any(row["what"] == "Change of roles, members or secrecy" for row in found)
    held = {(row["who"], row["role"]) for row in rows(files, "roles")}
    assert ("Demo Auditor", "Auditor") in held
    cited = {json.loads(line)["entry"]["id"] for line in files.read("entries.jsonl").decode().splitlines()}
    assert {int(row["entry"]) for row in found if row["entry"]} <= cited


@pytest.mark.django_db
def test_restricted_requests_are_in_an_archive_of_their_own_for_the_cleared_alone(
    world: World, browser_of
) -> None:
    world.request_in(State.IN_REVIEW)
    secret = world.road()
    secret.record(restricted=True)
    clear(world)
    auditor = browser_of("auditor")
    before = Entry.objects.filter(log="main").count()
    pack = ask(auditor, world)
    build_packs()
    assert not Entry.objects.filter(log="main", event__startswith="audit_pack").exists()
    assert Entry.objects.filter(log="main").count() >= before
    main, sealed = take(auditor, pack), take(auditor, pack, "sealed")
    reference = secret.request.reference
    assert [row["reference"] for row in rows(sealed, "population")] == [reference]
    assert reference.encode() not in b"".join(main.read(name) for name in main.namelist())
    assert f"records/{reference}.pdf" in sealed.namelist()
    assert Entry.objects.filter(log="sealed", event="record.exported", object_ref=reference).exists()


@pytest.mark.django_db
def test_nobody_else_finds_the_page_or_anothers_pack(world: World, browser_of) -> None:
    auditor = browser_of("auditor")
    pack = ask(auditor, world)
    build_packs()
    address = reverse("disclosures:audit-pack", args=[pack.ref, "main"])
    for key in ("handler", "approver", "clerk"):
        client = browser_of(key)
        assert client.get(PAGE).status_code == client.post(PAGE, given(world)).status_code == 404
        assert client.get(reverse("disclosures:audit-packs-progress")).status_code == 404
        assert client.get(address).status_code == 404
    world.give("handler", Role.AUDITOR)
    assert browser_of("handler").get(address).status_code == 404, "another auditor's"
    assert auditor.get(reverse("disclosures:audit-pack", args=[pack.ref, "sealed"])).status_code == 404
    assert auditor.get(reverse("disclosures:audit-pack", args=["p_none", "main"])).status_code == 404
    assert AuditPack.objects.count() == 1


@pytest.mark.django_db
def test_all_that_is_wrong_is_told(world: World, browser_of) -> None:
    auditor = browser_of("auditor")
    empty = auditor.post(PAGE, {})
    assert empty.status_code == 422
    assert "First day is needed" in empty.content.decode()
    wrong = {
        "The period must not end in the future.": {"last_day_year": localdate(world.now).year + 1},
        "The last day must not be before the first.": {"first_day_year": localdate(world.now).year + 1},
        "Say where the count was taken from.": {"post_count": 5},
    }
    for words, changes in wrong.items():
        answer = auditor.post(PAGE, given(world, **changes))
        assert (answer.status_code, words in answer.content.decode()) == (422, True), words
    assert not AuditPack.objects.exists()


@pytest.mark.django_db
def test_whoever_is_killed_leaves_it_to_the_next_and_three_times_is_enough(world: World, browser_of) -> None:
    auditor = browser_of("auditor")
    pack = ask(auditor, world)
    AuditPackWork.objects.update(leased_until=world.now + LEASE, attempts=1)
    assert not build_next(now=world.now), "another process is at it"
    later = world.now + LEASE + timedelta(seconds=1)
    assert build_next(now=later)
    assert AuditPack.objects.get(pk=pack.pk).built_at
    second = ask(auditor, world)
    AuditPackWork.objects.filter(pack=second).update(attempts=3)
    assert build_next(now=world.now)
    assert "It could not be made." in auditor.get(PAGE).content.decode()
    assert not build_next(now=world.now)


@pytest.mark.django_db
def test_the_archives_are_dropped_after_a_while_and_the_row_stays(world: World, browser_of) -> None:
    auditor = browser_of("auditor")
    pack = ask(auditor, world)
    build_packs()
    built_at = AuditPack.objects.get(pk=pack.pk).built_at
    assert built_at
    assert drop_old_packs(now=built_at + KEPT_FOR - timedelta(minutes=1)) == 0
    assert [drop_old_packs(now=built_at + KEPT_FOR), drop_old_packs(now=built_at + KEPT_FOR)] == [1, 0]
    assert AuditPack.objects.get(pk=pack.pk).content is None
    assert auditor.get(reverse("disclosures:audit-pack", args=[pack.ref, "main"])).status_code == 404
    assert "ask again with the same seed" in auditor.get(PAGE).content.decode()
    assert last("audit_pack.dropped")["actor"] == {"ref": "system"}


@pytest.mark.django_db
def test_a_pack_changes_only_with_its_entry(world: World, browser_of) -> None:
    ask(browser_of("auditor"), world)
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditPack.objects.update(seed="another")


@pytest.mark.django_db
def test_the_list_costs_the_same_at_any_length(world: World, browser_of, django_assert_num_queries) -> None:
    auditor = browser_of("auditor")
    ask(auditor, world)
    auditor.get(PAGE)
    with django_assert_num_queries(6):
        auditor.get(PAGE)
    for _ in range(26):
        ask(auditor, world)
    with django_assert_num_queries(6):
        older = auditor.get(PAGE).context["packs"].older
    assert len(auditor.get(PAGE, {"before": older}).context["packs"].rows) == 2


@pytest.mark.django_db
def test_the_command_writes_the_same_for_an_auditor_alone(world: World, tmp_path: Path) -> None:
    world.request_in(State.IN_REVIEW)
    day = localdate(world.now)
    period = [str(day - timedelta(days=400)), str(day)]
    somebody = User.objects.get(pk=world["handler"].pk)
    with pytest.raises(CommandError, match="is an auditor today"):
        call_command("audit_pack", *period, out=tmp_path / "no", email=somebody.email)
    said = io.StringIO()
    call_command(
        "audit_pack", *period, out=tmp_path / "out", email=world["auditor"].email, seed="mine", stdout=said,
        stderr=io.StringIO(),
    )  # fmt: skip
    [path] = (tmp_path / "out").iterdir()
    assert str(path) in said.getvalue()
    with zipfile.ZipFile(path) as files:
        assert len(rows(files, "population")) == 1
    assert last("audit_pack.downloaded")["detail"] == {"archive": "folder"}
    build_packs()
    assert AuditPack.objects.get().built_at is None, "nothing of it is kept here"


def test_every_control_names_tests_that_are_there() -> None:
    named = {Path(settings.BASE_DIR) / test for control in CONTROLS for test in control.tests}
    assert len(named) > 12
    assert [path for path in named if not path.exists()] == []


@pytest.mark.committed
def test_every_proof_of_a_pack_is_believed_by_the_verifier_that_lies_beside_it(
    committed_db: Database, tmp_path: Path
) -> None:
    world = make_world()
    request = world.request_in(State.PENDING_APPROVAL)
    auditor = browser_for(world["auditor"], world.now)
    pack = ask(auditor, world)
    with default_connection(committed_db, "sequencer"):
        Sequencer(Log.MAIN).drain()
    build_packs()
    take(auditor, pack).extractall(tmp_path)
    proofs = sorted((tmp_path / "proofs").iterdir())
    lines = [json.loads(line) for line in (tmp_path / "entries.jsonl").read_text().splitlines()]
    assert {int(path.stem) for path in proofs} == {
        line["index"] for line in lines if line["index"] is not None
    }
    assert sum(line["entry"].get("object", {}).get("ref") == request.reference for line in lines) >= 5
    key = verifiers("main")[0].vkey
    for path in proofs[:: max(1, len(proofs) // 5)]:
        done = subprocess.run(
            [sys.executable, "verifier.py", "proof", str(path), "--key", key],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
