"""Health is progress: not whether a process lives, but whether what was due has been done.

/healthz: this process answers; for whoever restarts it. /readyz: the database answers, no promise is overdue,
no entry of the log waits for its place, its checkpoints leave the house, and the virus scanner answers where there is
one; for whoever is called when it says 503. Neither tells how much.
Anybody may ask, so nothing restricted is in the answer: the sealed log shows by its heartbeat that it goes on.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit import outside
from audit.models import Log
from audit.sequencer import HEARTBEAT_SECONDS
from disclosures import outbox
from disclosures.documents import malware

# The sweep comes every 30 s, the sequencer every 5 s: these are many rounds missed.
PROMISE_LATE = timedelta(minutes=5)
ENTRY_LATE = timedelta(minutes=2)
HEARTBEAT_LATE = timedelta(seconds=HEARTBEAT_SECONDS) + ENTRY_LATE

# What has no index yet was written by the last indexed transaction or a later one.
OLDEST_UNSEQUENCED = """
SELECT min(e.at) FROM audit_entry e
WHERE e.log = 'main' AND e.xid >= coalesce(
        (SELECT last.xid FROM audit_leaf l JOIN audit_entry last ON last.id = l.entry_id
         WHERE l.log = 'main' ORDER BY l.index DESC LIMIT 1), '0'::xid8)
    AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = e.id)
"""

# It comes at fixed times, whatever else there is to write.
LAST_HEARTBEAT = """
SELECT e.at FROM audit_entry e
WHERE e.log = 'sealed' AND e.event = 'log.heartbeat' AND EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = e.id)
ORDER BY e.at DESC LIMIT 1
"""
VERDICTS = ("ok", "late")
NOT_SCANNED = "not scanned"


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    found = progress(timezone.now())
    return JsonResponse(found, status=200 if set(found.values()) <= {"ok", NOT_SCANNED} else 503)


def progress(now: datetime) -> dict[str, str]:
    """Per part: "ok", "late", or "down" for a database or a scanner that does not answer; files are "not scanned"
    where there is no scanner, and nobody is called for that."""
    try:
        promise = outbox.oldest_overdue(now=now)
        entry, beat = (_instant(query) for query in (OLDEST_UNSEQUENCED, LAST_HEARTBEAT))
        copies = _copies(now)
    except DatabaseError:
        return {"database": "down"}
    return {
        "database": "ok",
        "promises": _verdict(promise, now - PROMISE_LATE),
        "log": max(
            _verdict(entry, now - ENTRY_LATE), _verdict(beat, now - HEARTBEAT_LATE), key=VERDICTS.index
        ),
        **copies,
        "files": _files(),
    }


def _files() -> str:
    if not settings.CLAMD:
        return NOT_SCANNED
    return "ok" if malware.answers() else "down"


def _copies(now: datetime) -> dict[str, str]:
    """Whether the log's checkpoints leave the house, as they are set to; nothing where nothing is set."""
    if not outside.is_arranged():
        return {}
    last = outside.last_left(Log.MAIN)
    late = last is None or last.at < now - outside.LEAVE_WITHIN
    witnesses = outside.late_witnesses(Log.MAIN, now)
    return {
        "copies": "late" if late and outside.newest(Log.MAIN) else "ok",
        "witnesses": "late" if witnesses else "ok",
    }


def _verdict(oldest: datetime | None, limit: datetime) -> str:
    return "late" if oldest is not None and oldest < limit else "ok"


def _instant(query: str) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return row[0] if row else None
