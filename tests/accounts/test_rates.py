"""Searches and files are counted by (account, source): whoever overdoes it holds up nobody else."""

from datetime import timedelta

import pytest
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import UseCount, User
from accounts.rates import TooMany, count_use
from accounts.roles import Role
from tests.services.log_lines import entries
from tests.signed_in import just_signed_in

from .conftest import ELSEWHERE, HOME, Desk, enrol

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few(settings: Settings) -> None:
    settings.RATES = {"search": (3, 600), "file": (2, 600)}


def asks(kind: str, user: User, source: str = HOME) -> bool:
    request = HttpRequest()
    request.user, request.META["REMOTE_ADDR"] = user, source
    try:
        count_use(request, kind)
    except TooMany as held:
        return not 0 < held.seconds <= 3600
    return True


def test_the_limit_holds_up_this_account_at_this_source_and_this_kind_of_use(desk: Desk) -> None:
    bob = desk.person("Bob", Role.HANDLER)
    assert [asks("search", bob) for _ in range(5)] == [True] * 3 + [False] * 2
    assert asks("search", bob, ELSEWHERE)
    assert asks("search", desk.admin)
    assert asks("file", bob)
    assert [entry["detail"] for entry in entries("use.limited")] == [{"kind": "search"}], (
        "once, not each time"
    )


def test_the_count_begins_anew_and_keeps_one_row(desk: Desk) -> None:
    bob = desk.person("Bob", Role.HANDLER)
    assert [asks("search", bob) for _ in range(4)][-1] is False
    UseCount.objects.update(began_at=timezone.now() - timedelta(minutes=11))
    assert asks("search", bob)
    assert list(UseCount.objects.values_list("times", flat=True)) == [1]


def test_the_row_says_neither_who_nor_from_where(desk: Desk) -> None:
    asks("search", desk.admin)
    row = UseCount.objects.get()
    assert desk.admin.ref not in row.who
    assert HOME not in row.who


def test_the_page_that_answers_says_when_to_come_back_and_nothing_else(desk: Desk) -> None:
    bob = desk.person("Bob", Role.HANDLER)
    enrol(bob)
    browser = just_signed_in(bob)
    answers = [browser.get("/requests/?q=ZEBRA-WORD") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 600
    assert browser.get("/requests/").status_code == 200, "a list without a search is no search"


def test_the_register_of_preferences_is_searched_as_often_as_anything_else(desk: Desk) -> None:
    bob = desk.person("Bob", Role.HANDLER)
    enrol(bob)
    browser = just_signed_in(bob)
    asked = {"find": "1", "who-email": "somebody@people.example"}
    answers = [browser.post("/registers/preferences/", asked).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    assert browser.get("/registers/preferences/").status_code == 200


def test_files_are_counted_wherever_they_are_taken(desk: Desk) -> None:
    auditor = desk.person("Orla", Role.AUDITOR)
    enrol(auditor)
    browser: Client = just_signed_in(auditor)
    assert [browser.get("/log/page.csv").status_code for _ in range(3)] == [200, 200, 429]
