"""A company of the group writes its own request: nobody else sees the draft, and no clock runs before it is sent."""

from datetime import datetime

from accounts.models import Organisation, User
from accounts.roles import Role
from accounts.selectors import roles_in

from ..models import Request
from ..models.request import Channel
from ..selectors import NotThere
from ..states import Kind, Perm
from .changes import use_case
from .intake import Intake
from .recording import amend, create


@use_case
def draft_company_request(
    *, intake: Intake, company: Organisation, actor: User, now: datetime, recording_key: str
) -> Request:
    """Keeps a first draft for the company. A repeated key returns the first. NotThere where the person does not act for it."""
    return draft(intake=intake, company=company, actor=actor, now=now, recording_key=recording_key)


def draft(
    *, intake: Intake, company: Organisation, actor: User, now: datetime, recording_key: str
) -> Request:
    """As `draft_company_request`, inside a transaction of the caller's."""
    acts_for_it = Role.GROUP_SUBMITTER in roles_in(actor, company, now)
    if not acts_for_it or company.kind != Organisation.Kind.GROUP_COMPANY:
        raise NotThere
    if intake.body_id != company.pk or intake.channel != Channel.PORTAL:
        raise ValueError("A company writes in its own name and by its own account.")
    request = Request(kind=Kind.GROUP, own_submission=True, recording_key=recording_key)
    return create(request, intake=intake, actor=actor, role=Role.GROUP_SUBMITTER, now=now)


@use_case
def amend_company_request(
    *, request_id: int, intake: Intake, actor: User, now: datetime, people_stay: bool = False
) -> Request:
    """Replaces what the company wrote, in the draft or after a return for information.

    `people_stay`: the people are those the request has, and their rows are not written again.
    """
    return amend(
        request_id=request_id, perm=Perm.COMPOSE, intake=intake, actor=actor, now=now, people_stay=people_stay
    )
