"""Which clocks a request has, and what each step does to them."""

from datetime import date, datetime

from accounts.models import User

from ..catalogue import Instrument as Terms
from ..catalogue.time_rules import parse_time_rule
from ..deadlines.rules import BOUNDS, STATED, Purpose, Rule, RuleCode
from ..models import Instrument, Request
from ..models.request import Urgency
from ..states import Action, State
from ..workflow import ANSWERED_STATES, Transition
from .clocks import carry_over, history_of, open_clock, pause_clocks, resume_clocks, stop_clocks
from .second_clocks import SECOND, keep_second_clocks
from .starting import scheme_of, start_in

USUAL_WORKING_DAYS = 10
APPEAL_WORKING_DAYS = 10
RATIFY_WORKING_DAYS = 1
BREACH_HOURS = 72  # UK GDPR Article 33(1)
HOURS_OF_EMERGENCY = (Purpose.EMERGENCY_DECISION, Purpose.EMERGENCY_RELEASE)
ANSWERING = (Purpose.ANSWER, *HOURS_OF_EMERGENCY)
# Nothing of the instrument is left to us. After an answer what comes in later still falls under the order.
HANDED_BACK = frozenset({State.TRANSFERRED, State.WITHDRAWN, State.EXPIRED})


def open_clocks(request: Request, *, terms: Terms | None, actor: User | None, now: datetime) -> None:
    """Starts the answer's clock at receipt, or with the order's own day; beside it the instrument's second periods and
    the hours of an emergency."""
    rule, starts_at = _answer_rule(request, terms)
    open_clock(request=request, purpose=Purpose.ANSWER, rule=rule, starts_at=starts_at, actor=actor, now=now)
    keep_second_clocks(request, terms=terms, actor=actor, now=now)
    if request.urgency == Urgency.IMMEDIATE and terms is not None:
        hours = {
            Purpose.EMERGENCY_DECISION: terms.emergency_decision_hours,
            Purpose.EMERGENCY_RELEASE: terms.emergency_release_hours,
        }
        for purpose, n in hours.items():
            rule = Rule(code=RuleCode.HOURS, scheme=request.nation, n=n)
            open_clock(
                request=request,
                purpose=purpose,
                rule=rule,
                starts_at=request.received_at,
                actor=actor,
                now=now,
            )


def clock_key(*, request: Request) -> tuple[object, ...]:
    """What the answer's clock is made of; while this is the same, the clock goes on."""
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    dates = (
        (instrument.code, instrument.stated_due_on, instrument.made_on, instrument.served_on)
        if instrument
        else ()
    )
    return request.received_at, request.nation, request.urgency, dates


def restart_clocks(request: Request, *, terms: Terms | None, actor: User, now: datetime) -> None:
    """What the clock is made of was corrected: the old clocks stop, new ones run from receipt, with the pauses."""
    state = State(request.state)
    if state in ANSWERED_STATES or (state is State.DRAFT and request.own_submission):
        return
    history = history_of(request=request, purpose=Purpose.ANSWER)
    stop_clocks(request=request, reason="CORRECTED", actor=actor, now=now, purposes=ANSWERING)
    open_clocks(request, terms=terms, actor=actor, now=now)
    carry_over(history=history, request=request, purpose=Purpose.ANSWER)


def move_clocks(request: Request, arrow: Transition, *, actor: User | None, now: datetime) -> None:
    """What the step just taken does to time. `request.state` is already the new one."""
    if arrow.action is Action.SUBMIT and request.own_submission:
        open_clocks(request, terms=_terms_of(request), actor=actor, now=now)
    if arrow.target is State.RETURNED:
        pause_clocks(request=request, reason="RETURNED", actor=actor, now=now)
    elif arrow.source is State.RETURNED:
        resume_clocks(request=request, reason=arrow.action, actor=actor, now=now)
    if stopping := _stopped_by(arrow):
        stop_clocks(request=request, reason=arrow.action, actor=actor, now=now, purposes=stopping)
    if clock := STARTED_BY.get(arrow.action):
        purpose, code, n = clock
        rule = Rule(code=code, scheme=request.nation, n=n)
        open_clock(request=request, purpose=purpose, rule=rule, starts_at=now, actor=actor, now=now)


def _stopped_by(arrow: Transition) -> tuple[Purpose, ...]:
    if arrow.target is State.CLOSED:
        return tuple(Purpose)
    if arrow.target is State.BREACH_ASSESSMENT:
        return (*ANSWERING, Purpose.RATIFICATION)
    if arrow.target in HANDED_BACK:
        return (*ANSWERING, *SECOND)
    if arrow.target in ANSWERED_STATES:
        return (*ANSWERING, Purpose.REVIEW_REQUEST)
    return HOURS_OF_EMERGENCY if arrow.action is Action.STAND_DOWN else ()


_BREACH = (Purpose.BREACH_72H, RuleCode.HOURS, BREACH_HOURS)
_RATIFY = (Purpose.RATIFICATION, RuleCode.WN, RATIFY_WORKING_DAYS)
STARTED_BY = {
    Action.APPEAL: (Purpose.ANSWER, RuleCode.SLA, APPEAL_WORKING_DAYS),
    Action.RELEASE_EMERGENCY: _RATIFY,
    Action.RELEASE_ALONE: _RATIFY,
    Action.REFUSE_RATIFICATION: _BREACH,
    Action.PAPER_NEVER_CAME: _BREACH,
    Action.NOT_RATIFIED_IN_TIME: _BREACH,
    Action.REPORT_WRONG_RELEASE: _BREACH,
}


def _terms_of(request: Request) -> Terms | None:
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    return instrument.terms if instrument else None


def _answer_rule(request: Request, terms: Terms | None) -> tuple[Rule, datetime]:
    """The rule and its start. A compulsory instrument never falls back to the house's days: without a date it is due on receipt."""
    received = request.received_at
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    stated_on = instrument.stated_due_on if instrument else None
    if terms is None or not terms.time_rule:
        return _rule_without_terms(request, stated_on), received
    asked = parse_time_rule(terms.time_rule)
    scheme = scheme_of(request, terms)
    start = start_in(request, instrument, asked.start)
    if stated_on:
        if asked.code in BOUNDS and start:
            return Rule(code=asked.code, scheme=scheme, n=asked.n, stated_on=stated_on), start
        return Rule(code=RuleCode.ON_INSTR, scheme=scheme, stated_on=stated_on), received
    if asked.code == RuleCode.SLA:
        urgent = request.urgency != Urgency.ROUTINE
        n = terms.urgent_working_days if urgent else terms.working_days
        return Rule(code=RuleCode.SLA, scheme=scheme, n=n), received
    if asked.code in STATED or start is None:
        return Rule(code=RuleCode.NO_DATE, scheme=scheme), received
    return Rule(code=asked.code, scheme=scheme, n=asked.n), start


def _rule_without_terms(request: Request, stated_on: date | None) -> Rule:
    """Nobody has named the instrument yet, or its law sets no time."""
    if stated_on:
        return Rule(code=RuleCode.ON_INSTR, scheme=request.nation, stated_on=stated_on)
    if request.restricted:
        return Rule(code=RuleCode.NO_DATE, scheme=request.nation)
    n = 1 if request.urgency != Urgency.ROUTINE else USUAL_WORKING_DAYS
    return Rule(code=RuleCode.SLA, scheme=request.nation, n=n)
