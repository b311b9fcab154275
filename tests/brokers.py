"""The broker that a test points the bell at, and forgets again: one that is real, away or deaf."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from celery import current_app
from django.conf import settings

from audit import nudge as bell

PLACES = ("broker_url", "broker_write_url", "broker_read_url")


@contextmanager
def broker_at(url: str) -> Iterator[None]:
    """The application as it is with this broker's address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "CELERY_BROKER_URL", url)
        # As items: as attributes they would be put back as what they came to, and stay that for every later test.
        for place in PLACES:
            patch.setitem(current_app.conf.changes, place, url)
        # A test that met no broker while it stood at another time may have left the bell quiet until then.
        patch.setattr(bell.Bell, "quiet_until", 0.0)
        bell._connection.cache_clear()
        try:
            yield
        finally:
            bell._connection().release()
            bell._connection.cache_clear()
