"""A passkey stands in for the code, never for the password; it is named, used, renamed, removed, and in the log."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from audit.models import Entry
from tests.web.html import Page

from .conftest import Desk, code_of, enrol, give_code, give_password
from .software_key import ADD, SoftwareKey, add_key, options

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
LIST = "/account/2fa/webauthn/"


def events(user: User) -> list[str]:
    return list(Entry.objects.filter(actor=user.ref).order_by("at", "id").values_list("event", flat=True))


@pytest.fixture
def robin(desk: Desk) -> User:
    return desk.person("Robin", Role.HANDLER)


def test_a_passkey_is_added_and_then_stands_in_for_the_code(robin: User, signed_in: SignIn) -> None:
    key = add_key(signed_in(robin))
    assert "second_factor.added" in events(robin)
    again = Client()
    assert give_password(again, robin).status_code == 302
    answer = key.answer(options(again, "/account/2fa/authenticate/", "request_options"))
    assert again.get("/account/sessions/").status_code == 302, "the password alone opens nothing"
    assert again.post("/account/2fa/authenticate/", {"credential": answer}).status_code == 302
    assert again.get("/account/sessions/").status_code == 200
    assert "Work telephone" in Page(again.get(LIST).content.decode()).text


def test_a_passkey_is_offered_to_whoever_has_one(robin: User, signed_in: SignIn) -> None:
    def offered() -> bool:
        client = Client()
        give_password(client, robin)
        return "Use a passkey instead" in client.get("/account/2fa/authenticate/").content.decode()

    client = signed_in(robin)
    assert not offered()
    add_key(client)
    assert offered()


def test_an_answer_of_another_key_is_refused_told_and_logged(robin: User, signed_in: SignIn) -> None:
    add_key(signed_in(robin))
    again = Client()
    give_password(again, robin)
    stranger = SoftwareKey()
    answer = stranger.answer(options(again, "/account/2fa/authenticate/", "request_options"))
    response = again.post("/account/2fa/authenticate/", {"credential": answer})
    assert "This passkey did not answer for this account." in Page(response.content.decode()).text
    assert again.get("/account/sessions/").status_code == 302
    assert events(robin)[-1] == "session.refused"


def test_an_answer_is_good_once(robin: User, signed_in: SignIn) -> None:
    key = add_key(signed_in(robin))
    first = Client()
    give_password(first, robin)
    answer = key.answer(options(first, "/account/2fa/authenticate/", "request_options"))
    assert first.post("/account/2fa/authenticate/", {"credential": answer}).status_code == 302
    second = Client()
    give_password(second, robin)
    second.get("/account/2fa/authenticate/")
    response = second.post("/account/2fa/authenticate/", {"credential": answer})
    assert "did not answer for this account" in Page(response.content.decode()).text


@pytest.mark.parametrize("kind", ["signature", "site", "name"])
def test_an_answer_signed_by_another_or_for_another_site_is_refused(
    robin: User, signed_in: SignIn, kind: str
) -> None:
    key = add_key(signed_in(robin))
    again = Client()
    give_password(again, robin)
    if kind == "signature":
        key.secret = SoftwareKey().secret
    elif kind == "site":
        key.site = "https://testserver.example.net"
    else:
        key.rp_id = "example.net"
    answer = key.answer(options(again, "/account/2fa/authenticate/", "request_options"))
    response = again.post("/account/2fa/authenticate/", {"credential": answer})
    assert "did not answer for this account" in Page(response.content.decode()).text
    assert again.get("/account/sessions/").status_code == 302


@pytest.mark.parametrize("typed", ["", "x", "{}", "[]", "null", '{"id": 1}', '"text"'])
def test_whatever_is_typed_instead_of_an_answer_is_told(robin: User, signed_in: SignIn, typed: str) -> None:
    client = signed_in(robin)
    client.get(ADD)
    assert client.post(ADD, {"name": "x", "credential": typed}).status_code == 200
    again = Client()
    give_password(again, robin)
    assert again.post("/account/2fa/authenticate/", {"credential": typed}).status_code == 200
    assert not Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).exists()


@pytest.mark.parametrize("typed", ["9" * 5_000, "[" * 5_000], ids=["too long a number", "too deep"])
def test_an_answer_that_python_does_not_read_is_a_wrong_one(
    robin: User, signed_in: SignIn, typed: str
) -> None:
    here = signed_in(robin)
    add_key(here)
    again = Client()
    give_password(again, robin)
    for browser, page in ((again, "/account/2fa/authenticate/"), (here, "/account/2fa/webauthn/add/")):
        browser.get(page)
        told = browser.post(page, {"credential": typed})
        assert told.status_code == 200
        assert "The passkey did not answer." in Page(told.content.decode()).text
        assert browser.get("/queue/").status_code == (200 if browser is here else 302)


def test_it_is_renamed_and_removed(robin: User, signed_in: SignIn) -> None:
    client = signed_in(robin)
    add_key(client)
    pk = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN).pk
    assert client.post(f"{LIST}keys/{pk}/edit/", {"name": "Old telephone"}).status_code == 302
    assert "Old telephone" in Page(client.get(LIST).content.decode()).text
    assert client.post(f"{LIST}keys/{pk}/remove/").status_code == 302
    assert "You have no passkey yet." in Page(client.get(LIST).content.decode()).text
    assert "second_factor.removed" in events(robin)


def test_somebody_elses_passkey_is_not_there(desk: Desk, robin: User, signed_in: SignIn) -> None:
    add_key(signed_in(robin))
    pk = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN).pk
    other = signed_in(desk.person("Sam", Role.HANDLER))
    for page in ("edit", "remove"):
        assert other.get(f"{LIST}keys/{pk}/{page}/").status_code == 404
        assert other.post(f"{LIST}keys/{pk}/{page}/", {"name": "x"}).status_code == 404


def test_the_app_stays_needed_where_a_passkey_is_all_there_is(robin: User, signed_in: SignIn) -> None:
    """It works without script and on any machine; whoever removed it sets up another before going on."""
    client = signed_in(robin)
    add_key(client)
    Authenticator.objects.filter(user=robin, type=Authenticator.Type.TOTP).delete()
    assert client.get("/queue/")["Location"] == "/account/2fa/totp/activate/"


def test_nobody_signs_in_by_a_passkey_alone(client: Client, desk: Desk) -> None:
    assert client.get("/account/2fa/webauthn/login/").status_code == 404
    assert client.get("/account/2fa/webauthn/signup/").status_code == 404


# Sessions ------------------------------------------------------------------------------------------


def browser(user: User, agent: str, *, after: int) -> Client:
    client = Client(HTTP_USER_AGENT=agent)
    give_password(client, user)
    assert give_code(client, code_of(user, after=after)).status_code == 302
    return client


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1"


def test_one_sees_where_one_is_signed_in_and_ends_it_there(robin: User) -> None:
    enrol(robin)
    here, there = browser(robin, FIREFOX, after=-1), browser(robin, SAFARI, after=0)
    page = Page(here.get("/account/sessions/").content.decode())
    assert "Firefox on Windows" in page.text
    assert "Safari on an iPhone" in page.text
    (pk,) = {attrs["value"] for attrs in page.every("button") if attrs.get("name") == "end"} - {"others"}
    assert there.get("/account/sessions/").status_code == 200
    assert here.post("/account/sessions/", {"end": pk}).status_code == 302
    assert there.get("/account/sessions/").status_code == 302
    assert here.get("/account/sessions/").status_code == 200
    assert events(robin)[-1] == "session.revoked"


def test_all_the_others_end_at_once_and_this_one_stays(robin: User) -> None:
    enrol(robin)
    here, there = browser(robin, FIREFOX, after=-1), browser(robin, SAFARI, after=0)
    assert here.post("/account/sessions/", {"end": "others"}).status_code == 302
    assert there.get("/queue/")["Location"].startswith("/account/login/")
    assert "You are signed in nowhere else." in Page(here.get("/account/sessions/").content.decode()).text


def test_nobody_ends_anybody_elses_session(desk: Desk, robin: User, signed_in: SignIn) -> None:
    other = signed_in(robin)
    pk = Page(other.get("/account/sessions/").content.decode())
    mine = signed_in(desk.person("Sam", Role.HANDLER))
    for end in ("1", "2", "3", "x", "", "others", "9" * 30):
        assert mine.post("/account/sessions/", {"end": end}).status_code == 302
    assert other.get("/account/sessions/").status_code == 200
    assert pk.text


def test_the_list_is_for_the_signed_in(client: Client) -> None:
    assert client.get("/account/sessions/").status_code == 302
