"""Who may do what with a request, in which state. The only writer and the only reader of grants.

A grant is a row (request, permission, group or user). Groups are (organisation, role) pairs; a
restricted request has no group grant at all, only one user grant for each named member.
Superusers are nobody special: nothing here asks.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cache

from django.contrib.auth.models import Permission
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.sql import Query

from accounts.models import Membership, Organisation, RoleGroup, User
from accounts.roles import Role
from accounts.selectors import controller, group_ids_of
from accounts.statements import Statement

from .models import CompartmentMember, Exclusion, Request, RequestGroupGrant, RequestUserGrant
from .states import Action, Perm, State
from .workflow import OPEN_STATES, find

P, R = Perm, Role

READERS = (
    R.INTAKE_CLERK,
    R.HANDLER,
    R.APPROVER,
    R.RELEASE_OFFICER,
    R.TEAM_LEAD,
    R.HEAD_OF_LEGAL,
    R.DPO,
    R.MLRO,
)
LEADERS = {
    R.TEAM_LEAD: {P.ASSIGN, P.EXCLUDE, P.WITHDRAW, P.EXPIRE, P.TIME},
    R.HEAD_OF_LEGAL: {P.ASSIGN, P.EXCLUDE, P.WITHDRAW, P.EXPIRE, P.TIME},
    R.MLRO: {P.TIME},
}
# A secret outlives the work: who may know of it is said after the end as well.
KEEPERS: Mapping[Role, set[Perm]] = {R.HEAD_OF_LEGAL: {P.RESTRICT}, R.MLRO: {P.RESTRICT}}
BREACH = {R.DPO: {P.BREACH}, R.HEAD_OF_LEGAL: {P.BREACH}}
CHECKING = {R.RELEASE_OFFICER: {P.RELEASE}, R.HANDLER: {P.VERIFY}, R.HEAD_OF_LEGAL: {P.APPROVE}}
CLOSING = {R.RELEASE_OFFICER: {P.RELEASE, P.CLOSE}, R.HANDLER: {P.CLOSE}}

# What the state adds to seeing (READERS, always) and leading (LEADERS, while it is open).
BY_STATE: Mapping[State, Mapping[Role, set[Perm]]] = {
    State.DRAFT: {R.INTAKE_CLERK: {P.EDIT, P.SUBMIT, P.WITHDRAW}},
    State.SUBMITTED: {
        R.INTAKE_CLERK: {P.EDIT, P.WITHDRAW},
        R.HANDLER: {P.TRIAGE, P.VERIFY, P.PROPOSE, P.EMERGENCY},
        R.APPROVER: {P.VERIFY, P.EMERGENCY},
        R.MLRO: {P.TRIAGE},
    },
    State.RETURNED: {
        R.INTAKE_CLERK: {P.EDIT, P.SUBMIT, P.WITHDRAW, P.CORRESPOND},
        R.HANDLER: {P.VERIFY, P.PROPOSE, P.EMERGENCY, P.CORRESPOND},
        R.APPROVER: {P.VERIFY, P.EMERGENCY},
    },
    State.VERIFYING: {
        R.INTAKE_CLERK: {P.WITHDRAW},
        R.HANDLER: {P.VERIFY, P.TRIAGE, P.PROPOSE, P.EMERGENCY},
        R.APPROVER: {P.VERIFY, P.EMERGENCY},
    },
    State.IN_REVIEW: {
        R.INTAKE_CLERK: {P.WITHDRAW},
        R.HANDLER: {P.REVIEW, P.PROPOSE, P.TRIAGE, P.VERIFY, P.EMERGENCY},
        R.APPROVER: {P.VERIFY, P.EMERGENCY},
        R.DPO: {P.ADVISE},
        R.MLRO: {P.ADVISE},
        R.DATA_HOLDER: {P.SEARCH},
    },
    # A check of the requester counts for a time: where its time can run out, somebody may make it again.
    State.PENDING_APPROVAL: {
        R.INTAKE_CLERK: {P.WITHDRAW},
        R.HANDLER: {P.EMERGENCY, P.VERIFY},
        R.APPROVER: {P.APPROVE, P.EMERGENCY, P.VERIFY},
        R.HEAD_OF_LEGAL: {P.APPROVE},
    },
    State.APPROVED: {**CHECKING, R.APPROVER: {P.APPROVE, P.VERIFY}},
    State.NO_DATA: {**CHECKING, R.APPROVER: {P.APPROVE, P.VERIFY}},
    State.RELEASING: {R.RELEASE_OFFICER: {P.RELEASE}, R.HANDLER: {P.VERIFY}, R.APPROVER: {P.VERIFY}},
    State.RELEASED: {**CLOSING, **BREACH},
    State.REFUSED: CLOSING,
    State.TRANSFERRED: CLOSING,
    State.WITHDRAWN: CLOSING,
    State.EXPIRED: CLOSING,
    State.EMERGENCY_PENDING: {R.HANDLER: {P.EMERGENCY, P.VERIFY}, R.APPROVER: {P.EMERGENCY, P.VERIFY}},
    State.EMERGENCY_RELEASED: {R.INTAKE_CLERK: {P.EDIT, P.CORRESPOND}, R.HANDLER: {P.CORRESPOND}, **BREACH},
    State.AWAITING_RATIFICATION: {
        R.APPROVER: {P.RATIFY},
        R.HEAD_OF_LEGAL: {P.RATIFY, P.BREACH},
        R.DPO: {P.BREACH},
    },
    State.BREACH_ASSESSMENT: BREACH,
    State.UNDER_APPEAL: {
        R.APPROVER: {P.DECIDE_APPEAL, P.VERIFY},
        R.HANDLER: {P.VERIFY},
        R.HEAD_OF_LEGAL: {P.DECIDE_APPEAL},
    },
    State.CLOSED: {
        R.INTAKE_CLERK: {P.APPEAL},
        R.HANDLER: {P.APPEAL},
        R.DPO: {P.BREACH},
        R.HEAD_OF_LEGAL: {P.BREACH, P.APPEAL},
    },
}


# What the company that asks may do with its own request: never the desk's pages, only its own.
COMPANY: Mapping[State, frozenset[Perm]] = {
    state: frozenset(
        {P.FOLLOW}
        | ({P.COMPOSE, P.SUBMIT} if state in {State.DRAFT, State.RETURNED} else set())
        | ({P.WITHDRAW} if find(state, Action.WITHDRAW) and state is not State.EMERGENCY_PENDING else set())
        | ({P.APPEAL} if state is State.CLOSED else set())
    )
    for state in State
}


# A hold outlives the review it was asked in: whoever keeps the data sees it until it has ended and is confirmed.
KEEPING: Mapping[Role, set[Perm]] = {R.DATA_HOLDER: {P.KEEP}}


def _grants_in(state: State) -> dict[Role, frozenset[Perm]]:
    leading: Mapping[Role, set[Perm]] = LEADERS if state in OPEN_STATES else {}
    keeping: Mapping[Role, set[Perm]] = {} if state is State.DRAFT else KEEPING
    adding = BY_STATE[state]
    roles = {*READERS, *leading, *keeping, *KEEPERS, *adding}
    return {
        role: frozenset(
            ({P.VIEW, P.RECORD} if role in READERS else set())
            | leading.get(role, set())
            | KEEPERS.get(role, set())
            | keeping.get(role, set())
            | adding.get(role, set())
        )
        for role in roles
    }


GRANTS: Mapping[State, Mapping[Role, frozenset[Perm]]] = {state: _grants_in(state) for state in State}


@cache
def permission_ids() -> Mapping[Perm, int]:
    """Ids of the codenames. A codename without a row is an error here, never a silent no."""
    rows = Permission.objects.filter(content_type__app_label="disclosures", content_type__model="request")
    found = dict(rows.values_list("codename", "id"))
    return {perm: found[perm.value] for perm in Perm}


def named(user: User | int, now: datetime) -> QuerySet[RequestUserGrant]:
    """Grants to this person by name that have not ended. Whoever left the company holds none."""
    lasting = RequestUserGrant.objects.filter(_lasting(now), user=user)
    return lasting.filter(Exists(_in_office(now).filter(user=user)))


def _lasting(now: datetime) -> Q:
    return Q(valid_until=None) | Q(valid_until__gt=now)


def _in_office(now: datetime) -> QuerySet[Membership]:
    return Membership.objects.valid_at(now).filter(organisation__kind=Organisation.Kind.CONTROLLER)


def may(user: User, reference: str, perm: Perm, now: datetime) -> bool:
    """One query that never touches the request's row: a forbidden and a missing one cost the same."""
    groups, permission = group_ids_of(user, now), permission_ids()[perm]
    return bool(MAY.rows(user=user.pk, reference=reference, permission=permission, groups=groups, now=now))


