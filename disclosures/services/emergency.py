"""At night: a request taken by telephone, the people on call rung in turn, the minimum read out and written down."""

from datetime import datetime

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import on_call_list, roles_of

from ..models import CallAttempt, ReadOut, Request, Step
from ..models.request import Channel, Urgency
from ..selectors import NotThere
from ..states import Action, Perm
from .changes import demand, locked, record_change, refuse, use_case
from .intake import Intake
from .recording import create
from .steps import take_step
from .verification import digits_of

ON_DUTY = (Role.INTAKE_CLERK, Role.HANDLER, Role.APPROVER)
READ_LATER = "The time of the reading lies in the future. Give the time at which you read it out."
READ_BEFORE = "The time of the reading lies before the request came. Give the time at which you read it out."
RELEASES = frozenset({Action.RELEASE_EMERGENCY, Action.RELEASE_ALONE})


def is_before(*, at: datetime, received_at: datetime) -> bool:
    """A person gives a time to the minute, so the minute of the receipt is not before it."""
    return at < received_at.replace(second=0, microsecond=0)


@use_case
def record_emergency(*, intake: Intake, actor: User, now: datetime, recording_key: str) -> Request:
    """Registers and submits, in one go, what somebody on duty takes by telephone where a life is at risk.

    A clerk, a handler or an approver may. Raises NotThere for anybody else, ActionRefused for what lacks.
    """
    held = roles_of(actor, now)
    role = next((role for role in ON_DUTY if role in held), None)
    if role is None:
        raise NotThere
    if intake.channel != Channel.TELEPHONE or intake.urgency != Urgency.IMMEDIATE:
        raise ValueError("This road is for what is asked by telephone where a life is at risk.")
    earlier = Request.objects.filter(recording_key=recording_key, recorded_by=actor).first()
    if earlier is not None:
        return earlier
    request = create(Request(recording_key=recording_key), intake=intake, actor=actor, role=role, now=now)
    return take_step(request, action=Action.SUBMIT, actor=actor, now=now, as_role=role)


@use_case
def record_attempt(
    *, request_id: int, on_call_id: int, result: str, actor: User, now: datetime
) -> CallAttempt:
    """One ring of somebody on the list of tonight."""
    request = locked(request_id)
    role = demand(request, actor, Perm.EMERGENCY, now)
    rung = next((row for row in on_call_list(now) if row.pk == on_call_id), None)
    if rung is None:
        raise refuse(request, actor, "RING", ("person_is_on_call", "This person is not on call any more."))
    row = CallAttempt.objects.create(
        request=request, on_call=rung, result=result, recorded_at=now, recorded_by=actor
    )
    detail = {"rung": rung.user.ref, "result": result}
    record_change(request, event="on_call.rung", actor=actor, role=role, now=now, detail=detail)
    return row


@use_case
def read_out_and_release(
    *,
    request_id: int,
    action: Action,
    words: str,
    read_to: str,
    number: str,
    at: datetime,
    actor: User,
    now: datetime,
    idempotency_key: str = "",
) -> Request:
    """Writes down what was read out and makes the emergency release: both or neither.

    Only on the number in the register, which the call-back went to. Raises ActionRefused with every reason.
    """
    if action not in RELEASES:
        raise ValueError(f"{action} is no emergency release.")
    request = locked(request_id)
    if idempotency_key and Step.objects.filter(request=request, idempotency_key=idempotency_key).exists():
        return request
    demand(request, actor, Perm.EMERGENCY, now)
    faults = []
    if not words.strip():
        faults.append(
            ("something_is_read_out", "Write down what you read out, item by item, and nothing else.")
        )
    if not read_to.strip():
        faults.append(("somebody_heard_it", "Say to whom you read it out."))
    if at > now:
        faults.append(("it_was_read_out", READ_LATER))
    elif is_before(at=at, received_at=request.received_at):
        faults.append(("request_came_first", READ_BEFORE))
    register = request.body.switchboard if request.body and request.body.can_be_rung else ""
    if not register or digits_of(number=number) != digits_of(number=register):
        faults.append(
            (
                "number_is_from_the_register",
                f"Read it out on the number in the register{f' ({register})' if register else ''}, and on no other.",
            )
        )
    if faults:
        raise refuse(request, actor, action, *faults)
    row = ReadOut(request=request, round=request.round, read_at=at, recorded_at=now, recorded_by=actor)
    row.seal(words=words, read_to=read_to, number=number)
    row.save(force_insert=True)
    return take_step(
        request,
        action=action,
        actor=actor,
        now=now,
        idempotency_key=idempotency_key,
        commits={"words": words, "read_to": read_to, "number": number},
    )
