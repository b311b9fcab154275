"""Beside the pages: the main log and the blind indexes of the desk are the same with restricted cases and without."""

from collections.abc import Callable, Mapping

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

import sealing.blind
from disclosures.demo import Road
from disclosures.models import Officer, Request, SubjectMark
from disclosures.selectors.anomalies import index_of
from tests.audit.conftest import default_connection
from tests.every_state import undone

from .conftest import Worlds
from .frozen import standing_still
from .public import TWIN

READ: Mapping[str, Callable[[Officer], str]] = {
    "email_index": lambda row: row.email_index,
    "number_index": lambda row: row.number_index,
}


def _matched() -> set[str]:
    """The indexes by which a public row and a secret one could be told to hold the same."""
    secret = Officer.objects.filter(request__restricted=True)
    public = Officer.objects.filter(request__restricted=False, request__born_restricted=False)
    marks = SubjectMark.objects.values_list("digest", flat=True)
    assert all({of(row) for row in secret} - {""} for of in READ.values())
    found = {
        name
        for name, of in READ.items()
        if ({of(row) for row in secret} - {""}) & {of(row) for row in public}
    }
    twice = set(marks.filter(request__restricted=True)) & set(marks.filter(request__restricted=False))
    return found | ({"digest"} if twice else set())


def test_a_restricted_request_is_in_no_blind_index_of_the_desk(
    worlds: Worlds, django_db_blocker: DjangoDbBlocker
) -> None:
    """The twin has the same officer, mailbox and number: under the ordinary key only the public one is found."""
    with django_db_blocker.unblock(), default_connection(worlds.last, "app"):
        assert Request.objects.filter(restricted=True).count() > len(worlds.secrets.requests)
        assert _matched() == set()
        mailbox = index_of("email_index", "robin.sample@northshire.example", restricted=False)
        assert Officer.objects.filter(request__restricted=False, email_index=mailbox).exists()
        assert not Officer.objects.filter(request__restricted=True, email_index=mailbox).exists()


def test_one_that_is_indexed_like_a_public_one_is_found_out(
    worlds: Worlds, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, key = worlds.public.world, sealing.blind._key
    monkeypatch.setattr(sealing.blind, "_key", lambda *, restricted: key(restricted=False))
    with (
        django_db_blocker.unblock(),
        default_connection(worlds.last, "app"),
        standing_still(worlds.looked_at),
        undone(),
    ):
        Road(world.people, world.police, worlds.looked_at, number=TWIN).record(restricted=True)
        assert _matched() == set(READ)


def test_the_log_of_the_public_world_has_the_same_size(
    worlds: Worlds, django_db_blocker: DjangoDbBlocker
) -> None:
    """From birth to the end everything of a restricted case stands in the sealed log alone."""
    counted = []
    for world in (worlds.without, worlds.last):
        with django_db_blocker.unblock(), default_connection(world, "auditor"), connection.cursor() as cursor:
            cursor.execute("SELECT log, count(*) FROM audit_entry GROUP BY log ORDER BY log")
            counted.append(dict(cursor.fetchall()))
    assert counted[0]["main"] == counted[1]["main"]
    assert counted[0]["sealed"] < counted[1]["sealed"]
