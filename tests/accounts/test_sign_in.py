"""Signing in as a browser does it, with the second factor, and what the log says of it."""

import json
import math
import re
from collections.abc import Callable

import pyotp
import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from accounts.roles import Role
from accounts.services import change_user, remove_second_factor, set_new_password
from audit.models import Entry

from .conftest import PASSWORD, Desk, code_of, enrol, give_code, give_password, present, secret_of

ENROL = "/account/2fa/totp/activate/"
PROTECTED = "/account/2fa/"


def events(name: str) -> list[dict[str, object]]:
    entries = Entry.objects.filter(event=name).order_by("at")
    return [json.loads(bytes(entry.body)) for entry in entries]


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_password_and_code_let_a_person_in(desk: Desk, client: Client) -> None:
    enrol(desk.admin)
    asked = give_password(client, desk.admin)
    assert asked.headers["Location"] == "/account/2fa/authenticate/"
    assert not is_in(client)
    assert give_code(client, code_of(desk.admin)).headers["Location"] == "/"
    assert is_in(client)


def test_the_e_mail_address_may_be_typed_in_capitals(desk: Desk, client: Client) -> None:
    enrol(desk.admin)
    client.post("/account/login/", {"login": " ADA@Desk.Example ", "password": PASSWORD})
    give_code(client, code_of(desk.admin))
    assert is_in(client)


def test_a_wrong_password_lets_nobody_in(desk: Desk, client: Client) -> None:
    assert give_password(client, desk.admin, password="guess").status_code == 200
    assert not is_in(client)


def test_a_wrong_code_lets_nobody_in(desk: Desk, client: Client) -> None:
    enrol(desk.admin)
    give_password(client, desk.admin)
    wrong = str((int(code_of(desk.admin)) + 1) % 1_000_000).zfill(6)
    assert give_code(client, wrong).status_code == 200
    assert not is_in(client)


def test_a_code_is_taken_once(desk: Desk) -> None:
    enrol(desk.admin)
    code, first, second = code_of(desk.admin), Client(), Client()
    give_password(first, desk.admin)
    give_code(first, code)
    give_password(second, desk.admin)
    give_code(second, f"{code[:3]} {code[3:]}")
    assert (is_in(first), is_in(second)) == (True, False)
    assert [entry["detail"]["why"] for entry in events("session.refused")] == ["SECOND_FACTOR"]


def test_a_closed_account_lets_nobody_in_and_ends_what_is_open(
    desk: Desk, signed_in: Callable[[User], Client]
) -> None:
    person = desk.person("Bob", Role.HANDLER)
    browser = signed_in(person)
    change_user(user_id=person.pk, display_name="Bob", is_active=False, actor=desk.admin, now=present())
    assert browser.get(PROTECTED).headers["Location"].startswith("/account/login/")
    again = Client()
    assert give_password(again, person).headers["Location"] == "/account/inactive/"
    assert not is_in(again)


def test_recovery_codes_let_a_person_in_once_each(desk: Desk, signed_in: Callable[[User], Client]) -> None:
    browser = signed_in(desk.admin)
    browser.post("/account/2fa/recovery-codes/generate/")
    factor = Authenticator.objects.get(user=desk.admin, type=Authenticator.Type.RECOVERY_CODES)
    code = factor.wrap().get_unused_codes()[0]
    outcomes = []
    for _ in range(2):
        another = Client()
        give_password(another, desk.admin)
        give_code(another, code)
        outcomes.append(is_in(another))
    assert outcomes == [True, False]


def test_without_a_second_factor_nothing_but_enrolment_is_served(desk: Desk, client: Client) -> None:
    give_password(client, desk.admin)
    assert is_in(client)
    for page in ("/", PROTECTED, "/administration/", "/account/password/change/", "/log/"):
        assert client.get(page).headers["Location"] == ENROL, page
    assert client.get(ENROL).status_code == 200
    assert client.post("/account/logout/").status_code == 302


