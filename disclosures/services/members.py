"""What holds for every compartment: who can be a member, and that two who can read it always are."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from accounts.roles import Role

from ..models import CompartmentMember, Request
from ..permissions import KEEPERS, READERS

MEMBER_ROLES = (*READERS, Role.DATA_HOLDER)
MINIMUM_MEMBERS = 2
Fault = tuple[str, str]


def current_members(request: Request, now: datetime) -> list[CompartmentMember]:
    rows = CompartmentMember.objects.valid_at(now).filter(request=request, ended_at=None)
    return list(rows.select_related("user").order_by("id"))


def faults_of_staying(*, members: Iterable[CompartmentMember]) -> Sequence[Fault]:
    """Why these few may not be left alone with it."""
    staying = list(members)
    faults = []
    if len({member.user_id for member in staying if Role(member.role) in READERS}) < MINIMUM_MEMBERS:
        sentence = "Two members must always remain who can read it. Name another one first."
        faults.append(("two_members_keep_a_secret", sentence))
    if not any(Role(member.role) in KEEPERS for member in staying):
        sentence = "A head of legal or a money laundering reporting officer must always remain, who says who may know. Name another one first."
        faults.append(("a_keeper_stays", sentence))
    return faults


def end_members(request: Request, now: datetime, *, only: Collection[int] | None = None) -> int:
    """Ends the memberships of this request that have not ended (these rows only); the caller records the change."""
    rows = CompartmentMember.objects.filter(request=request, ended_at=None)
    if only is not None:
        rows = rows.filter(pk__in=only)
    rows.filter(valid_from__gt=now).update(valid_from=now, waits=False)
    rows.filter(Q(valid_until=None) | Q(valid_until__gt=now)).update(valid_until=now)
    return rows.update(ended_at=now)
