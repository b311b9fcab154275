"""The calendars for whoever asks about a date outside a request: from the table, or as packaged without one."""

from dataclasses import dataclass
from datetime import date

from django.db import DatabaseError, InterfaceError

from accounts.models import Organisation

from ..deadlines.asking import HOUSE
from ..deadlines.calendars import ANY_PART_OF_UK, NATIONS, Calendar, Holiday, calendar_of
from ..deadlines.sources import PACKAGE, SOURCE_WORDS, published_until
from ..models import BankHoliday
from .calendars import calendar_for
from .holidays import rows_of_the_package


@dataclass(frozen=True, slots=True)
class Calendars:
    """`words`: where the bank holidays come from, for the reader."""

    by_scheme: dict[str, Calendar]
    words: str


def calendars_to_ask(*, today: date) -> Calendars:
    """By scheme, the house's own calendar among them."""
    try:
        if BankHoliday.objects.filter(withdrawn_at=None).exists():
            return _of_the_table()
        why = "the table of this site is empty"
    except (DatabaseError, InterfaceError):
        why = "the table of this site cannot be reached"
    return _of_the_package(today, why)


def _of_the_table() -> Calendars:
    by_scheme = {scheme: calendar_for(scheme) for scheme in (*NATIONS, ANY_PART_OF_UK)}
    company = Organisation.objects.filter(kind=Organisation.Kind.CONTROLLER).order_by("pk").first()
    by_scheme[HOUSE] = calendar_for(company.nation if company else NATIONS[0], closures=True)
    return Calendars(by_scheme, "the table of this site")


def _of_the_package(today: date, why: str) -> Calendars:
    rows = rows_of_the_package()
    found = [
        Holiday(
            division=row.division,
            day=row.day,
            title=f"{row.title} (substitute day)" if row.substitute else row.title,
            source=SOURCE_WORDS[PACKAGE],
        )
        for row in rows
    ]
    until = published_until(PACKAGE, rows, fetched_on=today)
    by_scheme = {
        scheme: calendar_of(scheme, found, published_until=until) for scheme in (*NATIONS, ANY_PART_OF_UK)
    }
    by_scheme[HOUSE] = by_scheme[NATIONS[0]]
    return Calendars(by_scheme, f"the package holidays ({why})")
