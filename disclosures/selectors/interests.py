"""The day on which the weighing of a legitimate interest is looked at again, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import localdate

from accounts.days import british
from accounts.models import User
from accounts.roles import Role

from ..catalogue import Tests
from ..models import Assessment, InterestReview, Request
from ..permissions import roles_on
from ..states import Outcome
from ..workflow import OPEN_STATES
from .opening import Opened, open_parts

REVIEWERS = frozenset({Role.HANDLER, Role.DPO, Role.HEAD_OF_LEGAL})
GIVEN = (Outcome.DISCLOSED_FULL, Outcome.DISCLOSED_PART)
# What nobody looked at in so many days is not called out any more; nothing new rests on it all the same.
CALLED_OUT_FOR = timedelta(days=90)


def may_review(user: User, request: Request, now: datetime) -> bool:
    return bool(REVIEWERS & roles_on(user, request, now))


def weighing_of(request: Request) -> Assessment | None:
    """The latest, if it weighed a legitimate interest and has a day for the next look."""
    row = Assessment.objects.filter(request=request).order_by("-round").first()
    return row if row is not None and row.tests == Tests.LEGITIMATE and row.review_on else None


def lapsed_on(row: Assessment | None, now: datetime) -> str:
    """The day in words, once it has passed; on the day itself it still holds."""
    if row is None or row.tests != Tests.LEGITIMATE or row.review_on is None:
        return ""
    return british(row.review_on) if row.review_on < localdate(now) else ""


def fell(row: Assessment | None) -> bool:
    """Found not to stand, and not answered anew since. Asks nothing of requests that weigh no interest."""
    if row is None or row.tests != Tests.LEGITIMATE:
        return False
    newest = InterestReview.objects.filter(assessment=row).order_by("-id").first()
    return newest is not None and not newest.stands and newest.reviewed_at >= row.recorded_at


def weighings_to_look_at(today: date) -> QuerySet[Assessment]:
    """Those whose day has come, of requests that are open or gave something; not those found not to stand."""
    later = Assessment.objects.filter(request=OuterRef("request"), round__gt=OuterRef("round"))
    fallen = InterestReview.objects.filter(assessment=OuterRef("pk"), stands=False)
    due = Assessment.objects.filter(
        tests=Tests.LEGITIMATE.value, review_on__lte=today, review_on__gt=today - CALLED_OUT_FOR
    )
    concerned = due.filter(request__state__in=OPEN_STATES) | due.filter(request__outcome__in=GIVEN)
    return concerned.filter(~Exists(later), ~Exists(fallen)).order_by("review_on", "id")


@dataclass(frozen=True, slots=True)
class InterestPage:
    """`weighing` is None where no interest was weighed; `reviews` the latest first."""

    weighing: Opened | None
    reviews: Sequence[Opened]
    lapsed_on: str


def open_interests(request: Request, *, actor: User, now: datetime) -> InterestPage:
    """For somebody who may see the request; writes the view entry."""
    row = weighing_of(request)
    reviews = InterestReview.objects.filter(request=request).select_related("reviewed_by").order_by("-id")
    rows = [*([row] if row else []), *reviews]
    opened = open_parts(request, rows, actor=actor, now=now)
    return InterestPage(
        weighing=opened[0] if row else None,
        reviews=opened[1:] if row else opened,
        lapsed_on=lapsed_on(row, now),
    )
