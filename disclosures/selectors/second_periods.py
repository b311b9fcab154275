"""What the second periods of an instrument hang on, what is recorded of it, and what follows in words."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from accounts.days import british
from accounts.models import User

from ..catalogue import Instrument as Terms
from ..catalogue.second_periods import LATER_HAND_OVER, LATER_MATERIAL, REVIEW_REQUEST
from ..deadlines.calendars import london_day
from ..facts import LaterFacts
from ..models import Deadline, PeriodEvent, Request
from .opening import Opened, open_parts

What = PeriodEvent.What
# Which facts the clock of each purpose hangs on.
HANGS_ON: Mapping[str, tuple[What, ...]] = {
    LATER_MATERIAL: (What.COVERS_LATER, What.COVERS_HELD),
    LATER_HAND_OVER: (What.CAME_IN, What.HANDED_OVER),
    REVIEW_REQUEST: (What.REVIEW_ASKED,),
}
WITHOUT_DAY = HANGS_ON[LATER_MATERIAL]


def offered(terms: Terms | None) -> tuple[What, ...]:
    """What can be recorded of this instrument."""
    if terms is None:
        return ()
    return tuple(
        what for purpose, facts in HANGS_ON.items() if terms.second_period(purpose) for what in facts
    )


def covers_later(events: Iterable[PeriodEvent | Opened]) -> bool | None:
    """Whether the order covers what we do not hold yet; None while nobody has said."""
    answers = [row.what for row in events if row.what in WITHOUT_DAY]
    return answers[-1] == What.COVERS_LATER if answers else None


def outstanding(events: Iterable[PeriodEvent]) -> date | None:
    """The day of the earliest notification whose material was not handed over yet; the earliest is due first."""
    rows = list(events)
    told = sorted(row.on for row in rows if row.what == What.CAME_IN and row.on)
    handed = sum(row.what == What.HANDED_OVER for row in rows)
    return told[handed] if handed < len(told) else None


def later_facts(request: Request, terms: Terms | None, now: datetime) -> LaterFacts:
    """Asks nothing of instruments that have no such period."""
    if terms is None or terms.second_period(LATER_MATERIAL) is None:
        return LaterFacts()
    rows = Deadline.objects.filter(
        request=request, stopped_at=None, purpose__in=[LATER_MATERIAL, LATER_HAND_OVER]
    )
    clocks = {row.purpose: row for row in rows}
    window, due = clocks.get(LATER_MATERIAL), clocks.get(LATER_HAND_OVER)
    is_open = window is not None and window.due_at is not None and window.due_at > now
    return LaterFacts(
        window_until=_day(window) if is_open else "",
        hand_over_by=_day(due),
    )


def open_period_events(request: Request, *, actor: User, now: datetime) -> Sequence[Opened]:
    """The latest first; writes the view entry."""
    rows = PeriodEvent.objects.filter(request=request).select_related("recorded_by").order_by("-id")
    return open_parts(request, list(rows), actor=actor, now=now)


def event_lines(events: Iterable[Opened]) -> tuple[str, ...]:
    """One line each for the decision record, the oldest first."""
    return tuple(
        f"{row.get_what_display()}{f', {british(row.on)}' if row.on else ''}: {row.note}; "
        f"recorded by {row.recorded_by.display_name}, {british(london_day(row.recorded_at))}"
        for row in events
    )


def in_sentences(
    terms: Terms | None, events: Sequence[Opened], clocks: Iterable[Deadline], now: datetime
) -> list[str]:
    """What the second periods mean today, for the page of the request. `events`: the oldest first."""
    if terms is None or not terms.second_periods:
        return []
    latest = {clock.purpose: clock for clock in sorted(clocks, key=lambda clock: clock.pk)}
    found = []
    if terms.second_period(LATER_MATERIAL):
        found += _later(events, latest, now)
    if terms.second_period(REVIEW_REQUEST):
        found.append(_review(events, latest.get(REVIEW_REQUEST), now))
    return found


def _later(events: Sequence[Opened], latest: Mapping[str, Deadline], now: datetime) -> list[str]:
    covers, window, due = covers_later(events), latest.get(LATER_MATERIAL), latest.get(LATER_HAND_OVER)
    if covers is None:
        return [
            "Nobody has recorded yet whether the order also covers material that we do not hold. Read it, and record the answer."
        ]
    if not covers:
        said = "The order covers only what we hold."
    elif window is None or window.stopped_at:
        said = "The order also covered what came into our hands later; that time is over here."
    elif _ended(window, now):
        said = f"The order covered what came into our hands until {_day(window)}. That time has ended."
    else:
        said = f"The order also covers what comes into our hands until {_day(window)}; the constable is notified as soon as it does."
    if due is None or due.stopped_at:
        return [said]
    return [said, f"What came in later is due to the constable on {_day(due)}."]


def _review(events: Sequence[Opened], clock: Deadline | None, now: datetime) -> str:
    asked = [row.on for row in events if row.what == What.REVIEW_ASKED]
    if asked:
        return (
            f"A review of the notice was asked for on {british(asked[-1])}. From the day of its outcome the issuer’s time "
            "begins anew; legal counts it, for the request is worked there."
        )
    if clock is None:
        return "Until when a review of the notice can be asked for is not known here. Ask legal today."
    if clock.stopped_at:
        return f"A review of the notice could be asked for until {_day(clock)}; since it was handed on, that is with legal."
    if _ended(clock, now):
        return f"The days for asking for a review of the notice ended on {_day(clock)}."
    return (
        f"A review of the notice can be asked for until {_day(clock)}, and legal asks for it: hand the request on before. "
        "If one is asked for, the issuer’s time begins anew from the day of its outcome; legal counts it."
    )


def _ended(clock: Deadline, now: datetime) -> bool:
    return clock.due_at is not None and clock.due_at <= now


def _day(clock: Deadline | None) -> str:
    return british(clock.due_on) if clock is not None and clock.due_on else ""
