"""Which days work, in which part of the United Kingdom, and what a day off is called."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
ONE_DAY = timedelta(days=1)
NATIONS = ("EW", "SC", "NI")
NATION_WORDS = {"EW": "England and Wales", "SC": "Scotland", "NI": "Northern Ireland"}
ANY_PART_OF_UK = "UK"


def london_day(instant: datetime) -> date:
    return instant.astimezone(LONDON).date()


def start_of(day: date) -> datetime:
    """The first instant of a London day, in UTC."""
    return datetime.combine(day, time.min, LONDON).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The first instant after a London day, in UTC: what was done before it was done in time."""
    return start_of(day + ONE_DAY)


def nth_working_day(start: datetime, n: int, calendar: "Calendar") -> date:
    """The n-th working day strictly after the London day of `start`."""
    day = london_day(start)
    for _ in range(n):
        day += ONE_DAY
        while not calendar.works(day):
            day += ONE_DAY
    return day


@dataclass(frozen=True, kw_only=True)
class Holiday:
    """`source`: who says so; the derivation names it beside the title."""

    division: str
    day: date
    title: str
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Outside `known_from` … `known_until` only weekends are known, and an answer is provisional."""

    scheme: str
    titles: Mapping[date, str]
    known_from: date
    known_until: date
    sources: Mapping[date, str] = field(default_factory=dict)

    def knows(self, day: date) -> bool:
        return self.known_from <= day <= self.known_until

    def day_off(self, day: date) -> str | None:
        """Why the day does not work ("Saturday", "Good Friday"), or None for a working day."""
        if day.weekday() >= 5:
            return f"{day:%A}"
        return self.titles.get(day)

    def source_of(self, day: date) -> str:
        """Who says that the day is a bank holiday; nobody needs to say it of a Saturday."""
        return "" if day.weekday() >= 5 else self.sources.get(day, "")

    def works(self, day: date) -> bool:
        return self.day_off(day) is None

    def next_working_day_from(self, day: date) -> date:
        while not self.works(day):
            day += ONE_DAY
        return day

    def last_working_day_until(self, day: date) -> date:
        while not self.works(day):
            day -= ONE_DAY
        return day


def calendar_of(
    scheme: str,
    holidays: Iterable[Holiday],
    *,
    closures: Iterable[Holiday] = (),
    published_until: date = date.max,
) -> Calendar:
    """The calendar of one nation, or of UK, where a holiday in any part is a day off.

    Known are the whole years between a division's first and last row, and nothing beyond what is published;
    for UK those known of every part. `closures` are days on which the company itself does not work.
    """
    if scheme not in (*NATIONS, ANY_PART_OF_UK):
        raise ValueError(f"There is no working-day scheme {scheme!r}.")
    divisions = NATIONS if scheme == ANY_PART_OF_UK else (scheme,)
    named: dict[date, dict[str, Holiday]] = {}
    years: dict[str, set[int]] = {division: set() for division in divisions}
    for holiday in holidays:
        if holiday.division in years:
            named.setdefault(holiday.day, {}).setdefault(holiday.division, holiday)
            years[holiday.division].add(holiday.day.year)
    everywhere = set.intersection(*years.values())
    own = {closure.day: closure for closure in closures}
    return Calendar(
        scheme=scheme,
        titles={day: closure.title for day, closure in own.items()}
        | {day: _title(parts, divisions) for day, parts in named.items()},
        sources={day: closure.source for day, closure in own.items()}
        | {day: next(iter(parts.values())).source for day, parts in named.items()},
        known_from=date(min(everywhere), 1, 1) if everywhere else date.max,
        known_until=min(date(max(everywhere), 12, 31), published_until) if everywhere else date.min,
    )


def _title(parts: Mapping[str, Holiday], divisions: Sequence[str]) -> str:
    """A day off in only one or two parts of the UK says in which."""
    title = next(iter(parts.values())).title
    if len(parts) == len(divisions):
        return title
    return f"{title} ({', '.join(NATION_WORDS[part] for part in divisions if part in parts)} only)"
