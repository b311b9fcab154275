"""Who says that a day is a bank holiday, who counts when they differ, and how far ahead anybody knows. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.days import in_full

from .calendars import NATION_WORDS, NATIONS

PACKAGE = "holidays"
GOV_UK = "GOV.UK"
HAND = "HAND"
PUBLISHED = (GOV_UK, PACKAGE)  # in the order in which they are believed
SOURCE_WORDS = {PACKAGE: "package holidays", GOV_UK: "GOV.UK", HAND: "entered here"}
YEARS_AHEAD = 2  # the government publishes this year and the two after it
SATURDAY = 5
LONGEST_TITLE = 120

# The divisions as GOV.UK names them.
FEED_DIVISIONS = {"england-and-wales": "EW", "scotland": "SC", "northern-ireland": "NI"}
SUBSTITUTE = "substitute day"


@dataclass(frozen=True, kw_only=True, order=True)
class HolidayRow:
    division: str
    day: date
    title: str
    substitute: bool


@dataclass(frozen=True, kw_only=True, order=True)
class Difference:
    """One day on which two sources that both cover its year do not agree. `counts`: whether it is a day off here."""

    day: date
    division: str
    title: str
    listed_by: str
    missing_in: str
    counts: bool

    @property
    def words(self) -> str:
        what = "It counts as a day off" if self.counts else "It counts as a working day, the earlier date"
        return (
            f"{self.title}, {in_full(self.day)}, {NATION_WORDS[self.division]}: "
            f"{SOURCE_WORDS[self.listed_by]} has it, {SOURCE_WORDS[self.missing_in]} has not. {what}."
        )


class FeedFault(ValueError):
    """The file is not a list of bank holidays; `faults` are all that is wrong, each with its place."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(self.faults))


def agreed(
    lists: Mapping[str, Iterable[HolidayRow]],
) -> dict[tuple[str, date], tuple[HolidayRow, str]]:
    """The days off by division and date, each with who says so.

    For a year of a division the first of PUBLISHED that covers it decides alone: a day that only a lesser
    source has would make a date later than it is, and later is the mistake that costs. What any other source
    has is added.
    """
    found: dict[tuple[str, date], tuple[HolidayRow, str]] = {}
    decided: set[tuple[str, int]] = set()
    for source in _in_order(lists):
        rows = list(lists[source])
        covered = _covered(rows)
        for row in rows:
            if source not in PUBLISHED or (row.division, row.day.year) not in decided:
                found.setdefault((row.division, row.day), (row, source))
        decided |= covered if source in PUBLISHED else set()
    return found


def differences(
    lists: Mapping[str, Iterable[HolidayRow]], by_hand: Mapping[tuple[str, date], bool], *, since: date
) -> list[Difference]:
    """Where the published sources differ, from a day on, in years that both cover.

    `by_hand`: days that a person entered (True) or struck out (False); that settles the day.
    """
    known = {source: list(rows) for source, rows in lists.items() if source in PUBLISHED}
    found = []
    for source, rows in known.items():
        for other, others in known.items():
            if other == source:
                continue
            covered, listed = _covered(others), {(row.division, row.day) for row in others}
            found += [
                Difference(
                    day=row.day,
                    division=row.division,
                    title=row.title,
                    listed_by=source,
                    missing_in=other,
                    counts=PUBLISHED.index(source) < PUBLISHED.index(other),
                )
                for row in rows
                if row.day >= since
                and (row.division, row.day.year) in covered
                and (row.division, row.day) not in listed
                and (row.division, row.day) not in by_hand
            ]
    return sorted(found)


def horizon(published_until: Mapping[str, date]) -> date:
    """The last day of which the bank holidays are published: what GOV.UK has, or else what the package may know."""
    for source in PUBLISHED:
        if source in published_until:
            return published_until[source]
    return max(published_until.values(), default=date.min)


def published_until(source: str, rows: Sequence[HolidayRow], *, fetched_on: date) -> date:
    """GOV.UK publishes whole years; a package computes further ones than anybody has proclaimed."""
    years = [{row.day.year for row in rows if row.division == division} for division in NATIONS]
    common = set.intersection(*years) if all(years) else {row.day.year for row in rows}
    if not common:
        return date.min
    last = max(common)
    return date(last if source == GOV_UK else min(last, fetched_on.year + YEARS_AHEAD), 12, 31)


def read_feed(given: Any) -> list[HolidayRow]:
    """The rows of GOV.UK's bank-holidays.json. Raises FeedFault with all that is wrong."""
    if not isinstance(given, dict):
        raise FeedFault(["The file does not hold an object with the three divisions of GOV.UK."])
    faults: list[str] = []
    rows: list[HolidayRow] = []
    for name, division in FEED_DIVISIONS.items():
        part = given.get(name)
        events = part.get("events") if isinstance(part, dict) else None
        if not isinstance(events, list) or not events:
            faults.append(f"{name}: there is no list of events.")
            continue
        for number, event in enumerate(events, start=1):
            row = _read_event(event, division, f"{name}, event {number}", faults)
            rows += [row] if row else []
    if faults:
        raise FeedFault(faults)
    return [row for row in rows if row.day.weekday() < SATURDAY]


def _read_event(event: Any, division: str, where: str, faults: list[str]) -> HolidayRow | None:
    if not isinstance(event, dict):
        faults.append(f"{where}: it is not an object.")
        return None
    title, notes = event.get("title"), event.get("notes", "")
    problems = []
    if not isinstance(title, str) or not title.strip():
        problems.append(f"{where}: the title is missing.")
    elif len(title) > LONGEST_TITLE:
        problems.append(f"{where}: the title is longer than {LONGEST_TITLE} characters.")
    try:
        day = date.fromisoformat(str(event.get("date")))
    except ValueError:
        problems.append(f"{where}: {str(event.get('date'))[:20]!r} is not a date (2026-06-15).")
    if problems:
        faults.extend(problems)
        return None
    substitute = isinstance(notes, str) and notes.strip().lower() == SUBSTITUTE
    return HolidayRow(division=division, day=day, title=str(title).strip(), substitute=substitute)


def _in_order(lists: Mapping[str, object]) -> list[str]:
    return [source for source in PUBLISHED if source in lists] + sorted(set(lists) - set(PUBLISHED))


def _covered(rows: Iterable[HolidayRow]) -> set[tuple[str, int]]:
    return {(row.division, row.day.year) for row in rows}
