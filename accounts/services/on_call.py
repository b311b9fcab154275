"""The list of those who are rung at night, and the switch of the head of legal."""

from datetime import datetime

from django.db import transaction

from audit.entries import Actor, append

from ..models import CompanyProfile, OnCall, Organisation, User
from ..roles import Role
from ..selectors import controller, roles_of
from .common import Refused, changed, save

KEEPERS = frozenset({Role.TEAM_LEAD, Role.HEAD_OF_LEGAL})
ON_DUTY = frozenset({Role.HANDLER, Role.APPROVER})


def _keeper(actor: User, now: datetime, among: frozenset[Role]) -> Actor:
    held = roles_of(actor, now) & among
    if not held:
        raise Refused("Only a team lead or the head of legal may do this.")
    return Actor(actor.ref, role=sorted(held)[0])


def _locked() -> Organisation:
    return Organisation.objects.select_for_update(no_key=True).get(pk=controller().pk)


@transaction.atomic(durable=True)
def put_on_call(*, user: User, position: int, phone: str, actor: User, now: datetime) -> OnCall:
    """Only somebody who could take part in an emergency is put on the list: a handler or an approver."""
    by = _keeper(actor, now, KEEPERS)
    if not roles_of(user, now) & ON_DUTY:
        raise Refused(f"{user} is neither a handler nor an approver, so could not act when rung.")
    if not phone.strip():
        raise Refused("Give the number on which they answer at night.")
    if OnCall.objects.filter(user=user, valid_until=None).exists():
        raise Refused(f"{user} is on the list already. Take them off first to change the number.")
    company = _locked()
    row = OnCall.objects.create(
        organisation=company, user=user, position=position, phone=phone, valid_from=now
    )
    save(company)
    append(
        event="organisation.on_call_changed",
        actor=by,
        obj=changed(company),
        detail={"user": user.ref, "position": position},
    )
    return row


@transaction.atomic(durable=True)
def take_off_call(*, on_call_id: int, actor: User, now: datetime) -> OnCall:
    by = _keeper(actor, now, KEEPERS)
    company = _locked()
    row = OnCall.objects.select_related("user").filter(pk=on_call_id, valid_until=None).first()
    if row is None:
        raise Refused("This person is not on the list any more.")
    row.valid_until = now
    row.save(update_fields=["valid_until"])
    save(company)
    append(
        event="organisation.on_call_changed",
        actor=by,
        obj=changed(company),
        detail={"user": row.user.ref, "position": 0},
    )
    return row


@transaction.atomic(durable=True)
def allow_lone_release(*, allowed: bool, actor: User, now: datetime) -> None:
    """Whether one approver may release alone when nobody on call answers. The head of legal's decision."""
    by = _keeper(actor, now, frozenset({Role.HEAD_OF_LEGAL}))
    company = _locked()
    CompanyProfile.objects.filter(organisation=company).update(lone_release_allowed=allowed)
    save(company)
    append(
        event="organisation.lone_release_switched",
        actor=by,
        obj=changed(company),
        detail={"allowed": allowed},
    )
