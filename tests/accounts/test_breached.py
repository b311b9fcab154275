"""Passwords known from breaches are refused by a list of the house's own; a list that can't be read refuses all."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.password_validation import validate_password
from django.core.checks import run_checks
from django.core.exceptions import ValidationError

from accounts.breached import is_listed, sum_of

KNOWN = [f"quiet otters {number} lanterns" for number in range(500)]


@pytest.fixture(params=["\n", "\r\n"], ids=["LF", "CRLF"])
def breaches(request: pytest.FixtureRequest, tmp_path: Path, settings: LazySettings) -> Path:
    path = tmp_path / "breaches.txt"
    lines = sorted(f"{sum_of(word).decode()}:{number**3}" for number, word in enumerate(KNOWN))
    path.write_bytes(request.param.join(lines).encode())
    settings.BREACHED_PASSWORDS = str(path)
    return path


def test_each_line_of_the_list_is_found_and_nothing_else(breaches: Path) -> None:
    assert all(is_listed(breaches, sum_of(word)) for word in KNOWN)
    assert not any(is_listed(breaches, sum_of(f"{word}!")) for word in KNOWN)
    assert not any(is_listed(breaches, edge * 40) for edge in (b"0", b"F"))


def test_a_password_known_from_a_breach_is_refused(breaches: Path) -> None:
    validate_password("quiet otters seven lanterns")
    with pytest.raises(ValidationError, match="known from a breach"):
        validate_password(KNOWN[7])


@pytest.mark.parametrize("content", [None, b""], ids=["no file", "an empty file"])
def test_while_the_list_cannot_be_read_no_password_is_taken(
    content: bytes | None, tmp_path: Path, settings: LazySettings
) -> None:
    path = tmp_path / "breaches.txt"
    if content is not None:
        path.write_bytes(content)
    settings.BREACHED_PASSWORDS = str(path)
    with pytest.raises(ValidationError, match="Ask your administrator"):
        validate_password("quiet otters seven lanterns")
    assert "accounts.E001" in deploy_faults()


def test_without_a_list_nothing_is_compared_and_nothing_is_wrong(settings: LazySettings) -> None:
    settings.BREACHED_PASSWORDS = ""
    validate_password(KNOWN[7])
    assert "accounts.E001" not in deploy_faults()


def test_whoever_runs_the_site_hears_of_a_list_of_another_kind(breaches: Path) -> None:
    assert "accounts.E001" not in deploy_faults()
    breaches.write_text(f"{sum_of('lower case').decode().lower()}:1\n")
    assert "accounts.E001" in deploy_faults()
    breaches.write_text("a list of words\n")
    assert "accounts.E001" in deploy_faults()


def deploy_faults() -> set[str | None]:
    return {fault.id for fault in run_checks(include_deployment_checks=True)}
