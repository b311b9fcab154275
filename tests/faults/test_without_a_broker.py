"""No broker for the whole road: nothing refused, nothing lost, nobody waits, and reminders still go."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.test import override_settings

from accounts.models import User
from cpdisclose.local import parts
from disclosures.states import Action, State
from tests.world import PASSWORD, World

from .conftest import OpenDesk
from .desk import Desk, eventually
from .visitor import signed_in

pytestmark = pytest.mark.faults
NO_BROKER = "redis+socket:///nonexistent/broker.sock"
LONGEST_STEP = 3.0  # seconds, on a machine that is busy with other tests
WAITING = "SELECT count(*) FROM disclosures_outboxrow WHERE done_at IS NULL"
UNPLACED = (
    "SELECT count(*) FROM audit_entry e WHERE NOT EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = e.id)"
)


@pytest.fixture
def at_the_desk(open_desk: OpenDesk) -> Iterator[tuple[Desk, World]]:
    with open_desk(NO_BROKER) as (desk, world), override_settings(CELERY_BROKER_URL=NO_BROKER):
        before, current_app.conf.broker_url = current_app.conf.broker_url, NO_BROKER
        yield desk, world
        current_app.conf.broker_url = before


def test_the_whole_road_needs_no_broker(at_the_desk: tuple[Desk, World]) -> None:
    desk, world = at_the_desk
    desk.start(
        parts.web(desk.env),
        parts.sweep(desk.env),
        desk.command("signing", ["manage.py", "audit", "sequence", "--loop"], role="sequencer"),
    )
    old = world.road().record(received_at=world.now - timedelta(days=30))

    began = time.monotonic()
    request = world.request_in(State.SUBMITTED)
    assert time.monotonic() - began < 2 * LONGEST_STEP, "recording and submitting did not wait for the broker"

    handler = signed_in(desk.port, world["handler"], PASSWORD)
    began = time.monotonic()
    answer = handler.take_step(request.reference, Action.ACCEPT.lower())
    assert answer.status == 302
    assert time.monotonic() - began < LONGEST_STEP, "the page did not wait for the broker"
    world.request_in(State.CLOSED)

    eventually(lambda: desk.sql(WAITING) == [(0,)], "every promise is kept by the sweep")
    eventually(lambda: desk.sql(UNPLACED) == [(0,)], "every entry has its place in a signed tree")
    assert desk.sql("SELECT count(*) FROM disclosures_outboxrow WHERE gave_up_at IS NOT NULL") == [(0,)]
    reminders = desk.sql(
        "SELECT r.threshold FROM disclosures_reminder r JOIN disclosures_deadline d ON d.id = r.deadline_id"
        " WHERE d.request_id = %s",
        old.pk,
    )
    assert ("OVERDUE",) in reminders
    assert overdue_mails(desk.place.mail, old.reference, world["head"])


def overdue_mails(folder: Path, reference: str, person: User) -> list[str]:
    mails = [path.read_text("utf-8", errors="replace") for path in folder.iterdir()]
    return [mail for mail in mails if reference in mail and person.email in mail]
