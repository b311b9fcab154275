"""Every address the resolver knows, in a browser: axe finds nothing, in both themes, wide and at 360 pixels.

The pages come from this process, so each is seen empty, full and with errors; the files they need, from where
the site keeps them. What has no page of its own says why, and is tried to be so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Browser, Page, Route

from accounts.models import Membership, Organisation
from accounts.roles import Role
from audit.models import Entry
from disclosures.demo_cleared import clear_somebody
from disclosures.demo_kinds import CompanyRoad
from disclosures.models import HeldSystem
from disclosures.services.interception import end_interception_clearance
from disclosures.services.searching import ask_for_search
from disclosures.states import State
from tests.accounting import access_waiting, an_access_request
from tests.browser.marked import missing_marks, row_with_three_marks
from tests.browser.visitors import Visitors
from tests.conftest import Database
from tests.disposal_desk import waiting
from tests.every_state import ROLES, employ, undone
from tests.preserving import hold_in, preservation
from tests.world import World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.axe]

RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
LOOKS = [(theme, width) for theme in ("light", "dark") for width in (1280, 360)]
SITE = "http://testserver"
PARTS = 4  # so that two cores share the work
PATIENCE_MS = 120_000


@dataclass(frozen=True)
class Shown:
    """A page: by whom it is seen, of which request, and what to send to see its errors (None: it has no form)."""

    who: str | None = "all_roles"
    at: State | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    wrong: Mapping[str, str] | None = None
    empty: bool = False
    secret: bool = False
    by_post: bool = False


@dataclass(frozen=True)
class NoPage:
    """`why` there is nothing to see, and what GET answers."""

    why: str
    answer: int
    who: str | None = "all_roles"
    at: State | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    secret = False


def step(state: State, **given: Any) -> Shown:
    return Shown(at=state, given=given, wrong={})


S, A = State, "all_roles"
FORBIDDEN = "nothing is deleted, and people are added on the command line"
ROUTES: dict[str, Shown | NoPage] = {
    **{name: NoPage("for machines", 200, None) for name in ("healthz", "readyz")},
    "account_login": Shown(None, wrong={}), "account_logout": Shown(), "account_inactive": Shown(None), "account_reauthenticate": Shown("fresh", wrong={}),
    "account_change_password": Shown(wrong={}),
    "mfa_index": Shown(), "account_sessions": Shown(),
    "account_stay": NoPage("the answer of a button", 204),
    "mfa_authenticate": Shown("half", wrong={}),
    "mfa_reauthenticate": Shown(wrong={}),
    "mfa_activate_totp": Shown("fresh", wrong={}),
    "mfa_deactivate_totp": Shown(),
    "mfa_list_webauthn": Shown("passkey"), "mfa_add_webauthn": Shown("passkey", wrong={}),
    "mfa_reauthenticate_webauthn": Shown("passkey"),
    "mfa_edit_webauthn": Shown("passkey", given={"pk": "PASSKEY"}, wrong={"name": ""}),
    "mfa_remove_webauthn": Shown("passkey", given={"pk": "PASSKEY"}),
    "mfa_view_recovery_codes": Shown(), "mfa_generate_recovery_codes": Shown(),
    "mfa_download_recovery_codes": NoPage("a file", 200),
    "audit:log": Shown("auditor", empty=True),
    "audit:checkpoints": Shown("auditor", empty=True),
    **{f"audit:{name}": NoPage("a file", 404, "auditor", given={"size": "7"}) for name in ("checkpoint", "stamp")},
    "audit:export": NoPage("a file", 200, "auditor", given={"form": "csv"}),
    "audit:clearances": Shown("head", empty=True, wrong={}),
    "audit:verifications": Shown("auditor", empty=True, wrong={}),
    **{name: NoPage("the part of a page that moves", 200, "auditor") for name in ("audit:verification-progress", "disclosures:audit-packs-progress")},
    "audit:entry": Shown("auditor", given={"entry_id": "ENTRY"}),
    "disclosures:home": NoPage("leads on to each person's own work", 302),
    **{f"disclosures:{name}": Shown(empty=True) for name in ("my-queue", "team-queue", "due-today", "find")},
    "disclosures:new": Shown(wrong={}), "disclosures:by-hand": Shown(),
    "disclosures:new-form": Shown(given={"what": "restricted"}, wrong={}),
    "disclosures:request": Shown(at=S.PENDING_APPROVAL),
    "disclosures:edit": step(S.DRAFT), "disclosures:edit-people": Shown(at=S.DRAFT),
    "disclosures:take-step": Shown(at=S.IN_REVIEW, given={"action": "propose"}, wrong={}, by_post=True),
    "disclosures:evidence": Shown(at=S.VERIFYING, wrong={"call_back-passed": "yes"}),
    **{f"disclosures:{name}": step(S.IN_REVIEW) for name in ("ask-search", "tests", "opinion", "counsel", "court", "costs", "addressee")},
    "disclosures:items": Shown(at=S.IN_REVIEW, wrong={"person-1-item-1-decision": "SOMETHING"}),
    "disclosures:keeping": Shown(at=S.CLOSED, wrong={"place": "yes"}), "disclosures:disposal": Shown(empty=True, wrong={}),
    "disclosures:disposal-batch": Shown(given={"batch": "DISPOSAL"}),
    "disclosures:disposal-certificate": NoPage("a file", 404, given={"batch": "none", "form": "pdf"}),
    **{f"disclosures:{name}": Shown("head", at=S.IN_REVIEW) for name in ("agency", "schemes", "second-periods", "interests", "partner")},
    "disclosures:lines": Shown(at=S.PENDING_APPROVAL),
    "disclosures:assign": Shown(at=S.IN_REVIEW, wrong={"assignee": "nobody"}),
    "disclosures:deadline": Shown(at=S.IN_REVIEW, wrong={"do": "extend"}),
    **{f"disclosures:{name}": step(S.IN_REVIEW) for name in ("exclude", "restrict", "attach", "correspondence", "comments", "messages", "link")},
    "disclosures:document": NoPage("a file", 404, at=S.IN_REVIEW, given={"document": "none"}),
    "disclosures:receipt": NoPage("a file", 404, at=S.RELEASED, given={"version": "1"}),
    "disclosures:record": NoPage("a file", 200, at=S.IN_REVIEW, given={"form": "json"}),
    "disclosures:delivery": step(S.RELEASED),
    "disclosures:watch": NoPage("a button's address", 302, at=S.IN_REVIEW),
    "disclosures:notices": Shown(empty=True),
    "disclosures:emergency-new": Shown(wrong={}),
    "disclosures:instruments": Shown("head"),
    "disclosures:instrument": Shown("head", given={"code": "A-PO"}, wrong={"off": "1"}),
    "disclosures:access-requests": Shown("dpo", empty=True), "disclosures:access-new": Shown("dpo", wrong={}),
    "disclosures:access-request": Shown("dpo", given={"ref": "ACCESS"}, wrong={"do": "identity"}),
    "disclosures:access-letter": Shown("dpo", given={"ref": "ACCESS"}), "disclosures:access-file": NoPage("a file", 404, "dpo", given={"ref": "ACCESS"}),
    "disclosures:access-keeping": Shown("dpo", given={"ref": "ACCESS"}, wrong={"place": "yes"}), "disclosures:access-disposal": Shown("dpo", empty=True, wrong={}),
    "disclosures:access-disposal-batch": Shown("dpo", given={"batch": "ACCESS_DISPOSAL"}),
    "disclosures:access-disposal-certificate": NoPage("a file", 404, "dpo", given={"batch": "none", "form": "pdf"}),
    "disclosures:people": Shown("head", wrong={"away": "1"}),
    "disclosures:who-decides": Shown("head"),
    "disclosures:colleague": Shown(given={"ref": "COLLEAGUE"}),
    "disclosures:organisations": Shown(),
    "disclosures:organisation": Shown(given={"code": "northshire"}),
    "disclosures:holidays": Shown("admin", wrong={}),
    "disclosures:holiday-strike-out": Shown("admin", given={"ref": "HOLIDAY"}, wrong={}),
    "disclosures:registers": Shown("head"),
    "disclosures:systems": Shown("lead"), "disclosures:system-new": Shown("lead", wrong={}),
    "disclosures:system": Shown("lead", given={"code": "billing"}, wrong={}),
    "disclosures:letter-wordings": Shown("head"),
    "disclosures:letter-wording": Shown("head", given={"slug": "return"}, wrong={"text": "{nothing}", "seen": "0", "keep": "1"}),
    "disclosures:audit-packs": Shown("auditor", empty=True, wrong={}),
    "disclosures:audit-pack": NoPage("a file", 404, "auditor", given={"ref": "p_none", "archive": "main"}),
    "disclosures:policy": Shown("head"),
    "disclosures:cells": Shown("head", wrong={}),
    "disclosures:interception": Shown("head", empty=True, wrong={}),
    "disclosures:credit": Shown("head", wrong={"agency": "1"}),
    "disclosures:preferences": Shown("head", wrong={"add": "1"}),
    "disclosures:group-checks": Shown(at=S.IN_REVIEW),
    "disclosures:ownership": Shown("head", wrong={"add": "1"}),
    "disclosures:on-call": Shown("head", wrong={}),
    "disclosures:emergency": step(S.EMERGENCY_PENDING),
    "disclosures:members": Shown("mlro", at=S.DRAFT, wrong={}, secret=True),
    "disclosures:secrecy": Shown("mlro", at=S.DRAFT, wrong={"do": "propose"}, secret=True),
    "disclosures:telling": Shown(at=S.IN_REVIEW, wrong={"do": "told"}),
    "disclosures:open": Shown("mlro", at=S.SUBMITTED, wrong={}, secret=True),
    "disclosures:letter": step(S.IN_REVIEW, purpose="answer"),
    "disclosures:letter-print": Shown(at=S.RELEASED, given={"purpose": "answer"}),
    "disclosures:letter-sent": step(S.RELEASING, purpose="answer"),
    "disclosures:letter-mail": step(S.RELEASING, purpose="answer"),
    "disclosures:searches": Shown("holder", empty=True),
    "disclosures:search": Shown("holder", given={"reference": "SEARCH"}, wrong={}),
    "disclosures:hold-list": Shown("holder", empty=True),
    "disclosures:hold": Shown("holder", given={"reference": "HOLD"}, wrong={}),
    "disclosures:holds": Shown(given={"reference": "PRESERVATION"}, wrong={}),
    "disclosures:search-table": NoPage("a file", 200, "holder", given={"reference": "SEARCH"}),
    "disclosures:company": Shown("outsider", empty=True),
    "disclosures:company-new": Shown("outsider", wrong={}),
    "disclosures:company-request": Shown("outsider", given={"reference": "COMPANY"}),
    "disclosures:company-messages": Shown("outsider", given={"reference": "COMPANY"}, wrong={}),
    "disclosures:company-check": Shown("outsider", given={"reference": "COMPANY-DRAFT"}),
    "disclosures:company-result": NoPage("a file", 404, "outsider", given={"reference": "COMPANY"}),
    "disclosures:company-receipt": NoPage("a file", 404, "outsider", given={"reference": "COMPANY", "version": "1"}),
    "disclosures:company-repeat": NoPage("a button's address", 302, "outsider", given={"reference": "COMPANY"}),
    "disclosures:company-end": Shown("outsider", given={"reference": "COMPANY", "slug": "withdraw"}, wrong={}, by_post=True),
    "disclosures:company-people": Shown("outsider", given={"reference": "COMPANY-DRAFT"}, wrong={}),
    "disclosures:company-people-table": NoPage("a file", 200, "outsider"),
    "disclosures:company-step": Shown("outsider", given={"reference": "COMPANY-DRAFT", "slug": "why"}, wrong={}),
    "disclosures:theme": NoPage("a button's address", 405),
    "admin:index": Shown("admin"),
    "admin:app_list": Shown("admin", given={"app_label": "accounts"}),
    "admin:login": NoPage("the desk has one door", 404, "admin"),
    "admin:logout": NoPage("the desk has one door", 302, "admin"),
    "admin:password_change": NoPage("the desk has one page for it", 302, "admin"),
    "admin:password_change_done": NoPage("the desk has one page for it", 302, "admin"),
    "admin:autocomplete": NoPage("for scripts", 403, "admin"), "admin:jsi18n": NoPage("for scripts", 200, "admin"),
    "admin:view_on_site": NoPage("nothing is looked at by this road", 404, "admin", given={"content_type_id": "1", "object_id": "1"}),
    "admin:None": NoPage("an address of old, or none", 404, "admin", given={"url": "nothing/"}),
    "admin:accounts_user_add": NoPage(FORBIDDEN, 403, "admin"),
    **{
        f"admin:accounts_{model}_delete": NoPage(FORBIDDEN, 403, "admin", given={"object_id": model})
        for model in ("user", "organisation", "membership")
    },
    **{
        f"admin:accounts_{model}_{page}": Shown("admin", given={"object_id": model} if page in {"change", "history"} else {},
                                                wrong={} if page in {"add", "change"} else None)
        for model in ("user", "organisation", "membership")
        for page in ("changelist", "add", "change", "history")
        if (model, page) != ("user", "add")
    },
}  # fmt: skip


def names(patterns: Any, space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from names(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}"


def test_every_address_is_listed() -> None:
    assert set(ROUTES) == set(names(get_resolver().url_patterns))


class Beholder:
    """A page of Chromium that is given what this process answers."""

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context()
        self.context.route("**/*", self._answer)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.client = Client()
        self.ready: HttpResponse | None = None
        self.axe = Axe()

    def _answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            file = finders.find(path.removeprefix("/static/"))
            route.fulfill(path=str(file)) if file else route.abort()
        elif self.ready is not None:
            answer, self.ready = self.ready, None
            route.fulfill(status=200, body=answer.content, content_type=answer.headers["Content-Type"])
        else:
            route.abort()

    def look(self, response: HttpResponse, address: str, name: str) -> list[str]:
        """What axe finds in the answer, in every look; and what stands out at the side of a narrow page."""
        self.ready = response
        self.page.goto(SITE + address)
        found = []
        for theme, width in LOOKS:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            results = self.axe.run(self.page, options=RULES)
            for violation in results.response["violations"]:
                nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
                found.append(f"{name}, {theme}, {width}: {violation['id']}: {nodes}")
            wide = self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if wide > 0:
                found.append(f"{name}, {theme}, {width}: {wide} pixels stand out at the side")
        return found


@pytest.fixture(scope="module", autouse=True)
def synchronous() -> Iterator[None]:
    """Playwright's loop runs in this thread and Django takes fright; nothing here is asynchronous."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture
