"""Ending sessions of one's own: the browser that is meant must sign in again, and the log says so.

What is over by itself is forgotten as well: where somebody was signed in, and what waited there for a fresh proof.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef

from audit.entries import Actor, append
from audit.middleware import digest_of

from ..models import User
from .common import seen

JUST_BEGUN = timedelta(hours=1)


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


def forget_ended_sessions(*, now: datetime) -> None:
    """Sessions past their end, and of each that is not there any more its address and browser. Twice is as good as once."""
    Session.objects.filter(expire_date__lt=now).delete()
    there = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.filter(~Exists(there), created_at__lt=now - JUST_BEGUN).delete()
