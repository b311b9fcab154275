"""Whoever is not named presses every button of every public page, filled in as somebody would who guesses at a secret."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from html.parser import HTMLParser

from django.conf import settings
from django.test import Client
from django.urls import resolve, reverse
from django.utils.timezone import localdate

from accounts.models import Membership, Organisation, User
from accounts.services import put_on_call, record_absence
from disclosures.services import accounting
from disclosures.services.disposing import propose_disposal
from disclosures.states import State
from tests.audit.conftest import default_connection
from tests.conftest import Database
from tests.every_state import undone
from tests.signed_in import just_signed_in

from .frozen import standing_still
from .life import Secrets
from .public import ORDER, Public
from .routes import ROUTES, Asked, Places

# What the person of the order is known by, and the officer.
KNOWN = {
    "name": f"Alex Example-{ORDER}", "account_number": f"ZX-7700{ORDER:04d}", "phone": f"01632 9604{ORDER % 100:02d}",
    "email": "robin.sample@northshire.example", "number": f"40{ORDER:03d}", "number_called": "01632 960000",
    "code": "archive", "firm_number": "700001", "hours": "1.5", "fee": "0", "percent": "60",
}  # fmt: skip
TICKED, TYPED, UNSENT = (
    {"checkbox", "radio"},
    {"text", "email", "tel", "search", "url"},
    {"file", "image", "reset"},
)
# Whose buttons end the visit, or change the visitor or the look.
OWN = ("account_", "mfa_", "disclosures:theme", "admin:logout")
BATCH = "d_whatisold23"


@dataclass
class Field:
    name: str
    kind: str
    values: list[str]
    chosen: bool = False


@dataclass
class Form:
    action: str
    is_post: bool
    fields: list[Field] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def sent(self, guess: "Guess") -> Iterator[tuple[tuple[str, str], ...]]:
        """Once for each button."""
        values: dict[str, list[str]] = {}
        for one in self.fields:
            if one.kind in TICKED and values.get(one.name) and not one.chosen:
                continue
            values.setdefault(one.name, []).extend(guess.of(one))
        flat = [(name, value) for name, given in values.items() for value in given]
        for name, value in self.buttons:
            yield (*flat, *([(name, value)] if name else []))


@dataclass(frozen=True)
class Guess:
    """`day` goes where a day is asked for, `reference` where a request is."""

    day: datetime
    reference: str

    def of(self, one: Field) -> list[str]:
        given = next(filter(None, one.values), "")
        if one.kind == "select":
            return [one.values[0] if one.chosen else given]
        if given or one.kind not in {*TYPED, "textarea", "number"}:
            return one.values[:1]
        stem, _, part = one.name.rpartition("_")
        day = localdate(self.day)
        boxes = {"day": f"{day.day}", "month": f"{day.month}", "year": f"{day.year}", "time": "00:01", "0": f"{day:%d/%m/%Y}", "1": "23:59"}  # fmt: skip
        if stem and part in boxes:
            return [boxes[part]]
        if "reference" in one.name or one.name in {"about", "q", "typed"}:
            return [self.reference]
        if one.kind == "number":
            return ["1"]
        return [KNOWN.get(one.name, KNOWN.get(one.name.rpartition("-")[2], "As it was told."))]


class Forms(HTMLParser):
    """The forms of a page with their fields, as a browser has them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.open: Field | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        attrs = {name: value or "" for name, value in attributes}
        name, value, kind = attrs.get("name", ""), attrs.get("value", ""), attrs.get("type", "")
        if tag == "form":
            self.form = Form(attrs.get("action", ""), attrs.get("method", "").lower() == "post")
            self.forms.append(self.form)
        elif self.form is None or "disabled" in attrs:
            return
        elif tag == "button" or (tag == "input" and kind == "submit"):
            self.form.buttons.append((name, value))
        elif tag == "input" and name and kind not in UNSENT:
            self.form.fields.append(Field(name, kind or "text", [value or ("on" if kind == "checkbox" else "")], "checked" in attrs))  # fmt: skip
        elif tag in {"select", "textarea"} and name:
            self.open = Field(name, tag, [])
            self.form.fields.append(self.open)
        elif tag == "option" and self.open:
            if "selected" in attrs and value:
                self.open.values.insert(0, value)
                self.open.chosen = True
            else:
                self.open.values.append(value)

    def handle_data(self, data: str) -> None:
        if self.open and self.open.kind == "textarea":
            self.open.values = ["".join(self.open.values) + data]

    def handle_endtag(self, tag: str) -> None:
        if tag in {"select", "textarea"} and self.open:
            if tag == "textarea":
                self.open.values = ["".join(self.open.values).removeprefix("\n")]
            self.open.values = self.open.values or [""]
            self.open = None
        elif tag == "form":
            self.form = None


