"""The two worlds, built once for the whole folder: the public one, and copies of it in which a secret lives."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from cpdisclose.local.postgres import Cluster
from tests.conftest import Database, cloned

from .frozen import standing_still
from .life import POINTS, Life, Secrets
from .public import Public, make_public, sequence
from .routes import ROUTES, Asked, Places
from .watching import Answer, Looks, Watcher

Pair = tuple[str, Asked]
SeenWithout = Callable[[list[Pair]], Looks]

# Together they see all that anybody uncleared does: every role at once, the log's reader, and a company.
SHARP = ("all roles", "auditor", "group company")


@dataclass
class Worlds:
    """`without` the restricted cases, and `at` each point of their life; the same in all that is public."""

    public: Public
    without: Database
    at: dict[str, Database]
    secrets: Secrets

    @property
    def last(self) -> Database:
        return self.at[POINTS[-1][0]]

    @property
    def looked_at(self) -> datetime:
        return self.public.looked_at

    def asked(self, route: str) -> list[Pair]:
        """Each way to ask for this address by the sharp eyes; by everybody as it is mostly asked for, and for a secret."""
        asked = list(Places(self.public, self.secrets).asked(route))
        by_all = {*asked[:1], *self._of_secrets(asked)[:1]}
        return [(who, ask) for ask in asked for who in (self.public.observers if ask in by_all else SHARP)]

    def asked_by_the_sharp(self, route: str) -> list[Pair]:
        return [(who, ask) for who, ask in self.asked(route) if who in SHARP]

    def addresses_of_secrets(self) -> list[str]:
        """The pages of the restricted requests."""
        asked = [ask for route in ROUTES for ask in Places(self.public, self.secrets).asked(route)]
        return list(dict.fromkeys(ask.address for ask in self._of_secrets(asked) if ask.data is None))

    def _of_secrets(self, asked: list[Asked]) -> list[Asked]:
        names = (*self.secrets.requests, *self.secrets.searches, *self.secrets.holds)
        return [ask for ask in asked if any(name in ask.address for name in names)]


# Of the folder, not of the run: while they stand, the default connection is theirs, and other tests want their own.
@pytest.fixture(scope="package")
def worlds(cluster: Cluster, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Worlds]:
    with django_db_blocker.unblock(), ExitStack() as kept:
        public_world = kept.enter_context(cloned(cluster))
        public = make_public(public_world)
        at, before, life = {}, public_world, Life(public)
        for number, (point, happens) in enumerate(POINTS):
            connections["default"].close()
            before = kept.enter_context(cloned(cluster, template=before.name))
            with standing_still(life.now, f"point {number}"):
                happens(life)
            sequence(before)
            at[point] = before
        secrets = life.secrets()
        connections["default"].close()
        without = kept.enter_context(cloned(cluster, template=public_world.name))
        yield Worlds(public=public, without=without, at=at, secrets=secrets)


@pytest.fixture(scope="package")
def watcher(worlds: Worlds) -> Watcher:
    return Watcher(worlds.public, worlds.looked_at)


@pytest.fixture(scope="package")
def seen_without(worlds: Worlds, watcher: Watcher) -> SeenWithout:
    """The same, asked in the world without; each once in a run. The first looks are for what a process asks but once."""
    seen: dict[Pair, Answer] = {}

    def answers(wanted: list[Pair]) -> Looks:
        if not seen:
            first = {asked.route: (who, asked) for who, asked in reversed(wanted) if who == SHARP[0]}
            watcher.look(worlds.without, first.values())
        seen.update(watcher.look(worlds.without, [pair for pair in wanted if pair not in seen]))
        return {pair: seen[pair] for pair in wanted}

    return answers
