"""One-off days: what an administrator enters or strikes out in the table of bank holidays, with the reason."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from accounts.days import in_full
from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of
from audit.nudge import nudge as nudge_sequencer

from ..deadlines.calendars import NATION_WORDS
from ..deadlines.sources import HAND
from ..models import BankHoliday, CalendarRun
from ..selectors import NotThere
from .calendars import hold_the_calendar
from .holidays import YEARS, save_holiday, told
from .recalculating import begin_run

SATURDAY = 5
LONGEST_TITLE = 120
LONGEST_REASON = 200


class DayRefused(Exception):
    """The day cannot be entered or struck out; `sentences` are all the reasons."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(" ".join(self.sentences))


@transaction.atomic(durable=True)
def enter_day_off(
    *, division: str, day: date, title: str, reason: str, actor: User, now: datetime
) -> CalendarRun:
    """Makes a day a bank holiday of one part of the UK, or a closure of the company, and begins the run.

    Raises NotThere for anybody but an administrator, DayRefused with all that is wrong.
    """
    _demand_administrator(actor, now)
    hold_the_calendar()
    found = BankHoliday.objects.select_for_update(no_key=True).filter(division=division, date=day).first()
    if faults := [*_faults_of(division, day, title, found), *_faults_of_reason(reason)]:
        raise DayRefused(faults)
    holiday = found or BankHoliday(
        ref=f"{division}-{day.isoformat()}", division=division, date=day, version=0
    )
    holiday.title, holiday.substitute, holiday.withdrawn_at = title.strip(), False, None
    return _keep(holiday, reason, actor, now)


@transaction.atomic(durable=True)
def strike_out_day(*, ref: str, reason: str, actor: User, now: datetime) -> CalendarRun:
    """Makes a bank holiday a working day again; no import brings it back. Raises as `enter_day_off` does."""
    _demand_administrator(actor, now)
    hold_the_calendar()
    holiday = BankHoliday.objects.select_for_update(no_key=True).filter(ref=ref).first()
    if holiday is None:
        raise NotThere
    faults = _faults_of_reason(reason)
    if holiday.withdrawn_at is not None:
        faults.append("This day is struck out already.")
    if faults:
        raise DayRefused(faults)
    holiday.withdrawn_at = now
    return _keep(holiday, reason, actor, now)


def _keep(holiday: BankHoliday, reason: str, actor: User, now: datetime) -> CalendarRun:
    holiday.source, holiday.reason, holiday.imported_at = HAND, reason.strip(), now
    save_holiday(holiday=holiday, actor=actor, now=now, role=Role.ADMIN)
    nudge_sequencer()
    return begin_run(changes=[told(holiday=holiday)], actor=actor, now=now)


def _demand_administrator(actor: User, now: datetime) -> None:
    if Role.ADMIN not in roles_of(actor, now):
        raise NotThere


def _faults_of(division: str, day: date, title: str, found: BankHoliday | None) -> list[str]:
    faults = []
    if division not in BankHoliday.Division.values:
        faults.append("Choose the part of the United Kingdom.")
    if day.year not in YEARS:
        faults.append(f"The day must lie between {YEARS[0]} and {YEARS[-1]}.")
    if day.weekday() >= SATURDAY:
        faults.append(
            f"{in_full(day)} is at the weekend and does not count anyway. Enter the substitute day."
        )
    if found and found.withdrawn_at is None:
        where = NATION_WORDS.get(division, "the company's own closures")
        faults.append(f"{in_full(day)} is a day off already: {found.words}, {where}.")
    if not title.strip():
        faults.append("Give the day its name.")
    elif len(title.strip()) > LONGEST_TITLE:
        faults.append(f"The name has at most {LONGEST_TITLE} characters.")
    return faults


def _faults_of_reason(reason: str) -> list[str]:
    if not reason.strip():
        return ["Say where it is proclaimed or who decided it."]
    if len(reason.strip()) > LONGEST_REASON:
        return [f"The reason has at most {LONGEST_REASON} characters."]
    return []
