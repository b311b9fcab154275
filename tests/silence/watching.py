"""Looks at the public world through everybody's eyes, and compares two looks byte by byte."""

import logging
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from difflib import unified_diff
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import caches
from django.db import connection
from django.http import SimpleCookie
from django.template import Template
from django.test import Client
from django.test.utils import _TestState  # the one place that keeps it

from tests.audit.conftest import default_connection
from tests.conftest import Database
from tests.every_state import undone

from .frozen import Chance, standing_still
from .public import Public
from .routes import Asked

SHOWN = 12  # lines of a difference; the first ones tell


@dataclass(frozen=True)
class Answer:
    """All that somebody can see of an answer, and what it cost."""

    status: int
    headers: tuple[tuple[str, str], ...]
    cookies: str
    body: bytes
    queries: int
    log: tuple[str, ...]
    mails: tuple[str, ...]
    cache: tuple[str, ...]

    def differs_in(self, other: "Answer") -> Iterator[str]:
        for part in fields(self):
            mine, theirs = getattr(self, part.name), getattr(other, part.name)
            if mine != theirs:
                yield f"{part.name}: {_difference(mine, theirs)}"


@dataclass(frozen=True)
class Leak:
    who: str
    asked: Asked
    what: str

    def __str__(self) -> str:
        return f"{self.who}: {self.asked}\n    {self.what}"


Looks = Mapping[tuple[str, Asked], Answer]


class Heard(logging.Handler):
    """What any logger says, as the file of the log would have it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name} {record.getMessage()}")


class Counted:
    """How many statements an answer cost; there are too many of them to be kept."""

    def __init__(self) -> None:
        self.statements = 0

    def __call__(self, execute: Callable[..., Any], *given: Any) -> Any:
        self.statements += 1
        return execute(*given)


class Watcher:
    """One world, seen by everybody at one instant. Whatever is done there is undone before the next look."""

    def __init__(self, public: Public, at: datetime) -> None:
        self.public, self.at = public, at
        self.client = Client(raise_request_exception=False)
        self.heard = Heard()

    def look(self, database: Database, wanted: Iterable[tuple[str, Asked]]) -> Looks:
        """Who asks what, in this order."""
        with (
            default_connection(database, "app"),
            standing_still(self.at) as chance,
            listening(self.heard),
            templates_as_they_are(),
        ):
            connection.ensure_connection()
            return {(who, asked): self._look(who, asked, chance) for who, asked in wanted}

    def _look(self, who: str, asked: Asked, chance: Chance) -> Answer:
        chance.begin("a look")
        self.heard.lines.clear()
        mail.outbox = []
        caches["default"].clear()
        self.client.cookies = SimpleCookie(
            {settings.SESSION_COOKIE_NAME: self.public.sessions[who]} if who in self.public.sessions else {}
        )
        asked_of_the_database = Counted()
        with undone(), connection.execute_wrapper(asked_of_the_database):
            if asked.data is None:
                response = self.client.get(asked.address)
            else:
                response = self.client.post(asked.address, _sent(asked.data), follow=True)
            body = response.getvalue()
        return Answer(
            status=response.status_code,
            headers=tuple(sorted(response.headers.items())),
            cookies=response.cookies.output(),
            body=zlib.compress(body, 1),
            queries=asked_of_the_database.statements,
            log=tuple(self.heard.lines),
            mails=tuple(str(message.message()) for message in mail.outbox),
            cache=tuple(sorted(getattr(caches["default"], "_cache", {}))),
        )


@contextmanager
def templates_as_they_are() -> Iterator[None]:
    """Without what Django's tests add to them: a copy of the context for each of a page's hundred parts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", _TestState.saved_data.template_render)
        yield


@contextmanager
def listening(heard: Heard) -> Iterator[None]:
    """To every logger, at every level; but for the statements, which are counted."""
    root, statements = logging.getLogger(), logging.getLogger("django.db.backends")
    before, others = (root.level, statements.level), root.handlers[:]
    root.handlers[:] = [heard]
    root.setLevel(logging.DEBUG)
    statements.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.handlers[:] = others
        root.setLevel(before[0])
        statements.setLevel(before[1])


def leaks(without: Looks, within: Looks) -> list[Leak]:
    """What is another in the world with the restricted cases than in the one without."""
    return [
        Leak(who, asked, what)
        for (who, asked), answer in within.items()
        for what in without[who, asked].differs_in(answer)
    ]


def report(found: list[Leak], most: int = 40) -> str:
    routes = sorted({leak.asked.route for leak in found})
    return f"\n{len(found)} leaks, on {', '.join(routes)}:\n" + "\n".join(map(str, found[:most]))


def _sent(data: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in data:
        values.setdefault(name, []).append(value)
    return values


def _difference(mine: object, theirs: object) -> str:
    if isinstance(mine, bytes) and isinstance(theirs, bytes):
        one, other = (
            zlib.decompress(body).decode(errors="backslashreplace").splitlines() for body in (mine, theirs)
        )
        found = list(unified_diff(one, other, "without", "with", n=0, lineterm=""))
        return "\n    ".join(line[:300] for line in found[:SHOWN])
    return f"{mine!r} without, {theirs!r} with"
