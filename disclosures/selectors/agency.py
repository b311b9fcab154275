"""What the National Crime Agency was told of sharing in the regulated sector, and when its report is due."""

from collections.abc import Sequence
from datetime import date, datetime

from accounts.days import british
from accounts.models import User
from accounts.roles import Role

from ..catalogue import Instrument as Terms
from ..deadlines.rules import Purpose
from ..facts import AgencyFacts
from ..models import AgencyNotice, Deadline, Request
from ..permissions import roles_on
from .opening import Opened, open_parts

What = AgencyNotice.What
NOTIFIERS = frozenset({Role.MLRO, Role.HEAD_OF_LEGAL})


def may_notify(user: User, request: Request, now: datetime) -> bool:
    return bool(NOTIFIERS & roles_on(user, request, now))


def agency_facts(request: Request, terms: Terms | None) -> AgencyFacts:
    """Asks nothing of instruments that know no such notice."""
    if terms is None or not terms.notifies_agency:
        return AgencyFacts()
    latest: dict[str, date] = dict(
        AgencyNotice.objects.filter(request=request).order_by("id").values_list("what", "on")
    )
    clock = Deadline.objects.filter(request=request, purpose=Purpose.JOINT_REPORT).order_by("-id").first()
    reported = latest.get(What.REPORT, latest.get(What.NO_REPORT))
    notified = latest.get(What.NOTIFICATION)
    return AgencyFacts(
        notified_on=british(notified) if notified else "",
        reported_on=british(reported) if reported else "",
        report_due_on=british(clock.due_on) if clock and clock.due_on else "",
    )


def open_agency_notices(request: Request, *, actor: User, now: datetime) -> Sequence[Opened]:
    """The latest first; writes the view entry."""
    rows = AgencyNotice.objects.filter(request=request).select_related("recorded_by").order_by("-id")
    return open_parts(request, list(rows), actor=actor, now=now)
