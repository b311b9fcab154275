"""`manage.py rotate_keys`: everything moves to the newest master key, and nothing that was sealed notices."""

import base64
import os
import signal
import subprocess
import sys
import time
from io import StringIO
from threading import Thread

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.db import close_old_connections, connections
from django.test import Client
from pytest_django import Settings

from accounts.second_factors import version_of
from accounts.services.rotating import move_keys
from audit.models import Entry
from sealing import boxes, keys
from sealing.models import DataKey
from sealing.rotation import hanging
from tests.conftest import Database

from .conftest import Desk, code_of, enrol, give_code, give_password

FIRST, SECOND = configured.SEALING_MASTER_KEYS.split(",")
THIRD = "3:" + base64.b64encode(bytes(range(32))).decode()
WRONG = "1:" + base64.b64encode(bytes(range(32, 64))).decode()
AAD = (b"rotation",)
PATIENCE = 60


def rotate(*words: str) -> str:
    said = StringIO()
    call_command("rotate_keys", *words, stdout=said, stderr=said)
    return said.getvalue()


def sealed_under_old_keys(settings: Settings, count: int) -> list[tuple[DataKey, bytes]]:
    """Request keys with a subject's key below each, and something sealed under both."""
    settings.SEALING_MASTER_KEYS = FIRST
    made = []
    for number in range(count):
        request_key = keys.new_key()
        for key in (request_key, keys.new_key(parent=request_key)):
            made.append((key, boxes.seal_bytes(key, f"value {number}".encode(), AAD)))
    settings.SEALING_MASTER_KEYS = f"{FIRST},{SECOND}"
    return made


def opened(made: list[tuple[DataKey, bytes]]) -> list[bytes]:
    return [
        boxes.open_bytes(DataKey.objects.select_related("parent").get(pk=key.pk), blob, AAD)
        for key, blob in made
    ]


@pytest.mark.django_db
def test_every_key_moves_to_the_newest_master_and_opens_with_that_one_alone(settings: Settings) -> None:
    made = sealed_under_old_keys(settings, 5)
    before, material = opened(made), [keys.material(key) for key, _ in made]
    assert hanging() == {1: 5}
    said = rotate("--batch", "2")
    assert hanging() == {2: 5}
    assert "4 of 5 keys moved to master key 2." in said
    assert "Master key 1 wraps nothing any more, and stays: the blind indexes are made with it." in said
    settings.SEALING_MASTER_KEYS = SECOND
    assert opened(made) == before
    assert [keys.material(DataKey.objects.get(pk=key.pk)) for key, _ in made] == material


@pytest.mark.django_db
def test_a_key_in_the_middle_may_go_and_the_command_says_so(settings: Settings) -> None:
    sealed_under_old_keys(settings, 1)
    keys.new_key()
    settings.SEALING_MASTER_KEYS = f"{FIRST},{SECOND},{THIRD}"
    said = rotate()
    assert hanging() == {3: 2}
    assert "Master key 1 wraps nothing any more, and stays" in said
    assert "Master key 2 wraps nothing any more and may be taken out of SEALING_MASTER_KEYS." in said
    assert rotate().startswith("Everything hangs on master key 3 already.")


@pytest.mark.django_db
def test_a_dry_run_opens_everything_and_writes_nothing(settings: Settings) -> None:
    sealed_under_old_keys(settings, 3)
    rows = list(DataKey.objects.order_by("pk").values_list("pk", "wrapped", "master_version"))
    said = rotate("--dry-run")
    assert "3 of 3 keys would move to master key 2." in said
    assert "Nothing was written." in said
    assert list(DataKey.objects.order_by("pk").values_list("pk", "wrapped", "master_version")) == rows
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_the_wrong_master_key_changes_nothing_and_names_what_did_not_open(settings: Settings) -> None:
    made = sealed_under_old_keys(settings, 2)
    settings.SEALING_MASTER_KEYS = f"{WRONG},{SECOND}"
    with pytest.raises(CommandError, match="2 did not open"):
        rotate()
    settings.SEALING_MASTER_KEYS = SECOND
    with pytest.raises(CommandError, match="2 did not open"):
        rotate()
    assert hanging() == {1: 2}
    settings.SEALING_MASTER_KEYS = f"{FIRST},{SECOND}"
    assert opened(made) == [b"value 0", b"value 0", b"value 1", b"value 1"]


