"""Clocks of a request: opened, paused, stopped; the row a cache, the request's date the earliest."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from disclosures.deadlines.rules import Purpose, Rule, RuleCode
from disclosures.models import ClockEvent, Deadline, Request
from disclosures.services.clocks import open_clock, pause_clocks, resume_clocks, stop_clocks
from disclosures.states import Action

from .clock_desk import MONDAY, Desk, clock_of

DAY = timedelta(days=1)


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk()


def compulsory(request: Request, stated_on: date) -> Deadline:
    rule = Rule(code=RuleCode.ON_INSTR, scheme="EW", stated_on=stated_on)
    assert open_clock(
        request=request, purpose=Purpose.BREACH_72H, rule=rule, starts_at=MONDAY, actor=None, now=MONDAY
    )
    return clock_of(request, Purpose.BREACH_72H)


def test_a_request_has_a_running_clock_from_its_first_save(desk: Desk) -> None:
    request = desk.recorded()
    connection.check_constraints()
    deadline = clock_of(request)
    assert (deadline.rule, deadline.n, deadline.scheme) == ("SLA", 10, "EW")
    assert deadline.due_on == date(2026, 3, 16)
    assert deadline.due_at == datetime(2026, 3, 17, tzinfo=UTC)
    stored = Request.objects.get(pk=request.pk)
    assert (stored.due_on, stored.due_at) == (deadline.due_on, deadline.due_at)


def test_the_derivation_is_kept_line_by_line(desk: Desk) -> None:
    deadline = clock_of(desk.recorded(received_at=MONDAY))
    assert deadline.derivation[0] == {"day": "2026-03-02", "words": "received at 09:00; day 0, not counted"}
    assert deadline.derivation[-1] == {"day": "2026-03-16", "words": "day 10"}


def test_a_nation_s_own_holidays_count(desk: Desk) -> None:
    deadline = clock_of(desk.recorded(nation="NI"))
    assert deadline.due_on == date(2026, 3, 16)  # St Patrick is the day after
    later = desk.road(MONDAY + DAY).record(nation="NI", received_at=MONDAY + DAY)
    assert clock_of(later).due_on == date(2026, 3, 18)
    day_off = {"day": "2026-03-17", "words": "Saint Patrick's Day, not counted", "source": "package holidays"}
    assert day_off in clock_of(later).derivation


def test_a_second_clock_for_the_same_purpose_is_not_opened(desk: Desk) -> None:
    request = desk.recorded()
    rule = Rule(code=RuleCode.SLA, scheme="EW", n=1)
    opened = open_clock(
        request=request, purpose=Purpose.ANSWER, rule=rule, starts_at=MONDAY, actor=None, now=MONDAY
    )
    assert opened is False
    assert Deadline.objects.filter(request=request).count() == 1


def test_the_request_shows_the_earliest_of_its_running_clocks(desk: Desk) -> None:
    request = desk.recorded()
    earlier = compulsory(request, date(2026, 3, 6))
    assert (request.due_on, request.due_at) == (earlier.due_on, earlier.due_at)
    stop_clocks(
        request=request, reason="ANSWERED", actor=None, now=MONDAY + DAY, purposes=[Purpose.BREACH_72H]
    )
    assert request.due_on == date(2026, 3, 16)


def test_a_pause_takes_the_date_away_and_going_on_gives_it_back_later(desk: Desk) -> None:
    request = desk.recorded()
    assert pause_clocks(request=request, reason="RETURNED", actor=None, now=MONDAY + DAY) is True
    assert (request.due_on, request.due_at) == (None, None)
    assert clock_of(request).due_version == 2
    assert resume_clocks(request=request, reason="RESUBMIT", actor=None, now=MONDAY + 3 * DAY) is True
    deadline = clock_of(request)
    assert (deadline.due_on, deadline.due_version, deadline.paused_at) == (date(2026, 3, 19), 3, None)
    assert request.due_on == date(2026, 3, 19)
    kinds = list(ClockEvent.objects.filter(deadline=deadline).order_by("id").values_list("kind", flat=True))
    assert kinds == ["RECEIVED", "PAUSED", "RESUMED"]


def test_what_an_instrument_demands_never_pauses(desk: Desk) -> None:
    request = desk.recorded()
    deadline = compulsory(request, date(2026, 3, 20))
    pause_clocks(request=request, reason="RETURNED", actor=None, now=MONDAY + DAY)
    assert clock_of(request, Purpose.BREACH_72H).due_at == deadline.due_at
    assert request.due_on == date(2026, 3, 20)


def test_where_there_is_nothing_to_change_nothing_is_written(desk: Desk) -> None:
    request = desk.recorded()
    events = ClockEvent.objects.count()
    assert resume_clocks(request=request, reason="RESUBMIT", actor=None, now=MONDAY) is False
    assert stop_clocks(request=request, reason="X", actor=None, now=MONDAY, purposes=[]) is False
    pause_clocks(request=request, reason="RETURNED", actor=None, now=MONDAY)
    assert pause_clocks(request=request, reason="RETURNED", actor=None, now=MONDAY) is False
    assert ClockEvent.objects.count() == events + 1


def test_a_stopped_clock_keeps_its_date_and_the_request_has_none(desk: Desk) -> None:
    request = desk.recorded()
    assert stop_clocks(request=request, reason="RECORD_SENT", actor=None, now=MONDAY + DAY) is True
    deadline = Deadline.objects.get(request=request)
    assert deadline.due_on == date(2026, 3, 16)
    assert deadline.stopped_at == MONDAY + DAY
    assert deadline.due_version == 1
    assert (request.due_on, request.due_at) == (None, None)
    assert pause_clocks(request=request, reason="RETURNED", actor=None, now=MONDAY + DAY) is False


def test_an_emergency_has_two_more_clocks_that_count_hours(desk: Desk) -> None:
    request = desk.recorded(urgency="IMMEDIATE", urgency_reason="A child is missing.")
    assert clock_of(request, Purpose.EMERGENCY_DECISION).due_at == MONDAY + timedelta(hours=1)
    assert clock_of(request, Purpose.EMERGENCY_RELEASE).due_at == MONDAY + timedelta(hours=4)
    assert request.due_at == MONDAY + timedelta(hours=1)


@pytest.mark.parametrize(
    "change",
    [
        {"due_at": None},
        {"due_at": None, "due_on": None, "last_day_on": None},
        {"stated_on": date(2026, 3, 6)},
        {"rule": "ON_INSTR"},
        {"stopped_at": MONDAY - DAY},
    ],
    ids=[
        "a day without its instant",
        "running without a date",
        "a stated date",
        "none stated",
        "stopped early",
    ],
)
def test_the_database_refuses_a_clock_that_cannot_be(desk: Desk, change: dict[str, object]) -> None:
    request = desk.recorded()
    with pytest.raises(IntegrityError, match="check constraint"), transaction.atomic():
        Deadline.objects.filter(request=request).update(**change)


@pytest.mark.committed
def test_return_and_resubmission_move_the_due_date_under_every_trigger() -> None:
    desk = Desk()
    road = desk.road()
    road.submit()
    before = Request.objects.get().due_on
    road.step("handler", Action.RETURN)
    assert Request.objects.get().due_at is None
    road.now += 2 * DAY
    road.step("clerk", Action.RESUBMIT)
    request = Request.objects.get()
    assert before is not None
    assert request.due_on == clock_of(request).due_on == date(2026, 3, 19)


@pytest.mark.committed
def test_a_clock_cannot_be_moved_behind_the_log_s_back() -> None:
    desk = Desk()
    request = desk.recorded()
    with pytest.raises(IntegrityError):
        Deadline.objects.filter(request=request).update(due_version=7)
    with pytest.raises(IntegrityError):
        ClockEvent.objects.create(request=request, deadline=clock_of(request), kind="STOPPED", at=MONDAY)


@pytest.mark.committed
def test_what_happened_to_a_clock_is_neither_changed_nor_deleted() -> None:
    desk = Desk()
    desk.recorded()
    for sql in ("UPDATE disclosures_clockevent SET reason = 'X'", "DELETE FROM disclosures_clockevent"):
        with (
            pytest.raises(ProgrammingError, match="is only ever added to"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
