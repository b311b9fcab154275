"""Consent of the National Crime Agency: the notice period, its refusal, and the moratorium, side by side on one request."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from accounts.models import User

from ..deadlines.calendars import london_day, start_of
from ..deadlines.rules import Purpose, Rule, RuleCode
from ..guards.deadlines import ASKING, MORATORIUM_DAYS, REFUSING, ConsentFacts, objections_to_consent
from ..models import Deadline, Request
from ..states import Perm
from .changes import demand, locked, record_change, refuse, use_case
from .clocks import open_clock, stop_clocks

NOTICE_WORKING_DAYS = (
    7  # POCA 2002 s.335(5), in the part of the UK where the disclosure was made; TACT 2000 s.21ZA
)
Guards = Sequence[Callable[[ConsentFacts], str | None]]


@use_case
def record_consent_asked(*, request_id: int, on: date, actor: User, now: datetime) -> Deadline:
    """Consent was asked for on a day: seven working days, beginning with the first one after it."""
    request, role = _may(request_id, on, actor, now, "ASK_CONSENT", ASKING)
    rule = Rule(code=RuleCode.WN, scheme=request.nation, n=NOTICE_WORKING_DAYS)
    return _opened(request, Purpose.NOTICE_PERIOD, rule, on, actor, role, now, "consent.asked")


@use_case
def record_consent_refused(*, request_id: int, on: date, actor: User, now: datetime) -> Deadline:
    """The refusal came on a day: 31 days beginning with it, weekends and holidays counted. The notice period is over."""
    request, role = _may(request_id, on, actor, now, "REFUSE_CONSENT", REFUSING)
    stop_clocks(
        request=request, reason="CONSENT_REFUSED", actor=actor, now=now, purposes=[Purpose.NOTICE_PERIOD]
    )
    rule = Rule(code=RuleCode.CI, scheme=request.nation, n=MORATORIUM_DAYS)
    return _opened(request, Purpose.MORATORIUM, rule, on, actor, role, now, "consent.refused")


def _may(
    request_id: int, on: date, actor: User, now: datetime, what: str, guards: Guards
) -> tuple[Request, str]:
    request = locked(request_id)
    role = demand(request, actor, Perm.TIME, now)
    started = dict(
        request.deadlines.filter(purpose__in=[Purpose.NOTICE_PERIOD, Purpose.MORATORIUM])
        .order_by("id")
        .values_list("purpose", "starts_at")
    )
    asked, refused = started.get(Purpose.NOTICE_PERIOD), started.get(Purpose.MORATORIUM)
    facts = ConsentFacts(
        restricted=request.restricted,
        kind=request.kind,
        on=on,
        today=london_day(now),
        asked_on=london_day(asked) if asked else None,
        refused_on=london_day(refused) if refused else None,
    )
    if found := objections_to_consent(facts, guards):
        raise refuse(request, actor, what, *found)
    return request, role


def _opened(
    request: Request,
    purpose: Purpose,
    rule: Rule,
    on: date,
    actor: User,
    role: str,
    now: datetime,
    event: str,
) -> Deadline:
    open_clock(request=request, purpose=purpose, rule=rule, starts_at=start_of(on), actor=actor, now=now)
    clock = request.deadlines.get(purpose=purpose, stopped_at=None)
    detail = {"on": on.isoformat(), "to": clock.due_on.isoformat() if clock.due_on else ""}
    record_change(request, event=event, actor=actor, role=role, now=now, detail=detail)
    return clock