@pytest.mark.django_db
def test_one_broken_key_does_not_keep_the_others_back(settings: Settings) -> None:
    made = sealed_under_old_keys(settings, 3)
    DataKey.objects.filter(pk=made[2][0].pk).update(wrapped=b"\x01" + bytes(60))
    with pytest.raises(CommandError, match="1 did not open"):
        rotate("--batch", "1")
    assert hanging() == {1: 1, 2: 2}


@pytest.mark.django_db
def test_an_erased_key_stays_erased(settings: Settings) -> None:
    (key, _), *_ = sealed_under_old_keys(settings, 1)
    keys.erase(key=key, now=key.created_at)
    assert rotate().startswith("Everything hangs on master key 2 already.")
    key.refresh_from_db()
    assert key.wrapped is None


@pytest.mark.django_db
def test_the_main_log_does_not_tell_how_many_keys_there_are(settings: Settings) -> None:
    sealed_under_old_keys(settings, 4)
    rotate("--batch", "3")
    told = Entry.objects.order_by("at", "id").values_list("log", "event", "actor")
    assert [row for row in told if row[0] == "main"] == [("main", "keys.rotation_begun", "system")]
    assert [row for row in told if row[0] == "sealed"] == [("sealed", "keys.rewrapped", "system")] * 2


@pytest.mark.django_db
def test_second_factors_move_too_and_still_open_the_door(settings: Settings, desk: Desk) -> None:
    settings.SEALING_MASTER_KEYS = FIRST
    enrol(desk.admin)
    settings.SEALING_MASTER_KEYS = f"{FIRST},{SECOND}"
    assert "second factors are sealed under master key 2" in rotate()
    row = Authenticator.objects.get(user=desk.admin, type=Authenticator.Type.TOTP)
    assert version_of(row.data["secret"]) == 2
    assert Entry.objects.filter(event="second_factor.sealed_again", log="main").count() == 1
    settings.SEALING_MASTER_KEYS = SECOND
    client = Client()
    give_password(client, desk.admin)
    assert give_code(client, code_of(desk.admin)).status_code == 302


@pytest.mark.committed
def test_killed_between_two_batches_and_started_again_it_ends_the_same(
    settings: Settings, committed_db: Database
) -> None:
    made = sealed_under_old_keys(settings, 400)
    for batch in move_keys(size=150):
        assert batch.moved == 150
        break
    assert hanging() == {1: 250, 2: 150}
    process = rotation(committed_db)
    end = time.monotonic() + PATIENCE
    while hanging()[2] < 160:
        assert time.monotonic() < end, "it does not begin"
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = hanging()
    assert left.get(1, 0) > 0
    rotate()
    assert hanging() == {2: 400}
    settings.SEALING_MASTER_KEYS = SECOND
    assert opened(made) == [f"value {number // 2}".encode() for number in range(800)]


@pytest.mark.committed
def test_two_at_once_move_each_key_once(settings: Settings, committed_db: Database) -> None:
    made = sealed_under_old_keys(settings, 120)
    moved: list[int] = []

    def run() -> None:
        try:
            moved.append(sum(batch.moved for batch in move_keys(size=7)))
        finally:
            connections.close_all()

    pair = [Thread(target=run) for _ in range(2)]
    for thread in pair:
        thread.start()
    for thread in pair:
        thread.join(PATIENCE)
    close_old_connections()
    assert sum(moved) == 120
    assert len(moved) == 2
    assert hanging() == {2: 120}
    settings.SEALING_MASTER_KEYS = SECOND
    assert opened(made) == [f"value {number // 2}".encode() for number in range(240)]


def rotation(database: Database) -> subprocess.Popen[bytes]:
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database.url("app")}
    command = [sys.executable, "manage.py", "rotate_keys", "--batch", "1", "--skip-checks"]
    return subprocess.Popen(command, cwd=configured.BASE_DIR, env=env, stdout=subprocess.DEVNULL)
