"""Wrong sign-ins are counted by (account, source): a guesser locks out nobody but themselves."""

import logging

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.http import HttpRequest
from django.test import Client
from pytest_django import Settings

from accounts.lockout import source_of
from accounts.roles import Role

from .conftest import ELSEWHERE, HOME, PASSWORD, Desk, code_of, enrol, give_code, give_password
from .test_sign_in import events, is_in

LIMIT = settings.AXES_FAILURE_LIMIT


def guess(client: Client, desk: Desk, times: int, source: str = HOME) -> int:
    statuses = [
        give_password(client, desk.admin, password=f"guess {n}", source=source).status_code
        for n in range(times)
    ]
    return statuses[-1]


def test_the_limit_locks_the_account_for_that_source_only(desk: Desk) -> None:
    enrol(desk.admin)
    assert guess(Client(), desk, LIMIT - 1) == 200
    assert guess(Client(), desk, 1) == 429
    here, there = Client(), Client()
    assert give_password(here, desk.admin).status_code == 429
    give_password(there, desk.admin, source=ELSEWHERE)
    give_code(there, code_of(desk.admin), source=ELSEWHERE)
    assert (is_in(here), is_in(there)) == (False, True)


def test_another_account_still_signs_in_from_that_source(desk: Desk) -> None:
    bob = desk.person("Bob", Role.HANDLER)
    enrol(bob)
    guess(Client(), desk, LIMIT)
    browser = Client()
    give_password(browser, bob)
    give_code(browser, code_of(bob))
    assert is_in(browser)


def test_capitals_and_another_browser_do_not_start_the_count_anew(desk: Desk) -> None:
    for n in range(LIMIT):
        typed = desk.admin.email.upper() if n % 2 else desk.admin.email
        answer = Client(headers={"user-agent": f"browser {n}"}).post(
            "/account/login/", {"login": typed, "password": "guess"}, REMOTE_ADDR=HOME
        )
    assert answer.status_code == 429


def test_wrong_codes_count_as_well_and_the_right_one_comes_too_late(desk: Desk) -> None:
    enrol(desk.admin)
    browser = Client()
    give_password(browser, desk.admin)
    wrong = str((int(code_of(desk.admin)) + 1) % 1_000_000).zfill(6)
    statuses = [give_code(browser, wrong).status_code for _ in range(LIMIT)]
    assert statuses == [200] * (LIMIT - 1) + [429]
    assert give_code(browser, code_of(desk.admin)).status_code == 429
    assert not is_in(browser)


def test_a_full_sign_in_clears_the_count_but_the_password_alone_does_not(desk: Desk) -> None:
    enrol(desk.admin)
    guess(Client(), desk, LIMIT - 1)
    give_password(Client(), desk.admin)
    assert AccessAttempt.objects.exists()
    browser = Client()
    give_password(browser, desk.admin)
    give_code(browser, code_of(desk.admin))
    assert is_in(browser)
    assert not AccessAttempt.objects.exists()


def test_the_log_says_that_the_door_was_locked(desk: Desk) -> None:
    guess(Client(), desk, LIMIT)
    give_password(Client(), desk.admin)
    assert [entry["detail"]["why"] for entry in events("session.refused")][-1] == "LOCKED_OUT"


def test_neither_counters_nor_log_files_say_who_it_is(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    enrol(desk.admin)
    guess(Client(), desk, LIMIT)
    browser = Client()
    give_password(browser, desk.admin, source=ELSEWHERE, target="/requests/CP-7F3K-92QM/")
    give_code(browser, "000000", source=ELSEWHERE)
    give_code(browser, code_of(desk.admin), source=ELSEWHERE)
    browser.post("/account/logout/")
    guess(Client(), desk, 1, source="192.0.2.9")
    rows = [str(row) for row in AccessAttempt.objects.values_list()]
    assert rows
    assert not AccessLog.objects.exists()
    assert not AccessFailureLog.objects.exists()
    said = "\n".join(
        [*rows, *(record.getMessage() for record in caplog.records if record.name != "django.db.backends")]
    )
    for secret in (desk.admin.email, "ada@", PASSWORD, "guess 0", "000000", "CP-7F3K"):
        assert secret not in said, secret


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("", None),
    ],
)
def test_a_source_is_a_machine_or_a_subscribers_network(address: str, source: str | None) -> None:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = address
    assert source_of(request) == source


def test_behind_a_proxy_the_source_is_what_the_proxy_saw(settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    request = HttpRequest()
    request.META |= {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 192.0.2.5"}
    assert source_of(request) == "192.0.2.5"


def test_without_a_proxy_nobody_chooses_their_own_source() -> None:
    request = HttpRequest()
    request.META |= {"REMOTE_ADDR": "192.0.2.5", "HTTP_X_FORWARDED_FOR": "6.6.6.6"}
    assert source_of(request) == "192.0.2.5"
