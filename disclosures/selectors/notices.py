"""What waits to be noticed by one person; of what they may not see any more, nothing and not even a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User

from ..models import PersonalNotice, Request, Watch
from .doors import visible_to

ROWS = 30
MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class NoticePage:
    """`newest` is the last one shown: reading ends there. `before` is where the next page begins."""

    rows: Sequence[PersonalNotice]
    newest: int
    before: int | None
    watched: Sequence[Request]


def unread_of(user: User, now: datetime) -> int:
    """Up to MOST_COUNTED. Who has none costs one look-up in an index, and nothing more is asked."""
    waiting = PersonalNotice.objects.filter(user=user, read_at=None)
    about = set(waiting.values_list("request_id", flat=True).distinct()[:MOST_COUNTED])
    if not about:
        return 0
    seen = visible_to(user, now).filter(pk__in=about).values("pk")
    return waiting.filter(request__in=seen)[:MOST_COUNTED].count()


def notice_page(user: User, now: datetime, before: int | None) -> NoticePage:
    seen = visible_to(user, now)
    rows = PersonalNotice.objects.filter(user=user, request__in=seen.values("pk")).select_related("request")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: ROWS + 1])
    shown = found[:ROWS]
    watched = seen.filter(pk__in=Watch.objects.filter(user=user).values("request_id"))
    return NoticePage(
        rows=shown,
        newest=shown[0].pk if shown else 0,
        before=shown[-1].pk if len(found) > len(shown) else None,
        watched=list(watched.order_by("due_at", "id")[:ROWS]),
    )


def watches(user: User, request: Request) -> bool:
    return Watch.objects.filter(user=user, request=request).exists()
