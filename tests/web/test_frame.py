"""The frame of the pages: who sees which way on, and that it stands without script or session."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.urls import include, path

from accounts.roles import Role
from disclosures.templatetags.desk import RAIL
from disclosures.views.theme import set_theme

from .html import Page

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def nowhere(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def names(app: str, *pages: str) -> Any:
    return include(([path(f"{app}/{page}/", nowhere, name=page) for page in pages], app))


def of_the_rail(app: str) -> list[str]:
    return [name.partition(":")[2] for _, name, _ in RAIL if name.startswith(f"{app}:")]


urlpatterns = [
    path("", include("accounts.urls")),
    path("", names("disclosures", *of_the_rail("disclosures"), "notices", "find", "new", "theme")),
    path("", names("audit", *of_the_rail("audit"))),
]
pytestmark = pytest.mark.urls(__name__)


def page(template: str, *, roles: tuple[Role, ...] = (), cookie: str = "", **context: Any) -> Page:
    request = RequestFactory().get("/disclosures/my-queue/", {"q": "CP-7F3K-92QM"})
    request.user = SimpleNamespace(is_authenticated=False, email="ana@example.org")  # type: ignore[assignment]
    request.COOKIES["theme"] = cookie
    if roles:
        me = {"name": "Ana Reid", "roles": frozenset(roles), "titles": [role.label for role in roles]}
        context["me"] = SimpleNamespace(
            **me, organisation="Connect Plus", may_record=Role.INTAKE_CLERK in roles
        )
    return Page(render_to_string(template, context, request))


@pytest.mark.parametrize(
    "template", [str(found.relative_to(TEMPLATES)) for found in TEMPLATES.rglob("*.html")]
)
def test_no_template_breaks_the_content_security_policy(template: str) -> None:
    get_template(template)
    source = Page((TEMPLATES / template).read_text())
    for tag, attrs in source.elements:
        assert "style" not in attrs, f"<{tag}> carries a style"
        assert not [name for name in attrs if name.startswith("on")], f"<{tag}> carries a handler"
        # A block of data is never run, and the policy does not ask about it (HTML, "data block").
        is_data = attrs.get("type") == "application/json"
        assert tag != "script" or "src" in attrs or is_data, "a script stands in the page"
        assert tag != "style", "a stylesheet stands in the page"
        assert not attrs.get("src", "").startswith("http"), "something comes from elsewhere"


def test_a_page_stands_without_a_request_or_a_person() -> None:
    bare = Page(render_to_string("404.html"))
    assert bare.every("html") == [{"lang": "en-GB"}]
    assert len(bare.every("h1")) == len(bare.every("main")) == 1
    assert not bare.every("nav")
    assert not bare.every("form")


def test_a_handler_finds_the_queues_and_the_search_but_not_the_log() -> None:
    seen = page("404.html", roles=(Role.HANDLER,))
    links = [link["href"] for link in seen.every("a")]
    assert {"/disclosures/my-queue/", "/disclosures/team-queue/"} <= set(links)
    assert not {"/audit/log/", "/disclosures/new/", "/disclosures/searches/"} & set(links)
    [search] = [form for form in seen.every("form") if form.get("role") == "search"]
    assert search == {
        "class": "bar-search",
        "action": "/disclosures/find/",
        "method": "get",
        "role": "search",
    }
    [box] = [box for box in seen.every("input") if box.get("name") == "q"]
    assert box["value"] == "CP-7F3K-92QM"


def test_only_who_records_requests_is_offered_a_new_one() -> None:
    offered = {role for role in Role if "New request" in page("404.html", roles=(role,)).text}
    assert offered == {Role.INTAKE_CLERK}


def test_a_data_holder_sees_search_tasks_and_no_way_to_requests() -> None:
    seen = page("404.html", roles=(Role.DATA_HOLDER,))
    assert "/disclosures/searches/" in [link["href"] for link in seen.every("a")]
    assert "queue" not in seen.text
    assert "Search requests" not in seen.text


def test_an_outsider_sees_nothing_of_the_desk() -> None:
    seen = page("404.html", me=SimpleNamespace(name="Lee Poe", roles=frozenset(), may_record=False))
    assert "Lee Poe" in seen.text
    assert not seen.every("nav")
    assert "search" not in [form.get("role") for form in seen.every("form")]


def test_every_button_of_the_bar_opens_something_that_is_there() -> None:
    seen = page("404.html", roles=(Role.INTAKE_CLERK,))
    opened = [button["popovertarget"] for button in seen.every("button") if "popovertarget" in button]
    assert set(opened) == {"rail", "person-menu"}
    assert set(opened) <= {attrs["id"] for _, attrs in seen.elements if "popover" in attrs}


def test_no_page_uses_an_id_twice() -> None:
    seen = page("404.html", roles=tuple(Role))
    assert len(seen.ids) == len(set(seen.ids))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chosen_theme_is_set_by_the_server(theme: str) -> None:
    assert page("404.html", cookie=theme).every("html") == [{"lang": "en-GB", "data-bs-theme": theme}]


def test_a_strange_theme_is_not_written_into_the_page() -> None:
    assert page("404.html", cookie='"><script>').every("html") == [{"lang": "en-GB"}]


def test_a_missing_page_and_a_forbidden_one_read_the_same() -> None:
    missing = page("404.html", request_path="/requests/CP-7F3K-92QM/", exception="Resolver404")
    forbidden = page("404.html", request_path="/requests/CP-D4XN-K8RT/", exception="No Request matches")
    assert missing.html == forbidden.html


@pytest.mark.parametrize("template", ["400.html", "500.html"])
def test_the_last_resort_needs_no_context_and_no_manifest(template: str, settings: Any) -> None:
    storage = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": storage}
    assert len(Page(get_template(template).template.render(Context())).every("h1")) == 1


def choose(theme: str, onward: str) -> HttpResponse:
    return set_theme(RequestFactory().post("/theme/", {"theme": theme, "next": onward}))


def test_a_chosen_theme_is_kept_out_of_reach_of_scripts() -> None:
    kept = choose("dark", "/requests/?q=x").cookies["theme"]
    assert (kept.value, kept["httponly"], kept["samesite"]) == ("dark", True, "Lax")


def test_any_other_choice_leaves_the_theme_to_the_computer() -> None:
    assert choose("", "/").cookies["theme"]["max-age"] == 0


@pytest.mark.parametrize(
    ("onward", "landed"),
    [
        ("/requests/?q=x", "/requests/?q=x"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("", "/"),
    ],
)
def test_the_theme_form_returns_to_the_page_and_nowhere_else(onward: str, landed: str) -> None:
    assert choose("dark", onward)["Location"] == landed


def test_the_keys_of_one_letter_can_be_switched_off() -> None:
    post = RequestFactory().post
    off = set_theme(post("/theme/", {"shortcuts": "off"}))
    assert (off.cookies["shortcuts"].value, "theme" in off.cookies) == ("off", False)
    assert set_theme(post("/theme/", {"shortcuts": "on"})).cookies["shortcuts"]["max-age"] == 0


def test_the_theme_is_not_changed_by_a_link() -> None:
    assert set_theme(RequestFactory().get("/theme/", {"theme": "dark"})).status_code == 405


class Code(forms.Form):
    code = forms.CharField(
        label="Authenticator code", widget=forms.TextInput({"autocomplete": "one-time-code"})
    )
    secret = "JBSWY3DPEHPK3PXP"


def test_the_second_factor_can_be_scanned_or_typed() -> None:
    seen = page(
        "mfa/totp/activate_form.html", form=Code(), totp_svg_data_uri="data:image/svg+xml;base64,AAAA"
    )
    assert seen.every("img")[0]["src"] == "data:image/svg+xml;base64,AAAA"
    assert "JBSWY3DPEHPK3PXP" in seen.text


def test_recovery_codes_are_written_out_for_printing() -> None:
    seen = page("mfa/recovery_codes/index.html", can_view_codes=True, unused_codes=["11112222", "33334444"])
    assert "11112222" in seen.text
    assert [button for button in seen.every("button") if "data-print" in button]


def test_a_paused_sign_in_says_for_how_long_and_what_to_do() -> None:
    seen = page("account/locked.html", failure_limit=8, cooloff_timedelta=timedelta(minutes=15))
    assert "wrong 8 times" in seen.text
    assert "15 minutes" in seen.text


@pytest.mark.parametrize(
    "template",
    [
        "account/login.html",
        "account/reauthenticate.html",
        "account/password_change.html",
        "mfa/authenticate.html",
        "mfa/reauthenticate.html",
    ],
)
def test_each_form_of_the_sign_in_is_posted_with_its_token(template: str) -> None:
    seen = page(template, form=Code())
    posts = [form for form in seen.every("form") if form.get("method") == "post"]
    tokens = [box for box in seen.every("input") if box.get("name") == "csrfmiddlewaretoken"]
    assert len(posts) == len(tokens) >= 1
    assert len(seen.every("h1")) == 1
