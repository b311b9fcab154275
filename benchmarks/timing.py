"""Whether time tells a restricted request from one that is not there: interleaved pairs, Welch's t for each route.

    .venv/bin/python -m benchmarks.timing [--pairs 10000] [--rows 5000] [--minutes 60] [--routes request,find] [--write FILE]

Somebody who is a member of nothing asks each route for a restricted request and for an absent one, in an order that a
coin decides, route after route, so that whatever else the machine does falls on both. It works in a database server of
its own with `--rows` ordinary requests beside the secret ones, through the whole of Django in one process. t is given
over all pairs and over the faster 95 of 100 times of both (a machine's pauses hide what little there is); exit 1 where
either reaches 4.5. `--minutes` ends it sooner, with as many pairs as there were time for.
"""

import argparse
import gc
import logging
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.conf import settings  # noqa: E402 -- behind the set-up
from django.http import HttpResponse  # noqa: E402 -- behind the set-up
from django.test import Client  # noqa: E402 -- behind the set-up

from accounts.roles import Role  # noqa: E402 -- behind the set-up
from disclosures.demo_kinds import OrderRoad  # noqa: E402 -- behind the set-up
from disclosures.models import Document, Request, SearchTask  # noqa: E402 -- behind the set-up
from disclosures.references import new_reference  # noqa: E402 -- behind the set-up
from disclosures.services.on_file import attach_document  # noqa: E402 -- behind the set-up
from disclosures.states import State  # noqa: E402 -- behind the set-up
from tests.audit.conftest import default_connection  # noqa: E402 -- behind the set-up
from tests.conftest import TEMPLATE, Database, a_cluster  # noqa: E402 -- behind the set-up
from tests.crowd import copy_request  # noqa: E402 -- behind the set-up
from tests.every_state import employ  # noqa: E402 -- behind the set-up
from tests.web.browsers import browser_for  # noqa: E402 -- behind the set-up
from tests.world import World, make_world  # noqa: E402 -- behind the set-up

LIMIT = 4.5
SECRETS = 6
WARM = 20
KEPT = 0.95
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass(frozen=True)
class Target:
    """What is asked for: a request, one of its documents, one of its search tasks."""

    request: str
    document: str
    search: str


@dataclass(frozen=True)
class Desk:
    """`plain` is an ordinary request that the colleague may work on."""

    colleague: Client
    holder: Client
    company: Client
    auditor: Client
    plain: str
    cursor: str


Route = Callable[[Desk, Target], HttpResponse]

ROUTES: Mapping[str, Route] = {
    "request": lambda desk, of: desk.colleague.get(f"/requests/{of.request}/"),
    "audit": lambda desk, of: desk.auditor.get("/log/", {"about": of.request}),
    "take-step": lambda desk, of: desk.colleague.post(
        f"/requests/{of.request}/step/propose/", {"key": "0" * 32}
    ),
    "document": lambda desk, of: desk.colleague.get(f"/requests/{of.request}/documents/{of.document}/"),
    "find": lambda desk, of: desk.colleague.get("/requests/", {"q": of.request}),
    "queue": lambda desk, of: desk.colleague.get("/queue/due/", {"after": f"{desk.cursor}~{of.request}"}),
    "link": lambda desk, of: desk.colleague.post(
        f"/requests/{desk.plain}/link/",
        {"other_reference": of.request, "relation": "SAME_MATTER", "reason": "They belong together."},
    ),
    "letter": lambda desk, of: desk.colleague.get(f"/requests/{of.request}/letter/answer/"),
    "company": lambda desk, of: desk.company.get(f"/company/{of.request}/"),
    "receipt": lambda desk, of: desk.colleague.get(f"/requests/{of.request}/receipts/7/"),
    "record": lambda desk, of: desk.colleague.get(f"/requests/{of.request}/record/json/"),
    "search": lambda desk, of: desk.holder.get(f"/searches/{of.search}/"),
}


@dataclass
class Times:
    """Microseconds of a route, for what is restricted and for what is absent."""

    restricted: list[float] = field(default_factory=list)
    absent: list[float] = field(default_factory=list)

    def t(self, kept: float = 1.0) -> float:
        bound = sorted([*self.restricted, *self.absent])[int(kept * 2 * len(self.absent)) - 1]
        return welch([x for x in self.restricted if x <= bound], [x for x in self.absent if x <= bound])

    @property
    def worst(self) -> float:
        return max(abs(self.t()), abs(self.t(KEPT)))


def welch(one: Sequence[float], other: Sequence[float]) -> float:
    spread = statistics.variance(one) / len(one) + statistics.variance(other) / len(other)
    return (statistics.fmean(one) - statistics.fmean(other)) / spread**0.5


