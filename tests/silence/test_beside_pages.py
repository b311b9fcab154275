"""Beside the pages: the main log and the blind indexes of the desk are the same with restricted cases and without."""

from collections.abc import Callable, Mapping

from django.db import connection
from pytest_django import DjangoDbBlocker

from disclosures.models import Officer, Request
from disclosures.selectors.anomalies import index_of
from tests.audit.conftest import default_connection

from .conftest import Worlds


def test_a_restricted_request_is_in_no_blind_index_of_the_desk(
    worlds: Worlds, django_db_blocker: DjangoDbBlocker
) -> None:
    """The twin has the same officer, mailbox and number: under the ordinary key only the public one is found."""
    read: Mapping[str, Callable[[Officer], str]] = {
        "email_index": lambda row: row.email_index,
        "number_index": lambda row: row.number_index,
    }
    with django_db_blocker.unblock(), default_connection(worlds.last, "app"):
        secret = Officer.objects.filter(request__restricted=True)
        public = Officer.objects.filter(request__restricted=False, request__born_restricted=False)
        assert Request.objects.filter(restricted=True).count() > len(worlds.secrets.requests)
        for of in read.values():
            assert {of(row) for row in secret} - {""}
            assert not ({of(row) for row in secret} - {""}) & {of(row) for row in public}
        mailbox = index_of("email_index", "robin.sample@northshire.example", restricted=False)
        assert public.filter(email_index=mailbox).exists()
        assert not secret.filter(email_index=mailbox).exists()


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
