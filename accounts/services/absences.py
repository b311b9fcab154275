"""Leave, with its days and whoever covers: nobody's rights change by it, only what they are shown."""

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from audit.entries import Actor, append

from ..models import Absence, User
from ..roles import Role
from ..selectors import is_controller_staff, roles_of
from .common import Refused, changed, save

KEEPERS = frozenset({Role.TEAM_LEAD, Role.HEAD_OF_LEGAL})


def _may(actor: User, user: User, now: datetime) -> Actor:
    """Everybody says it of themselves; a team lead and the head of legal of anybody."""
    held = roles_of(actor, now)
    if actor != user and not held & KEEPERS:
        raise Refused("Only a team lead or the head of legal records somebody else's leave.")
    leading = sorted(held & KEEPERS)
    return Actor(actor.ref, role=leading[0] if leading else next(iter(sorted(held)), ""))


@transaction.atomic(durable=True)
def record_absence(
    *, user: User, cover: User | None, first_day: date, last_day: date, actor: User, now: datetime
) -> Absence:
    """London days, both included. Whoever covers must be of the desk and not away in these days."""
    by = _may(actor, user, now)
    if last_day < first_day:
        raise Refused("The last day lies before the first.")
    if last_day < localdate(now):
        raise Refused("These days are over. Leave is recorded for today or later.")
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if _away(user, first_day, last_day):
        raise Refused(f"{user} is down as away on some of these days already. Take that back first.")
    if cover is not None:
        if cover == user:
            raise Refused("Nobody covers for themselves.")
        if not is_controller_staff(cover, now):
            raise Refused(f"{cover} holds no role here and could not cover.")
        if _away(cover, first_day, last_day):
            raise Refused(f"{cover} is away on some of these days, too. Choose somebody else.")
    row = Absence.objects.create(user=user, cover=cover, first_day=first_day, last_day=last_day)
    save(user)
    detail = {"from": first_day.isoformat(), "to": last_day.isoformat(), "cover": cover.ref if cover else ""}
    append(event="user.absence_recorded", actor=by, obj=changed(user), detail=detail)
    return row


def _away(user: User, first_day: date, last_day: date) -> bool:
    return Absence.objects.filter(user=user, first_day__lte=last_day, last_day__gte=first_day).exists()


@transaction.atomic(durable=True)
def take_back_absence(*, absence_id: int, actor: User, now: datetime) -> None:
    """As if it had never been planned; the log keeps that it was."""
    row = Absence.objects.select_related("user").filter(pk=absence_id).first()
    if row is None:
        raise Refused("This leave was taken back already.")
    by = _may(actor, row.user, now)
    user = User.objects.select_for_update(no_key=True).get(pk=row.user_id)
    detail = {"from": row.first_day.isoformat(), "to": row.last_day.isoformat()}
    row.delete()
    save(user)
    append(event="user.absence_ended", actor=by, obj=changed(user), detail=detail)
