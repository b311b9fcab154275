"""Memberships of restricted requests and their time. Run by the sweep; twice is as good as once."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from accounts.selectors import controller, holders

from .. import outbox
from ..models import CompartmentMember, Exclusion, Request, RequestUserGrant
from ..permissions import KEEPERS, move_grants, permission_ids
from ..states import Perm
from .changes import locked, record_change, use_case
from .members import end_members, faults_of_staying

CALLED_IN = "Called in: somebody's time was over, and two who can read it must always know of it."


def keep_compartments(*, now: datetime) -> int:
    """Ends what has lapsed and lets in whose time has come; of how many requests.

    A membership ends at its time, or with the office or the role it was given in. Its grants count no longer
    from that instant on; this records it, and calls in the head of legal where fewer than two would be left.
    """
    requests = _due(now).order_by("request_id").values_list("request_id", flat=True).distinct()
    return sum(_keep(request_id=pk, now=now) for pk in list(requests))


def _due(now: datetime) -> QuerySet[CompartmentMember]:
    held = Membership.objects.valid_at(now).filter(
        user=OuterRef("user"),
        role=OuterRef("role"),
        organisation__kind=Organisation.Kind.CONTROLLER,
        user__is_active=True,
    )
    # What is left of a destroyed one changes no more.
    current = CompartmentMember.objects.filter(
        ended_at=None, request__restricted=True, request__disposed_at=None
    )
    over = Q(valid_until__lte=now) | ~Q(Exists(held))
    return current.filter(over | Q(waits=True, valid_from__lte=now)).annotate(
        is_over=ExpressionWrapper(over, BooleanField())
    )


@use_case
def _keep(*, request_id: int, now: datetime) -> bool:
    """Asked again under the lock. Where nobody could be called in, the ended rows wait, and the next sweep asks again."""
    request = locked(request_id)
    due = list(_due(now).filter(request=request).select_related("user").order_by("id"))
    over = [row for row in due if row.is_over]  # type: ignore[attr-defined]
    begun = [row for row in due if row not in over]
    valid = CompartmentMember.objects.valid_at(now).filter(request=request, ended_at=None)
    staying = list(valid.exclude(pk__in=[row.pk for row in over]).select_related("user"))
    called = _call_in(request, staying, now) if over else []
    if faults_of_staying(members=[*staying, *called]):
        over = []
    if not (over or begun or called):
        return False
    CompartmentMember.objects.filter(pk__in=[row.pk for row in begun]).update(waits=False)
    if over:
        end_members(request, now, only=[row.pk for row in over])
    move_grants(request, now)
    outbox.put(
        key=f"members:{request.reference}:{request.version + 1}",
        topic="members.changed",
        payload={"request": request.pk},
        not_before=now,
    )
    detail = {"ended": _named(over), "begun": _named(begun), "called_in": _named(called)}
    record_change(request, event="member.lapsed", actor=None, role="", now=now, detail=detail)
    return True


def renew_keepers_grants(*, now: datetime) -> int:
    """Of secrets that had ended before their keepers could still say who may know of them; of how many requests."""
    requests = (
        _without_their_grant(now).order_by("request_id").values_list("request_id", flat=True).distinct()
    )
    return sum(_renew(request_id=pk, now=now) for pk in list(requests))


def _without_their_grant(now: datetime) -> QuerySet[CompartmentMember]:
    held = RequestUserGrant.objects.filter(
        content_object_id=OuterRef("request__reference"),
        user=OuterRef("user"),
        permission_id=permission_ids()[Perm.RESTRICT],
    )
    keepers = CompartmentMember.objects.valid_at(now).filter(role__in=KEEPERS, ended_at=None)
    return keepers.filter(~Exists(held), request__restricted=True, request__disposed_at=None)


@use_case
def _renew(*, request_id: int, now: datetime) -> bool:
    """Asked again under the lock."""
    request = locked(request_id)
    lacking = list(_without_their_grant(now).filter(request=request).select_related("user").order_by("id"))
    if not lacking:
        return False
    move_grants(request, now)
    record_change(
        request, event="grants.renewed", actor=None, role="", now=now, detail={"keepers": _named(lacking)}
    )
    return True


def _call_in(
    request: Request, staying: Sequence[CompartmentMember], now: datetime
) -> list[CompartmentMember]:
    """As few as are needed: the heads of legal first, then the money laundering reporting officers."""
    called: list[CompartmentMember] = []
    for person, role in _candidates(request, staying, now):
        if not faults_of_staying(members=[*staying, *called]):
            break
        row = CompartmentMember(request=request, user=person, role=role, valid_from=now)
        row.seal(reason=CALLED_IN)
        row.save(force_insert=True)
        called.append(row)
    return called


def _candidates(
    request: Request, staying: Iterable[CompartmentMember], now: datetime
) -> Iterator[tuple[User, Role]]:
    company = controller()
    kept_out = set(Exclusion.objects.filter(request=request).values_list("user_id", flat=True))
    taken = kept_out | {member.user_id for member in staying}
    roles = (Role.HEAD_OF_LEGAL, Role.MLRO)
    for person, role in chain.from_iterable(
        ((person, role) for person in holders(company, role, now).filter(is_active=True).order_by("id"))
        for role in roles
    ):
        if person.pk not in taken:
            taken.add(person.pk)
            yield person, role


def _named(members: Iterable[CompartmentMember]) -> list[list[str]]:
    return sorted([member.user.ref, member.role] for member in members)
