"""Who works on a request, who is kept out of it, and when it becomes a secret of the few."""

from datetime import datetime

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of

from ..catalogue import INSTRUMENTS
from ..models import CompartmentMember, Exclusion, Instrument, Request
from ..permissions import READERS, move_grants, who_may
from ..states import Perm, State
from .changes import demand, locked, record_change, refuse, use_case
from .indexes import move_indexes
from .members import MEMBER_ROLES, MINIMUM_MEMBERS, current_members, end_members, faults_of_staying
from .notices import tell_followers


@use_case
def assign_request(*, request_id: int, assignee: User | None, actor: User, now: datetime) -> Request:
    """Says who has it. Only somebody who can see it can have it."""
    request = locked(request_id)
    role = demand(request, actor, Perm.ASSIGN, now)
    if assignee and assignee not in who_may(request=request, perm=Perm.VIEW, now=now):
        raise refuse(
            request, actor, "ASSIGN", ("assignee_can_see_it", "This person has no part in this request.")
        )
    request.assignee = assignee
    detail = {"assignee": assignee.ref if assignee else ""}
    tell_followers(request, "has been given to somebody", but=actor, now=now)
    record_change(
        request,
        event="request.assigned",
        actor=actor,
        role=role,
        now=now,
        fields=("assignee",),
        detail=detail,
    )
    return request


@use_case
def exclude_person(*, request_id: int, person: User, reason: str, actor: User, now: datetime) -> Exclusion:
    """A conflict of interest: from now on the request does not exist for this person, who is no member any more."""
    request = locked(request_id)
    role = demand(request, actor, Perm.EXCLUDE, now)
    faults = []
    if not reason.strip():
        faults.append(("exclusion_has_a_reason", "Say what the conflict of interest is."))
    if Exclusion.objects.filter(request=request, user=person).exists():
        faults.append(("excluded_once", "This person is already excluded."))
    members = current_members(request, now) if request.restricted else []
    ending = [member.pk for member in members if member.user_id == person.pk]
    if ending:
        faults += faults_of_staying(members=[member for member in members if member.pk not in ending])
    if faults:
        raise refuse(request, actor, "EXCLUDE", *faults)
    if ending:
        end_members(request, now, only=ending)
        move_grants(request, now)
    row = Exclusion(request=request, user=person, excluded_at=now, excluded_by=actor)
    row.seal(reason=reason)
    row.save(force_insert=True)
    if request.assignee_id == person.pk:
        request.assignee = None
    record_change(
        request,
        event="person.excluded",
        actor=actor,
        role=role,
        now=now,
        fields=("assignee",),
        detail={"person": person.ref},
        commits={"reason": reason},
    )
    return row


@use_case
def restrict_request(
    *, request_id: int, members: dict[User, str], reason: str, actor: User, now: datetime
) -> Request:
    """Makes it visible to named members only (each with the role they hold here), the actor among them.

    Raises ActionRefused with fewer than two members who can read it, or a member without that role.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.RESTRICT, now)
    named = {**members, actor: role}
    faults = [
        ("member_holds_the_role", f"{person.display_name} does not hold the role {Role(held).label} today.")
        for person, held in named.items()
        if held not in roles_of(person, now)
    ]
    excluded = set(Exclusion.objects.filter(request=request).values_list("user_id", flat=True))
    faults += [
        ("member_is_not_excluded", f"{person.display_name} was excluded for a conflict of interest.")
        for person in named
        if person.pk in excluded
    ]
    faults += [
        (
            "member_has_a_part",
            f"As {Role(held).label.lower()}, {person.display_name} has no part in a request.",
        )
        for person, held in named.items()
        if held not in MEMBER_ROLES
    ]
    if sum(held in READERS for held in named.values()) < MINIMUM_MEMBERS:
        faults.append(
            (
                "two_members_keep_a_secret",
                "Name at least one other member who can read it; a restricted request always has two.",
            )
        )
    if not reason.strip():
        faults.append(("restriction_has_a_reason", "Say why the request is restricted."))
    if request.restricted:
        faults.append(("restricted_once", "The request is already restricted."))
    if faults:
        raise refuse(request, actor, "RESTRICT", *faults)
    for person, held in named.items():
        row = CompartmentMember(request=request, user=person, role=held, valid_from=now, added_by=actor)
        row.seal(reason=reason)
        row.save(force_insert=True)
    request.restricted = True
    moved = move_indexes(request)
    if request.assignee and request.assignee not in named:
        request.assignee = None
    move_grants(request, now)
    detail = {"members": sorted([person.ref, held] for person, held in named.items())}
    record_change(
        request,
        event="request.restricted",
        actor=actor,
        role=role,
        now=now,
        fields=("restricted", "assignee", *moved),
        detail=detail,
        commits={"reason": reason},
    )
    return request


@use_case
def open_at_triage(*, request_id: int, ground: str, actor: User, now: datetime) -> Request:
    """Triage finds a plain request behind a cautious answer at intake, and opens it to the desk.

    Only a request born restricted, still at triage, under an instrument without statutory secrecy, and
    by another person than the one who took it in. A later end of secrecy is a four-eyes step of its own.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.TRIAGE, now)
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    faults = []
    if not (request.born_restricted and request.restricted and request.state == State.SUBMITTED):
        faults.append(
            ("it_is_at_triage", "Only a request that was born restricted can be opened, and only at triage.")
        )
    if instrument is None or INSTRUMENTS[instrument.code].secrecy not in OPEN_SECRECY:
        faults.append(
            ("instrument_is_no_secret", "The instrument itself forbids telling, or is not known yet.")
        )
    if actor.pk == request.recorded_by_id:
        faults.append(("another_person_opens_it", "You took this request in; another member must open it."))
    if not ground.strip():
        faults.append(("opening_has_a_ground", "Say why nothing forbids telling of this request."))
    if faults:
        raise refuse(request, actor, "OPEN", *faults)
    request.restricted = False
    moved = move_indexes(request)
    end_members(request, now)
    move_grants(request, now)
    record_change(
        request,
        event="request.opened",
        actor=actor,
        role=role,
        now=now,
        fields=("restricted", *moved),
        commits={"ground": ground},
    )
    return request


OPEN_SECRECY = frozenset({"", "PREJ"})
