"""Recording what the second periods of an instrument hang on: what an order covers, what came in, what was asked for."""

from datetime import date, datetime

from accounts.models import User

from ..deadlines.calendars import london_day
from ..guards.second_periods import PeriodFacts, objections_to_recording
from ..models import Instrument, PeriodEvent
from ..selectors.second_periods import WITHOUT_DAY, covers_later, offered, outstanding
from ..states import Perm, State
from .changes import demand, locked, record_change, refuse, use_case
from .second_clocks import keep_second_clocks

What = PeriodEvent.What


@use_case
def record_period_event(
    *, request_id: int, what: str, on: date | None, note: str, actor: User, now: datetime
) -> PeriodEvent:
    """Keeps what happened and moves the clocks that hang on it (Terrorism Act 2000 Sch 5 paras 5 and 7; Public
    Authorities (Fraud, Error and Recovery) Act 2025 s.4). Only added to.

    Raises NotThere for who may not write on file, ActionRefused with every fault at once.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.RECORD, now)
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    terms = instrument.terms if instrument else None
    events = list(PeriodEvent.objects.filter(request=request).order_by("id"))
    has_day = what not in WITHOUT_DAY
    facts = PeriodFacts(
        what=what,
        on=on if has_day else None,
        today=london_day(now),
        note=note,
        offered=what in offered(terms),
        has_day=has_day,
        closed=request.state == State.CLOSED,
        made_on=instrument.made_on if instrument else None,
        given_on=(instrument.served_on if instrument else None) or london_day(request.received_at),
        covers_later=bool(covers_later(events)),
        told_on=outstanding(events),
        review_asked=any(row.what == What.REVIEW_ASKED for row in events),
    )
    if found := objections_to_recording(facts):
        raise refuse(request, actor, "SECOND_PERIOD", *found)
    row = PeriodEvent(request=request, what=what, on=facts.on, recorded_at=now, recorded_by=actor)
    row.seal(note=note.strip())
    row.save(force_insert=True)
    keep_second_clocks(request, terms=terms, actor=actor, now=now, reason=what)
    record_change(
        request,
        event="period.recorded",
        actor=actor,
        role=role,
        now=now,
        detail={"what": what, "on": row.on.isoformat() if row.on else ""},
        commits={"note": note.strip()},
    )
    return row
