"""A new bank holiday on the day on which a person's own request is due: the day moves, and whoever has it hears of it."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail

from disclosures.deadlines.calendars import NATIONS, start_of
from disclosures.models import AccessRequest, OutboxRow
from disclosures.services import accounting
from disclosures.services.access_recounting import TOPIC
from disclosures.services.calendars import calendar_for
from disclosures.services.days_off import enter_day_off, strike_out_day
from disclosures.services.delivering import deliver
from disclosures.services.recalculating import continue_runs
from tests.accounting import an_access_request
from tests.world import World

from .log_lines import entries

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def asked(world: World, *, received_at: datetime | None = None) -> AccessRequest:
    given = accounting.AccessInput(
        name="Alex Example", reply_to="1 Nowhere Lane", channel="POST", received_at=received_at or world.now
    )
    return accounting.record_access(given=given, actor=world["clerk"], now=world.now)


def now_of(access: AccessRequest) -> tuple[date | None, int]:
    access.refresh_from_db()
    return access.due_on, access.version


def day_off(world: World, day: date | None) -> date:
    assert day is not None
    enter_day_off(
        division="EW", day=day, title="Jubilee", reason="Gazette", actor=world["admin"], now=world.now
    )
    continue_runs(now=world.now)
    return day


def next_working_day(day: date) -> date:
    calendar = calendar_for(NATIONS[0])
    day += DAY
    while calendar.day_off(day) is not None:
        day += DAY
    return day


def test_the_day_moves_on_and_back_each_with_an_entry(world: World) -> None:
    access = asked(world)
    before, version = now_of(access)
    jubilee = day_off(world, before)
    assert now_of(access) == (next_working_day(jubilee), version + 1)
    strike_out_day(ref=f"EW-{jubilee}", reason="Withdrawn.", actor=world["admin"], now=world.now)
    continue_runs(now=world.now)
    assert now_of(access) == (jubilee, version + 2)
    told = [entry["detail"] for entry in entries("access.recalculated")]
    later = str(next_working_day(jubilee))
    assert [(one["from"], one["to"]) for one in told] == [(str(jubilee), later), (later, str(jubilee))]
    assert continue_runs(now=world.now) == 0, "a run that has ended moves nothing again"
    assert now_of(access) == (jubilee, version + 2)


def test_whoever_recorded_it_is_told_the_new_day_and_nothing_of_the_person(world: World) -> None:
    access = asked(world)
    jubilee = day_off(world, access.due_on)
    mail.outbox.clear()
    while deliver(now=world.now):
        pass
    letters = [one for one in mail.outbox if access.ref in one.subject]
    assert [one.to for one in letters] == [[world["clerk"].email]]
    text = f"{letters[0].subject} {letters[0].body}"
    assert "the bank holidays changed" in text
    assert f"{next_working_day(jubilee):%Y}" in text
    assert "Alex" not in text


def test_no_other_moves(world: World) -> None:
    elsewhere = asked(world, received_at=world.now - 9 * DAY)
    waits, ended, answered = asked(world), asked(world), an_access_request(world)
    accounting.ask_to_clarify(access_id=waits.pk, actor=world["handler"], now=world.now)
    accounting.close_access(
        access_id=ended.pk, how="WITHDRAWN", why="By telephone.", actor=world["dpo"], now=world.now
    )
    accounting.approve_access_answer(
        access_id=answered.pk, seen=answered.digest, actor=world["approver"], now=world.now
    )
    others = [elsewhere, waits, ended, answered]
    before = [now_of(access) for access in others]
    moves = asked(world)
    jubilee = day_off(world, moves.due_on)
    assert [now_of(access) for access in others] == before
    assert now_of(moves)[0] == next_working_day(jubilee)
    assert OutboxRow.objects.filter(topic=TOPIC).count() == 1


def test_one_that_waited_gets_its_day_from_the_new_table(world: World) -> None:
    waits, moves = asked(world), asked(world)
    accounting.ask_to_clarify(access_id=waits.pk, actor=world["handler"], now=world.now)
    jubilee = day_off(world, moves.due_on)
    accounting.record_clarification(access_id=waits.pk, actor=world["handler"], now=world.now)
    assert now_of(waits)[0] == next_working_day(jubilee)
    assert start_of(next_working_day(jubilee)) > world.now
