"""Who walks over the whole site, and what lies there: a request of each kind, each with a word of its own in every text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.models import Organisation, User
from accounts.roles import Role
from audit.models import Checkpoint, Entry, Log
from audit.sequencer import Sequencer
from disclosures.demo import Road, sample_intake
from disclosures.demo_kinds import CompanyRoad, OrderRoad
from disclosures.models import Document, HeldSystem, Request, SearchTask, Step
from disclosures.permissions import held_on
from disclosures.selectors.accounting import HANDS
from disclosures.services import accounting
from disclosures.services.audit_packs import Wish, ask_audit_pack
from disclosures.services.on_file import attach_document, write_comment
from disclosures.services.searching import ask_for_search
from disclosures.states import Action, State
from tests.addresses import ABSENT, Address
from tests.audit.conftest import default_connection
from tests.conftest import Database
from tests.disposal_desk import waiting
from tests.every_state import ROLES, employ, make_superuser, undone
from tests.preserving import hold_in, preservation
from tests.web.browsers import browser_for
from tests.world import World, make_world

# The words by which each is known wherever it is told of. The tests never send one.
MINE, PLAIN, SECRET, ACCESS = "Yolvaric", "Zumbrek", "Wexilund", "Vintrale"
PDF = b"%PDF-1.4 of the test"


@dataclass
class Visitor:
    """A browser that forgets what an answer told it, as the database does: whoever signs out is in again."""

    client: Client

    def get(self, path: str) -> HttpResponse:
        return self._asked("get", path)

    def post(self, path: str, values: Mapping[str, Any]) -> HttpResponse:
        return self._asked("post", path, values)

    def raw(self, path: str, body: bytes, kind: str) -> HttpResponse:
        """As it is, whatever the kind of content says of it."""
        return self._asked("generic", "POST", path, body, kind)

    def _asked(self, method: str, *given: Any) -> HttpResponse:
        cookies = self.client.cookies.copy()
        try:
            with undone():
                return getattr(self.client, method)(*given)
        finally:
            self.client.cookies = cookies


@dataclass
class Site:
    """`forbidden`: by visitor, the words and the references that no answer to them may hold."""

    world: World
    cases: Mapping[str, Request]
    named: Mapping[str, Mapping[str, tuple[str, ...]]]
    visitors: Mapping[str, Visitor]
    forbidden: Mapping[str, tuple[str, ...]]

    @property
    def references(self) -> tuple[str, ...]:
        return tuple(case.reference for case in self.cases.values())

    def paths(self, address: Address, most: int = 99) -> list[str]:
        """The address with whatever is there, and with what is not, the most telling first.

        A part that has no name here is a KeyError: then say in `_named` what stands in it.
        """
        own = self.named["company"] if address.name.startswith("disclosures:company-") else {}
        usual = self.named["usual"]
        filled = {
            name: self.named.get(address.name, {}).get(name) or own.get(name) or usual[f"{name}:{kind}"]
            for name, kind in address.parts.items()
        }
        count = min(most, max(map(len, filled.values()), default=1))
        return [
            address.at({name: values[number % len(values)] for name, values in filled.items()})
            for number in range(count)
        ]


def marked(road: Road, word: str) -> Any:
    """What is asked, with the word in all that is typed freely."""
    sample = sample_intake(road.body, road.now, road.number)
    people = tuple(
        replace(one, name=f"Alex {word}", address=f"1 {word} Lane", status=one.status)
        for one in sample.subjects
    )
    return {
        "subjects": people,
        **{name: f"{word} {name}." for name in ("summary", "necessity", "proportionality")},
    }


def walked(kind: type[Road], world: World, word: str, state: State) -> Request:
    world.made += 1
    road = kind(world.people, world.police, world.now, number=500 + world.made)
    road.recipient = f"{word} recipient"
    notes = {
        name: f"{word} {name}" for name, value in vars_of(road.tests) if name.endswith("_note") and value
    }
    road.tests = replace(road.tests, **notes)
    changes = marked(road, word)
    if kind is CompanyRoad:
        changes["subjects"] = tuple(replace(one, status="") for one in changes["subjects"])
    road.record(**changes)
    request = road.to(state) if state is not State.DRAFT else road.request
    assert request
    return Request.objects.get(pk=request.pk)


def vars_of(tests: Any) -> Iterator[tuple[str, Any]]:
    return ((name, getattr(tests, name)) for name in type(tests).__dataclass_fields__)


def make_site(database: Database) -> Site:
    world = make_world()
    mine = walked(CompanyRoad, world, MINE, State.RELEASED)
    draft = walked(CompanyRoad, world, MINE, State.DRAFT)
    plain = walked(Road, world, PLAIN, State.IN_REVIEW)
    secret = walked(OrderRoad, world, SECRET, State.RELEASED)
    asked = {"actor": world["handler"], "now": world.now}
    billing = HeldSystem.objects.get(code="billing").pk
    ask_for_search(request_id=plain.pk, system_id=billing, **asked)
    tasks = SearchTask.objects.filter(request__in=[plain, secret]).order_by("-request_id")
    searches = tasks.values_list("reference", flat=True)
    kept = preservation(world)
    hold = hold_in(world, kept)
    for case, word in ((plain, PLAIN), (secret, SECRET)):
        write_comment(request_id=case.pk, words=f"{word} among us.", **asked)
        attach_document(request_id=case.pk, purpose="PAPER", name=f"{word}.pdf", content=PDF, **asked)
    access = an_access(world)
    batch = waiting(world)
    pack = ask_audit_pack(
        wish=Wish(first_day=world.now.date(), last_day=world.now.date()),
        actor=world["auditor"],
        now=world.now,
    )
    people = everybody(world)
    visitors = {
        key: Visitor(browser_for(user, world.now) if user else Client()) for key, user in people.items()
    }
    for visitor in visitors.values():
        visitor.client.raise_request_exception = False
    with default_connection(database, "sequencer"):
        for log in Log.values:
            Sequencer(log).drain()
    cases = {"mine": mine, "draft": draft, "plain": plain, "secret": secret}
    named = _named(
        world, cases, searches=[*searches, hold.reference], access=access, pack=pack.ref, batch=batch
    )
    forbidden = {key: tuple(_forbidden(key, user, cases, world)) for key, user in people.items()}
    return Site(world, cases, named, visitors, forbidden)


def _named(
    world: World, cases: Mapping[str, Request], *, searches: list[str], access: str, pack: str, batch: str
) -> dict[str, Mapping[str, tuple[str, ...]]]:
    """What stands in an address: of one address, of the companies' own, or usually; by the part's name and kind."""
    mine, draft, plain, secret = (cases[name].reference for name in ("mine", "draft", "plain", "secret"))
    entries = (str(Entry.objects.filter(object_ref=ref).earliest("id").pk) for ref in (secret, plain))
    steps = Step.objects.filter(action=Action.RECORD_SENT)
    receipt = {name: str(steps.get(request=cases[name]).version) for name in ("mine", "secret")}
    papers = dict(Document.objects.values_list("request__reference", "reference"))
    size = str(Checkpoint.objects.filter(log=Log.MAIN).latest("size").size)
    far = "99999999999999999999"
    usual = {
        "reference:ref": (secret, plain, mine, draft, ABSENT),
        "reference:slug": (*searches, "none"),
        "ref:slug": ("none", access),
        "ref:str": (pack, pack, "p_none"),
        "code:slug": ("none",),
        "slug:slug": ("return", "none"),
        "purpose:slug": ("answer", "receipt", "answer", "none"),
        "what:slug": ("schedule-2", "restricted", "other", "none"),
        "action:slug": ("propose", "accept", "none"),
        "form:slug": ("json", "json", "pdf"),
        "form:str": ("csv", "json", "jsonl", "pdf"),
        "archive:str": ("main", "sealed"),
        "size:int": (size, "1", far),
        "entry_id:int": (*entries, "7", far),
        "version:int": (receipt["secret"], "1", receipt["mine"], far),
        "batch:slug": (batch, "none"),
        "document:str": (papers[secret], papers[plain]),
        "pk:int": ("1",),
        "app_label:str": ("accounts", "none"),
        "content_type_id:path": ("1", "x"),
        "object_id:path": (str(world["handler"].pk), "1", "x", far),
        "url:str": ("disclosures/request/", "nothing/"),
    }  # fmt: skip
    return {
        "usual": usual,
        "company": {
            "reference": (secret, mine, draft, plain),
            "version": (receipt["secret"], receipt["mine"]),
        },
        "disclosures:company-end": {"slug": ("appeal", "withdraw")},
        "disclosures:company-step": {"slug": ("people", "people", "why", "none")},
        "disclosures:organisation": {"code": ("demo-retail", "none")},
        "disclosures:system": {"code": ("billing", "none")},
        "disclosures:instrument": {"code": ("A-PO", "none")},
        "disclosures:colleague": {"ref": (world["mlro"].ref, "none")},
        "disclosures:holiday-strike-out": {"ref": ("EW-2026-12-28", "none")},
        **{
            f"disclosures:access-{page}": {"ref": (access, "none")}
            for page in ("request", "letter", "file", "keeping")
        },
    }


def everybody(world: World) -> dict[str, User | None]:
    """Somebody in each role who is named to nothing, in all, in none; of the company that asks, of another; nobody."""
    travel = Organisation.objects.get(code="demo-travel")
    return {
        "member": world["handler"],
        "all roles": employ(world, "all-roles", *ROLES),
        **{str(role): employ(world, f"colleague-{role.lower()}", role) for role in ROLES},
        "superuser": make_superuser(employ(world, "superuser")),
        "company": world["outsider"],
        "other company": employ(world, "travel", Role.GROUP_SUBMITTER, at=travel),
        "nobody": None,
    }


def _forbidden(key: str, user: User | None, cases: Mapping[str, Request], world: World) -> Iterator[str]:
    """By the grants of the database, which the access matrix keeps by hand; a secret is not even a reference."""
    words = {"mine": MINE, "draft": MINE, "plain": PLAIN, "secret": SECRET}
    shown = {words[name] for name, case in cases.items() if user and held_on(user, case.reference, world.now)}
    yield from set(words.values()) - shown
    outside = key in {"company", "other company", "superuser", "nobody"}
    for name, case in cases.items():
        if words[name] not in shown and (outside or name == "secret"):
            yield case.reference
    hands = {"all roles", "member", *map(str, HANDS)}
    if key not in hands:
        yield ACCESS


def an_access(world: World) -> str:
    given = accounting.AccessInput(
        name=f"Alex {ACCESS}", account_number="ZX-1", reply_to=f"1 {ACCESS} Lane", channel="POST",
        received_at=world.now - timedelta(minutes=5),
    )  # fmt: skip
    return accounting.record_access(given=given, actor=world["clerk"], now=world.now).ref
