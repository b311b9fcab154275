"""Rings the sequencer's bell after a commit: `transaction.on_commit(nudge)`.

A broker that is away costs a step at most half a second, then nothing for a while.
"""

import logging
import time
from functools import lru_cache

from celery import current_app
from django.conf import settings
from kombu import Connection
from kombu.exceptions import LimitExceeded, OperationalError
from kombu.pools import producers
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

STALE_SECONDS = 5
# One attempt, well under a second: somebody is waiting for a page.
QUIET_SECONDS = 5.0
_IMPATIENT = {"max_retries": 0, "socket_connect_timeout": 0.4, "socket_timeout": 0.4}


class Bell:
    """Until when (monotonic) this process leaves a broken bell alone."""

    quiet_until = 0.0


def nudge() -> None:
    """Something was committed; let the sequencer look now."""
    ring("audit.sequence", queue="audit")


def ring(task: str, *, queue: str | None = None) -> None:
    """A courtesy: with the broker away nothing is lost, for whoever is rung also looks by itself."""
    if not settings.CELERY_BROKER_URL or time.monotonic() < Bell.quiet_until:
        return
    try:
        with producers[_connection()].acquire(block=True, timeout=0.1) as producer:
            current_app.send_task(task, queue=queue, expires=STALE_SECONDS, retry=False, producer=producer)
    except (OperationalError, LimitExceeded, RedisError):
        Bell.quiet_until = time.monotonic() + QUIET_SECONDS
        logger.warning("The broker is away; %s was not rung.", task)


@lru_cache(maxsize=1)
def _connection() -> Connection:
    return current_app.connection_for_write(transport_options=_IMPATIENT)
