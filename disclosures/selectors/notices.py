"""What waits to be noticed by one person; of what they may not see any more, nothing and not even a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from accounts.models import Membership, RoleGroup, User
from accounts.statements import Statement

from ..models import Exclusion, PersonalNotice, Request, RequestGroupGrant, Watch
from ..permissions import named, permission_ids
from ..states import Perm
from .doors import visible_to

ROWS = 30
MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class NoticePage:
    """`newest` is the last one shown: reading ends there. `before` is where the next page begins."""

    rows: Sequence[PersonalNotice]
    newest: UUID | None
    before: UUID | None
    watched: Sequence[Request]


def unread_of(user: User, now: datetime) -> int:
    """Up to MOST_COUNTED, in one query: it stands on every page. The unread are few, so each is probed."""
    return len(UNREAD.rows(user=user.pk, permission=permission_ids()[Perm.VIEW], now=now))


def _unread(*, user: int, permission: int, now: datetime) -> QuerySet[PersonalNotice, tuple[int]]:
    view = {"content_object_id": OuterRef("request__reference"), "permission_id": permission}
    held = Membership.objects.valid_at(now).filter(user=user)
    groups = RoleGroup.objects.filter(
        organisation__memberships__in=held, role=F("organisation__memberships__role")
    )
    by_group = RequestGroupGrant.objects.filter(**view, group_id__in=groups.values("group_id"))
    by_name = named(user, now).filter(**view)
    excluded = Exclusion.objects.filter(user=user, request=OuterRef("request_id"))
    waiting = PersonalNotice.objects.filter(user=user, read_at=None)
    seen = waiting.filter(Exists(by_group) | Exists(by_name), ~Exists(excluded))
    return seen.values_list("pk")[:MOST_COUNTED]


UNREAD = Statement(_unread)


def notice_page(user: User, now: datetime, before: UUID | None) -> NoticePage:
    """`before`: the notice behind which the page begins; one that is not this person's begins at nothing."""
    seen = visible_to(user, now)
    rows = PersonalNotice.objects.filter(user=user, request__in=seen.values("pk")).select_related("request")
    if before is not None:
        mine = PersonalNotice.objects.filter(user=user, ref=before)
        rows = rows.filter(pk__lt=Subquery(mine.values("pk")))
    found = list(rows.order_by("-pk")[: ROWS + 1])
    shown = found[:ROWS]
    watched = seen.filter(pk__in=Watch.objects.filter(user=user).values("request_id"))
    return NoticePage(
        rows=shown,
        newest=shown[0].ref if shown else None,
        before=shown[-1].ref if len(found) > len(shown) else None,
        watched=list(watched.order_by("due_at", "id")[:ROWS]),
    )


def watches(user: User, request: Request) -> bool:
    return Watch.objects.filter(user=user, request=request).exists()
