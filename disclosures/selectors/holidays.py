"""The bank holidays as a page shows them: a year's days, who says so, where the sources differ, and the runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localdate

from ..deadlines.calendars import NATIONS
from ..deadlines.sources import HAND, SOURCE_WORDS, Difference, HolidayRow, differences, horizon
from ..models import BankHoliday, CalendarRun, HolidaySource

RUNS = 10
DAYS_SHOWN = 5
DIVISION_WORDS: Mapping[str, str] = dict(BankHoliday.Division.choices)
CHANGE_WORDS = {"GAINED": "a day off", "LOST": "no day off any more"}


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


@dataclass(frozen=True, slots=True)
class DayChanged:
    day: date
    title: str
    division: str
    change: str


@dataclass(frozen=True, slots=True)
class RunLine:
    """`moved` counts what everybody may know of. No days: the lists reach further than before."""

    started_at: datetime
    finished_at: datetime | None
    moved: int
    days: Sequence[DayChanged]
    more: int


def holidays_of(year: int) -> list[HolidayLine]:
    """By day and division, the struck-out ones too."""
    return [_line(row) for row in BankHoliday.objects.filter(date__year=year).order_by("date", "division")]


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


def holiday_of(ref: str) -> HolidayLine | None:
    """A day off by its name, unless it is struck out."""
    row = BankHoliday.objects.filter(ref=ref, withdrawn_at=None).first()
    return _line(row) if row else None


def latest_runs() -> Sequence[RunLine]:
    found = []
    for run in CalendarRun.objects.order_by("-id")[:RUNS]:
        days = [
            DayChanged(
                date.fromisoformat(row["day"]),
                row["title"],
                DIVISION_WORDS[row["division"]],
                CHANGE_WORDS[row["change"]],
            )
            for row in run.changes[:DAYS_SHOWN]
        ]
        more = max(len(run.changes) - DAYS_SHOWN, 0)
        found.append(RunLine(run.started_at, run.finished_at, run.moved, days, more))
    return found


def _line(row: BankHoliday) -> HolidayLine:
    return HolidayLine(row, DIVISION_WORDS[row.division], SOURCE_WORDS.get(row.source, row.source))
