"""The working days as the table knows them. Whoever counts with them holds them still until it has committed."""

from django.db import connection
from django.db.models import Q

from ..deadlines.calendars import ANY_PART_OF_UK, Calendar, Holiday, calendar_of
from ..deadlines.rules import RuleCode
from ..deadlines.sources import SOURCE_WORDS, horizon
from ..models import BankHoliday, Deadline, HolidaySource

# Of PostgreSQL's advisory locks; the audit log's sequencer has its own.
CALENDAR_LOCK = 7_104_002


def calendar_for(scheme: str, *, closures: bool = False) -> Calendar:
    """The working days of a nation, or of every part of the UK together, from the table.

    `closures`: without the days on which the company itself is closed, as its own clocks count.
    Inside a transaction no bank holiday changes before it ends, so that nothing is counted with yesterday's table
    after the run that brings everything up to date has passed.
    """
    if connection.in_atomic_block:
        _hold("pg_advisory_xact_lock_shared")
    rows = BankHoliday.objects.filter(withdrawn_at=None)
    if scheme != ANY_PART_OF_UK:
        rows = rows.filter(Q(division=scheme) | Q(division=BankHoliday.Division.CLOSURE))
    found = [
        Holiday(
            division=row.division,
            day=row.date,
            title=row.words,
            source=SOURCE_WORDS.get(row.source, row.source),
        )
        for row in rows.order_by("date", "division")
    ]
    return calendar_of(
        scheme,
        found,
        closures=[day for day in found if closures and day.division == BankHoliday.Division.CLOSURE],
        published_until=horizon(dict(HolidaySource.objects.values_list("ref", "published_until"))),
    )


def calendar_of_clock(*, deadline: Deadline) -> Calendar:
    """The one this clock counts in: only the house's own days know of the house's own closures."""
    return calendar_for(deadline.scheme, closures=deadline.rule == RuleCode.SLA)


def hold_the_calendar() -> None:
    """For whoever changes it: waits for those who are counting, and lets nobody count until it is changed."""
    _hold("pg_advisory_xact_lock")


def _hold(lock: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s)", [CALENDAR_LOCK])
