"""The table of bank holidays: ours, made of what the sources list and of what is entered here, every change logged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import holidays
from django.db import transaction

from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from audit.entries import SYSTEM, Actor, Changed, append

from .. import outbox
from ..deadlines.calendars import london_day
from ..deadlines.sources import (
    HAND,
    PACKAGE,
    Difference,
    HolidayRow,
    agreed,
    differences,
    horizon,
    published_until,
)
from ..models import BankHoliday, HolidaySource
from ..selectors.holidays import by_hand, lists
from .calendars import hold_the_calendar
from .recalculating import begin_run

SUBDIVISIONS = {"EW": "ENG", "SC": "SCT", "NI": "NIR"}
YEARS = range(2012, 2031)
SUBSTITUTE = " (observed)"
SATURDAY = 5

__all__ = ["PACKAGE", "HolidayRow", "Imported", "import_holidays", "rows_of_the_package"]


@dataclass(frozen=True, kw_only=True)
class Imported:
    changed: int
    withdrawn: int
    differences: int = 0


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
    """Keeps the source's list and makes the table agree with all lists, one entry for each row that changes.

    A day that no list has any more, in a year and division that one of them still covers, is withdrawn; what a
    person entered or struck out stays. A second run changes nothing. Days gained or lost move the open clocks.
    """
    hold_the_calendar()
    listed = sorted(set(rows))
    before = horizon(_horizons())
    _keep_list(listed, source, actor, now)
    listed_by = lists()
    wanted = agreed(listed_by)
    held = {(h.division, h.date): h for h in BankHoliday.objects.select_for_update(no_key=True)}
    days: list[dict[str, str]] = []
    changed = 0
    for place, (row, by) in wanted.items():
        changed += _record(held.get(place), row, by, actor, now, days)
    covered = {(row.division, row.day.year) for rows_of in listed_by.values() for row in rows_of}
    gone = [
        holiday
        for place, holiday in held.items()
        if holiday.source in listed_by
        and holiday.withdrawn_at is None
        and (holiday.division, holiday.date.year) in covered
        and place not in wanted
    ]
    for holiday in gone:
        holiday.withdrawn_at = now
        save_holiday(holiday=holiday, actor=actor, now=now)
        days.append(told(holiday=holiday))
    after = horizon(_horizons())
    if days or (before != after and before != date.min):
        begin_run(changes=days, actor=actor, now=now)
    found = differences(listed_by, by_hand(), since=london_day(now))
    _warn(found, now)
    return Imported(changed=changed, withdrawn=len(gone), differences=len(found))


def _warn(found: Iterable[Difference], now: datetime) -> None:
    """Once for each difference and person: whoever looks after the table, and the head of legal."""
    watching = Membership.objects.valid_at(now).filter(
        organisation__kind=Organisation.Kind.CONTROLLER, role__in=[Role.ADMIN, Role.HEAD_OF_LEGAL]
    )
    people = sorted(set(watching.values_list("user_id", flat=True)))
    for difference in found:
        for user in people:
            outbox.put(
                key=f"holiday:{difference.division}:{difference.day}:{difference.listed_by}:{user}",
                topic="holiday.differs",
                payload={"user": user},
                not_before=now,
            )


def _keep_list(rows: Sequence[HolidayRow], source: str, actor: User | None, now: datetime) -> None:
    until = published_until(source, rows, fetched_on=london_day(now))
    kept = HolidaySource.objects.select_for_update(no_key=True).filter(ref=source).first()
    kept = kept or HolidaySource(ref=source, version=0)
    kept.fetched_at, kept.published_until = now, until
    kept.days = [[row.division, row.day.isoformat(), row.title, row.substitute] for row in rows]
    kept.version += 1
    kept.save()
    append(
        event="holidays.fetched",
        actor=Actor(actor.ref) if actor else SYSTEM,
        obj=Changed("holiday_source", kept.ref, kept.version),
        detail={
            "as_of": now.isoformat(timespec="seconds"),
            "days": len(rows),
            "published_until": until.isoformat(),
        },
    )


def _horizons() -> dict[str, date]:
    return dict(HolidaySource.objects.values_list("ref", "published_until"))


def _record(
    held: BankHoliday | None,
    row: HolidayRow,
    source: str,
    actor: User | None,
    now: datetime,
    days: list[dict[str, str]],
) -> bool:
    """True if the row is new or different; a day that becomes a day off is added to `days`."""
    if held and held.source == HAND:
        return False
    holiday = held or BankHoliday(
        ref=_ref(row.division, row.day), division=row.division, date=row.day, version=0
    )
    same = (holiday.title, holiday.substitute, holiday.withdrawn_at) == (row.title, row.substitute, None)
    if held and same and held.source == source:
        return False
    gained = held is None or held.withdrawn_at is not None
    holiday.title, holiday.substitute, holiday.withdrawn_at = row.title, row.substitute, None
    holiday.source, holiday.imported_at = source, now
    save_holiday(holiday=holiday, actor=actor, now=now)
    if gained:
        days.append(told(holiday=holiday))
    return True


def told(*, holiday: BankHoliday) -> dict[str, str]:
    """The change as a run keeps it: a day gained or lost."""
    return {
        "division": holiday.division,
        "day": holiday.date.isoformat(),
        "title": holiday.words,
        "change": "LOST" if holiday.withdrawn_at else "GAINED",
    }


def _ref(division: str, day: date) -> str:
    return f"{division}-{day.isoformat()}"


def save_holiday(*, holiday: BankHoliday, actor: User | None, now: datetime, role: str = "") -> None:
    holiday.version += 1
    holiday.save()
    append(
        event="holiday.changed",
        actor=Actor(actor.ref, role) if actor else SYSTEM,
        obj=Changed("holiday", holiday.ref, holiday.version),
        detail={
            "as_of": now.isoformat(timespec="seconds"),
            "source": holiday.source,
            "title": holiday.title,
            "substitute": holiday.substitute,
            "reason": holiday.reason,
            "withdrawn": holiday.withdrawn_at is not None,
        },
    )
