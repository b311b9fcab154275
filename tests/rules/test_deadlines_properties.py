"""The clocks against the slow oracle, on generated receipts, rules and pauses."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from disclosures.deadlines.calendars import Holiday, calendar_of, nth_working_day
from disclosures.deadlines.derive import derive
from disclosures.deadlines.rules import Event, EventKind, Rule, RuleCode

from . import slow_calendar as oracle

HOLIDAYS = [
    Holiday(division=division, day=date.fromisoformat(day), title="Day off")
    for division, days in oracle.PUBLISHED.items()
    for day in days
]
CALENDARS = {scheme: calendar_of(scheme, HOLIDAYS) for scheme in ("EW", "SC", "NI", "UK")}
NIGHTS = [
    oracle.first_instant_after(date(year, month, day))
    for year, month, day in [(2024, 3, 30), (2024, 10, 26), (2025, 3, 29), (2025, 10, 25), (2027, 3, 27)]
]

schemes = st.sampled_from(sorted(CALENDARS))
any_instant = st.datetimes(datetime(2020, 1, 3), datetime(2028, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
near_a_clock_change = st.builds(
    lambda night, minutes: night + timedelta(minutes=minutes),
    st.sampled_from(NIGHTS),
    st.integers(-24 * 60, 24 * 60),
)
a_minute_to_midnight = st.builds(
    lambda instant: oracle.first_instant_after(instant.date()) - timedelta(minutes=1), any_instant
)
instants = any_instant | near_a_clock_change | a_minute_to_midnight


@settings(max_examples=1500, deadline=None)
@given(received=instants, n=st.integers(1, 40), scheme=schemes)
def test_working_days_agree_with_the_slow_count(received: datetime, n: int, scheme: str) -> None:
    events = [Event(kind=EventKind.RECEIVED, at=received)]
    result = derive(Rule(code=RuleCode.WN, n=n, scheme=scheme), events, CALENDARS[scheme])
    due = oracle.working_day(n, oracle.wall_clock(received).date(), scheme)
    assert result.due_on == due
    assert result.due_at == oracle.first_instant_after(due)
    assert nth_working_day(received, n, CALENDARS[scheme]) == due


@settings(max_examples=1500, deadline=None)
@given(
    received=instants,
    n=st.integers(1, 20),
    scheme=schemes,
    gaps=st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 20_000)), max_size=3),
)
def test_the_house_s_clock_with_pauses_agrees_with_the_slow_count(
    received: datetime, n: int, scheme: str, gaps: list[tuple[int, int]]
) -> None:
    events, pauses, moment = [Event(kind=EventKind.RECEIVED, at=received)], [], received
    for running, paused in gaps:
        start = moment + timedelta(minutes=running)
        moment = start + timedelta(minutes=paused)
        pauses.append((start, moment))
        events += [Event(kind=EventKind.PAUSED, at=start), Event(kind=EventKind.RESUMED, at=moment)]
    result = derive(Rule(code=RuleCode.SLA, n=n, scheme=scheme), events, CALENDARS[scheme])
    due = oracle.sla_due(received, n, scheme, pauses)
    assert result.due_on == due
    assert result.due_at == oracle.first_instant_after(due)


@settings(max_examples=500, deadline=None)
@given(received=instants, hours=st.integers(1, 100))
def test_elapsed_hours_are_seconds_and_nothing_else(received: datetime, hours: int) -> None:
    events = [Event(kind=EventKind.RECEIVED, at=oracle.wall_clock(received))]
    result = derive(Rule(code=RuleCode.HOURS, n=hours, scheme="EW"), events, CALENDARS["EW"])
    assert result.due_at is not None
    assert result.due_at.timestamp() - received.timestamp() == hours * 3600
    assert result.due_on == oracle.wall_clock(result.due_at).date()


@settings(max_examples=500, deadline=None)
@given(received=instants, n=st.integers(1, 40), scheme=schemes)
def test_every_day_from_start_to_due_has_exactly_one_line(received: datetime, n: int, scheme: str) -> None:
    events = [Event(kind=EventKind.RECEIVED, at=received)]
    result = derive(Rule(code=RuleCode.WN, n=n, scheme=scheme), events, CALENDARS[scheme])
    days = [line.day for line in result.lines if line.day is not None]
    first = days[0]
    assert days == [first + timedelta(days=offset) for offset in range(len(days))]
    assert days[-1] == result.due_on
