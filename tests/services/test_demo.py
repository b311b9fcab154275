"""The demonstration: made through the services, once, and only in a database the launcher made."""

from collections import Counter
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from accounts.models import User
from audit.models import Entry
from disclosures.demo import Road
from disclosures.demo_kinds import CompanyRoad, OrderRoad, programme
from disclosures.management.commands.seed_demo import REQUESTS, demo_totp_secret
from disclosures.models import InterceptionClearance, Request, Step
from disclosures.states import State

pytestmark = [pytest.mark.committed]


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("seed_demo", *arguments, stdout=said)
    return said.getvalue()


def test_seeding_twice_makes_one_demo_and_prints_its_sign_ins(committed_db) -> None:  # type: ignore[no-untyped-def]
    run("--requests", "6")
    assert Request.objects.count() == 6
    run("--requests", "6")
    assert Request.objects.count() == 6
    assert [row.user.display_name for row in InterceptionClearance.objects.all()] == ["Demo Team Lead"]
    said = run("--print-signins")
    assert all(user.email in said and demo_totp_secret(user.email) in said for user in User.objects.all())


def test_every_kind_stands_in_every_state_it_can_reach_three_times() -> None:
    made = Counter((kind, state) for kind, state, _ in programme(REQUESTS))
    for state in State:
        assert made[Road, state] >= 3
    for kind, unreached in ((CompanyRoad, 3), (OrderRoad, 4)):
        assert len([state for state in State if made[kind, state] >= 3]) == len(State) - unreached
    assert sum(made.values()) == REQUESTS


def test_the_whole_demo_is_in_the_log_step_by_step(committed_db) -> None:  # type: ignore[no-untyped-def]
    """Each step has its entry and each entry of a step its step; nobody has looked at anything yet."""
    run()
    assert Request.objects.count() == REQUESTS
    entries = Counter(Entry.objects.values_list("event", flat=True))
    assert entries["request.step_taken"] == Step.objects.count()
    assert entries["request.recorded"] == REQUESTS
    assert entries["request.viewed"] == 0
    changes = sum(Request.objects.values_list("version", flat=True))
    assert Entry.objects.filter(object_type="request", object_version__isnull=False).count() == changes
    states = Counter(Request.objects.values_list("state", flat=True))
    assert min(states[state] for state in State) >= 3
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
