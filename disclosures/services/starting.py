"""Where a clock of an instrument begins to count, and in whose calendar."""

from datetime import datetime

from accounts.selectors import controller

from ..catalogue import Instrument as Terms
from ..catalogue.time_rules import Start
from ..deadlines.calendars import ANY_PART_OF_UK, start_of
from ..models import Instrument, Request


def scheme_of(request: Request, terms: Terms) -> str:
    """Whose bank holidays: of the part of the UK, of any part of it, or of where the company is registered."""
    if terms.scheme == "ANY_UK":
        return ANY_PART_OF_UK
    return (controller().nation or request.nation) if terms.scheme == "REG" else request.nation


def start_in(request: Request, instrument: Instrument | None, start: Start) -> datetime | None:
    """Where the count begins; None where that day is not known."""
    if start is Start.RECEIVED:
        return request.received_at
    day = instrument and (instrument.made_on if start is Start.MADE else instrument.served_on)
    return start_of(day) if day else None
