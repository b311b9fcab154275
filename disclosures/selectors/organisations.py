"""The organisations and the colleagues, each with what the reader may see of their requests."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from accounts.selectors import controller

from ..models import Request
from .doors import NotThere, visible_to

ROWS = 50


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """`later` is the name after which the next page begins."""

    rows: list[Organisation]
    later: str


def organisations(*, kind: str, typed: str, after: str) -> OrganisationPage:
    """By name, or by another name it is known under; one page of them."""
    rows = Organisation.objects.all()
    if kind:
        rows = rows.filter(kind=kind)
    if typed:
        named = Organisation.objects.filter(aliases__name__icontains=typed).values("pk")
        rows = rows.filter(Q(name__icontains=typed) | Q(pk__in=named))
    if after:
        rows = rows.filter(name__gt=after)
    found = list(rows.order_by("name", "id").prefetch_related("aliases")[: ROWS + 1])
    return OrganisationPage(found[:ROWS], found[ROWS - 1].name if len(found) > ROWS else "")


def organisation_by_code(code: str) -> Organisation:
    """Raises NotThere."""
    found = Organisation.objects.filter(code=code).prefetch_related("aliases", "domains").first()
    if found is None:
        raise NotThere
    return found


def requests_of(organisation: Organisation, reader: User, now: datetime) -> QuerySet[Request]:
    """What this organisation asked and this reader may see; of anything else not even that it is."""
    return visible_to(reader, now).filter(body=organisation)


def colleague(ref: str, now: datetime) -> tuple[User, list[tuple[str, datetime | None]]]:
    """Somebody who holds a role here now, and the roles with their ends. Raises NotThere."""
    held = Membership.objects.valid_at(now).filter(organisation=controller(), user__ref=ref)
    rows = list(held.select_related("user").order_by("role"))
    if not rows:
        raise NotThere
    return rows[0].user, [(Role(row.role).label, row.valid_until) for row in rows]


def requests_with(person: User, reader: User, now: datetime) -> QuerySet[Request]:
    """What this colleague has, as far as the reader sees it."""
    return visible_to(reader, now).filter(assignee=person)
