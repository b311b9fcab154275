"""Mails about the calendar, standing compartments, clearances and notices to the person, one promise for each person; what they may name is asked at the moment of sending."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.days import in_full
from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of

from ..deadlines.calendars import london_day
from ..deadlines.rules import PURPOSE_WORDS, REMINDER_WORDS, Purpose, Threshold
from ..models import (
    AccessRequest,
    CalendarRun,
    CellMember,
    CompartmentMember,
    Deadline,
    Request,
    SubjectNotice,
)
from ..notifications import Payload, envelope
from ..permissions import may
from ..selectors.accounting import HANDS
from ..selectors.cells import cells_kept_by
from ..selectors.doors import visible_to
from ..selectors.holidays import open_differences
from ..selectors.interception import clearances_ending_soon, keeps_the_cleared
from ..states import Perm

MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class MovedLine:
    reference: str
    clock: str
    was_on: date | None
    due_on: date | None


def message(*, topic: str, payload: Payload, key: str, now: datetime) -> EmailMessage | None:
    """The mail, or None where there is nothing to tell this person any more."""
    user = User.objects.filter(pk=payload["user"], is_active=True).first()
    text = TOPICS[topic](user, payload, now) if user else ""
    return envelope(user, text, key) if user and text else None


def _moved(user: User, payload: Payload, now: datetime) -> str:
    """Of what the run moved, that which this person has, or which nobody has and a handler sees."""
    run = CalendarRun.objects.get(pk=payload["run"])
    nobodys = Q(request__assignee=None) if Role.HANDLER in roles_of(user, now) else Q()
    named = CompartmentMember.objects.valid_at(now).filter(user=user).values("request")
    mine = Q(request__assignee=user) | Q(request__assignee=None, request__in=named)
    if nobodys:
        mine |= nobodys
    rows = (
        Deadline.objects.filter(mine, moved_by=run, stopped_at=None, request__in=visible_to(user, now))
        .select_related("request")
        .order_by("due_at", "id")
    )
    lines = [
        MovedLine(row.request.reference, PURPOSE_WORDS[Purpose(row.purpose)], row.moved_from_on, row.due_on)
        for row in rows[: MOST_LINES + 1]
    ]
    if not lines:
        return ""
    context = {
        "days": [{**row, "day": date.fromisoformat(row["day"])} for row in run.changes],
        "lines": lines[:MOST_LINES],
        "more": len(lines) > MOST_LINES,
        "address": _address("disclosures:my-queue"),
    }
    return render_to_string("mail/calendar_moved.txt", context)


def _differs(user: User, _payload: Payload, now: datetime) -> str:
    """All that the sources disagree on today: one that was settled meanwhile is not told."""
    if not roles_of(user, now) & {Role.ADMIN, Role.HEAD_OF_LEGAL}:
        return ""
    found = open_differences(now)
    context = {"differences": found, "address": _address("disclosures:holidays")}
    return render_to_string("mail/holiday_differs.txt", context) if found else ""


def _lapsed(user: User, payload: Payload, now: datetime) -> str:
    """Nobody is named: who keeps the cell reads that on its page."""
    cell = CellMember.Cell(str(payload["cell"]))
    if cell not in cells_kept_by(user, now):
        return ""
    context = {"cell": cell.label, "address": _address("disclosures:cells")}
    return render_to_string("mail/cell_lapsed.txt", context)


def _clearance_ends(user: User, payload: Payload, now: datetime) -> str:
    """Nobody is named, and nothing is told of one that was ended, has run out or has its successor."""
    row = clearances_ending_soon(now).filter(pk=payload["clearance"]).first()
    if row is None or not keeps_the_cleared(user, now):
        return ""
    last_day = in_full(london_day(row.valid_until - timedelta(microseconds=1)))
    context = {"last_day": last_day, "address": _address("disclosures:interception")}
    return render_to_string("mail/interception_ends.txt", context)


def _proposed(user: User, payload: Payload, now: datetime) -> str:
    """Overtaken where it was answered, and nothing to somebody who may not see the request any more."""
    request = Request.objects.get(pk=payload["request"])
    newest = SubjectNotice.objects.filter(request=request).order_by("-id").first()
    waits = newest is not None and newest.what == SubjectNotice.What.PROPOSED
    if not waits or not may(user, request.reference, Perm.RECORD, now):
        return ""
    where = reverse("disclosures:telling", args=[request.reference])
    context = {"reference": request.reference, "address": urljoin(settings.PUBLIC_URL, where)}
    return render_to_string("mail/notice_proposed.txt", context)


def _access_reminder(user: User, payload: Payload, now: datetime) -> str:
    return _of_access(user, payload, now, REMINDER_WORDS[Threshold(str(payload["threshold"]))])


def _access_moved(user: User, payload: Payload, now: datetime) -> str:
    return _of_access(user, payload, now, "the bank holidays changed, and its day with them")


def _of_access(user: User, payload: Payload, now: datetime, words: str) -> str:
    """Overtaken where it was answered or closed, or is due on another day; nothing to who works none any more."""
    access = AccessRequest.objects.get(pk=payload["access"])
    if access.ended_at or str(access.due_on) != payload["due_on"] or not roles_of(user, now) & HANDS:
        return ""
    context = {
        "reference": access.ref,
        "words": words,
        "due_on": access.due_on,
        "address": urljoin(settings.PUBLIC_URL, reverse("disclosures:access-request", args=[access.ref])),
    }
    return render_to_string("mail/access_reminder.txt", context)


def _address(name: str) -> str:
    return urljoin(settings.PUBLIC_URL, reverse(name))


TOPICS: Mapping[str, Callable[[User, Payload, datetime], str]] = {
    "calendar.moved": _moved,
    "holiday.differs": _differs,
    "cell.lapsed": _lapsed,
    "notice.proposed": _proposed,
    "access.reminder": _access_reminder,
    "access.moved": _access_moved,
    "interception.ends": _clearance_ends,
}
