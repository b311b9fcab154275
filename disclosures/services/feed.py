"""The lists of bank holidays from outside, once a week: the package, and GOV.UK's own file where it can be reached."""

import json
import logging
from datetime import datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request

from django.conf import settings

from audit.asking import ask

from ..deadlines.sources import GOV_UK, PACKAGE, FeedFault, HolidayRow, read_feed
from ..models import HolidaySource
from .holidays import import_holidays, rows_of_the_package

logger = logging.getLogger(__name__)

EVERY = timedelta(days=7)
TIMEOUT_SECONDS = 10
LARGEST = 2 * 1024 * 1024


class FeedAway(Exception):
    """GOV.UK's file cannot be had just now; the text says why."""


def refresh_holidays(*, now: datetime) -> None:
    """Imports both lists. Without the network, or with a file that is none, the package's alone, and the log says so."""
    import_holidays(rows=rows_of_the_package(), source=PACKAGE, actor=None, now=now)
    if not settings.HOLIDAYS_URL:
        return
    try:
        rows = fetch_feed(url=settings.HOLIDAYS_URL)
    except (FeedAway, FeedFault) as error:
        logger.warning("The list of GOV.UK was not imported: %s", error)
        return
    import_holidays(rows=rows, source=GOV_UK, actor=None, now=now)


def refresh_if_stale(*, now: datetime) -> bool:
    """For the loop that does without a broker: True if a week had passed and the lists were imported."""
    if HolidaySource.objects.filter(ref=PACKAGE, fetched_at__gt=now - EVERY).exists():
        return False
    refresh_holidays(now=now)
    return True


def fetch_feed(*, url: str) -> list[HolidayRow]:
    """The rows of GOV.UK's file. Raises FeedAway or, for what is no list of bank holidays, FeedFault."""
    if urlsplit(url).scheme != "https":
        raise FeedAway("its address does not begin with https.")
    asked = Request(url, headers={"Accept": "application/json"})  # noqa: S310 -- https, as the line above demands
    try:
        with ask(asked, timeout=TIMEOUT_SECONDS) as answer:
            body = answer.read(LARGEST + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise FeedAway(f"it cannot be reached ({type(error).__name__}).") from None
    return read_list(content=body)


def read_file(*, path: Path) -> list[HolidayRow]:
    """The rows of a file that somebody fetched by hand. Raises FeedAway or FeedFault."""
    try:
        with path.open("rb") as file:
            body = file.read(LARGEST + 1)
    except OSError as error:
        raise FeedAway(f"{path} cannot be read: {error.strerror}.") from None
    return read_list(content=body)


def read_list(*, content: bytes) -> list[HolidayRow]:
    if len(content) > LARGEST:
        raise FeedFault(["The file is larger than 2 MB and cannot be a list of bank holidays."])
    try:
        given = json.loads(content)
    except (ValueError, RecursionError):
        raise FeedFault(["The file is not JSON."]) from None
    return read_feed(given)