def _may(*, user: int, reference: str, permission: int, groups: list[int], now: datetime) -> Query:
    grant = {"content_object_id": reference, "permission_id": permission}
    by_group = RequestGroupGrant.objects.filter(**grant, group_id__in=groups)
    by_name = named(user, now).filter(**grant)
    excluded = Exclusion.objects.filter(request__reference=reference, user=user)
    found = User.objects.filter(
        Exists(by_group) | Exists(by_name), ~Exists(excluded), pk=user, is_active=True
    )
    query: Query = found.query.exists()
    return query


MAY = Statement(_may)


def held_on(
    user: User, reference: str, now: datetime, *, groups: Collection[int] | None = None
) -> frozenset[Perm]:
    """All that somebody whom `may` has let in may do with the request as it stands. `groups`: their own, if known."""
    mine = {"content_object_id": reference}
    groups = group_ids_of(user, now) if groups is None else groups
    by_group = RequestGroupGrant.objects.filter(**mine, group_id__in=groups)
    by_name = named(user, now).filter(**mine)
    names = {pk: perm for perm, pk in permission_ids().items()}
    found = by_group.values_list("permission_id").union(by_name.values_list("permission_id"))
    return frozenset(names[pk] for (pk,) in found if pk in names)


def role_behind(
    user: User, request: Request, perm: Perm, now: datetime, *, held: frozenset[str] | None = None
) -> str:
    """The role that lets this person do this: what the log names. Empty if none does. `held`: their roles on it, if known."""
    held = roles_on(user, request, now) if held is None else held
    able = [role for role, perms in GRANTS[State(request.state)].items() if perm in perms]
    if perm in COMPANY[State(request.state)]:
        able.append(R.GROUP_SUBMITTER)
    return next((role for role in sorted(able) if role in held), "")


