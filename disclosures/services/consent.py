"""Consent of the National Crime Agency: the notice period, its refusal, and the moratorium, side by side on one request."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from accounts.models import User

from ..deadlines.calendars import london_day, start_of
from ..deadlines.rules import WAITING_PURPOSES, EventKind, Purpose, Rule, RuleCode
from ..guards.deadlines import (
    ASKING,
    GIVING,
    MORATORIUM_DAYS,
    REFUSING,
    ConsentFacts,
    ConsentLaw,
    objections_to_consent,
)
from ..models import ClockEvent, Deadline, Request
from ..states import Perm
from .changes import demand, locked, record_change, refuse, use_case
from .clocks import open_clock, stop_clocks

NOTICE_WORKING_DAYS = (
    7  # POCA 2002 s.335(5), in the part of the UK where the disclosure was made; TACT 2000 s.21ZA
)
GIVEN, ENDED = "CONSENT_GIVEN", "WAIT_ENDED"
REFUSED = {ConsentLaw.POCA: "CONSENT_REFUSED", ConsentLaw.TACT: "CONSENT_REFUSED_TACT"}
Guards = Sequence[Callable[[ConsentFacts], str | None]]


@use_case
def record_consent_asked(*, request_id: int, on: date, actor: User, now: datetime) -> Deadline:
    """Consent was asked for on a day: seven working days, beginning with the first one after it."""
    request, role = _may(request_id, on, actor, now, "ASK_CONSENT", ASKING)
    stop_clocks(request=request, reason=ENDED, actor=actor, now=now, purposes=WAITING_PURPOSES)
    rule = Rule(code=RuleCode.WN, scheme=request.nation, n=NOTICE_WORKING_DAYS)
    return _opened(request, Purpose.NOTICE_PERIOD, rule, on, actor, role, now, "consent.asked")


@use_case
def record_consent_refused(
    *, request_id: int, on: date, law: str, actor: User, now: datetime
) -> Deadline | None:
    """The refusal came on a day, and the notice period is over. Under the Proceeds of Crime Act 31 days follow,
    beginning with it, weekends and holidays counted. The Terrorism Act knows no moratorium: no day makes it allowed.
    """
    request, role = _may(request_id, on, actor, now, "REFUSE_CONSENT", REFUSING, law)
    stop_clocks(
        request=request,
        reason=REFUSED[ConsentLaw(law)],
        actor=actor,
        now=now,
        purposes=[Purpose.NOTICE_PERIOD],
    )
    if law == ConsentLaw.TACT:
        detail = {"on": on.isoformat(), "law": law}
        record_change(
            request, event="consent.refused_for_good", actor=actor, role=role, now=now, detail=detail
        )
        return None
    rule = Rule(code=RuleCode.CI, scheme=request.nation, n=MORATORIUM_DAYS)
    return _opened(request, Purpose.MORATORIUM, rule, on, actor, role, now, "consent.refused")


@use_case
def record_consent_given(*, request_id: int, on: date, actor: User, now: datetime) -> None:
    """Consent came on a day, in the notice period or during the moratorium: nobody waits any longer."""
    request, role = _may(request_id, on, actor, now, "GIVE_CONSENT", GIVING)
    stop_clocks(request=request, reason=GIVEN, actor=actor, now=now, purposes=WAITING_PURPOSES)
    record_change(
        request, event="consent.given", actor=actor, role=role, now=now, detail={"on": on.isoformat()}
    )


def _may(
    request_id: int, on: date, actor: User, now: datetime, what: str, guards: Guards, law: str = ""
) -> tuple[Request, str]:
    request = locked(request_id)
    role = demand(request, actor, Perm.TIME, now)
    notice = request.deadlines.filter(purpose=Purpose.NOTICE_PERIOD).order_by("-id").first()
    answers = ClockEvent.objects.filter(
        deadline=notice, kind=EventKind.STOPPED, reason__in=[*REFUSED.values(), GIVEN]
    )
    facts = ConsentFacts(
        restricted=request.restricted,
        kind=request.kind,
        on=on,
        today=london_day(now),
        asked_on=london_day(notice.starts_at) if notice else None,
        notice_ends_on=notice.due_on if notice else None,
        waits=request.deadlines.running().filter(purpose__in=WAITING_PURPOSES, due_at__gt=now).exists(),
        answered=notice is not None and answers.exists(),
        law=law,
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
