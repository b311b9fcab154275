"""What every answer tells the browser to refuse, on every address there is; and error pages that repeat nothing."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from accounts.rates import TooMany
from accounts.services import add_second_factor
from cpdisclose import urls
from tests.accounts.test_settings import PRODUCTION, ROOT
from tests.addresses import Address, every_address
from tests.signed_in import just_signed_in
from tests.world import World

from .conftest import SECRET

pytestmark = pytest.mark.django_db

NAMES = (
    "SESSION_COOKIE_SECURE", "SESSION_COOKIE_NAME", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
    "COOKIE_PREFIX", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_NAME", "CSRF_COOKIE_HTTPONLY", "CSRF_COOKIE_SAMESITE", "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "SECURE_REFERRER_POLICY",
    "SECURE_CROSS_ORIGIN_OPENER_POLICY", "X_FRAME_OPTIONS",
)  # fmt: skip
EXPECTED = {
    "Strict-Transport-Security": re.compile(r"max-age=31536000; includeSubDomains; preload"),
    "X-Content-Type-Options": re.compile(r"nosniff"),
    "Referrer-Policy": re.compile(r"same-origin"),
    "Cross-Origin-Opener-Policy": re.compile(r"same-origin"),
    "Cross-Origin-Resource-Policy": re.compile(r"same-origin"),
    "X-Permitted-Cross-Domain-Policies": re.compile(r"none"),
    "X-Frame-Options": re.compile(r"DENY"),
    "Permissions-Policy": re.compile(r"(?=.*camera=\(\))(?=.*geolocation=\(\))(?=.*microphone=\(\)).*"),
    "Content-Security-Policy": re.compile(
        r"(?=.*default-src 'self')(?=.*object-src 'none')(?=.*base-uri 'none')(?=.*frame-ancestors 'none')"
        r"(?=.*form-action 'self')(?!.*unsafe)(?!.*\*).*|sandbox"
    ),
}  # fmt: skip
SAID = '<ul class="messages">'
INLINE = re.compile(
    r"<script(?![^>]*\b(?:src=|type=\"application/json\"))[^>]*>|<style\b|\sstyle=\"|\son[a-z]+=\"|javascript:",
    re.I,
)


@pytest.fixture(scope="module")
def production() -> dict[str, object]:
    """These settings as a start under https makes them, and not as a test would like them."""
    asked = f"from django.conf import settings; import json; print(json.dumps({{n: getattr(settings, n) for n in {NAMES!r}}}))"
    made = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True,
        env={"PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "cpdisclose.settings"} | PRODUCTION,
    )  # fmt: skip
    found: dict[str, object] = json.loads(made.stdout)
    return found


@pytest.fixture
def under_https(production: dict[str, object]) -> Iterator[None]:
    with override_settings(**production):
        yield


def faults(address: Address, answer: HttpResponse) -> list[str]:
    wrong = [
        f"{address.name}: {name} is {answer.headers.get(name)!r}"
        for name, wanted in EXPECTED.items()
        if not wanted.fullmatch(answer.headers.get(name, ""))
    ]
    for name, cookie in answer.cookies.items():
        own = name.startswith("__Host-")
        kept = (
            cookie["httponly"]
            and cookie["samesite"] == "Lax"
            and cookie["path"] == "/"
            and not cookie["domain"]
        )
        if cookie.value and not (own and cookie["secure"] and kept):
            wrong.append(f"{address.name}: cookie {cookie.OutputString()}")
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        wrong += [f"{address.name}: inline {found}" for found in INLINE.findall(answer.content.decode())]
    return wrong


def test_every_address_answers_with_every_lock(world: World, under_https: None) -> None:
    """Signed in and not, found and not found, read and sent."""
    add_second_factor(user_id=world["head"].pk, secret=SECRET, actor=None, now=world.now)
    addresses, wrong, html = every_address(), [], 0
    for address in addresses:
        for client in (Client(), just_signed_in(world["head"])):
            for ask in (client.get, client.post):
                answer = ask(address.at(), secure=True)
                assert answer.status_code < 500, address
                html += answer.headers.get("Content-Type", "").startswith("text/html")
                wrong += faults(address, answer)
    assert wrong == []
    assert len(addresses) > 120
    assert html > 100


def test_what_has_to_be_cached_nowhere_says_so(world: World, browser_of: Callable[[str], Client]) -> None:
    request = world.road().record()
    for where in ("/queue/", "/requests/", f"/requests/{request.reference}/", "/account/sessions/"):
        assert "no-store" in browser_of("handler").get(where)["Cache-Control"], where


def test_what_is_kept_for_the_next_page_has_the_prefix_as_well(world: World, under_https: None) -> None:
    """What was just done, and how the pages look; and both are read again under that name."""
    add_second_factor(user_id=world["clerk"].pk, secret=SECRET, actor=None, now=world.now)
    clerk, request = just_signed_in(world["clerk"]), world.road().record()
    looks = clerk.post("/theme/", {"theme": "dark", "shortcuts": "off"}, secure=True)
    assert set(looks.cookies) == {"__Host-theme", "__Host-shortcuts"}
    assert not any(faults(Address("theme", "theme/"), looks))
    sent = clerk.post(f"/requests/{request.reference}/comments/", {"words": "Among us."}, secure=True)
    assert (sent.status_code, "__Host-messages" in sent.cookies) == (302, True)
    page = clerk.get(f"/requests/{request.reference}/", secure=True).content.decode()
    assert 'data-bs-theme="dark" data-shortcuts="off"' in page
    assert SAID in page
    back = clerk.post("/theme/", {"theme": ""}, secure=True).cookies["__Host-theme"]
    assert (back["max-age"], bool(back["secure"])) == (0, True)


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "OPTIONS", "PUT", "PATCH", "DELETE"])
def test_a_page_is_read_or_sent_and_nothing_else(method: str) -> None:
    for address in every_address():
        answer = Client().generic(method, address.at(), HTTP_COOKIE="a=secret")
        assert answer.status_code == 405, address
        assert answer.content == b""
        assert answer.headers["Content-Security-Policy"]


def test_the_browser_forgets_what_it_kept_when_one_signs_out(browser_of: Callable[[str], Client]) -> None:
    browser = browser_of("handler")
    assert "Clear-Site-Data" not in browser.get("/queue/").headers
    assert browser.post("/account/logout/").headers["Clear-Site-Data"] == '"cache", "storage"'


def test_a_message_that_we_did_not_sign_is_not_shown(
    world: World, browser_of: Callable[[str], Client]
) -> None:
    clerk, request = browser_of("clerk"), world.road().record()
    clerk.post(f"/requests/{request.reference}/comments/", {"words": "Among us."})
    genuine = clerk.cookies["messages"].value
    signed, _, text = genuine.strip('"').rpartition(":")
    for forged in (f"{signed}:{text[:-4]}AAAA", "x", f"{text}:{signed}"):
        clerk.cookies["messages"] = forged
        assert SAID not in clerk.get("/queue/").content.decode()
    clerk.cookies["messages"] = genuine
    assert SAID in clerk.get("/queue/").content.decode()


@pytest.mark.parametrize(
    "folder", ["/static/", "/static/bootstrap/", "/static/../", "/.git/config", "/templates/"]
)
def test_no_folder_is_listed_and_nothing_of_the_source_is_served(folder: str) -> None:
    assert Client().get(folder).status_code in {400, 404}


def test_without_tls_a_page_is_not_served_but_led_to_it(under_https: None) -> None:
    answer = Client().get("/account/login/")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/account/login/")


@pytest.mark.parametrize(
    "bad", ['<p style="color: red">', "<script>run()</script>", '<a onclick="go()">', "<style>"]
)
def test_an_inline_script_or_style_would_be_seen(bad: str) -> None:
    assert INLINE.search(bad)


@pytest.mark.parametrize(
    "where", ["/requests/?q=a%00b", "/requests/?urgency=%00", "/people/%00/", "/account/login/?next=%00"]
)
def test_an_address_with_the_character_0_cannot_be_read(where: str) -> None:
    answer = Client().get(where)
    assert answer.status_code == 400
    assert answer.headers["Content-Security-Policy"]


# Error pages --------------------------------------------------------------------------------------

# The frame knows the way back, and the search box keeps its word: both are what this person has in the address line.
OWN_ADDRESS = re.compile(r'name="(next|q)" value="[^"]*"')
ZEBRA = "Alex Zebra, 1988-04-17"


def _raises(error: BaseException) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


class Wrong:
    """The site, and an address for each thing that can go wrong, with somebody's data in it."""

    handler400 = urls.handler400
    urlpatterns = [
        *urls.urlpatterns,
        path("wrong/400", _raises(BadRequest(ZEBRA))),
        path("wrong/403", _raises(PermissionDenied(ZEBRA))),
        path("wrong/404", _raises(Http404(ZEBRA))),
        path("wrong/413", _raises(RequestDataTooBig(ZEBRA))),
        path("wrong/429", _raises(TooMany(60))),
        path("wrong/500", _raises(RuntimeError(ZEBRA))),
    ]


@pytest.mark.parametrize("status", [400, 403, 404, 413, 429, 500])
@override_settings(ROOT_URLCONF=Wrong)
def test_an_error_page_is_ours_and_repeats_nothing(
    world: World, browser_of: Callable[[str], Client], status: int
) -> None:
    browser = browser_of("handler")
    browser.raise_request_exception = False
    answer = browser.get(f"/wrong/{status}?q=ZEBRA-ASKED")
    page = answer.content.decode()
    assert answer.status_code == status
    assert "<h1>" in page
    for data in ("Zebra", "ZEBRA", "1988", "Traceback", "Exception", "Error", "wrong/"):
        assert data not in OWN_ADDRESS.sub("", page)