def test_enrolment_follows_sign_in_without_asking_for_the_password_again(
    desk: Desk, client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    give_password(client, desk.admin)
    client.get(ENROL)
    code = pyotp.TOTP(client.session["mfa.totp.secret"]).now()
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(ENROL, {"code": code})
    assert done.headers["Location"] == "/account/2fa/recovery-codes/"
    assert client.get(PROTECTED).status_code == 200
    types = [entry["detail"]["type"] for entry in events("second_factor.added")]
    assert sorted(types) == ["recovery_codes", "totp"]


def test_a_removed_second_factor_must_be_set_up_again_at_once(
    desk: Desk, signed_in: Callable[[User], Client]
) -> None:
    person = desk.person("Bob", Role.HANDLER)
    browser = signed_in(person)
    remove_second_factor(user_id=person.pk, actor=desk.admin, now=present())
    assert browser.get(PROTECTED).headers["Location"] == ENROL


def test_a_one_time_password_is_changed_before_anything_else(
    desk: Desk, signed_in: Callable[[User], Client]
) -> None:
    person = desk.person("Bob", Role.HANDLER)
    enrol(person)
    given = set_new_password(user_id=person.pk, actor=desk.admin, now=present())
    browser = Client()
    give_password(browser, person, password=given)
    give_code(browser, code_of(person))
    change = "/account/password/change/"
    assert browser.get(PROTECTED).headers["Location"] == change
    new = "another long sentence of mine"
    browser.post(change, {"oldpassword": given, "password1": new, "password2": new})
    assert browser.get(PROTECTED).status_code == 200
    person.refresh_from_db()
    assert person.check_password(new)
    assert not person.password_is_temporary


def test_a_new_password_ends_the_other_sessions(desk: Desk, signed_in: Callable[[User], Client]) -> None:
    person = desk.person("Bob", Role.HANDLER)
    browser = signed_in(person)
    set_new_password(user_id=person.pk, actor=desk.admin, now=present())
    assert browser.get(PROTECTED).headers["Location"].startswith("/account/login/")


def test_changing_the_second_factor_takes_the_second_factor_not_the_password(
    desk: Desk, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(desk.admin)
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    remove = "/account/2fa/totp/deactivate/"
    assert browser.get(remove).headers["Location"].startswith("/account/2fa/reauthenticate/")
    by_password = browser.post("/account/reauthenticate/", {"password": PASSWORD})
    assert by_password.headers["Location"].startswith("/account/2fa/reauthenticate/")
    assert browser.get(remove).status_code == 302
    browser.post("/account/2fa/reauthenticate/", {"code": code_of(desk.admin, after=1)})
    assert browser.get(remove).status_code == 200
    assert len(events("second_factor.confirmed")) == 1


@pytest.mark.parametrize(
    "path",
    ["signup/", "password/reset/", "password/set/", "email/", "confirm-email/", "login/code/", "2fa/trust/"],
)
def test_what_a_closed_system_does_not_need_is_not_there(desk: Desk, client: Client, path: str) -> None:
    assert client.get(f"/account/{path}").status_code == 404
    assert client.post(f"/account/{path}", {"email": "eve@desk.example"}).status_code == 404


def test_nobody_can_register_themselves_by_any_name(desk: Desk) -> None:
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_leads_to_no_other_site(desk: Desk, client: Client, target: str) -> None:
    enrol(desk.admin)
    give_password(client, desk.admin, target=target)
    assert give_code(client, code_of(desk.admin)).headers["Location"] == "/"


def test_sign_in_leads_on_to_the_page_that_was_asked_for(desk: Desk, client: Client) -> None:
    enrol(desk.admin)
    give_password(client, desk.admin, target="/account/2fa/")
    assert give_code(client, code_of(desk.admin)).headers["Location"] == "/account/2fa/"


def test_the_log_tells_of_sign_in_and_sign_out_in_one_session(
    desk: Desk, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(desk.admin)
    browser.post("/account/logout/")
    (started,), (ended,) = events("session.started"), events("session.ended")
    assert started["actor"] == ended["actor"] == {"ref": desk.admin.ref}
    assert started["object"] == {"type": "user", "ref": desk.admin.ref, "seen_version": desk.admin.version}
    assert started["session"] == ended["session"]
    assert not is_in(browser)


def test_a_refused_sign_in_is_logged_without_what_was_typed(desk: Desk, client: Client) -> None:
    give_password(client, desk.admin, password="guess")
    client.post("/account/login/", {"login": "nobody@desk.example", "password": "guess"})
    known, unknown = events("session.refused")
    assert known["actor"] == unknown["actor"] == {"ref": "anonymous"}
    assert known["detail"]["why"] == "CREDENTIALS"
    assert known["detail"]["account"] != unknown["detail"]["account"]
    stored = b"".join(bytes(entry.body) for entry in Entry.objects.filter(event="session.refused"))
    for typed in (b"desk.example", b"guess", b"192.0.2", b"127.0.0"):
        assert typed not in stored


def test_the_secret_of_a_second_factor_is_sealed_in_the_table(desk: Desk) -> None:
    enrol(desk.admin)
    stored = Authenticator.objects.get(user=desk.admin).data["secret"]
    assert len(stored) > 60
    assert secret_of(desk.admin) not in stored


def test_signing_in_leaves_the_person_as_they_were(desk: Desk, signed_in: Callable[[User], Client]) -> None:
    before = User.objects.filter(pk=desk.admin.pk).values().get()
    signed_in(desk.admin)
    assert User.objects.filter(pk=desk.admin.pk).values().get() == before


def test_the_session_has_a_new_name_of_enough_bits_after_the_password_and_none_after_the_sign_out(
    desk: Desk, client: Client
) -> None:
    """A name that somebody planted before the sign-in opens nothing; one that was drawn cannot be guessed."""
    enrol(desk.admin)
    client.get("/account/login/?next=/people/")
    give_password(client, desk.admin)
    planted = client.cookies[settings.SESSION_COOKIE_NAME].value
    give_code(client, code_of(desk.admin))
    own = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert own != planted
    assert re.fullmatch(r"[a-z0-9]{32}", own)
    assert 32 * math.log2(36) > 128
    for name, opens in ((planted, False), (own, True)):
        other = Client()
        other.cookies[settings.SESSION_COOKIE_NAME] = name
        assert is_in(other) == opens
    client.post("/account/logout/")
    other.cookies[settings.SESSION_COOKIE_NAME] = own
    assert not is_in(other)


@pytest.mark.parametrize("page", ["/account/login/", "/account/password/change/"])
def test_a_password_is_typed_unseen_pasted_and_filled_in_by_a_manager(
    desk: Desk, signed_in: Callable[[User], Client], client: Client, page: str
) -> None:
    browser = client if page.endswith("login/") else signed_in(desk.admin)
    text = browser.get(page).content.decode()
    boxes = [box for box in re.findall(r"<input\b[^>]*>", text) if 'type="password"' in box]
    named = {found[1]: box for box in re.findall(r"<input\b[^>]*>", text) if (found := re.search(r'name="(\w*password\w*)"', box))}  # fmt: skip
    assert boxes
    assert set(named.values()) <= set(boxes)
    for box in boxes:
        assert re.search(r'autocomplete="(current|new)-password"', box)
        assert not re.search(r"\bon\w+=|readonly|maxlength", box)
