"""Who is cleared for interception today, who keeps that list, and whose clearance runs out soon."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, QuerySet

from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from accounts.selectors import controller, holders, roles_of

from ..models import InterceptionClearance

ENDS_SOON = timedelta(days=30)
MOST_PAST = 50
NAMED = ("user", "given_by", "end__ended_by")


def keeps_the_cleared(user: User, now: datetime) -> bool:
    return Role.HEAD_OF_LEGAL in roles_of(user, now)


def keepers_of_the_cleared(now: datetime) -> list[User]:
    return list(holders(controller(), Role.HEAD_OF_LEGAL, now).order_by("display_name", "id"))


def cleared_today(now: datetime) -> list[User]:
    """Whoever may be handed an interception warrant, by name. A closed account, or one without any role here, does not count."""
    cleared = InterceptionClearance.objects.valid_at(now).filter(user=OuterRef("pk"))
    return list(User.objects.filter(Exists(cleared), _in_office(now)).order_by("display_name", "id"))


def staff_by_name(now: datetime) -> list[User]:
    return list(User.objects.filter(_in_office(now)).order_by("display_name", "id"))


def _in_office(now: datetime) -> Exists:
    return Exists(_roles_at(now).filter(user=OuterRef("pk")))


def _roles_at(now: datetime) -> QuerySet[Membership]:
    return Membership.objects.valid_at(now).filter(organisation__kind=Organisation.Kind.CONTROLLER)


def clearances_not_over(now: datetime) -> list[InterceptionClearance]:
    """Of today and to come, whoever ends first at the head; `in_office` says whether the person counts today."""
    rows = InterceptionClearance.objects.not_over(now).select_related(*NAMED).order_by("valid_until", "id")
    return list(rows.annotate(in_office=Exists(_roles_at(now).filter(user=OuterRef("user")))))


def clearances_over(now: datetime) -> list[InterceptionClearance]:
    """Those that have ended or run out, the newest first."""
    over = InterceptionClearance.objects.exclude(
        pk__in=InterceptionClearance.objects.not_over(now).values("pk")
    )
    return list(over.select_related(*NAMED).order_by("-id")[:MOST_PAST])


def clearances_ending_soon(now: datetime) -> QuerySet[InterceptionClearance]:
    """Those of people in office, given for longer than that and not followed by another one yet."""
    next_one = InterceptionClearance.objects.filter(
        user=OuterRef("user"), valid_until__gt=OuterRef("valid_until"), end=None
    )
    running = InterceptionClearance.objects.valid_at(now).filter(
        Exists(_roles_at(now).filter(user=OuterRef("user"))),
        ~Exists(next_one),
        valid_until__lte=now + ENDS_SOON,
        valid_until__gt=F("given_at") + ENDS_SOON,
    )
    return running.order_by("id")