def beholder(browser: Browser) -> Iterator[Beholder]:
    made = Beholder(browser)
    yield made
    made.context.close()


@pytest.mark.committed
@pytest.mark.parametrize("part", range(PARTS))
def test_axe_finds_nothing_on_a_full_desk(committed_db: Database, beholder: Beholder, part: int) -> None:
    routes = dict(list(ROUTES.items())[part::PARTS])
    world = make_world()
    places = make_places(world, routes)
    everybody, newcomer = employ(world, "all-roles", *ROLES), employ(world, "fresh", Role.HANDLER)
    visitors = Visitors(
        {**world.people, "all_roles": everybody, "fresh": newcomer, "passkey": world["verifier"]}
    )
    places["user"] = str(everybody.pk)
    if any(route.who == "passkey" for route in routes.values()):
        assert visitors["passkey"]
        places["PASSKEY"] = str(Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN).pk)
    found, seen = [], 0
    for name, route in routes.items():
        address, client = address_of(name, route, places), visitors[route.who]
        if isinstance(route, NoPage):
            answer = client.get(address)
            if answer.status_code != route.answer:
                found.append(f"{name}: answered {answer.status_code}, not {route.answer}: {route.why}")
            continue
        ways = [] if route.by_post else [("", None)]
        ways += [] if route.wrong is None else [(" with errors", route.wrong)]
        for words, data in ways:
            with undone():
                answer = client.get(address) if data is None else client.post(address, data)
            if answer.status_code not in ({200} if data is None else {200, 422}):
                found.append(f"{name}{words}: answered {answer.status_code}")
            else:
                found += missing_marks(name, answer, places["MARKED"])
                found += beholder.look(answer, address, name + words)
                seen += 1
    assert not found, "\n" + "\n".join(found)
    print(f"{seen} pages, each in {len(LOOKS)} looks")