@dataclass(frozen=True)
class Furnished:
    """A copy of a world with what lies on a desk besides requests, the same in each, and visitors who have just signed in."""

    public: Public
    pages: tuple[str, ...]


def furnish(public: Public, database: Database) -> Furnished:
    """A person's own request that asks for the person of the order, what is old enough to go, leave, the night's list."""
    seen = {name: user for name, user in public.observers.items() if user}
    everything, now = seen["all roles"], public.looked_at
    with default_connection(database, "app"), standing_still(now, "furniture") as chance:
        given = accounting.AccessInput(
            **{name: KNOWN[name] for name in ("name", "account_number", "phone")},
            reply_to="1 Nowhere Lane", channel="POST", received_at=now - timedelta(minutes=5),
        )  # fmt: skip
        access = accounting.record_access(given=given, actor=seen["intake_clerk"], now=now)
        accounting.record_identity(
            access_id=access.pk, how="ADDRESS", note="The address we hold.", actor=seen["handler"], now=now
        )
        accounting.record_considered(access_id=access.pk, why="Weighed.", actor=seen["dpo"], now=now)
        accounting.propose_access_answer(access_id=access.pk, actor=seen["handler"], now=now)
        propose_disposal(
            request_id=public.requests[State.CLOSED].pk, batch=BATCH, ground="MISTAKE", reason="Recorded twice.",
            actor=seen["release_officer"], now=now,
        )  # fmt: skip
        put_on_call(
            user=public.world["handler"], position=1, phone="01632 960001", actor=seen["team_lead"], now=now
        )
        day = localdate(now)
        record_absence(
            user=public.world["approver"], cover=everything, first_day=day, last_day=day, actor=seen["team_lead"], now=now
        )  # fmt: skip
        chance.begin("sessions")
        sessions = {name: _key(user) for name, user in seen.items()}
    of_access = ("access-request", "access-letter", "access-file", "access-keeping")
    pages = [reverse(f"disclosures:{name}", args=[access.ref]) for name in of_access]
    pages.append(reverse("disclosures:disposal-batch", args=[BATCH]))
    for model, rows in _shared(public).items():
        pages += [reverse(f"admin:accounts_{model}_change", args=[pk]) for pk in rows]
    return Furnished(replace(public, sessions=sessions), tuple(pages))


def _shared(public: Public) -> dict[str, list[int]]:
    """The people and bodies of the secrets, which are those of public requests as well."""
    people = ("handler", "mlro", "head", "holder", "clerk")
    named = [public.world[key].pk for key in people]
    held = [Membership.objects.filter(user=pk).earliest("pk").pk for pk in named]
    return {"user": named, "membership": held, "organisation": [public.world.police.pk, Organisation.objects.get(code="demo-retail").pk]}  # fmt: skip


def _key(user: User) -> str:
    client: Client = just_signed_in(user)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def pressed(furnished: Furnished, database: Database, secrets: Secrets, who: str) -> list[tuple[str, Asked]]:
    """What `who` can send from what they are shown, each page once, each form with the days of today and of next month."""
    public = furnished.public
    now = public.looked_at
    guesses = [Guess(now, secrets.requests[0]), Guess(now + timedelta(days=30), secrets.requests[0])]
    found: dict[Asked, None] = {}
    client = Client(raise_request_exception=False)
    with default_connection(database, "app"), standing_still(now):
        for route, address in _pages(furnished, secrets):
            client.cookies.clear()
            client.cookies[settings.SESSION_COOKIE_NAME] = public.sessions[who]
            with undone():
                page = client.get(address)
            if page.status_code != 200 or not page["Content-Type"].startswith("text/html"):
                continue
            for form in Forms(page.content.decode()).forms:
                for guess in guesses if form.is_post else ():
                    found |= dict.fromkeys(_asked(route, address, form, guess))
    return [(who, asked) for asked in found if not _name(asked.address).startswith(OWN)]


def _name(address: str) -> str:
    return resolve(address.partition("?")[0]).view_name


def _asked(route: str, address: str, form: Form, guess: Guess) -> Iterable[Asked]:
    to = form.action if form.action.startswith("/") else address
    return (Asked(route, to, data) for data in form.sent(guess))


def _pages(furnished: Furnished, secrets: Secrets) -> Iterator[tuple[str, str]]:
    places = Places(furnished.public, secrets)
    for route in ROUTES:
        if not route.startswith(OWN):
            yield from ((route, asked.address) for asked in places.plain(route))
    yield from (("furniture", page) for page in furnished.pages)
