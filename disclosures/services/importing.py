"""Taking in requests that were written down elsewhere, each whole or not at all."""

import hashlib
from datetime import datetime

from accounts.models import User
from accounts.roles import Role

from ..models import Request
from ..states import Action
from .changes import use_case
from .intake import Intake
from .recording import record
from .steps import take_step


def already_here(*, line_id: str) -> Request | None:
    """The request that an earlier run made of the line with this key, whoever ran it."""
    return Request.objects.filter(recording_key=_key(line_id)).first()


@use_case
def import_request(*, intake: Intake, restricted: bool, line_id: str, actor: User, now: datetime) -> Request:
    """Registers and submits in one go.

    Raises NotThere where the person is no intake clerk, ActionRefused for what keeps it from triage.
    """
    request = record(intake=intake, restricted=restricted, actor=actor, now=now, recording_key=_key(line_id))
    return take_step(request, action=Action.SUBMIT, actor=actor, now=now, as_role=Role.INTAKE_CLERK)


def _key(line_id: str) -> str:
    return hashlib.sha256(f"import {line_id}".encode()).hexdigest()
