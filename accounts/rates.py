"""How often one account may search and take files out from one source.

Counted by (account, source) like wrong sign-ins, so that nobody uses up what somebody else may do; kept as digests,
in the database, so that all processes count together.
"""

from datetime import UTC, datetime
from typing import cast

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from audit.entries import Actor, append

from .lockout import keyed_digest, source_of
from .models import User
from .services import seen

COUNT = """
    INSERT INTO accounts_usecount (kind, who, began_at, times) VALUES (%s, %s, %s, 1)
    ON CONFLICT (kind, who) DO UPDATE SET
        times = CASE WHEN accounts_usecount.began_at = excluded.began_at THEN accounts_usecount.times + 1 ELSE 1 END,
        began_at = excluded.began_at
    RETURNING times
"""


class TooMany(Exception):
    """More of this kind than one may, until `seconds` have passed. The middleware answers it."""

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


def count_use(request: HttpRequest, kind: str) -> None:
    """Counts one more. Raises TooMany beyond the limit of `settings.RATES`, and tells the log the first time."""
    most, seconds = settings.RATES[kind]
    now = int(timezone.now().timestamp())
    began = now - now % seconds
    user = cast(User, request.user)
    who = keyed_digest("use", f"{user.ref}\0{source_of(request) or ''}")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(COUNT, [kind, who, datetime.fromtimestamp(began, UTC)])
        (times,) = cursor.fetchone()
        if times == most + 1:
            append(event="use.limited", actor=Actor(user.ref), obj=seen(user), detail={"kind": kind})
    if times > most:
        raise TooMany(began + seconds - now)


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response.headers["Retry-After"] = str(seconds)
    return response