def roles_on(user: User, request: Request, now: datetime) -> frozenset[str]:
    """The roles in which this person can touch this request."""
    if request.restricted:
        return frozenset(_members(request, now).filter(user=user).values_list("role", flat=True))
    where = Q(organisation__kind=Organisation.Kind.CONTROLLER)
    where |= Q(organisation=request.body_id) if request.own_submission else Q()
    memberships = Membership.objects.valid_at(now).filter(where, user=user)
    return frozenset(memberships.values_list("role", flat=True))


def who_may(*, request: Request, perm: Perm, now: datetime) -> list[User]:
    """Everybody active who holds this permission on this request today, the excluded left out."""
    permission = permission_ids()[perm]
    groups = RequestGroupGrant.objects.filter(content_object_id=request.reference, permission_id=permission)
    by_role = Membership.objects.valid_at(now).filter(
        user=OuterRef("pk"),
        organisation__role_groups__role=F("role"),
        organisation__role_groups__group__in=groups.values("group"),
    )
    by_name = RequestUserGrant.objects.filter(
        _lasting(now), content_object_id=request.reference, permission_id=permission, user=OuterRef("pk")
    )
    excluded = Exclusion.objects.filter(request=request, user=OuterRef("pk"))
    in_office = _in_office(now).filter(user=OuterRef("pk"))
    able = Q(Exists(by_role)) | Q(Exists(by_name) & Exists(in_office))
    people = User.objects.filter(able, ~Exists(excluded), is_active=True)
    return list(people.order_by("id"))


