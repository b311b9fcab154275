"""The clocks of an instrument's second periods: they follow from its terms, its days, and what is recorded of them."""

from collections.abc import Sequence
from datetime import datetime

from accounts.models import User

from ..catalogue import Instrument as Terms
from ..catalogue.second_periods import SECOND_PURPOSES
from ..deadlines.calendars import start_of
from ..deadlines.rules import Purpose, Rule
from ..models import Instrument, PeriodEvent, Request
from ..selectors.second_periods import outstanding
from ..states import State
from ..workflow import ANSWERED_STATES
from .clocks import open_clock, stop_clocks
from .starting import scheme_of, start_in

SECOND = tuple(Purpose(code) for code in SECOND_PURPOSES)
What = PeriodEvent.What


def keep_second_clocks(
    request: Request, *, terms: Terms | None, actor: User | None, now: datetime, reason: str = "CORRECTED"
) -> None:
    """Stops those that are founded on nothing any more, and starts those that are founded now; the others run on.

    So an extension stays while its clock does. `reason`: why one is stopped.
    """
    running = {
        clock.purpose: clock for clock in request.deadlines.filter(stopped_at=None, purpose__in=SECOND)
    }
    if not running and (terms is None or not terms.second_periods):
        return
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    events = list(PeriodEvent.objects.filter(request=request).order_by("id"))
    for purpose in SECOND:
        clock, found = running.get(purpose), _founded(request, terms, instrument, events, purpose)
        if clock is not None:
            rule = Rule(code=clock.rule, scheme=clock.scheme, n=clock.n)
            if found == (rule, clock.starts_at):
                continue
            stop_clocks(request=request, reason=reason, actor=actor, now=now, purposes=[purpose])
        if found is not None:
            open_clock(
                request=request, purpose=purpose, rule=found[0], starts_at=found[1], actor=actor, now=now
            )


def _founded(
    request: Request,
    terms: Terms | None,
    instrument: Instrument | None,
    events: Sequence[PeriodEvent],
    purpose: Purpose,
) -> tuple[Rule, datetime] | None:
    """Its rule and its start, if the period runs."""
    period = terms.second_period(purpose) if terms is not None else None
    if terms is None or period is None:
        return None
    start: datetime | None = None
    if purpose is Purpose.LATER_HAND_OVER:
        told = outstanding(events)
        start = start_of(told) if told else None
    elif purpose is Purpose.LATER_MATERIAL:
        answers = [row.what for row in events if row.what in {What.COVERS_LATER, What.COVERS_HELD}]
        if answers and answers[-1] == What.COVERS_LATER:
            start = start_in(request, instrument, period.rule.start)
    elif State(request.state) not in ANSWERED_STATES and not any(
        row.what == What.REVIEW_ASKED for row in events
    ):
        # Until the day of service is recorded, the receipt stands for it: the sooner of what is known.
        start = start_in(request, instrument, period.rule.start) or request.received_at
    if start is None:
        return None
    return Rule(code=period.rule.code, scheme=scheme_of(request, terms), n=period.rule.n), start
