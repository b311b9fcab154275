"""Who is let into a restricted request, for what reason and how long; and who leaves it again."""

from datetime import datetime

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of

from ..models import CompartmentMember, Exclusion, Request
from ..permissions import READERS, move_grants
from ..states import Perm
from .access import MEMBER_ROLES
from .changes import demand, locked, record_change, refuse, use_case
from .recording import MINIMUM_MEMBERS


@use_case
def add_member(
    *,
    request_id: int,
    person: User,
    member_role: str,
    reason: str,
    until: datetime | None,
    actor: User,
    now: datetime,
) -> CompartmentMember:
    """Names one more member, in a role they hold today. Raises ActionRefused with every fault."""
    request = locked(request_id)
    role = demand(request, actor, Perm.RESTRICT, now)
    faults = []
    if not request.restricted:
        faults.append(
            ("request_is_restricted", "The request is open to the desk; nobody needs to be named to it.")
        )
    if member_role not in MEMBER_ROLES or member_role not in roles_of(person, now):
        faults.append(
            ("member_holds_the_role", f"{person.display_name} does not hold that role today, or it has no part here.")
        )  # fmt: skip
    if Exclusion.objects.filter(request=request, user=person).exists():
        faults.append(
            (
                "member_is_not_excluded",
                f"{person.display_name} was excluded for a conflict of interest.",
            )
        )
    if CompartmentMember.objects.valid_at(now).filter(
        request=request, user=person, role=member_role
    ).exists():  # fmt: skip
        faults.append(("member_once_per_role", f"{person.display_name} is already a member in that role."))
    if not reason.strip():
        faults.append(("member_has_a_reason", "Say why this person needs to know."))
    if until is not None and until <= now:
        faults.append(("membership_ends_later", "The last day must lie in the future."))
    if faults:
        raise refuse(request, actor, "ADD_MEMBER", *faults)
    row = CompartmentMember(
        request=request, user=person, role=member_role, valid_from=now, valid_until=until, added_by=actor
    )
    row.seal(reason=reason)
    row.save(force_insert=True)
    move_grants(request, now)
    record_change(
        request,
        event="member.added",
        actor=actor,
        role=role,
        now=now,
        detail={
            "person": person.ref,
            "as": member_role,
            "until": until.isoformat(timespec="seconds") if until else "",
        },
        commits={"reason": reason},
    )
    return row


@use_case
def end_member(*, request_id: int, member_id: int, actor: User, now: datetime) -> Request:
    """Takes a member out. Two members who can read it always stay."""
    request = locked(request_id)
    role = demand(request, actor, Perm.RESTRICT, now)
    members = list(CompartmentMember.objects.valid_at(now).filter(request=request).select_related("user"))
    row = next((member for member in members if member.pk == member_id), None)
    if row is None:
        raise refuse(request, actor, "END_MEMBER", ("member_is_there", "This person is no member any more."))
    readers = {
        member.user_id for member in members if member.pk != member_id and Role(member.role) in READERS
    }
    if len(readers) < MINIMUM_MEMBERS:
        sentence = "Two members must always remain who can read it. Name another one first."
        raise refuse(request, actor, "END_MEMBER", ("two_members_keep_a_secret", sentence))
    row.request, row.valid_until = request, now
    row.save(update_fields=["valid_until"])
    move_grants(request, now)
    detail = {"person": row.user.ref, "as": row.role}
    record_change(request, event="member.ended", actor=actor, role=role, now=now, detail=detail)
    return request
