"""Every button of every public page, pressed by whoever is not named: it does the same and says the same in both worlds."""

import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from pytest_django import DjangoDbBlocker

import accounts.services
from accounts.models import User
from accounts.services.common import Refused
from cpdisclose.local.postgres import Cluster
from disclosures.models import CompartmentMember
from tests.conftest import Database, cloned

from .conftest import Worlds
from .pressing import Furnished, furnish, pressed
from .routes import Asked
from .watching import Answer, Watcher, leaks, report

WHO = ("all roles", "auditor", "admin", "data_holder", "group company")


@dataclass(frozen=True)
class Desks:
    """The same furniture in copies of both worlds, and all that can be sent there."""

    without: Database
    within: Database
    furnished: Furnished
    sent: list[tuple[str, Asked]]

    @property
    def watcher(self) -> Watcher:
        return Watcher(self.furnished.public, self.furnished.public.looked_at)


@pytest.fixture(scope="module")
def desks(worlds: Worlds, cluster: Cluster, django_db_blocker: DjangoDbBlocker) -> Iterator[Desks]:
    with django_db_blocker.unblock(), ExitStack() as kept:
        copies = [
            kept.enter_context(cloned(cluster, template=one.name)) for one in (worlds.without, worlds.last)
        ]
        made = [furnish(worlds.public, one) for one in copies]
        connections["default"].close()
        sent = [pair for who in WHO for pair in pressed(made[0], copies[0], worlds.secrets, who)]
        assert made[0] == made[1]
        yield Desks(*copies, made[0], sent)


@pytest.fixture(autouse=True)
def _nothing_is_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "RATES", {kind: (10_000, seconds) for kind, (_, seconds) in settings.RATES.items()})  # fmt: skip


def test_no_button_does_or_says_another_thing_where_secrets_are(
    desks: Desks, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock():
        first = {asked.route: (who, asked) for who, asked in reversed(desks.sent)}
        for one in (desks.without, desks.within):  # what is undone has drawn numbers all the same
            desks.watcher.look(one, first.values())
        without, within = (desks.watcher.look(one, desks.sent) for one in (desks.without, desks.within))
    found = leaks(without, within)
    assert not found, report(found)
    assert not {str(ask) for (_, ask), answer in within.items() if answer.status == 500}
    done = [
        ask
        for (_, ask), answer in within.items()
        if answer.status == 200 and b"Error: " not in _title(answer)
    ]
    print(f"{len(within)} sent, {len(done)} not refused, of {len({ask.route for ask in done})} addresses")
    assert len(done) > len(within) / 2
    assert len({ask.route for ask in done}) > 45


def _title(answer: Answer) -> bytes:
    return zlib.decompress(answer.body).partition(b"</title>")[0]


def test_an_administrator_who_is_told_that_a_member_has_work_left_is_found_out(
    desks: Desks, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = accounts.services.change_user

    def refused(*, user_id: int, **given: Any) -> User:
        if CompartmentMember.objects.filter(user=user_id).exists():
            raise Refused("Somebody must take over first.")
        return change(user_id=user_id, **given)

    monkeypatch.setattr(accounts.services, "change_user", refused)
    sent = [pair for pair in desks.sent if "/administration/accounts/user/" in pair[1].address]
    with django_db_blocker.unblock():
        without, within = (desks.watcher.look(one, sent) for one in (desks.without, desks.within))
    assert leaks(without, within)
