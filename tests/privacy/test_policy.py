"""The policy's versions: published once, in force from their day, never changed."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import Error, IntegrityError, connection, transaction

from accounts.models import User
from accounts.roles import Role
from audit.entries import SYSTEM, Changed, append
from audit.models import Entry
from privacy.models import PolicyVersion
from privacy.selectors import NoPolicyInForce, version_in_force
from privacy.services import Clause, PolicyRefused, publish_policy
from tests.accounts.conftest import Desk, make_desk
from tests.conftest import Database

TEXT = "We keep what you tell us to ourselves.\n"
POSTED = datetime(2026, 3, 1, tzinfo=UTC)
EFFECTIVE = datetime(2026, 4, 1, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def publish(
    number: int = 1,
    *,
    text: str = TEXT,
    posted: datetime = POSTED,
    effective: datetime = EFFECTIVE,
    actor: User | None = None,
    clauses: Iterable[Clause] = (),
) -> PolicyVersion:
    return publish_policy(
        number=number,
        text=text,
        posted_at=posted,
        effective_from=effective,
        url="https://desk.example/privacy",
        clauses=clauses,
        actor=actor,
        now=datetime.now(UTC),
    )


@pytest.mark.django_db
def test_a_version_is_in_force_from_its_first_instant() -> None:
    version = publish()
    with pytest.raises(NoPolicyInForce, match="1 April 2026"):
        version_in_force(EFFECTIVE - INSTANT)
    assert version_in_force(EFFECTIVE) == version


@pytest.mark.django_db
def test_the_newer_version_takes_over_on_its_day_and_the_older_keeps_its_time() -> None:
    first, change = publish(), EFFECTIVE + timedelta(days=90)
    second = publish(2, posted=EFFECTIVE, effective=change)
    assert version_in_force(change - INSTANT) == first
    assert version_in_force(change) == second


@pytest.mark.django_db
def test_without_a_version_nothing_is_in_force() -> None:
    with pytest.raises(NoPolicyInForce):
        version_in_force(EFFECTIVE)


@pytest.mark.django_db
def test_a_version_nobody_posted_is_not_relied_on() -> None:
    with pytest.raises(IntegrityError, match="policy_takes_effect_once_posted"), transaction.atomic():
        PolicyVersion.objects.create(number=1, text=TEXT, text_hash="0" * 64, effective_from=EFFECTIVE)
    unposted = PolicyVersion.objects.create(number=1, text=TEXT, text_hash="0" * 64)
    append(event="policy_version.published", actor=SYSTEM, obj=Changed("policy_version", unposted.ref, 1))
    with pytest.raises(NoPolicyInForce):
        version_in_force(EFFECTIVE)


@pytest.mark.django_db
def test_publishing_keeps_the_text_and_its_hash_and_says_so_in_the_log() -> None:
    version = publish()
    connection.check_constraints()
    entry = json.loads(bytes(Entry.objects.get(object_ref=version.ref).body))
    assert version.text == TEXT
    assert version.text_hash == hashlib.sha256(TEXT.encode()).hexdigest()
    assert entry["event"] == "policy_version.published"
    assert entry["detail"] == {
        "number": 1,
        "sha256": version.text_hash,
        "above": [],
        "below": [],
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": " \n"}, "no text"),
        ({"effective": POSTED - INSTANT}, "before the day it is posted"),
        ({"number": 1}, "next number"),
    ],
)
def test_what_cannot_be_a_version_is_refused(given: dict[str, object], said: str) -> None:
    publish()
    with pytest.raises(PolicyRefused, match=said):
        publish(**({"number": 2} | given))  # type: ignore[arg-type]


def test_only_an_administrator_publishes(db: None) -> None:
    desk: Desk = make_desk()
    with pytest.raises(PolicyRefused, match="Only an administrator"):
        publish(actor=desk.person("Bob", Role.HEAD_OF_LEGAL))
    assert publish(actor=desk.admin).number == 1


@pytest.mark.committed
def test_a_published_version_never_changes(committed_db: Database) -> None:
    version = publish()
    with pytest.raises(Error):
        PolicyVersion.objects.filter(pk=version.pk).update(text="Something else")
    for role in ("app", "owner"):
        for change in (
            "UPDATE privacy_policyversion SET text = 'x', version = version + 1",
            "UPDATE privacy_policyversion SET posted_at = posted_at - interval '1 year', version = version + 1",
            "DELETE FROM privacy_policyversion",
        ):
            with committed_db.connect(role) as direct, pytest.raises(psycopg.Error, match=r"refused|denied"):
                direct.execute(change)


def load(file: Path, *, posted: str = "2026-03-01", effective: str = "2026-07-01") -> None:
    call_command(
        "load_policy",
        "--file",
        str(file),
        "--posted",
        posted,
        "--effective",
        effective,
        "--url",
        "https://desk.example/privacy",
    )


@pytest.mark.django_db
def test_the_company_loads_its_own_text_version_by_version(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "policy.txt"
    file.write_text("We keep names – and nothing else.\n", "utf-8")
    load(file)
    load(file, effective="2026-08-01")
    assert "Policy version 1 is published, effective from Wednesday 1 July 2026." in capsys.readouterr().out
    first, second = PolicyVersion.objects.order_by("number")
    assert first.text == file.read_text("utf-8")
    assert second.number == 2
    # The day begins in London, where summer time holds.
    assert first.effective_from == datetime(2026, 6, 30, 23, tzinfo=UTC)


@pytest.mark.django_db
def test_a_file_or_a_day_that_will_not_do_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file"):
        load(tmp_path / "absent.txt")
    file = tmp_path / "policy.txt"
    file.write_text("x", "utf-8")
    with pytest.raises(CommandError, match="before the day it is posted"):
        load(file, effective="2026-02-28")
    with pytest.raises(CommandError, match="--posted"):
        load(file, posted="yesterday")
