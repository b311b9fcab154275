"""Recording evidence that the requester is who they say they are."""

from datetime import datetime

from accounts.models import User

from ..models import Evidence, Request
from ..models.request import Urgency
from ..states import Perm
from .changes import demand, locked, record_change, refuse, use_case


@use_case
def record_evidence(
    *,
    request_id: int,
    code: str,
    passed: bool,
    actor: User,
    now: datetime,
    at: datetime,
    number_called: str = "",
    answered_by: str = "",
    note: str = "",
) -> Evidence:
    """One check: the sender's address, the call-back, a warrant card seen.

    The call goes to the number in the register; its own form may not supply it. Raises ActionRefused
    for a call-back by the person who took the request in, without a register number, or in the future.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.VERIFY, now)
    if at > now:
        raise refuse(
            request, actor, "EVIDENCE", ("check_is_in_the_past", "The time of the check lies in the future.")
        )
    number_source = ""
    if code == Evidence.Code.CALL_BACK:
        _refuse_bad_call(request, actor, number_called, answered_by)
        number_source = request.body.switchboard_source if request.body else ""
    row = Evidence(
        request=request, code=code, passed=passed, at=at, recorded_by=actor, number_source=number_source
    )
    row.seal(number_called=number_called, answered_by=answered_by, note=note)
    row.save(force_insert=True)
    texts = {"number_called": number_called, "answered_by": answered_by, "note": note}
    record_change(
        request,
        event="evidence.recorded",
        actor=actor,
        role=role,
        now=now,
        detail={"code": code, "passed": passed},
        commits={name: text for name, text in texts.items() if text},
    )
    return row


def _refuse_bad_call(request: Request, actor: User, number_called: str, answered_by: str) -> None:
    facts = []
    # In an emergency there may be nobody else; what such a call is worth, the guards of the release say.
    if actor.pk == request.recorded_by_id and request.urgency != Urgency.IMMEDIATE:
        facts.append(
            ("another_person_rings_back", "You took this request in; a colleague must ring the officer back.")
        )
    if request.body is None or not (request.body.switchboard and request.body.switchboard_source):
        facts.append(
            (
                "register_has_a_number",
                "The register holds no switchboard number for this body; ask an administrator to enter one from an independent source.",
            )
        )
    elif digits_of(number=number_called) != digits_of(number=request.body.switchboard):
        facts.append(
            (
                "number_is_from_the_register",
                f"Ring the number in the register ({request.body.switchboard}), never a number from the form or the e-mail.",
            )
        )
    if not answered_by.strip():
        facts.append(("somebody_answered", "Say who answered the call."))
    if facts:
        raise refuse(request, actor, "EVIDENCE", *facts)


def digits_of(*, number: str) -> str:
    """The digits as they are dialled here, whether they were written with +44 or with 0."""
    digits = "".join(character for character in number if character.isdigit())
    return "0" + digits[2:] if digits.startswith("44") else digits
