"""Who on call was rung for an emergency, and whether anybody is left to be rung."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import CompanyProfile, OnCall, User
from accounts.selectors import on_call_list

from ..models import CallAttempt, Request
from ..permissions import who_may
from ..states import Perm

Result = CallAttempt.Result


@dataclass(frozen=True, slots=True)
class Ring:
    """Somebody to be rung, and the attempts so far, the latest first."""

    on_call: OnCall
    attempts: tuple[CallAttempt, ...]

    @property
    def is_tried(self) -> bool:
        return bool(self.attempts)

    @property
    def comes(self) -> bool:
        return self.is_tried and self.attempts[0].result == Result.COMES


def rings(request: Request, *, actor: User | None, now: datetime) -> list[Ring]:
    """The list of tonight without the one who rings and without whoever may not know of this request."""
    able = {user.pk for user in who_may(request=request, perm=Perm.VIEW, now=now)}
    attempts: dict[int, list[CallAttempt]] = {}
    for attempt in CallAttempt.objects.filter(request=request).select_related("recorded_by").order_by("-id"):
        attempts.setdefault(attempt.on_call_id, []).append(attempt)
    return [
        Ring(row, tuple(attempts.get(row.pk, ())))
        for row in on_call_list(now)
        if row.user_id in able and (actor is None or row.user_id != actor.pk)
    ]


def is_exhausted(request: Request, actor: User | None, now: datetime) -> bool:
    """Everybody was rung and nobody comes. A list with nobody on it was never rung through."""
    if not on_call_list(now):
        return False
    return all(ring.is_tried and not ring.comes for ring in rings(request, actor=actor, now=now))


def lone_release_allowed() -> bool:
    return CompanyProfile.objects.filter(lone_release_allowed=True).exists()
