"""A start that would be lenient is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "SECRET_KEY": "x" * 60,
    "PUBLIC_URL": "https://desk.example",
    "DATABASE_URL": "postgresql://app@/none?host=/nonexistent",
    "SEALING_MASTER_KEYS": "",
}


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=ROOT,
        env=kept | PRODUCTION | {"DJANGO_SETTINGS_MODULE": "cpdisclose.settings"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_the_second_factor() -> None:
    assert start().returncode == 0
    assert start(MFA_REQUIRED="true", DEBUG="false").returncode == 0


@pytest.mark.parametrize("environment", [{}, {"DEBUG": "false"}])
def test_a_start_without_the_second_factor_is_refused(environment: dict[str, str]) -> None:
    refused = start(MFA_REQUIRED="false", **environment)
    assert refused.returncode != 0
    assert "MFA_REQUIRED=false is accepted only together with DEBUG=true" in refused.stderr


def test_while_developing_the_second_factor_may_be_off() -> None:
    assert start(MFA_REQUIRED="false", DEBUG="true", PUBLIC_URL="http://localhost:8000").returncode == 0


@pytest.mark.parametrize("address", ["clamav:3310", "unix:clamd.sock", "tcp://clamav", "https://clamav:3310"])
def test_a_scanner_whose_address_is_none_is_refused(address: str) -> None:
    assert "CLAMD must be unix:///path" in start(CLAMD=address).stderr


@pytest.mark.parametrize(
    "address", ["", "unix:///run/clamav/clamd.ctl", "tcp://clamav:3310", "tcp://[::1]:3310"]
)
def test_a_scanner_is_named_by_its_socket(address: str) -> None:
    assert start(CLAMD=address).returncode == 0


def test_a_public_address_without_https_is_refused() -> None:
    assert "must begin with https" in start(PUBLIC_URL="http://desk.example").stderr
