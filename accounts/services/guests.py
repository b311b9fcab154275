"""An approver for some weeks, when too few are left: named by the head of legal, and always with an end."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import get_current_timezone, localdate

from audit.entries import Actor, append

from ..models import Membership, User
from ..roles import Role
from ..selectors import controller, roles_of
from .common import Refused, changed
from .memberships import check_not_held_twice

LONGEST_DAYS = 92


@transaction.atomic(durable=True)
def invite_guest_approver(*, user: User, last_day: date, actor: User, now: datetime) -> Membership:
    """From now to the end of a London day, at most three months off. Raises Refused."""
    if Role.HEAD_OF_LEGAL not in roles_of(actor, now):
        raise Refused("Only the head of legal names a guest approver.")
    if user == actor:
        raise Refused("Nobody gives themselves a role. Ask an administrator.")
    if Role.ADMIN in roles_of(user, now):
        raise Refused(f"{user} is an administrator, and an administrator does not approve.")
    today = localdate(now)
    if not today <= last_day <= today + timedelta(days=LONGEST_DAYS):
        raise Refused("A guest approves from today on, and for three months at the most.")
    company = controller()
    until = _end_of(last_day)
    check_not_held_twice(
        user=user, organisation=company, role=Role.APPROVER, valid_from=now, valid_until=until
    )
    row = Membership.objects.create(
        user=user, organisation=company, role=Role.APPROVER, valid_from=now, valid_until=until
    )
    detail = {
        "user": user.ref, "organisation": company.ref, "role": str(Role.APPROVER), "from": now.isoformat(),
        "until": until.isoformat(),
    }  # fmt: skip
    append(
        event="membership.granted",
        actor=Actor(actor.ref, Role.HEAD_OF_LEGAL),
        obj=changed(row),
        detail=detail,
    )
    return row


def _end_of(day: date) -> datetime:
    """The first instant after the London day."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=get_current_timezone())
