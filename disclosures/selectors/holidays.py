"""The bank holidays as a page shows them: a year's days, who says so, where the sources differ, and the runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localdate

from ..deadlines.calendars import NATIONS
from ..deadlines.sources import HAND, SOURCE_WORDS, Difference, HolidayRow, differences, horizon
from ..models import BankHoliday, CalendarRun, HolidaySource

RUNS = 10
FIRST_YEAR = 2012


@dataclass(frozen=True, slots=True)
class HolidayLine:
    holiday: BankHoliday
    division: str
    source: str

    @property
    def struck_out(self) -> bool:
        return self.holiday.withdrawn_at is not None

    @property
    def by_hand(self) -> bool:
        return self.holiday.source == HAND


@dataclass(frozen=True, slots=True)
class SourceLine:
    name: str
    fetched_at: datetime
    published_until: date


def holidays_of(year: int) -> list[HolidayLine]:
    """By day and division, the struck-out ones too."""
    words = dict(BankHoliday.Division.choices)
    rows = BankHoliday.objects.filter(date__year=year).order_by("date", "division")
    return [
        HolidayLine(row, str(words[row.division]), SOURCE_WORDS.get(row.source, row.source)) for row in rows
    ]


def years() -> list[int]:
    """From the first to the last of the table, newest first."""
    return [day.year for day in BankHoliday.objects.dates("date", "year", order="DESC")]


def sources() -> list[SourceLine]:
    rows = HolidaySource.objects.order_by("ref").values_list("ref", "fetched_at", "published_until")
    return [SourceLine(SOURCE_WORDS.get(ref, ref), at, until) for ref, at, until in rows]


def published_until() -> date | None:
    """The last day that somebody has proclaimed the bank holidays of; dates beyond it are provisional."""
    found = horizon(dict(HolidaySource.objects.values_list("ref", "published_until")))
    return found if found != date.min else None


def lists() -> dict[str, list[HolidayRow]]:
    """What each source gave last."""
    return {source.ref: rows_of(source) for source in HolidaySource.objects.order_by("ref")}


def rows_of(source: HolidaySource) -> list[HolidayRow]:
    return [
        HolidayRow(division=division, day=date.fromisoformat(day), title=title, substitute=substitute)
        for division, day, title, substitute in source.days
    ]


def by_hand() -> Mapping[tuple[str, date], bool]:
    """The days that a person entered (True) or struck out (False)."""
    rows = BankHoliday.objects.filter(source=HAND, division__in=NATIONS)
    return {(row.division, row.date): row.withdrawn_at is None for row in rows}


def open_differences(now: datetime) -> list[Difference]:
    return differences(lists(), by_hand(), since=localdate(now))


def latest_runs() -> Sequence[CalendarRun]:
    return list(CalendarRun.objects.select_related("actor").order_by("-id")[:RUNS])
