"""One person of the demonstration is cleared for interception, so that whoever takes a warrant in is told a name."""

from collections.abc import Mapping
from datetime import datetime

from accounts.models import User

from .deadlines.calendars import end_of, london_day
from .deadlines.keeping import years_after
from .models import InterceptionClearance
from .services.interception import clear_for_interception


def clear_somebody(people: Mapping[str, User], now: datetime) -> InterceptionClearance:
    return clear_for_interception(
        person=people["lead"],
        vetting="Fictitious vetting, reference DEMO-1",
        until=end_of(years_after(london_day(now), 1)),
        actor=people["head"],
        now=now,
    )
