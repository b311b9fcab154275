"""A copy of the whole database tells nobody whom it is about; nor does the log, a mail, or a line of output.

The world of this module is seeded once. What must not be found is collected twice: from what the demo
types in, and from every text that is handed to a sealed column on the way.
"""

import base64
import json
import logging
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client, override_settings
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from audit.models import Entry
from cpdisclose.local.postgres import Cluster, find_binaries
from disclosures.demo import Road, sample_intake
from disclosures.models import OutboxRow, Request
from disclosures.selectors.opening import open_request
from disclosures.services import ActionRefused
from disclosures.services.access import exclude_person, restrict_request
from disclosures.services.delivering import deliver
from disclosures.services.intake import Intake
from disclosures.services.weighing import record_opinion
from disclosures.states import Action, State
from sealing.fields import SealedModel
from tests.accounts.conftest import enrol
from tests.conftest import Database, cloned
from tests.world import World, make_world

# What an intake holds in codes of ours. Everything else that is typed in is secret.
CODES = {"channel", "nation", "urgency", "form_name", "purposes", "return_channel", "rank", "status", "type", "item_type",
         "code"}  # fmt: skip
# Texts of sealed columns that stand elsewhere in clear, and why.
PUBLIC = {
    "01632 960000",  # the switchboard in the register of bodies, which call-backs go to
    "From birth: recorded as an order, a notice, or something that may not be told.",  # the program's own sentence
}
BY_CHANCE = re.compile("[0-9a-f]{1,8}")  # so short that ciphertext in hex holds it sooner or later


@dataclass
class Seeded:
    database: Database
    world: World
    requests: list[Request]
    typed: set[str]
    sealed: set[str]
    mails: list[str]
    output: str

    @property
    def secrets(self) -> set[str]:
        found = {piece for text in self.typed | self.sealed - PUBLIC for piece in pieces(text)}
        return {piece for piece in found if not BY_CHANCE.fullmatch(piece)}


def distinct(intake: Intake, number: int) -> Intake:
    """Staff numbers that do not turn up in ciphertext by chance, and a text in every column."""
    return replace(
        intake,
        station_address=f"{number} Constabulary Yard, Exampleton",
        handling=f"Hand to the case team, room {number}Q.",
        collateral="A flatmate may show in the records.",
        less_intrusive="None was found in three weeks.",
        requester=replace(intake.requester, number=f"PC-QV-{number:03d}"),
        countersigner=replace(intake.countersigner, number=f"IN-QW-{number:03d}"),
    )


def typed_in(value: Any, name: str = "") -> Iterator[str]:
    """Every text of an intake, those that are codes left out."""
    if name in CODES or value is None:
        return
    if is_dataclass(value):
        for field in fields(value):
            yield from typed_in(getattr(value, field.name), field.name)
    elif isinstance(value, tuple):
        for each in value:
            yield from typed_in(each, name)
    elif isinstance(value, str) and value:
        yield value


def pieces(text: str) -> Iterator[str]:
    """The text, its lines, and the forms in which a date of birth or a telephone number is written as well."""
    yield from filter(None, (line.strip() for line in text.splitlines()))
    if text[:2] == "01":
        yield text.replace(" ", "")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return
    yield from (day.strftime(form) for form in ("%d/%m/%Y", "%d.%m.%Y", "%-d %B %Y", "%d %B %Y"))


def written_as(text: str) -> Iterator[str]:
    """In clear, as JSON escapes it, as bytea is dumped, and as base64 from any of its three beginnings."""
    raw = text.encode()
    yield text
    yield json.dumps(text)[1:-1]
    yield raw.hex()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        # The first and last characters also carry bits of the neighbours.
        yield encoded[(0, 2, 3)[before] : len(encoded) - (1 if (before + len(raw)) % 3 else 0)]


def found_in(haystack: str, secrets: set[str]) -> set[str]:
    lower = haystack.lower()
    return {
        secret
        for secret in secrets
        if any((form in haystack) or (form.lower() in lower) for form in written_as(secret))
    }


class Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {record.__dict__}")


@pytest.fixture(scope="module")
def seeded(cluster: Cluster, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Seeded]:
    listener, root = Listener(), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        with django_db_blocker.unblock(), cloned(cluster) as database, pytest.MonkeyPatch.context() as patch:
            sealed: set[str] = set()
            patch.setattr(SealedModel, "seal", overhear(SealedModel.seal, sealed))
            world = make_world()
            requests, typed = walk_everywhere(world)
            look_at(requests, world)
            mails = all_mails()
            yield Seeded(database, world, requests, typed, sealed, mails, "\n".join(listener.lines))
    finally:
        root.removeHandler(listener)
        root.setLevel(level)


def overhear(seal: Callable[..., None], heard: set[str]) -> Callable[..., None]:
    def listening(self: SealedModel, **values: str | None) -> None:
        heard.update(text for text in values.values() if text)
        seal(self, **values)

    return listening


def walk_everywhere(world: World) -> tuple[list[Request], set[str]]:
    """A request in every state, one secret, one with an opinion and an excluded person, one refusal of a step."""
    typed: set[str] = set()

    class DistinctRoad(Road):
        def record(self, *, restricted: bool = False, **changes: object) -> Request:
            own = distinct(sample_intake(self.body, self.now, self.number), self.number)
            plain = {field.name: getattr(own, field.name) for field in fields(own)} | changes
            typed.update(typed_in(Intake(**plain)))
            return super().record(restricted=restricted, **plain)

    def road() -> Road:
        world.made += 1
        return DistinctRoad(world.people, world.police, world.now, number=world.made)

    requests = [road().to(state) for state in State]
    requests.append(road().record(restricted=True))
    advised = road().to(State.IN_REVIEW)
    common: dict[str, Any] = {"request_id": advised.pk, "now": world.now}
    record_opinion(in_favour=True, advice="Article 10 is met by the exemption.", actor=world["dpo"], **common)
    exclude_person(person=world["second"], reason="A neighbour of the person.", actor=world["lead"], **common)
    restrict_request(
        members={world["dpo"]: "DPO"}, reason="A colleague is named in it.", actor=world["head"], **common
    )
    unfinished = road()
    unfinished.to(State.IN_REVIEW)
    with pytest.raises(ActionRefused):
        unfinished.step("handler", Action.PROPOSE, reason="Tried too early, said the handler.")
    return [*requests, advised], typed


