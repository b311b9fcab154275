"""Who stands in a cell, so that each new secret of its class is known to them at its birth."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from accounts.selectors import roles_of

from ..models import CellMember

Cell = CellMember.Cell
# The head of legal keeps both; the money laundering reporting officer the cell of that law.
KEEPERS: Mapping[str, frozenset[Role]] = {
    Cell.COMMUNICATIONS: frozenset({Role.HEAD_OF_LEGAL}),
    Cell.MONEY_LAUNDERING: frozenset({Role.HEAD_OF_LEGAL, Role.MLRO}),
}


def cells_kept_by(user: User, now: datetime) -> list[Cell]:
    roles = roles_of(user, now)
    return [cell for cell in Cell if roles & KEEPERS[cell]]


def members_of_cells(cells: Collection[str], now: datetime) -> QuerySet[CellMember]:
    """Those whose time it is, and who still hold the role that they were named in."""
    rows = CellMember.objects.valid_at(now).filter(in_role(now), cell__in=cells)
    return rows.select_related("user", "added_by").order_by("id")


def in_role(now: datetime) -> Exists:
    held = Membership.objects.valid_at(now).filter(
        user=OuterRef("user"),
        role=OuterRef("role"),
        organisation__kind=Organisation.Kind.CONTROLLER,
        user__is_active=True,
    )
    return Exists(held)
