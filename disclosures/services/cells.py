"""Naming people to a standing compartment, giving them another end, ending it; and what time does to it.

Nobody sees more of what is there already: who stands in a cell joins each new case, and goes on seeing theirs.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import controller, holders, roles_of
from audit.entries import SYSTEM, Actor, Changed, append
from audit.nudge import nudge as nudge_sequencer
from sealing.keys import new_key

from .. import outbox
from ..models import CellMember
from ..permissions import READERS
from ..selectors import NotThere
from ..selectors.cells import KEEPERS, in_role, members_of_cells
from .members import MEMBER_ROLES, MINIMUM_MEMBERS

Cell = CellMember.Cell
CALLED_IN = "Called in: somebody's time was over, and two who can read it must always stand in it."


class CellRefused(Exception):
    """`sentences` say why, all of them."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(" ".join(self.sentences))


@transaction.atomic(durable=True)
def name_to_cell(
    *,
    cell: str,
    person: User,
    member_role: str,
    reason: str,
    begins: datetime | None = None,
    until: datetime | None,
    actor: User,
    now: datetime,
) -> CellMember:
    """From then on they join each new secret of the class. Raises CellRefused; NotThere for whoever keeps no such cell."""
    by = _keeper(cell, actor, now)
    since = begins if begins and begins > now else now
    faults = _faults_of_time(until, since, now)
    if member_role not in MEMBER_ROLES or member_role not in roles_of(person, now):
        faults.append(f"{person.display_name} does not hold that role today, or it has no part here.")
    if not reason.strip():
        faults.append("Say why this person needs to know of every such case.")
    _locked(cell)
    if CellMember.objects.filter(cell=cell, user=person, role=member_role, ended_at=None).exists():
        faults.append(f"{person.display_name} stands in it already in that role. Change the time instead.")
    if faults:
        raise CellRefused(faults)
    row = CellMember(
        data_key=new_key(), cell=Cell(cell), user=person, role=member_role, valid_from=since,
        valid_until=until, added_by=actor,
    )  # fmt: skip
    row.seal(reason=reason)
    row.save(force_insert=True)
    _enter(row, "cell_member.added", by, now, {"reason": reason})
    nudge_sequencer()
    return row


@transaction.atomic(durable=True)
def extend_in_cell(
    *, ref: str, until: datetime | None, reason: str, actor: User, now: datetime
) -> CellMember:
    """Another end, earlier or later. The cases they know by now keep the end they had."""
    row, by = _row(ref, actor, now)
    faults = _faults_of_time(until, now, now)
    if until is not None and until == row.valid_until:
        faults.append("That is the end it has already.")
    if not reason.strip():
        faults.append("Say why the time is changed.")
    if faults:
        raise CellRefused(faults)
    row.valid_until = until
    row.version += 1
    row.save(update_fields=["valid_until", "version"])
    _enter(row, "cell_member.extended", by, now, {"reason": reason})
    nudge_sequencer()
    return row


@transaction.atomic(durable=True)
def end_in_cell(*, ref: str, actor: User, now: datetime) -> CellMember:
    """They join no further case. Two who can read it stay, once there are two; of each case they know, its own page
    ends them."""
    row, by = _row(ref, actor, now)
    there = list(members_of_cells([row.cell], now))
    if _readers(there) >= MINIMUM_MEMBERS > _readers(one for one in there if one.pk != row.pk):
        raise CellRefused(["Two members must always remain who can read it. Name another one first."])
    _end(row, now)
    _enter(row, "cell_member.ended", by, now, {})
    nudge_sequencer()
    return row


def keep_cells(*, now: datetime) -> int:
    """Ends who has lapsed, by time, office or role, and tells the keepers; in how many cells. Run by the sweep."""
    cells = sorted(set(_lapsed(now).values_list("cell", flat=True)))
    return sum(_keep_cell(cell=cell, now=now) for cell in cells)


def _lapsed(now: datetime) -> QuerySet[CellMember]:
    return CellMember.objects.filter(ended_at=None).filter(Q(valid_until__lte=now) | ~Q(in_role(now)))


