"""Recording evidence that the requester is who they say they are."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from accounts.bodies.addresses import REFUSED, Standing, Verdict, words
from accounts.days import british
from accounts.models import User

from ..catalogue.checks import POINTS_OF
from ..models import Evidence, Request
from ..models.request import Urgency
from ..selectors.sender import judged
from ..states import Perm
from .changes import demand, locked, record_change, refuse, use_case

Fault = tuple[str, str]


@use_case
def record_evidence(
    *,
    request_id: int,
    code: str,
    passed: bool = False,
    actor: User,
    now: datetime,
    at: datetime,
    number_called: str = "",
    answered_by: str = "",
    note: str = "",
    address: str = "",
    points: Mapping[str, bool] | None = None,
) -> Evidence:
    """One check: the sender's address, the call-back, a warrant card seen, an order looked at point by point.

    The call goes to the number in the register; its own form may not supply it. `points`: of a court document or a notice,
    each point of catalogue/checks.toml; what came of them takes the place of `passed`. Raises ActionRefused for a call-back by the person who
    took the request in, without a register number, or for a check that does not show what it says.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.VERIFY, now)
    points = dict(points or {})
    verdict = (
        judged(address, request.body) if code == Evidence.Code.SENDER_ADDRESS else Verdict(Standing.NONE)
    )
    if asked := POINTS_OF.get(code):
        passed = all(points.get(name, False) or point.legal for name, point in asked.items())
    faults = [*_faults_of_time(request, code, at, now)]
    if code == Evidence.Code.CALL_BACK:
        faults += _faults_of_call(request, actor, number_called, answered_by)
    elif code == Evidence.Code.SENDER_ADDRESS and passed:
        faults += _faults_of_address(request, verdict, note)
    elif asked:
        faults += _faults_of_points(asked, points, note)
    elif code == Evidence.Code.WARRANT_CARD and not note.strip():
        sentence = "Write down the force, the name and the number on the card. Do not copy or photograph it."
        faults.append(("card_is_noted_and_not_copied", sentence))
    elif code == Evidence.Code.AUTHORITY_SHOWN and not note.strip():
        sentence = "Write down what was shown: who gave the authority, to whom and when, and who showed it."
        faults.append(("authority_is_noted", sentence))
    if faults:
        raise refuse(request, actor, "EVIDENCE", *faults)
    row = Evidence(
        request=request,
        code=code,
        passed=passed,
        at=at,
        recorded_by=actor,
        number_source=_source(request) if code == Evidence.Code.CALL_BACK else "",
        standing=verdict.standing if code == Evidence.Code.SENDER_ADDRESS else "",
        points=points,
    )
    texts = {"number_called": number_called, "answered_by": answered_by, "note": note, "address": address}
    row.seal(**texts)
    row.save(force_insert=True)
    record_change(
        request,
        event="evidence.recorded",
        actor=actor,
        role=role,
        now=now,
        detail={"code": code, "passed": passed, "standing": row.standing, "points": points},
        commits={name: text for name, text in texts.items() if text},
    )
    return row


def _source(request: Request) -> str:
    """Where the register has its number from, and since when."""
    body = request.body
    if body is None or body.switchboard_checked_on is None:
        return ""
    return f"{body.switchboard_source} ({british(body.switchboard_checked_on)})"


def _faults_of_time(request: Request, code: str, at: datetime, now: datetime) -> Iterable[Fault]:
    if at > now:
        yield "check_is_in_the_past", "The time of the check lies in the future."
    elif code == Evidence.Code.CALL_BACK and at < request.received_at.replace(second=0, microsecond=0):
        yield (
            "call_follows_the_request",
            "The call was made before the request came. Ring the officer back about this request.",
        )


def _faults_of_call(request: Request, actor: User, number_called: str, answered_by: str) -> Iterable[Fault]:
    # In an emergency there may be nobody else; what such a call is worth, the guards of the release say.
    if actor.pk == request.recorded_by_id and request.urgency != Urgency.IMMEDIATE:
        yield (
            "another_person_rings_back",
            "You took this request in; a colleague must ring the officer back.",
        )
    if request.body is None or not request.body.can_be_rung:
        yield (
            "register_has_a_number",
            "The register holds no switchboard number for this body. An administrator must enter it first, with its source "
            "and the day it was read: an independent source, never the form or the e-mail.",
        )
    elif digits_of(number=number_called) != digits_of(number=request.body.switchboard):
        yield (
            "number_is_from_the_register",
            f"Ring the number in the register ({request.body.switchboard}), never a number from the form or the e-mail.",
        )
    if not answered_by.strip():
        yield "somebody_answered", "Say who answered the call."


def _faults_of_address(request: Request, verdict: Verdict, note: str) -> Iterable[Fault]:
    """An address that is somebody else's never agrees; one that the register does not have needs its explanation."""
    sentence = words(verdict, request.body.name if request.body else "")
    if verdict.standing is Standing.NONE:
        yield "address_is_typed", "Type the address that the mail came from, as the mail shows it."
    elif verdict.standing in REFUSED:
        yield "address_is_the_bodys_own", f"This address does not agree with the register. {sentence}"
    elif verdict.standing is not Standing.LISTED and not note.strip():
        yield (
            "address_off_the_register_is_explained",
            f"{sentence} Write down what the switchboard said of it.",
        )


def _faults_of_points(asked: Mapping[str, object], points: Mapping[str, bool], note: str) -> Iterable[Fault]:
    if points.keys() != asked.keys():
        yield (
            "each_point_is_answered",
            "Answer each point of the document, from who made it to whether it still stands.",
        )
    if not note.strip():
        yield "what_was_seen_is_noted", "Write down what you checked, and what you saw."


def digits_of(*, number: str) -> str:
    """The digits as they are dialled here, whether they were written with +44 or with 0."""
    digits = "".join(character for character in number if character.isdigit())
    return "0" + digits[2:] if digits.startswith("44") else digits
