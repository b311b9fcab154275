"""Taking one step of the workflow: the only way a request's state changes."""

from collections.abc import Callable, Mapping
from datetime import datetime

from accounts.models import User
from privacy.selectors import version_in_force, version_or_none

from .. import outbox
from ..deadlines.calendars import london_day
from ..facts import Facts
from ..models import Evidence, Request, Step
from ..permissions import may, move_grants, role_behind
from ..selectors import NotThere
from ..selectors.facts import facts_for
from ..selectors.proposal import proposal_digest
from ..states import STATE_WORDS, Action, Outcome, Perm, State
from ..workflow import DECIDING, Transition, find, objections
from .changes import locked, record_change, refuse, use_case
from .keeping import call_off_disposals, settle_period
from .notices import tell_followers
from .pinning import handed_on, pin_the_terms
from .timing import move_clocks

A = Action


@use_case
def perform(
    *,
    request_id: int,
    action: Action,
    actor: User,
    now: datetime,
    idempotency_key: str = "",
    reason: str = "",
    seen_digest: str = "",
) -> Request:
    """Takes one arrow of the table for a person.

    Raises ActionRefused with every objection, NotThere where the person may not take this step at all.
    A repeated idempotency key takes nothing again and returns the request as it is.
    """
    return take_step(
        locked(request_id),
        action=action,
        actor=actor,
        now=now,
        idempotency_key=idempotency_key,
        reason=reason,
        seen_digest=seen_digest,
    )


def take_step(
    request: Request,
    *,
    action: Action,
    actor: User | None,
    now: datetime,
    idempotency_key: str = "",
    reason: str = "",
    seen_digest: str = "",
    detail: Mapping[str, object] | None = None,
    commits: Mapping[str, str] | None = None,
    as_role: str = "",
) -> Request:
    """The step itself, on a request that the caller has locked inside a use case. No actor: the clock's own step.

    `as_role`: the caller has asked who may, and this is the role that lets them.
    """
    if idempotency_key and Step.objects.filter(request=request, idempotency_key=idempotency_key).exists():
        return request
    arrow = _arrow(request, action, actor, now, asked=bool(as_role))
    facts = facts_for(request, actor=actor, now=now, action=action, reason=reason, seen_digest=seen_digest)
    if found := objections(arrow, facts):
        raise refuse(request, actor, action, *found)
    role = as_role or (role_behind(actor, request, arrow.perm, now) if actor else "system")
    if effect := EFFECTS.get(action):
        effect(request, facts)
    pin_the_terms(request, facts, action)
    told = handed_on(request, facts) if action is Action.TRANSFER else {}
    request.state = arrow.target
    step = Step(
        request=request,
        version=request.version + 1,
        round=request.round,
        action=action,
        act=DECIDING.get(action, ""),
        source=arrow.source,
        target=arrow.target,
        actor=actor,
        role=role,
        at=now,
        proposal_digest=request.proposal_digest if action in SIGNING else "",
        idempotency_key=idempotency_key,
    )
    step.seal(reason=reason.strip())
    step.save(force_insert=True)
    if action in NEW_ROUND:
        request.round += 1
        request.proposal_digest = request.outcome = request.refusal_code = ""
    settle_period(request, closed_on=london_day(now), now=now)
    if arrow.source is State.CLOSED:
        call_off_disposals(request, actor=actor, now=now)
        request.copy_destroyed_at = None  # what is given anew has its own days
    move_grants(request, now)
    move_clocks(request, arrow, actor=actor, now=now)
    _tell(request, arrow, now)
    tell_followers(request, f"is now “{STATE_WORDS[arrow.target].lower()}”", but=actor, now=now)
    said = {**(commits or {}), **({"reason": reason.strip()} if reason.strip() else {})}
    record_change(
        request,
        event="request.step_taken",
        actor=actor,
        role=role,
        now=now,
        fields=STEP_FIELDS,
        detail={
            "action": action,
            "from": arrow.source,
            "to": arrow.target,
            "outcome": request.outcome,
            "digest": step.proposal_digest,
            **told,
            **(detail or {}),
        },
        commits=said or None,
    )
    return request