class TalkativeServer(BaseEmailBackend):
    """Refuses every mail, and says more than it should about it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        raise OSError("550 no mail about Alex Example-007 is taken")


def all_mails() -> list[str]:
    """Each mail once, after a first attempt that failed."""
    mail.outbox.clear()
    with override_settings(EMAIL_BACKEND=f"{__name__}.{TalkativeServer.__name__}"):
        while deliver(now=datetime.now(UTC)):
            pass
    while deliver(now=datetime.now(UTC) + timedelta(hours=1)):
        pass
    return [message.message().as_string() for message in mail.outbox]


def look_at(requests: list[Request], world: World) -> None:
    """As somebody who may, and as somebody who may not: Django writes a line about the second."""
    for who, status in (("head", 200), ("outsider", 404)):
        enrol(world[who])
        client = Client()
        client.force_login(world[who])
        for request in requests:
            if not request.restricted:
                page = client.get(reverse("disclosures:request", args=[request.reference]))
                assert page.status_code == status


def dump(database: Database) -> str:
    made = subprocess.run(
        [find_binaries() / "pg_dump", "--no-owner", database.url("postgres")],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_the_seeding_made_secrets_of_every_kind(seeded: Seeded) -> None:
    """Nothing below would prove anything about a database that holds nothing."""
    for text in ("Alex Example-007", "1988-04-17", "01632 960407", "ZX-77000007", "1 Nowhere Lane, Exampleton", "Robin Sample",
                 "robin.sample@northshire.example", "PC-QV-007", "NS/26007/26", "Jo Specimen"):  # fmt: skip
        assert text in seeded.typed, text
    for text in ("Reason of the demonstration.", "Account number and name", "Control room, then the officer",
                 "3 September 2026: £41.20 by card ending 0000", "A neighbour of the person.", "A colleague is named in it.",
                 "Thank you for your request. Our answer follows."):  # fmt: skip
        assert text in seeded.sealed, text
    assert len(seeded.secrets) > 200


def test_what_was_sealed_opens_again_for_whoever_may_see_it(seeded: Seeded) -> None:
    request = next(request for request in seeded.requests if request.state == State.CLOSED)
    opened = open_request(request, actor=seeded.world["head"], now=seeded.world.now)
    assert opened.subjects[0].name.startswith("Alex Example-")
    assert opened.subjects[0].name in seeded.typed


def test_a_dump_names_nobody(seeded: Seeded) -> None:
    text = dump(seeded.database)
    assert all(request.reference in text for request in seeded.requests), "the dump is not of this database"
    assert found_in(text, seeded.secrets) == set()


def test_the_search_finds_what_is_there(seeded: Seeded) -> None:
    """The same search over the same database, with a value left behind in each way a value could be left."""
    in_clear, in_bytes, in_base64, in_json = (
        "Alex Example-007",
        "NS/26007/26",
        "ZX-77000007",
        "1 Nowhere Lane, Exampleton",
    )
    with seeded.database.connect("owner") as owner:
        owner.execute("CREATE TABLE left_behind (a text, b bytea, c text, d jsonb)")
        owner.execute(
            "INSERT INTO left_behind VALUES (%s, %s, %s, to_jsonb(%s::text))",
            [in_clear, in_bytes.encode(), base64.b64encode(b"ab" + in_base64.encode()).decode(), in_json],
        )
        text = dump(seeded.database)
        owner.execute("DROP TABLE left_behind")
    assert found_in(text, seeded.secrets) >= {in_clear, in_bytes, in_base64, in_json}


def test_the_log_names_nobody(seeded: Seeded) -> None:
    bodies = [bytes(body).decode() for body in Entry.objects.values_list("body", flat=True)]
    assert len(bodies) > 200
    assert found_in("\n".join(bodies), seeded.secrets) == set()


def test_promises_name_nobody(seeded: Seeded) -> None:
    rows = [
        f"{row.key} {row.topic} {json.dumps(row.payload)} {row.last_error}" for row in OutboxRow.objects.all()
    ]
    assert len(rows) > 50
    assert found_in("\n".join(rows), seeded.secrets) == set()


def test_mails_name_nobody(seeded: Seeded) -> None:
    assert len(seeded.mails) >= 20
    assert any(seeded.requests[1].reference in message for message in seeded.mails)
    assert found_in("\n".join(seeded.mails), seeded.secrets) == set()


def test_output_names_nobody(seeded: Seeded) -> None:
    assert "Not Found: /requests/" in seeded.output
    assert "was not kept at attempt 1: OSError" in seeded.output
    assert found_in(seeded.output, seeded.secrets) == set()


def test_a_refusal_names_nobody(seeded: Seeded) -> None:
    """Its text may end in a trace, whoever reads that."""
    denied = Entry.objects.filter(event="request.step_denied").latest("at")
    assert json.loads(bytes(denied.body))["detail"]["action"] == "PROPOSE"
    error = ActionRefused(seeded.requests[0], None, "PROPOSE", [])
    assert found_in(f"{error} {error!r} {vars(error)}", seeded.secrets) == set()