def furnished(database: Database, rows: int) -> tuple[Desk, list[Target], list[Target]]:
    """The desk, the restricted targets and as many absent ones."""
    world = make_world()
    plain = world.request_in(State.IN_REVIEW)
    secrets = [_secret(world) for _ in range(SECRETS)]
    absent = [Target(new_reference(), f"d_{'A' * 12}", f"s_{'A' * 12}") for _ in secrets]
    assert not Request.objects.filter(reference__in=[one.request for one in absent]).exists()
    due_at = plain.due_at or world.now
    people = {
        "colleague": employ(world, "uncleared", Role.HANDLER, Role.TEAM_LEAD),
        "holder": employ(world, "another-holder", Role.DATA_HOLDER),
    }
    # Last of all: the copies are made past the triggers, and nothing changes a request after them.
    copy_request(database, plain, after=0, upto=rows)
    desk = Desk(
        colleague=browser_for(people["colleague"], world.now),
        holder=browser_for(people["holder"], world.now),
        company=browser_for(world["outsider"], world.now),
        auditor=browser_for(world["auditor"], world.now),
        plain=plain.reference,
        cursor=due_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S%f"),
    )
    return desk, secrets, absent


def _secret(world: World) -> Target:
    world.made += 1
    road = OrderRoad(world.people, world.police, world.now, number=world.made)
    request = road.to(State.PENDING_APPROVAL)
    attach_document(
        request_id=request.pk, purpose=Document.Purpose.values[0], name="order.pdf", content=PAPER,
        actor=world["handler"], now=world.now,
    )  # fmt: skip
    document = Document.objects.filter(request=request).values_list("reference", flat=True)[0]
    search = SearchTask.objects.filter(request=request).values_list("reference", flat=True)[0]
    return Target(request.reference, document, search)


def ask(route: Route, desk: Desk, of: Target) -> tuple[float, int]:
    began = time.perf_counter_ns()
    response = route(desk, of)
    return (time.perf_counter_ns() - began) / 1000, response.status_code


def measure(
    desk: Desk,
    secrets: Sequence[Target],
    absent: Sequence[Target],
    names: Sequence[str],
    pairs: int,
    until: float,
) -> dict[str, Times]:
    found = {name: Times() for name in names}
    coin = random.SystemRandom()
    for number in range(-WARM, pairs):
        if time.monotonic() > until:
            break
        if number % 50 == 0:
            gc.collect()
        for name in names:
            one, other = coin.choice(secrets), coin.choice(absent)
            order = [one, other] if coin.random() < 0.5 else [other, one]
            answers = {of: ask(ROUTES[name], desk, of) for of in order}
            if answers[one][1] != answers[other][1]:
                raise SystemExit(
                    f"{name} answers {answers[one][1]} and {answers[other][1]}: that tells without a clock."
                )
            if number >= 0:
                found[name].restricted.append(answers[one][0])
                found[name].absent.append(answers[other][0])
    return found


def table(found: Mapping[str, Times]) -> str:
    lines = [
        "| route | pairs | restricted, median µs | absent, median µs | t | t, faster 95 of 100 | |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, times in found.items():
        medians = f"{statistics.median(times.restricted):,.0f} | {statistics.median(times.absent):,.0f}"
        verdict = "over" if times.worst >= LIMIT else "within"
        lines.append(
            f"| {name} | {len(times.absent):,} | {medians} | {times.t():+.2f} | {times.t(KEPT):+.2f} | {verdict} |"
        )
    return "\n".join(lines)


def report(options: argparse.Namespace) -> int:
    names = options.routes.split(",") if options.routes else list(ROUTES)
    with a_cluster() as cluster:
        cluster.create_database("timing", mark=settings.DATABASE_MARK, template=TEMPLATE)
        database = Database(cluster, "timing")
        with default_connection(database, "app"):
            desk, secrets, absent = furnished(database, options.rows)
            load = os.getloadavg()[1]
            began = time.monotonic()
            gc.disable()
            logging.disable(logging.WARNING)
            # Nobody asks ten thousand times in half an hour; here the limit itself is not what is looked at.
            settings.RATES = {kind: (10**9, seconds) for kind, (_, seconds) in settings.RATES.items()}
            found = measure(desk, secrets, absent, names, options.pairs, began + 60 * options.minutes)
            minutes = (time.monotonic() - began) / 60
    text = (
        f"{table(found)}\n\n{datetime.now(UTC):%d %B %Y}: {options.rows:,} ordinary requests beside {SECRETS} restricted ones; "
        f"{minutes:.0f} minutes on {os.cpu_count()} cores, load average {load:.1f} at the beginning, "
        f"{os.getloadavg()[1]:.1f} at the end."
    )
    print(text)
    if options.write:
        Path(options.write).write_text(f"{HEAD}\n{text}\n")
    return int(any(times.worst >= LIMIT for times in found.values()))


HEAD = """# Whether time tells a restricted request from an absent one

Measured by `python -m benchmarks.timing`, not in the tests: interleaved pairs in random order, Welch's t, the limit 4.5.
The asker is a member of nothing. What it cannot show: differences smaller than this many pairs reveal, and what a
network or a database server elsewhere would add.
"""


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.timing")
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--minutes", type=float, default=240)
    parser.add_argument("--routes", default="", help=f"of: {', '.join(ROUTES)}")
    parser.add_argument("--write", default="", help="a Markdown file")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(report(options_of(sys.argv[1:])))
