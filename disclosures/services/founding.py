"""Who knows of a restricted request from its birth."""

from collections.abc import Collection
from datetime import datetime

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import controller, holders

from ..catalogue import Instrument as Terms
from ..models import CellMember, CompartmentMember, Exclusion, Request
from ..selectors.cells import members_of_cells
from ..states import Kind
from .changes import refuse
from .members import MINIMUM_MEMBERS

FROM_BIRTH = "From birth: recorded as an order, a notice, or something that may not be told."
# The laws of secrecy that stand over communications data: Investigatory Powers Act 2016, Regulation of Investigatory
# Powers Act 2000, and the European production order for electronic evidence.
COMMUNICATIONS = ("IPA-", "RIPA-", "EPOC-")


def found_the_compartment(request: Request, *, terms: Terms | None, clerk: User, now: datetime) -> list[str]:
    """The recording clerk and the MLRO (where there is none, the head of legal), and the cell of its class.

    Returns who joined from the cell, by reference, for the entry.
    """
    company = controller()
    keepers = holders(company, Role.MLRO, now) or holders(company, Role.HEAD_OF_LEGAL, now)
    role = Role.MLRO if holders(company, Role.MLRO, now) else Role.HEAD_OF_LEGAL
    people = {(clerk, Role.INTAKE_CLERK), *((keeper, role) for keeper in keepers)}
    if len({person.pk for person, _ in people}) < MINIMUM_MEMBERS:
        raise refuse(
            request,
            clerk,
            "RECORD",
            (
                "two_members_keep_a_secret",
                "No money laundering reporting officer and no head of legal is in office; a restricted request cannot be kept by you alone.",
            ),
        )
    for person, member_role in sorted(people, key=lambda pair: pair[0].pk):
        _name(request, person, member_role, FROM_BIRTH, clerk, None, now)
    return _join(request, cells_of(terms=terms), {(person.pk, str(role)) for person, role in people}, now)


def join_of_another_class(
    request: Request, *, before: Terms | None, terms: Terms | None, now: datetime
) -> list[str]:
    """The clerk says only now, or says otherwise, what came: the cell of that class joins what is restricted.

    Whoever joined before stays, and is ended by whoever says who may know.
    """
    cells = cells_of(terms=terms) - cells_of(terms=before)
    if not (request.restricted and cells):
        return []
    named = CompartmentMember.objects.filter(request=request, ended_at=None).values_list("user_id", "role")
    return _join(request, cells, set(named), now)


def cells_of(*, terms: Terms | None) -> frozenset[str]:
    """By the law of its secrecy communications data, else by its kind money laundering and terrorist finance."""
    if terms is None:
        return frozenset()
    if terms.secrecy.startswith(COMMUNICATIONS):
        return frozenset({CellMember.Cell.COMMUNICATIONS})
    return frozenset({CellMember.Cell.MONEY_LAUNDERING} if Kind.AML in terms.kinds else ())


def _join(request: Request, cells: Collection[str], named: set[tuple[int, str]], now: datetime) -> list[str]:
    """Those whose time it is, who hold the role they were named in, and whom nobody has kept out."""
    if not cells:
        return []
    kept_out = set(Exclusion.objects.filter(request=request).values_list("user_id", flat=True))
    joining = [
        row
        for row in members_of_cells(cells, now)
        if (row.user_id, row.role) not in named and row.user_id not in kept_out
    ]
    for row in joining:
        reason = f"Named to every new case of its class: {row.get_cell_display()}."
        _name(request, row.user, row.role, reason, row.added_by, row.valid_until, now)
    return sorted(row.ref for row in joining)


def _name(
    request: Request,
    person: User,
    role: str,
    reason: str,
    by: User | None,
    until: datetime | None,
    now: datetime,
) -> None:
    row = CompartmentMember(
        request=request, user=person, role=role, valid_from=now, valid_until=until, added_by=by
    )
    row.seal(reason=reason)
    row.save(force_insert=True)