def move_grants(request: Request, now: datetime) -> None:
    """Makes the grants what the request's state, restriction and members say. Called inside the step."""
    if request.restricted:
        _set_user_grants(request, _wanted_by_members(request, now))
        RequestGroupGrant.objects.filter(content_object_id=request.reference).delete()
        return
    groups = dict(RoleGroup.objects.filter(organisation=controller()).values_list("role", "group_id"))
    state = State(request.state)
    wanted = {(groups[role], perm) for role in GRANTS[state] for perm in _wanted(request, role)}
    if request.own_submission:
        wanted = (set() if state is State.DRAFT else wanted) | _wanted_by_the_company(request, state)
    _set_group_grants(request, wanted)
    _set_user_grants(request, {})


def _wanted_by_members(request: Request, now: datetime) -> dict[tuple[int, int], datetime | None]:
    """Each with its end; who is a member in two roles keeps a permission until the later one ends."""
    wanted: dict[tuple[int, int], datetime | None] = {}
    for user, role, until in _members(request, now).values_list("user_id", "role", "valid_until"):
        for perm in _wanted(request, role):
            before = wanted.get((user, perm), until)
            wanted[user, perm] = max(before, until) if before and until else None
    return wanted


def _wanted(request: Request, role: str) -> Iterable[int]:
    ids = permission_ids()
    return [ids[perm] for perm in GRANTS[State(request.state)].get(Role(role), ())]


def _wanted_by_the_company(request: Request, state: State) -> set[tuple[int, int]]:
    ids = permission_ids()
    group = RoleGroup.objects.get(organisation=request.body_id, role=R.GROUP_SUBMITTER).group_id
    return {(group, ids[perm]) for perm in COMPANY[state]}


def _set_group_grants(request: Request, wanted: set[tuple[int, int]]) -> None:
    rows = RequestGroupGrant.objects.filter(content_object_id=request.reference)
    held = {(group, perm): pk for pk, group, perm in rows.values_list("pk", "group_id", "permission_id")}
    rows.filter(pk__in=[pk for pair, pk in held.items() if pair not in wanted]).delete()
    RequestGroupGrant.objects.bulk_create(
        RequestGroupGrant(content_object_id=request.reference, group_id=group, permission_id=perm)
        for group, perm in sorted(wanted - held.keys())
    )


def _set_user_grants(request: Request, wanted: Mapping[tuple[int, int], datetime | None]) -> None:
    """A grant whose end moved is made anew."""
    rows = RequestUserGrant.objects.filter(content_object_id=request.reference)
    found = rows.values_list("pk", "user_id", "permission_id", "valid_until")
    held = {(user, perm, until): pk for pk, user, perm, until in found}
    asked = {(*pair, until) for pair, until in wanted.items()}
    rows.filter(pk__in=[pk for key, pk in held.items() if key not in asked]).delete()
    RequestUserGrant.objects.bulk_create(
        RequestUserGrant(
            content_object_id=request.reference,
            user_id=user,
            permission_id=perm,
            valid_until=wanted[user, perm],
        )
        for user, perm, _ in sorted(asked - held.keys(), key=lambda key: key[:2])
    )


def _members(request: Request, now: datetime) -> QuerySet[CompartmentMember]:
    return CompartmentMember.objects.valid_at(now).filter(request=request)
