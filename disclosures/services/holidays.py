"""The table of bank holidays: ours, filled from a source, every change of it in the log."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import holidays
from django.db import transaction

from accounts.models import User
from audit.entries import SYSTEM, Actor, Changed, append

from ..models import BankHoliday

PACKAGE = "holidays"
SUBDIVISIONS = {"EW": "ENG", "SC": "SCT", "NI": "NIR"}
YEARS = range(2012, 2031)
SUBSTITUTE = " (observed)"
SATURDAY = 5


@dataclass(frozen=True, kw_only=True)
class HolidayRow:
    division: str
    day: date
    title: str
    substitute: bool


@dataclass(frozen=True, kw_only=True)
class Imported:
    changed: int
    withdrawn: int


def rows_of_the_package() -> list[HolidayRow]:
    """What the package knows of each part of the UK. Days that fall on a weekend are no bank holidays."""
    return [
        HolidayRow(
            division=division,
            day=day,
            title=title.removesuffix(SUBSTITUTE),
            substitute=title.endswith(SUBSTITUTE),
        )
        for division, subdivision in SUBDIVISIONS.items()
        for day, title in sorted(
            holidays.country_holidays("GB", subdiv=subdivision, years=YEARS, language="en_GB").items()
        )
        if day.weekday() < SATURDAY
    ]


@transaction.atomic(durable=True)
def import_holidays(
    *, rows: Iterable[HolidayRow], source: str, actor: User | None, now: datetime
) -> Imported:
    """Makes the table agree with the source, one entry for each row that is new or different.

    A day that the source itself gave earlier and no longer lists, in a year and division that it still
    covers, is withdrawn; days from elsewhere stay. A second run changes nothing.
    """
    given = {(row.division, row.day): row for row in rows}
    held = {(h.division, h.date): h for h in BankHoliday.objects.select_for_update(no_key=True)}
    covered = {(division, day.year) for division, day in given}
    changed = sum(_record(held.get(place), row, source, actor, now) for place, row in given.items())
    gone = [
        holiday
        for (division, day), holiday in held.items()
        if holiday.source == source
        and holiday.withdrawn_at is None
        and (division, day.year) in covered
        and (division, day) not in given
    ]
    for holiday in gone:
        holiday.withdrawn_at = now
        _save(holiday, actor, now)
    return Imported(changed=changed, withdrawn=len(gone))


def _record(
    held: BankHoliday | None, row: HolidayRow, source: str, actor: User | None, now: datetime
) -> bool:
    holiday = held or BankHoliday(
        ref=f"{row.division}-{row.day.isoformat()}", division=row.division, date=row.day, version=0
    )
    same = (holiday.title, holiday.substitute, holiday.withdrawn_at) == (row.title, row.substitute, None)
    if held and same:
        return False
    holiday.title, holiday.substitute, holiday.withdrawn_at = row.title, row.substitute, None
    holiday.source, holiday.imported_at = source, now
    _save(holiday, actor, now)
    return True


def _save(holiday: BankHoliday, actor: User | None, now: datetime) -> None:
    holiday.version += 1
    holiday.save()
    append(
        event="holiday.changed",
        actor=Actor(actor.ref) if actor else SYSTEM,
        obj=Changed("holiday", holiday.ref, holiday.version),
        detail={
            "as_of": now.isoformat(timespec="seconds"),
            "source": holiday.source,
            "title": holiday.title,
            "substitute": holiday.substitute,
            "withdrawn": holiday.withdrawn_at is not None,
        },
    )
