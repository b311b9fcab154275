"""The demonstration: made through the services, once, and only in a database the launcher made."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from accounts.models import User
from disclosures.management.commands.seed_demo import SHOWN, demo_totp_secret
from disclosures.models import Request

pytestmark = [pytest.mark.committed]


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("seed_demo", *arguments, stdout=said)
    return said.getvalue()


def test_seeding_twice_makes_one_demo_and_prints_its_sign_ins(committed_db) -> None:  # type: ignore[no-untyped-def]
    run()
    assert sorted(Request.objects.values_list("state", flat=True)) == sorted(SHOWN)
    run()
    assert Request.objects.count() == len(SHOWN)
    said = run("--print-signins")
    assert all(user.email in said and demo_totp_secret(user.email) in said for user in User.objects.all())


def test_every_request_of_the_demo_has_one_entry_for_each_version(committed_db) -> None:  # type: ignore[no-untyped-def]
    run()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.reference FROM disclosures_request r
            WHERE r.version <> (SELECT count(*) FROM audit_entry e
                                WHERE e.object_type = 'request' AND e.object_ref = r.reference AND e.object_version IS NOT NULL)
            """
        )
        assert cursor.fetchall() == []


def test_a_database_of_somebody_elses_gets_no_demo(committed_db, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("LOCAL_DATABASE_MARK", "cpdisclose.local another")
    with pytest.raises(CommandError, match="was not made by script/server of this checkout"):
        run()
    assert not User.objects.exists()
