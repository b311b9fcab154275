"""A command started without its settings says which is missing and how it is started here, and shows no traceback."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_command_without_settings_names_what_is_missing_and_the_way_on() -> None:
    env = {name: value for name, value in os.environ.items() if name not in {"SECRET_KEY", "SECRET_KEY_FILE"}}
    said = subprocess.run(
        [sys.executable, "manage.py", "deadline", "WN", "2024-01-02", "--n", "5"],
        cwd=ROOT, env=env | {"DJANGO_SETTINGS_MODULE": "cpdisclose.settings"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 1
    assert said.stderr.splitlines() == [
        "Set the SECRET_KEY environment variable",
        "With the settings and the servers of this checkout: script/manage deadline WN 2024-01-02 --n 5",
    ]
