"""Who is let into a restricted request, for what reason and how long; and who leaves it again."""

from datetime import datetime

from accounts.models import User
from accounts.selectors import roles_of

from ..models import CompartmentMember, Exclusion, Request
from ..permissions import move_grants
from ..states import Perm
from .changes import demand, locked, record_change, refuse, use_case
from .members import MEMBER_ROLES, Fault, current_members, end_members, faults_of_staying


@use_case
def add_member(
    *,
    request_id: int,
    person: User,
    member_role: str,
    reason: str,
    begins: datetime | None = None,
    until: datetime | None,
    actor: User,
    now: datetime,
) -> CompartmentMember:
    """Names one more member, in a role they hold today, from now or from a day to come.

    Raises ActionRefused with every fault.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.RESTRICT, now)
    since = begins if begins and begins > now else now
    faults = [*_faults_of_person(request, person, member_role, now), *_faults_of_time(since, until, now)]
    if not request.restricted:
        faults.append(
            ("request_is_restricted", "The request is open to the desk; nobody needs to be named to it.")
        )
    if not reason.strip():
        faults.append(("member_has_a_reason", "Say why this person needs to know."))
    if faults:
        raise refuse(request, actor, "ADD_MEMBER", *faults)
    row = CompartmentMember(
        request=request, user=person, role=member_role, valid_from=since, valid_until=until,
        waits=since > now, added_by=actor,
    )  # fmt: skip
    row.seal(reason=reason)
    row.save(force_insert=True)
    move_grants(request, now)
    detail = {"person": person.ref, "as": member_role, "from": _instant(since), "until": _instant(until)}
    record_change(
        request, event="member.added", actor=actor, role=role, now=now, detail=detail, commits={"reason": reason},
    )  # fmt: skip
    return row


def _faults_of_person(request: Request, person: User, member_role: str, now: datetime) -> list[Fault]:
    faults = []
    if member_role not in MEMBER_ROLES or member_role not in roles_of(person, now):
        faults.append(
            ("member_holds_the_role", f"{person.display_name} does not hold that role today, or it has no part here.")
        )  # fmt: skip
    if Exclusion.objects.filter(request=request, user=person).exists():
        sentence = f"{person.display_name} was excluded for a conflict of interest."
        faults.append(("member_is_not_excluded", sentence))
    named = CompartmentMember.objects.filter(request=request, user=person, role=member_role, ended_at=None)
    if (named.valid_at(now) | named.still_to_come(now)).exists():
        faults.append(("member_once_per_role", f"{person.display_name} is already a member in that role."))
    return faults


def _faults_of_time(since: datetime, until: datetime | None, now: datetime) -> list[Fault]:
    if until is not None and until <= now:
        return [("membership_ends_later", "The last day must lie in the future.")]
    if until is not None and until <= since:
        return [("membership_has_a_span", "The last day must not lie before the first.")]
    return []


@use_case
def extend_member(
    *, request_id: int, member_id: int, until: datetime | None, reason: str, actor: User, now: datetime
) -> CompartmentMember:
    """Gives a member another end, earlier or later, or none. The reason is kept with the entry."""
    request = locked(request_id)
    role = demand(request, actor, Perm.RESTRICT, now)
    row = next((member for member in current_members(request, now) if member.pk == member_id), None)
    if row is None:
        raise refuse(
            request, actor, "EXTEND_MEMBER", ("member_is_there", "This person is no member any more.")
        )
    faults = _faults_of_time(now, until, now)
    if until == row.valid_until:
        faults.append(("end_is_another", "That is the end it has already."))
    if not reason.strip():
        faults.append(("member_has_a_reason", "Say why the time is changed."))
    if faults:
        raise refuse(request, actor, "EXTEND_MEMBER", *faults)
    row.request, before, row.valid_until = request, row.valid_until, until
    row.save(update_fields=["valid_until"])
    move_grants(request, now)
    detail = {"person": row.user.ref, "as": row.role, "was": _instant(before), "until": _instant(until)}
    record_change(
        request, event="member.extended", actor=actor, role=role, now=now, detail=detail, commits={"reason": reason},
    )  # fmt: skip
    return row


@use_case
def end_member(*, request_id: int, member_id: int, actor: User, now: datetime) -> Request:
    """Takes a member out. Two members who can read it always stay, and one who says who may know."""
    request = locked(request_id)
    role = demand(request, actor, Perm.RESTRICT, now)
    members = current_members(request, now)
    coming = CompartmentMember.objects.still_to_come(now).filter(request=request).select_related("user")
    row = next((member for member in (*members, *coming) if member.pk == member_id), None)
    if row is None:
        raise refuse(request, actor, "END_MEMBER", ("member_is_there", "This person is no member any more."))
    if faults := faults_of_staying(members=[member for member in members if member.pk != member_id]):
        raise refuse(request, actor, "END_MEMBER", *faults)
    end_members(request, now, only=[row.pk])
    move_grants(request, now)
    detail = {"person": row.user.ref, "as": row.role}
    record_change(request, event="member.ended", actor=actor, role=role, now=now, detail=detail)
    return request


def _instant(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""
