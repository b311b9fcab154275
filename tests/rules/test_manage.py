"""A command started without settings takes this checkout's; one that misses a single one says which, without a traceback."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ["deadline", "WN", "2024-01-02", "--n", "5"]
SETTINGS = {"DJANGO_SETTINGS_MODULE", "SECRET_KEY", "SECRET_KEY_FILE", "DATABASE_URL", "DATABASE_URL_FILE"}
BARE = {name: value for name, value in os.environ.items() if name not in SETTINGS}


def run(folder: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *COMMAND], cwd=folder, env=env, capture_output=True, text=True, check=False
    )  # fmt: skip


def test_a_command_that_misses_one_setting_names_it_and_the_way_on() -> None:
    said = run(ROOT, BARE | {"DJANGO_SETTINGS_MODULE": "cpdisclose.settings"})
    assert said.returncode == 1
    assert said.stderr.splitlines() == [
        "Set the SECRET_KEY environment variable",
        "With the settings and the servers of this checkout: script/manage deadline WN 2024-01-02 --n 5",
    ]


def test_a_command_without_any_settings_is_handed_to_the_checkouts_own(tmp_path: Path) -> None:
    shutil.copy(ROOT / "manage.py", tmp_path)
    own = tmp_path / "script" / "manage"
    own.parent.mkdir()
    own.write_text('#!/bin/sh\nprintf "%s " "$@"\n')
    own.chmod(0o755)
    said = run(tmp_path, BARE)
    assert (said.returncode, said.stdout.split()) == (0, COMMAND)
    assert run(tmp_path, BARE | {"DATABASE_URL": "postgresql://app@/none"}).returncode == 1


def test_where_no_checkout_is_the_missing_settings_are_named(tmp_path: Path) -> None:
    shutil.copy(ROOT / "manage.py", tmp_path)
    said = run(tmp_path, BARE | {"PYTHONPATH": str(ROOT)})
    assert said.returncode == 1
    assert said.stderr.startswith("Set the SECRET_KEY environment variable")
