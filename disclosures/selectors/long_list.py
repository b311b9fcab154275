"""The people of a request that names too many for a form: a page of them, or one; the view entry is written first."""

from collections.abc import Sequence
from datetime import datetime

from accounts.models import User

from ..models import Request, Subject
from . import NotThere
from .opening import Opened, open_parts
from .work import PeoplePage, people_listed


def open_people(
    request: Request, *, after: int, actor: User, now: datetime
) -> tuple[PeoplePage, Sequence[Opened]]:
    """The page behind the position `after`, by position."""
    page = people_listed(request, after=after)
    rows = Subject.objects.filter(request=request, pk__in=page.people).order_by("position")
    return page, open_parts(request, list(rows), actor=actor, now=now)


def open_person(request: Request, position: int, *, actor: User, now: datetime) -> Opened:
    """Raises NotThere where nobody stands there."""
    row = Subject.objects.filter(request=request, position=position).first()
    if row is None:
        raise NotThere
    (opened,) = open_parts(request, [row], actor=actor, now=now)
    return opened
