"""What time asks for: reminders once each, emergencies every quarter of an hour, expiry, the loop."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage

from disclosures import tasks
from disclosures.models import OutboxRow, Reminder, Request
from disclosures.services.access import assign_request
from disclosures.services.intake import InstrumentInput
from disclosures.services.sweeping import SweepResult, sweep
from disclosures.states import Action, State

from .clock_desk import MONDAY, Desk, clock_of, delivered, forget_steps
from .test_outbox import in_threads

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
# Ten working days from Monday 2 March 2026: due on Monday 16 March, late from midnight on.
LATE = datetime(2026, 3, 17, tzinfo=UTC)
HALF = MONDAY + (LATE - MONDAY) / 2
THREE_QUARTERS = MONDAY + (LATE - MONDAY) * 3 / 4
LAST_DAY = datetime(2026, 3, 16, tzinfo=UTC)


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk()


@pytest.fixture
def told(mailoutbox: list[EmailMessage]) -> Callable[[datetime], set[str]]:
    """Sweeps, delivers, and names the addressees of what this sweep alone caused."""

    def sweep_at(now: datetime) -> set[str]:
        forget_steps()
        before = len(mailoutbox)
        sweep(now=now)
        delivered(now)
        new = mailoutbox[before:]
        assert len({mail.to[0] for mail in new}) == len(new)
        return {mail.to[0].split("@")[0] for mail in new}

    return sweep_at


def test_at_half_time_the_handlers_are_told_once(desk, told) -> None:
    desk.recorded()
    assert told(HALF - MINUTE) == set()
    assert told(HALF) == {"handler", "verifier"}
    assert told(HALF + MINUTE) == set()


def test_at_three_quarters_the_team_lead_is_told(desk, told) -> None:
    desk.recorded()
    told(THREE_QUARTERS - MINUTE)
    assert told(THREE_QUARTERS) == {"lead"}
    assert told(THREE_QUARTERS + MINUTE) == set()


def test_on_the_last_working_day_approvers_and_the_head_of_legal_are_told(desk, told) -> None:
    desk.recorded()
    told(LAST_DAY - MINUTE)
    assert told(LAST_DAY) == {"approver", "second", "head"}
    assert told(LAST_DAY + 12 * HOUR) == set()


def test_when_overdue_the_head_of_legal_and_the_dpo_are_told_every_day(desk, told) -> None:
    desk.recorded()
    told(LATE - MINUTE)
    assert told(LATE) == {"head", "dpo"}
    assert told(LATE + 23 * HOUR) == set()
    assert told(LATE + DAY) == {"head", "dpo"}


def test_a_clock_found_overdue_is_not_said_to_be_at_half_time(desk, told) -> None:
    desk.recorded()
    assert told(LATE + 5 * DAY) == {"head", "dpo"}
    assert list(Reminder.objects.values_list("threshold", flat=True)) == ["OVERDUE"]


def test_a_request_that_somebody_has_reminds_only_them(desk, told) -> None:
    request = desk.recorded()
    people = desk.people
    assign_request(request_id=request.pk, assignee=people["handler"], actor=people["lead"], now=MONDAY)
    assert told(HALF) == {"handler"}


def test_a_paused_and_a_stopped_clock_are_silent(desk, told) -> None:
    road = desk.road()
    road.record(received_at=MONDAY)
    road.submit()
    road.step("handler", Action.RETURN)
    assert told(LATE + DAY) == set()
    road.step("clerk", Action.WITHDRAW)
    assert told(LATE + DAY) == set()


def test_a_moved_date_is_reminded_of_anew(desk, told) -> None:
    road = desk.road()
    road.record(received_at=MONDAY)
    road.submit()
    told(HALF)
    road.now = HALF
    road.step("handler", Action.RETURN)
    road.step("clerk", Action.RESUBMIT)
    assert told(LATE - DAY) == {"handler", "verifier", "lead"}
    assert set(Reminder.objects.values_list("due_version", flat=True)) == {1, 3}


def test_an_emergency_is_called_out_every_quarter_of_an_hour_by_one_mail_a_person(desk, told) -> None:
    desk.recorded(urgency="IMMEDIATE", urgency_reason="A child is missing.")
    assert told(MONDAY + 14 * MINUTE) == set()
    callers = {"handler", "verifier", "approver", "second"}
    assert told(MONDAY + 15 * MINUTE) == callers
    assert told(MONDAY + 29 * MINUTE) == set()
    assert told(MONDAY + 30 * MINUTE) == callers


def test_an_overdue_emergency_reaches_the_head_of_legal_and_the_dpo(desk, told) -> None:
    desk.recorded(urgency="IMMEDIATE", urgency_reason="A child is missing.")
    told(MONDAY + 45 * MINUTE)
    assert told(MONDAY + HOUR) == {"handler", "verifier", "approver", "second", "head", "dpo"}


def test_after_an_outage_an_emergency_is_called_out_once_and_not_for_each_quarter_missed(desk, told) -> None:
    desk.recorded(urgency="IMMEDIATE", urgency_reason="A child is missing.")
    told(MONDAY + 3 * HOUR)
    assert Reminder.objects.filter(threshold="EMERGENCY").count() == 1


def test_the_answer_s_clock_of_an_emergency_still_reminds(desk) -> None:
    deadline = clock_of(desk.recorded(urgency="IMMEDIATE", urgency_reason="A child is missing."))
    assert deadline.due_at is not None
    sweep(now=deadline.due_at)
    assert list(Reminder.objects.filter(deadline=deadline).values_list("threshold", flat=True)) == ["OVERDUE"]


def test_a_voluntary_instrument_that_has_ended_ends_its_request_and_never_a_missed_date(desk) -> None:
    road = desk.road()
    ended = InstrumentInput(code="P-DPA2", valid_until=MONDAY.date())
    road.record(received_at=MONDAY, instrument=ended)
    road.submit()
    missed = desk.road()
    missed.record(received_at=MONDAY)
    missed.submit()
    assert sweep(now=MONDAY).expired == 0
    assert sweep(now=LATE + DAY).expired == 1
    assert Request.objects.get(pk=road.request.pk).state == State.EXPIRED
    assert Request.objects.get(pk=missed.request.pk).state == State.SUBMITTED


def test_a_second_sweep_at_the_same_moment_does_nothing(desk) -> None:
    desk.recorded()
    assert sweep(now=HALF) == SweepResult(reminders=1, expired=0)
    assert sweep(now=HALF) == SweepResult(reminders=0, expired=0)


def test_the_number_of_queries_does_not_grow_with_the_clocks_that_are_not_due(
    desk, django_assert_num_queries
) -> None:
    desk.recorded()
    with django_assert_num_queries(27):
        sweep(now=MONDAY)
    for _ in range(5):
        desk.recorded()
    with django_assert_num_queries(27):
        sweep(now=MONDAY)


def test_a_tick_carries_no_meaning(desk, mailoutbox) -> None:
    """Whatever a beat of another version sends along, the task asks the clock and the database."""
    desk.recorded()
    forget_steps()
    with time_machine.travel(HALF, tick=False):
        tasks.sweep(since="yesterday", request=17)
        tasks.sweep()
    assert len(mailoutbox) == 2


@pytest.mark.committed
def test_two_sweeps_at_once_make_one_reminder_and_one_promise_for_each_key() -> None:
    desk = Desk()
    for _ in range(3):
        desk.recorded()
    forget_steps()
    results = in_threads(4, lambda: sweep(now=THREE_QUARTERS))
    assert sum(result.reminders for result in results) == 6
    assert Reminder.objects.count() == 6
    keys = list(OutboxRow.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys)) == 6


@pytest.mark.committed
def test_two_workers_at_once_send_each_mail_once(mailoutbox: list[EmailMessage]) -> None:
    desk = Desk()
    for _ in range(3):
        desk.recorded()
    forget_steps()
    sweep(now=LATE)
    in_threads(4, lambda: delivered(LATE))
    assert len(mailoutbox) == 6
    assert len({mail.extra_headers["Message-ID"] for mail in mailoutbox}) == 6
