"""A request that was open, and is restricted then: from that on nothing more of it is observed by who is not named.

The two worlds are the same up to the restriction and with it: the request was public, people followed it, and it went.
That it was there, and that it is gone, is known to whoever saw it, and not claimed to be hidden (SECURITY.md). In one
world nothing happens to it afterwards; in the other its members take it through the rest of its life. Claimed is that
these two cannot be told apart: by no page, and by nothing that comes of the days after.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

import audit.selectors
from accounts.models import User
from audit.models import Entry
from cpdisclose.local.postgres import Cluster
from disclosures.demo import Road
from disclosures.demo_kinds import OrderRoad
from disclosures.models import Document, HeldSystem, SearchTask, Step
from disclosures.services import delivery, following, on_file
from disclosures.services.access import restrict_request
from disclosures.services.searching import ask_for_search
from disclosures.states import Action
from tests.audit.conftest import default_connection
from tests.conftest import Database, cloned
from tests.signed_in import just_signed_in, sits_there_since

from .afterwards import Days, live_on
from .conftest import Worlds
from .frozen import standing_still
from .leaking import LEAKS
from .life import LIVED_AT, SHEET, Secrets
from .public import Public, sequence
from .routes import ROUTES, Asked, Places
from .watching import Looks, Watcher, leaks, report

A = Action


@dataclass(frozen=True)
class Later:
    """The worlds where it was restricted and left alone, and where it lived on; what came of the days after in both."""

    left: Database
    lived: Database
    names: Secrets
    days: tuple[Days, Days]


@pytest.fixture(scope="module")
def later(
    worlds: Worlds, cluster: Cluster, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Later]:  # fmt: skip
    folder, public = tmp_path_factory.mktemp("later"), worlds.public
    at = public.world.now + LIVED_AT
    road = Road(public.world.people, public.world.police, at, number=906)
    with django_db_blocker.unblock(), ExitStack() as kept:
        left = kept.enter_context(cloned(cluster, template=worlds.without.name))
        with default_connection(left, "app"), standing_still(at, "open, then restricted"):
            _is_open_and_followed(road, public)
            _is_restricted(road)
        sequence(left)
        connections["default"].close()
        lived = kept.enter_context(cloned(cluster, template=left.name))
        with default_connection(lived, "app"), standing_still(at, "among its members"):
            _lives_on(road)
            names = _names(road)
        sequence(lived)
        connections["default"].close()
        days = [_days_after(cluster, public, world, folder / world.name) for world in (left, lived)]
        yield Later(left, lived, names, (days[0], days[1]))


def _days_after(cluster: Cluster, public: Public, world: Database, folder: Path) -> Days:
    with cloned(cluster, template=world.name) as copy:
        return live_on(public, copy, folder, SHEET)


# Its life -----------------------------------------------------------------------------------------


def _is_open_and_followed(road: Road, public: Public) -> None:
    """By people who will not be named."""
    road.confirm()
    pk, people = road._fresh().pk, road.people
    for who in ("all roles", "handler", "dpo"):
        following.watch_request(request_id=pk, actor=_user(public.observers[who]), now=road.now)
    ask_for_search(
        request_id=pk,
        system_id=HeldSystem.objects.get(code="billing").pk,
        actor=people["handler"],
        now=road.now,
    )
    _is_worked_on(road)
    _is_read_about(road._fresh().reference, public)


def _is_read_about(reference: str, public: Public) -> None:
    everything, reader = (_user(public.observers[who]) for who in ("all roles", "auditor"))
    idle, fresh = just_signed_in(everything), just_signed_in(reader)
    sits_there_since(idle, 60)
    assert idle.get(f"/requests/{reference}/record/json/").status_code == 302
    assert reference in fresh.get(f"/log/?about={reference}").content.decode()
    assert reference in fresh.get(f"/log/page.jsonl?about={reference}").content.decode()


def _is_restricted(road: Road) -> None:
    members = {road.people[key]: role for key, role in OrderRoad.members.items()}
    restrict_request(
        request_id=road._fresh().pk, members=members, reason="It touches a colleague.", actor=road.people["mlro"], now=road.now
    )  # fmt: skip


def _lives_on(road: Road) -> None:
    for task in SearchTask.objects.filter(request=road._fresh()):
        road.answer(task)
    _is_worked_on(road)
    road.weigh()
    road.write()
    road.step("handler", A.PROPOSE)
    road.step("approver", A.APPROVE_RELEASE)
    road.step("release", A.START_RELEASE)
    road.send()
    letter = road._fresh().letter_set.get(purpose="OUTCOME")
    delivery.note_delivery(
        request_id=road._fresh().pk, stage="CONFIRMED", at=road.now, reason="The receipt came.",
        actor=road.people["release"], now=road.now, letter_id=letter.pk,
    )  # fmt: skip
    road.step("release", A.CLOSE)


def _is_worked_on(road: Road) -> None:
    doing: Mapping[str, object] = {
        "request_id": road._fresh().pk,
        "actor": road.people["handler"],
        "now": road.now,
    }
    on_file.attach_document(purpose="FORM", name="form.pdf", content=b"%PDF-1.7 a form", **doing)  # type: ignore[arg-type]
    on_file.write_comment(words="Ask once more.", **doing)  # type: ignore[arg-type]
    on_file.record_correspondence(
        direction="OUT", channel="TELEPHONE", at=road.now, with_whom="Robin Sample", words="Which month?", **doing,  # type: ignore[arg-type]
    )  # fmt: skip


def _names(road: Road) -> Secrets:
    request = road._fresh()
    named = (SearchTask.objects.filter(request=request), Document.objects.filter(request=request))
    searches, documents = (tuple(rows.order_by("id").values_list("reference", flat=True)) for rows in named)
    sent = Step.objects.filter(request=request, action=A.RECORD_SENT).values_list("version", flat=True)
    return Secrets((request.reference,), searches, (), documents, tuple(map(str, sent)))


def _user(user: User | None) -> User:
    assert user
    return user


# What is observed ---------------------------------------------------------------------------------


def _looks(worlds: Worlds, watcher: Watcher, later: Later, routes: tuple[str, ...]) -> tuple[Looks, Looks]:
    places = Places(worlds.public, later.names)
    wanted = [("all roles", asked) for route in routes for asked in _ways(places, later.names, route)]
    wanted += [("auditor", asked) for who, asked in wanted if asked.route.startswith("audit:")]
    return watcher.look(later.left, wanted), watcher.look(later.lived, wanted)


def _ways(places: Places, names: Secrets, route: str) -> Iterator[Asked]:
    """The plain page of each public thing, and everything that names this request."""
    plain = list(places.plain(route))
    yield from plain
    named = (*names.requests, *names.searches)
    yield from (
        ask for ask in places.asked(route) if ask not in plain and any(name in ask.address for name in named)
    )


def test_what_happens_to_it_then_is_on_no_page(
    worlds: Worlds, watcher: Watcher, later: Later, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock():
        _looks(worlds, watcher, later, tuple(route for route in ROUTES if route.startswith("admin:")))
        left, lived = _looks(worlds, watcher, later, tuple(ROUTES))
    found = leaks(left, lived)
    assert not found, report(found)
    its_page = [
        answer.status
        for (_, asked), answer in lived.items()
        if asked.address == f"/requests/{later.names.requests[0]}/"
    ]
    assert set(its_page) == {404}


def test_what_happens_to_it_then_is_in_nothing_that_comes_of_it(later: Later) -> None:
    left, lived = later.days
    for part in LEAKS:
        one, other = (Counter(map(repr, _lines_of(getattr(days, part)))) for days in (left, lived))
        assert one, part
        assert ((one - other), (other - one)) == (Counter(), Counter()), part


def _lines_of(part: object) -> Iterable[object]:
    return part.items() if isinstance(part, Mapping) else tuple(part)  # type: ignore[arg-type]


def test_no_entry_that_is_shown_names_it(
    worlds: Worlds, later: Later, django_db_blocker: DjangoDbBlocker
) -> None:
    """Nor what others did about it while it was open: that a proof was asked for, that an auditor read of it."""
    names = {*later.names.requests, *later.names.searches, *later.names.documents}
    with django_db_blocker.unblock(), default_connection(later.left, "app"):
        bodies = [(row.event, bytes(row.body).decode()) for row in audit.selectors.readable()]
        asked = {row.event for row in Entry.objects.filter(object_ref__in=names)}
    assert {event for event, body in bodies if any(name in body for name in names)} == set()
    assert asked >= {"second_factor.asked", "log.viewed", "log.exported"}


def test_a_site_that_shows_what_the_members_do_is_found_out(
    worlds: Worlds, watcher: Watcher, later: Later, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(audit.selectors, "readable", lambda *scope: Entry.objects.all())
    with django_db_blocker.unblock():
        assert leaks(*_looks(worlds, watcher, later, ("audit:log",)))