# What a step can change of the request's own row.
STEP_FIELDS = (
    "state", "round", "kind", "outcome", "proposal_digest", "refusal_code", "received_at", "recorded_at",
    "policy_at_receipt", "policy_at_decision", "retention_class", "keep_until",
    "copy_destroyed_at",
)  # fmt: skip


def _arrow(request: Request, action: Action, actor: User | None, now: datetime, *, asked: bool) -> Transition:
    arrow = find(State(request.state), action)
    if arrow is None:
        if actor and not any(may(actor, request.reference, perm, now) for perm in (Perm.VIEW, Perm.FOLLOW)):
            raise NotThere
        words = STATE_WORDS[State(request.state)].lower()
        raise refuse(
            request,
            actor,
            action,
            ("state_has_this_step", f"This step is not open any more: the request is now “{words}”."),
        )
    if actor is None:
        if arrow.perm is not Perm.SYSTEM:
            raise NotThere
    elif not asked and not may(actor, request.reference, arrow.perm, now):
        raise NotThere
    return arrow


# What a step does besides moving the state ---------------------------------------------------


def _name_the_kind(request: Request, facts: Facts) -> None:
    request.kind = request.kind or facts.kind


def _arrive(request: Request, facts: Facts) -> None:
    """A company's own request arrives when it is submitted; that its signed-in submitter sent it is evidence."""
    if not request.own_submission or request.state != State.DRAFT:
        return
    request.received_at = request.recorded_at = facts.now
    request.policy_at_receipt = version_or_none(facts.now)
    Evidence.objects.create(
        request=request,
        code=Evidence.Code.COMPANY_KNOWN,
        passed=True,
        at=facts.now,
        recorded_by_id=facts.actor_id,
    )


def _seal_the_proposal(request: Request, facts: Facts) -> None:
    request.proposal_digest = proposal_digest(request)
    request.outcome = facts.outcome or ""


def _pin_the_policy(request: Request, facts: Facts) -> None:
    request.policy_at_decision = version_in_force(facts.now)


def _outcome(outcome: Outcome) -> Callable[[Request, Facts], None]:
    def set_outcome(request: Request, _facts: Facts) -> None:
        request.outcome = outcome

    return set_outcome


EFFECTS: Mapping[Action, Callable[[Request, Facts], None]] = {
    A.SUBMIT: _arrive,
    A.ACCEPT: _name_the_kind,
    A.PROPOSE_EMERGENCY: _name_the_kind,
    A.PROPOSE: _seal_the_proposal,
    A.PROPOSE_REFUSAL: _seal_the_proposal,
    A.APPROVE_RELEASE: _pin_the_policy,
    A.APPROVE_REFUSAL: _pin_the_policy,
    A.APPROVE_NIL: _pin_the_policy,
    A.TRANSFER: _outcome(Outcome.TRANSFERRED),
    A.WITHDRAW: _outcome(Outcome.WITHDRAWN),
    A.EXPIRE: _outcome(Outcome.EXPIRED),
    A.EXPIRE_BY_HAND: _outcome(Outcome.EXPIRED),
    A.UPHOLD: _outcome(Outcome.UPHELD),
}
SIGNING = frozenset({
    A.PROPOSE, A.PROPOSE_REFUSAL, A.CONCUR, A.APPROVE_RELEASE, A.APPROVE_REFUSAL, A.APPROVE_NIL,
    A.START_RELEASE, A.RECORD_SENT,
})  # fmt: skip
NEW_ROUND = frozenset(
    {A.SEND_BACK, A.SEND_BACK_TO_TRIAGE, A.VOID_APPROVAL, A.OBJECTED, A.OVERTURN, A.STAND_DOWN}
)


def _tell(request: Request, arrow: Transition, now: datetime) -> None:
    """Promises a notice to those whose turn it is now, and to the company whose request it is."""
    if request.own_submission and arrow.target in {State.RETURNED, State.RELEASED}:
        tell_the_company(request, arrow.target, now)
    outbox.put(
        key=f"step:{request.reference}:{request.version + 1}",
        topic="request.moved",
        payload={"request": request.pk, "to": str(arrow.target)},
        not_before=now,
    )


def tell_the_company(request: Request, to: State, now: datetime) -> None:
    outbox.put(
        key=f"company:{request.reference}:{request.version + 1}",
        topic="company.moved",
        payload={"request": request.pk, "to": str(to)},
        not_before=now,
    )
