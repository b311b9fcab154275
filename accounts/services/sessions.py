"""Ending sessions of one's own: the browser that is meant must sign in again, and the log says so."""

from collections.abc import Collection

from allauth.usersessions.models import UserSession
from django.db import transaction

from audit.entries import Actor, append
from audit.middleware import digest_of

from ..models import User
from .common import seen


@transaction.atomic(durable=True)
def end_sessions(*, user: User, session_ids: Collection[int], current_key: str) -> int:
    """Ends those of the person's sessions, never the current one. Answers how many there were."""
    found = UserSession.objects.filter(user=user, pk__in=session_ids).exclude(session_key=current_key)
    ended = list(found.select_for_update())
    for session in ended:
        digest = digest_of(session.session_key)
        session.end()
        append(
            event="session.revoked",
            actor=Actor(user.ref),
            obj=seen(user),
            detail={"ended": digest},
        )
    return len(ended)
