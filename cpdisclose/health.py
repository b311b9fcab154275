"""Health is progress: not whether a process lives, but whether what was due has been done.

/healthz: this process answers; for whoever restarts it. /readyz: the database answers, no promise is overdue
and no entry of the log waits for its place; for whoever is called when it says 503. Neither tells how much.
"""

from datetime import datetime, timedelta

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit.models import Log
from disclosures import outbox

# The sweep comes every 30 s, the sequencer every 5 s: these are many rounds missed.
PROMISE_LATE = timedelta(minutes=5)
ENTRY_LATE = timedelta(minutes=2)

# What has no index yet was written by the last indexed transaction or a later one.
OLDEST_UNSEQUENCED = """
SELECT min(e.at) FROM audit_entry e
WHERE e.log = %s AND e.xid >= coalesce(
        (SELECT last.xid FROM audit_leaf l JOIN audit_entry last ON last.id = l.entry_id
         WHERE l.log = %s ORDER BY l.index DESC LIMIT 1), '0'::xid8)
    AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = e.id)
"""


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    found = progress(timezone.now())
    return JsonResponse(found, status=200 if set(found.values()) == {"ok"} else 503)


def progress(now: datetime) -> dict[str, str]:
    """Per part: "ok", "late", or "down" for a database that does not answer."""
    try:
        promise = outbox.backlog(now=now).oldest_due_at
        entries = [_oldest_unsequenced(log) for log in Log.values]
    except DatabaseError:
        return {"database": "down"}
    return {
        "database": "ok",
        "promises": _verdict(promise, now - PROMISE_LATE),
        "log": _verdict(min(filter(None, entries), default=None), now - ENTRY_LATE),
    }


def _verdict(oldest: datetime | None, limit: datetime) -> str:
    return "late" if oldest is not None and oldest < limit else "ok"


def _oldest_unsequenced(log: str) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(OLDEST_UNSEQUENCED, [log, log])
        oldest: datetime | None = cursor.fetchone()[0]
    return oldest