def test_axe_finds_nothing_on_an_empty_desk(db: None, beholder: Beholder) -> None:
    world = make_world()
    everybody = employ(world, "all-roles", *ROLES)
    visitors = Visitors({**world.people, "all_roles": everybody})
    found = []
    for name, route in ROUTES.items():
        if isinstance(route, Shown) and route.empty:
            address = reverse(name)
            answer = visitors[route.who].get(address)
            assert answer.status_code == 200, name
            found += beholder.look(answer, address, f"{name}, empty")
    assert not found, "\n" + "\n".join(found)


def make_places(world: World, routes: Mapping[str, Shown | NoPage]) -> dict[str, str]:
    """What the addresses name: a request in each state that a page here is of, and what belongs to it."""
    places = {}
    for route in routes.values():
        if route.at and route.secret:
            road = world.road()
            road.record(restricted=True)
            if route.at is State.SUBMITTED:
                road.submit()
            places[f"SECRET-{route.at}"] = road.request.reference
        elif route.at and route.at not in places:
            places[route.at] = world.request_in(route.at).reference
    asked = world.road()
    asked.confirm()
    task = ask_for_search(
        request_id=asked.request.pk, system_id=HeldSystem.objects.order_by("code")[0].pk, actor=world["handler"],
        now=world.now,
    )  # fmt: skip
    company, draft = (
        CompanyRoad(world.people, world.police, world.now, number=number) for number in (901, 902)
    )
    kept = preservation(world)
    call_command("import_holidays")
    ended = clear_somebody(world.people, world.now)
    end_interception_clearance(ref=ended.ref, actor=world["head"], now=world.now)
    clear_somebody(world.people, world.now)
    return {
        **places,
        "MARKED": row_with_three_marks(world).reference,
        "COMPANY": company.to(State.IN_REVIEW).reference,
        "COMPANY-DRAFT": draft.record().reference,
        "ACCESS": an_access_request(world).ref,
        "SEARCH": task.reference,
        "HOLD": hold_in(world, kept).reference,
        "PRESERVATION": kept.request.reference,
        "COLLEAGUE": world["handler"].ref,
        "HOLIDAY": "EW-2026-12-28",
        "DISPOSAL": waiting(world),
        "ACCESS_DISPOSAL": access_waiting(world),
        "ENTRY": str(Entry.objects.filter(event="request.recorded").values_list("pk", flat=True)[0]),
        "organisation": str(Organisation.objects.values_list("pk", flat=True)[0]),
        "membership": str(Membership.objects.values_list("pk", flat=True)[0]),
    }


def address_of(name: str, route: Shown | NoPage, places: Mapping[str, str]) -> str:
    if name == "admin:None":
        return "/administration/nothing/"
    given = {key: places.get(value, value) for key, value in route.given.items()}
    if route.at:
        given["reference"] = places[f"SECRET-{route.at}" if route.secret else route.at]
    return reverse(name, kwargs=given)
