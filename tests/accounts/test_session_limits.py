"""A session ends when it was idle too long or became too old; what is sent too late is kept until one is back."""

import time
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from accounts.services.sessions import forget_ended_sessions
from accounts.session_limits import BEGAN, LAST
from accounts.step_up import WORDS_LOST
from tests.services.log_lines import last
from tests.signed_in import just_signed_in

from .conftest import HOME, Desk, code_of, enrol, give_code, give_password
from .test_sign_in import is_in

pytestmark = pytest.mark.django_db
PAGE = "/people/"


def goes_by(client: Client, *, idle: float = 0, age: float = 0) -> None:
    session = client.session
    session[LAST] -= int(idle * 60)
    session[BEGAN] -= int(age * 3600)
    session.save()


def lead(desk: Desk) -> Client:
    user = desk.person("Bob", Role.TEAM_LEAD)
    enrol(user)
    return just_signed_in(user)


def test_a_session_lasts_while_something_is_sent(desk: Desk) -> None:
    browser = lead(desk)
    for _ in range(3):
        goes_by(browser, idle=settings.SESSION_IDLE_MINUTES - 1)
        assert browser.get(PAGE).status_code == 200


def test_an_idle_session_ends_and_the_sign_in_says_why_and_leads_back(desk: Desk) -> None:
    browser = lead(desk)
    goes_by(browser, idle=settings.SESSION_IDLE_MINUTES + 1)
    answer = browser.get(f"{PAGE}?a=b")
    assert answer["Location"] == "/account/login/?next=%2Fpeople%2F%3Fa%3Db"
    assert "nothing had been sent for 30 minutes" in browser.get(answer["Location"]).content.decode()
    assert not is_in(browser)
    entry = last("session.ended")
    assert entry["detail"] == {"why": "IDLE"}
    assert entry["session"], "the log says which session it was"


def test_however_busy_it_ends_after_a_day_at_work(desk: Desk) -> None:
    browser = lead(desk)
    goes_by(browser, age=settings.SESSION_HOURS + 1)
    assert browser.get(PAGE)["Location"].startswith("/account/login/")
    assert last("session.ended")["detail"] == {"why": "AGE"}


def test_a_session_of_before_these_limits_begins_to_count_now(desk: Desk) -> None:
    browser = lead(desk)
    session = browser.session
    del session[BEGAN], session[LAST]
    session.save()
    assert browser.get(PAGE).status_code == 200
    assert time.time() - browser.session[BEGAN] < 60


def test_the_page_warns_and_its_button_keeps_one_signed_in(desk: Desk) -> None:
    browser = lead(desk)
    assert f'data-idle="{settings.SESSION_IDLE_MINUTES * 60}" data-stay="/account/stay/"' in browser.get(PAGE).content.decode()  # fmt: skip
    assert "data-idle" not in Client().get("/account/login/").content.decode()
    goes_by(browser, idle=settings.SESSION_IDLE_MINUTES - 1)
    assert browser.get("/account/stay/").status_code == 204
    goes_by(browser, idle=2)
    assert browser.get(PAGE).status_code == 200
    assert Client().get("/account/stay/").status_code == 302


# What was sent too late -------------------------------------------------------------------------


def late_leave(browser: Client, note: str = "") -> str:
    """Leave that is recorded on a page that stood open too long."""
    goes_by(browser, idle=settings.SESSION_IDLE_MINUTES + 1)
    sent = browser.post(PAGE, {"away": "1", "who": "nobody-like-that", "note": note})
    assert "What you sent is kept" in browser.get(sent["Location"]).content.decode()
    return str(sent["Location"])


def come_back(browser: Client, user: User, where: str) -> str:
    target = where.partition("next=")[2].replace("%2F", "/")
    give_password(browser, user, target=target)
    answer = give_code(browser, code_of(user, after=1), source=HOME)
    assert answer.status_code == 302
    return str(answer["Location"])


def test_what_was_sent_goes_on_when_the_same_person_is_back(desk: Desk) -> None:
    browser = lead(desk)
    where = late_leave(browser, "ZEBRA")
    assert not any("ZEBRA" in str(row.get_decoded()) for row in Session.objects.all())
    back = browser.get(come_back(browser, _bob(), where))
    assert back.status_code == 422, "the form was worked on as it had been sent"
    assert browser.get(PAGE).status_code == 200, "and once only"


def test_nobody_else_who_signs_in_there_sends_it_on(desk: Desk) -> None:
    browser = lead(desk)
    where = late_leave(browser)
    other = desk.person("Cleo", Role.TEAM_LEAD)
    enrol(other)
    back = browser.get(come_back(browser, other, where))
    assert back.status_code == 200
    assert WORDS_LOST in back.content.decode()


def test_a_late_post_from_another_site_is_refused_before_it_is_kept(desk: Desk) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = lead(desk).cookies
    goes_by(browser, idle=settings.SESSION_IDLE_MINUTES + 1)
    assert browser.post(PAGE, {"away": "1"}).status_code == 403
    assert "step_up_proved" not in browser.session


def _bob() -> User:
    return User.objects.get(display_name="Bob")


def signs_in(user: User) -> Client:
    enrol(user)
    browser = Client()
    give_password(browser, user)
    give_code(browser, code_of(user))
    return browser


def test_what_a_session_held_is_forgotten_when_it_is_over(desk: Desk) -> None:
    """What waits there for a fresh proof would outlive the request whose words they are."""
    over, running = (signs_in(desk.person(name, Role.TEAM_LEAD)) for name in ("Bob", "Sam"))
    key = over.session.session_key
    Session.objects.filter(session_key=key).update(expire_date=timezone.now() - timedelta(seconds=1))
    UserSession.objects.update(created_at=timezone.now() - timedelta(hours=2))
    call_command("sweep")
    left = {running.session.session_key}
    assert set(Session.objects.values_list("session_key", flat=True)) == left
    assert set(UserSession.objects.values_list("session_key", flat=True)) == left


def test_where_somebody_was_signed_in_is_forgotten_when_they_sign_out(desk: Desk) -> None:
    browser = signs_in(desk.person("Bob", Role.TEAM_LEAD))
    browser.post("/account/logout/")
    forget_ended_sessions(now=timezone.now())
    assert UserSession.objects.count() == 1, "one that has only just begun may not be in its table yet"
    forget_ended_sessions(now=timezone.now() + timedelta(hours=2))
    assert not UserSession.objects.exists()
