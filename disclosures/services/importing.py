"""Taking in requests that were written down elsewhere, each whole or not at all."""

import hashlib
from datetime import datetime

from django.db.models import Q

from accounts.models import User
from accounts.roles import Role

from ..models import Request
from ..selectors import visible_to
from ..states import Action
from .changes import use_case
from .intake import Intake
from .recording import record
from .steps import take_step


def already_here(*, line_id: str, actor: User, now: datetime) -> Request | None:
    """The request that an earlier run made of the line with this key: this clerk's own run, or one whose request they see.

    Of a restricted one they are told nothing; for them the line is new.
    """
    own = Q(recording_key__in=(_key(line_id), _key(line_id, actor)), recorded_by=actor)
    seen = Q(recording_key__in=_anybodys_keys(line_id), pk__in=visible_to(actor, now).values("pk"))
    return Request.objects.filter(own | seen).first()


def _anybodys_keys(line_id: str) -> list[str]:
    """A line that was new to its clerk, because a secret had its key, is there for every other clerk as well."""
    clerks = User.objects.filter(memberships__role=Role.INTAKE_CLERK).distinct()
    return [_key(line_id), *(_key(line_id, clerk) for clerk in clerks)]


@use_case
def import_request(*, intake: Intake, restricted: bool, line_id: str, actor: User, now: datetime) -> Request:
    """Registers and submits in one go.

    Raises NotThere where the person is no intake clerk, ActionRefused for what keeps it from triage.
    """
    is_taken = Request.objects.filter(recording_key=_key(line_id)).exclude(recorded_by=actor).exists()
    key = _key(line_id, actor if is_taken else None)
    request = record(intake=intake, restricted=restricted, actor=actor, now=now, recording_key=key)
    return take_step(request, action=Action.SUBMIT, actor=actor, now=now, as_role=Role.INTAKE_CLERK)


def _key(line_id: str, of: User | None = None) -> str:
    """One for the line; one for the line and its clerk, where another's request that they do not see has the first."""
    return hashlib.sha256(f"import {line_id}{f' by {of.ref}' if of else ''}".encode()).hexdigest()
