"""Notices in the bar: for whoever has a request or watches it, and may see it. They never leave the house."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Subquery
from django.utils.timezone import localdate

from accounts.models import User
from accounts.selectors import absences_on

from ..models import PersonalNotice, Request, Watch
from ..permissions import who_may
from ..states import Perm


def tell_followers(request: Request, words: str, *, but: User | None, now: datetime) -> None:
    """One notice for each follower, in the caller's transaction; `but` did it and knows."""
    following = set(Watch.objects.filter(request=request).values_list("user_id", flat=True))
    if request.assignee_id:
        absence = absences_on(localdate(now)).get(request.assignee_id)
        following |= {request.assignee_id, *([absence.cover_id] if absence and absence.cover_id else [])}
    following -= {but.pk if but else None}
    if not following:
        return
    able = who_may(request=request, perm=Perm.VIEW, now=now)
    PersonalNotice.objects.bulk_create(
        PersonalNotice(user=user, request=request, words=words, made_at=now)
        for user in able
        if user.pk in following
    )


@transaction.atomic(durable=True)
def mark_notices_read(*, user: User, up_to: UUID, now: datetime) -> int:
    """Those the person was shown, and no later one. Their own page only; the log has what happened."""
    mine = PersonalNotice.objects.filter(user=user)
    last = Subquery(mine.filter(ref=up_to).values("pk"))
    shown = mine.filter(pk__lte=last, read_at=None, made_at__lte=now)
    return shown.update(read_at=now)