@transaction.atomic(durable=True)
def _keep_cell(*, cell: str, now: datetime) -> bool:
    """Asked again under the lock. Where fewer than two would be left, the head of legal is called in."""
    _locked(cell)
    over = list(_lapsed(now).filter(cell=cell).select_related("user").order_by("id"))
    for row in over:
        _end(row, now)
        _enter(row, "cell_member.lapsed", SYSTEM, now, {})
    called = _call_in(cell, now) if over else []
    for row in over[:1]:
        _tell_keepers(row, now)
    if over:
        nudge_sequencer()
    return bool(over or called)


def _call_in(cell: str, now: datetime) -> list[CellMember]:
    """As few as are needed; in a cell that nobody stands in any more as in one with a single member."""
    there = list(members_of_cells([cell], now))
    called: list[CellMember] = []
    taken = {row.user_id for row in there}
    for role in (Role.HEAD_OF_LEGAL, Role.MLRO):
        for person in holders(controller(), role, now).filter(is_active=True).order_by("id"):
            if person.pk in taken or _readers([*there, *called]) >= MINIMUM_MEMBERS:
                continue
            taken.add(person.pk)
            row = CellMember(data_key=new_key(), cell=Cell(cell), user=person, role=role, valid_from=now)
            row.seal(reason=CALLED_IN)
            row.save(force_insert=True)
            _enter(row, "cell_member.added", SYSTEM, now, {"reason": CALLED_IN})
            called.append(row)
    return called


def _tell_keepers(row: CellMember, now: datetime) -> None:
    people = {person for role in KEEPERS[row.cell] for person in holders(controller(), role, now)}
    for person in sorted(people, key=lambda one: one.pk):
        outbox.put(
            key=f"cell:{row.ref}:{row.version}:{person.ref}",
            topic="cell.lapsed",
            payload={"user": person.pk, "cell": row.cell},
            not_before=now,
        )


def _readers(rows: Iterable[CellMember]) -> int:
    return len({row.user_id for row in rows if Role(row.role) in READERS})


def _faults_of_time(until: datetime | None, since: datetime, now: datetime) -> list[str]:
    if until is None:
        return ["Nobody stands in a cell for ever: give a last day."]
    if until <= now:
        return ["The last day must lie in the future."]
    return ["The last day must not lie before the first."] if until <= since else []


def _keeper(cell: str, actor: User, now: datetime) -> Actor:
    held: Sequence[Role] = sorted(roles_of(actor, now) & KEEPERS.get(cell, frozenset()))
    if not held:
        raise NotThere
    return Actor(actor.ref, held[0])


def _row(ref: str, actor: User, now: datetime) -> tuple[CellMember, Actor]:
    cell = CellMember.objects.filter(ref=ref).values_list("cell", flat=True).first()
    if cell is None:
        raise NotThere
    by = _keeper(cell, actor, now)
    row = next((row for row in _locked(cell) if row.ref == ref), None)
    if row is None:
        raise CellRefused(["This person does not stand in it any more."])
    return row, by


def _locked(cell: str) -> list[CellMember]:
    """All who have not ended: of two changes of one cell at once, the second sees what the first left."""
    rows = CellMember.objects.select_for_update(no_key=True, of=("self",)).filter(cell=cell, ended_at=None)
    return list(rows.select_related("user", "data_key").order_by("id"))


def _end(row: CellMember, now: datetime) -> None:
    row.valid_from = min(row.valid_from, now)
    row.valid_until = min(row.valid_until, now) if row.valid_until else now
    row.ended_at = now
    row.version += 1
    row.save(update_fields=["valid_from", "valid_until", "ended_at", "version"])


def _enter(row: CellMember, event: str, by: Actor, now: datetime, commits: dict[str, str]) -> None:
    detail = {
        "as_of": now.isoformat(timespec="seconds"),
        "cell": str(row.cell),
        "person": row.user.ref,
        "as": str(row.role),
        "from": row.valid_from.isoformat(timespec="seconds"),
        "until": row.valid_until.isoformat(timespec="seconds") if row.valid_until else "",
    }
    append(
        event=event,
        actor=by,
        obj=Changed("cell_member", row.ref, row.version),
        detail=detail,
        commits=commits,
        key=row.data_key,
    )
