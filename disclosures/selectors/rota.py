"""Who can decide what today: the people an instrument needs, against the memberships that are valid now."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localdate

from accounts.models import Membership, Organisation
from accounts.roles import Role
from accounts.selectors import absences_on

from ..catalogue import INSTRUMENTS
from ..catalogue import Instrument as Terms
from ..catalogue.schema import RowType
from ..facts import Facts
from ..models import CompartmentMember, Request
from ..permissions import GRANTS
from ..rota import Seat, unfilled
from ..states import Perm, State
from .deciding import OPINION_WORDS
from .rows import Rows

S = State
BEFORE_REVIEW = (S.DRAFT, S.SUBMITTED, S.RETURNED, S.VERIFYING)
BEFORE_APPROVAL = (*BEFORE_REVIEW, S.IN_REVIEW)
BEFORE_RELEASE = (*BEFORE_APPROVAL, S.PENDING_APPROVAL)


@dataclass(frozen=True, slots=True)
class Part:
    """A seat of the usual road: in which state its permission counts, and in which it is still ahead."""

    act: str
    words: str
    state: State
    perm: Perm
    ahead: tuple[State, ...]
    apart: bool = True

    def seat(self, only: Role | None = None) -> Seat:
        able = (role for role, perms in GRANTS[self.state].items() if self.perm in perms)
        roles = frozenset({only} if only else able)
        return Seat(self.act, self.words, roles, self.apart)


RECORD = Part("RECORD", "taking it in", S.DRAFT, Perm.SUBMIT, (S.DRAFT,))
CONFIRM = Part("CONFIRM", "the verification", S.VERIFYING, Perm.VERIFY, BEFORE_REVIEW)
SEARCH = Part("SEARCH", "the search", S.IN_REVIEW, Perm.SEARCH, BEFORE_APPROVAL, apart=False)
ADVISE = Part("ADVISE", "an opinion", S.IN_REVIEW, Perm.ADVISE, BEFORE_APPROVAL, apart=False)
PROPOSE = Part("PROPOSE", "the proposal", S.IN_REVIEW, Perm.PROPOSE, BEFORE_APPROVAL)
CONCUR = Part("CONCUR", "the first of two approvals", S.PENDING_APPROVAL, Perm.APPROVE, BEFORE_RELEASE)
APPROVE = Part("APPROVE", "the approval", S.PENDING_APPROVAL, Perm.APPROVE, BEFORE_RELEASE)
RELEASE = Part(
    "RELEASE", "the release", S.RELEASING, Perm.RELEASE, (*BEFORE_RELEASE, S.APPROVED, S.NO_DATA, S.RELEASING), apart=False
)  # fmt: skip
OPINIONS = {
    "DPO": ("the data protection officer’s opinion", Role.DPO),
    "MLRO": ("the reporting officer’s opinion", Role.MLRO),
}
Roles = Mapping[int, frozenset[str]]


def seats_of(state: State, *, approvals: int, opinions: Iterable[str]) -> list[Seat]:
    """Those still ahead in this state, in the order of the road."""
    parts = [RECORD, CONFIRM, SEARCH, PROPOSE, *([CONCUR] if approvals > 1 else []), APPROVE, RELEASE]
    seats = [part.seat() for part in parts if state in part.ahead]
    if state in ADVISE.ahead:
        seats += [
            Seat(code, words, frozenset({role}), apart=False)
            for code, (words, role) in OPINIONS.items()
            if code in opinions
        ]
    return seats


@dataclass(frozen=True, slots=True)
class Place:
    """A seat, and the people who could sit in it today, by name."""

    seat: Seat
    people: Sequence[str]
    empty: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """An instrument: what it usually needs, and in a grave case (two approvals, the DPO's opinion)."""

    terms: Terms
    usual: Sequence[Place]
    grave: Sequence[Place]

    @property
    def lacks(self) -> Sequence[Place]:
        return [place for place in self.usual if place.empty]

    @property
    def lacks_when_grave(self) -> Sequence[Place]:
        return [place for place in self.grave if place.empty]


def outlooks(now: datetime) -> list[Outlook]:
    """Every instrument that is worked here, with the people of today."""
    held, names = _people(now)
    return [
        Outlook(
            terms,
            usual=_places(seats_of(S.DRAFT, approvals=terms.approvals, opinions=terms.opinions), held, names),
            grave=_places(seats_of(S.DRAFT, approvals=2, opinions={*terms.opinions, "DPO"}), held, names),
        )
        for terms in INSTRUMENTS.values()
        if terms.row_type is RowType.REQUEST
    ]


def _places(seats: Sequence[Seat], held: Roles, names: Mapping[int, str]) -> list[Place]:
    empty = unfilled(seats, held, {})
    return [
        Place(
            seat, sorted(names[person] for person, roles in held.items() if roles & seat.roles), seat in empty
        )
        for seat in seats
    ]


def _people(now: datetime, away: Collection[int] | None = None) -> tuple[Roles, Mapping[int, str]]:
    """Roles and names of whoever is in office and not away today; `away`, where it is known."""
    ours = Organisation.Kind.CONTROLLER
    rows = Membership.objects.valid_at(now).filter(organisation__kind=ours, user__is_active=True)
    away = absences_on(localdate(now)) if away is None else away
    held, names = defaultdict(set), {}
    for person, role, name in rows.values_list("user_id", "role", "user__display_name"):
        if person not in away:
            held[person].add(role)
            names[person] = name
    return {person: frozenset(roles) for person, roles in held.items()}, names


def seats_nobody_can_take(
    request: Request,
    facts: Facts,
    now: datetime,
    rows: Rows | None = None,
    away: Collection[int] | None = None,
) -> list[Seat]:
    """What is still ahead of an open request and nobody is left for: today, and by those who acted already.

    `rows` and `away` (whoever is on leave today): what a page has read already.
    """
    rows = rows or Rows(request)
    state = State(request.state)
    seats = seats_of(state, approvals=facts.approvals_needed, opinions=_opinions_ahead(facts))
    if request.own_submission:
        seats = [seat for seat in seats if seat.act != RECORD.act]
    if not seats:
        return []
    taken: dict[str, set[int]] = defaultdict(set)
    for step in rows.steps:
        if step.act and step.actor_id is not None:
            taken[step.act].add(step.actor_id)
    if not request.own_submission and request.recorded_by_id:
        taken[RECORD.act].add(request.recorded_by_id)
    if state is S.PENDING_APPROVAL and facts.concurred_by:
        seats = [seat for seat in seats if seat.act != CONCUR.act]
    return unfilled(seats, _people_of(request, rows, now, away), taken)


def _opinions_ahead(facts: Facts) -> set[str]:
    missing = facts.opinions_needed - facts.opinions_given
    return {code for code, words in OPINION_WORDS.items() if words in missing}


def _people_of(request: Request, rows: Rows, now: datetime, away: Collection[int] | None) -> Roles:
    """As `_people`, of those who can touch this request: its members where it is restricted."""
    held, _ = _people(now, away)
    if request.restricted:
        members: dict[int, set[str]] = defaultdict(set)
        found = CompartmentMember.objects.valid_at(now).filter(request=request, user__in=held)
        for person, role in found.values_list("user_id", "role"):
            members[person].add(role)
        return {person: frozenset(roles) for person, roles in members.items()}
    excluded = {row.user_id for row in rows.exclusions}
    return {person: roles for person, roles in held.items() if person not in excluded}
