"""Who holds which role now. Memberships are the only source; Django's own groups of a user are not used."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from audit.models import Entry, Log
from audit.registry import EventSpec

from .audit_events import EVENTS
from .bodies.addresses import Listed
from .models import (
    Absence,
    Membership,
    OnCall,
    Organisation,
    OrganisationDomain,
    RoleGroup,
    User,
)
from .roles import Role
from .statements import Statement


def controller() -> Organisation:
    """The company whose desk this is. Raises Organisation.DoesNotExist before set-up."""
    return Organisation.objects.get(kind=Organisation.Kind.CONTROLLER)


def roles_of(user: User, now: datetime) -> frozenset[Role]:
    """The roles in the controller."""
    held = Membership.objects.valid_at(now).filter(user=user)
    return _roles(held.filter(organisation__kind=Organisation.Kind.CONTROLLER))


def roles_in(user: User, organisation: Organisation, now: datetime) -> frozenset[Role]:
    return _roles(Membership.objects.valid_at(now).filter(user=user, organisation=organisation))


def _roles(held: QuerySet[Membership]) -> frozenset[Role]:
    return frozenset(Role(role) for role in held.values_list("role", flat=True))


def is_controller_staff(user: User, now: datetime) -> bool:
    return bool(roles_of(user, now))


def group_ids_of(user: User, now: datetime) -> list[int]:
    """The groups that grants are given to, of the roles the person holds now, in every organisation."""
    return [group for (group,) in GROUPS.rows(user=user.pk, now=now)]


def _groups(*, user: int, now: datetime) -> QuerySet[RoleGroup, tuple[int]]:
    held = Q(organisation__memberships__in=Membership.objects.valid_at(now).filter(user=user))
    same_role = Q(role=F("organisation__memberships__role"))
    return RoleGroup.objects.filter(held & same_role).values_list("group_id").distinct()


GROUPS = Statement(_groups)


def on_call_list(now: datetime) -> list[OnCall]:
    """Those to be rung now, in their order, whoever has left or holds no role any more left out."""
    in_office = Membership.objects.valid_at(now).filter(
        user=OuterRef("user"), organisation=OuterRef("organisation")
    )
    rows = OnCall.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=now),
        Exists(in_office),
        valid_from__lte=now,
        user__is_active=True,
    )
    return list(rows.select_related("user").order_by("position", "id"))


def role_group(organisation: Organisation, role: Role) -> Group:
    return Group.objects.get(role_group__organisation=organisation, role_group__role=role)


def holders(organisation: Organisation, role: Role, now: datetime) -> QuerySet[User]:
    valid = Membership.objects.valid_at(now).filter(organisation=organisation, role=role)
    return User.objects.filter(pk__in=valid.values("user_id"))


def absences_on(day: date) -> dict[int, Absence]:
    """Who is away on this London day, by person."""
    rows = Absence.objects.filter(first_day__lte=day, last_day__gte=day).select_related("user", "cover")
    return {row.user_id: row for row in rows}


def absences_from(day: date) -> list[Absence]:
    """All leave that has not ended before this day, the soonest first."""
    rows = Absence.objects.filter(last_day__gte=day).select_related("user", "cover")
    return list(rows.order_by("first_day", "id"))


def covered_people(user: User, day: date) -> list[User]:
    """Those for whom this person is the cover on this day."""
    rows = Absence.objects.filter(cover=user, first_day__lte=day, last_day__gte=day).select_related("user")
    return [row.user for row in rows.order_by("id")]


@dataclass(frozen=True, slots=True)
class RegisterChange:
    """One entry of the log about an organisation; `lines` are (what, before, after) of whatever changed."""

    at: datetime
    who: str
    words: str
    lines: tuple[tuple[str, str, str], ...]


NEWEST_CHANGES = 200
_WORDS: Mapping[str, EventSpec] = {event.name: event for event in EVENTS}


def history_of(organisation: Organisation) -> list[RegisterChange]:
    """What the log tells of the organisation's row, the newest first."""
    entries = Entry.objects.filter(log=Log.MAIN, object_type="organisation", object_ref=organisation.ref)
    found = list(entries.order_by("-at", "-id")[:NEWEST_CHANGES])
    names = dict(User.objects.filter(ref__in={row.actor for row in found}).values_list("ref", "display_name"))
    return [
        RegisterChange(
            at=row.at,
            who=names.get(row.actor, "Set-up"),
            words=_WORDS[row.event].words if row.event in _WORDS else row.event,
            lines=_lines_of(json.loads(bytes(row.body)).get("detail", {})),
        )
        for row in found
    ]


def _lines_of(detail: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    before, after = detail.get("before", {}), detail.get("after", {})
    names = dict.fromkeys([*before, *after])
    return tuple(
        (name.replace("_", " ").capitalize(), _in_words(before.get(name)), _in_words(after.get(name)))
        for name in names
    )


def _in_words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value or "nothing")


def listed_domains(body: Organisation | None) -> tuple[list[Listed], list[Listed]]:
    """The mail domains of the body, and those of all other organisations in use, in one query."""
    rows = OrganisationDomain.objects.filter(organisation__is_active=True).select_related("organisation")
    mine: list[Listed] = []
    others: list[Listed] = []
    for row in rows.order_by("domain"):
        listed = Listed(row.domain, row.organisation.name, row.certainty, row.legacy)
        (mine if body is not None and row.organisation_id == body.pk else others).append(listed)
    return mine, others
