"""Lists of requests: fifty rows a page, and nothing personal in any of them.

A page is found by its place in the order (due, then age), never by counting, so that the last one
costs as much as the first. Every list begins at `visible_to`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from django.db.models import CharField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.selectors import group_ids_of

from ..catalogue import ITEM_TYPES
from ..deadlines.calendars import LONDON
from ..models import Instrument, Item, Request, RequestGroupGrant, RequestUserGrant, Subject
from ..models.request import Urgency
from ..permissions import may, permission_ids
from ..states import Perm, State
from ..words import KIND_WORDS
from ..workflow import OPEN_STATES
from .deciding import asks_for_special
from .doors import visible_to
from .facts import approvals_needed
from .ladders import runs_contempt_risk

ROWS = 50
WORDS = 6
TERMS = ("code", "catalogue_version", "terms_pinned_at")
STAMP = "%Y%m%dT%H%M%S%f"
# What was answered can still be due: a report that follows it, or what came in later under the same order.
STILL_DUE = frozenset({*OPEN_STATES, State.RELEASED})
UNFINISHED = Q(state__in=OPEN_STATES) | Q(state=State.RELEASED, due_at__isnull=False)
EMERGENCIES = frozenset({State.EMERGENCY_PENDING, State.EMERGENCY_RELEASED, State.AWAITING_RATIFICATION})

Turns = tuple[tuple[Perm, tuple[State, ...]], ...]
# Whose step each state waits for: of anybody who may take it …
FOR_ALL: Turns = (
    (Perm.SUBMIT, (State.DRAFT, State.RETURNED)),
    (Perm.VERIFY, (State.VERIFYING,)),
    (Perm.ADVISE, (State.IN_REVIEW,)),
    (Perm.APPROVE, (State.PENDING_APPROVAL,)),
    (Perm.RELEASE, (State.APPROVED, State.NO_DATA, State.RELEASING, State.REFUSED)),
    (Perm.EMERGENCY, (State.EMERGENCY_PENDING,)),
    (Perm.CORRESPOND, (State.EMERGENCY_RELEASED,)),
    (Perm.RATIFY, (State.AWAITING_RATIFICATION,)),
    (Perm.BREACH, (State.BREACH_ASSESSMENT,)),
    (Perm.DECIDE_APPEAL, (State.UNDER_APPEAL,)),
    (Perm.CLOSE, (State.RELEASED, State.TRANSFERRED, State.WITHDRAWN, State.EXPIRED)),
)
# … or of one who does it all: what a colleague has taken waits for nobody else.
FOR_ONE: Turns = ((Perm.TRIAGE, (State.SUBMITTED,)), (Perm.REVIEW, (State.IN_REVIEW,)))

# … or of one who assesses what was released in an emergency and not ratified in time.
WHEN_OVERDUE: Turns = ((Perm.BREACH, (State.EMERGENCY_RELEASED, State.AWAITING_RATIFICATION)),)


class Flag(NamedTuple):
    look: str
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list. Codes, words of the registers, dates and colleagues' names only."""

    reference: str
    state: str
    kind: str
    body: str
    asks_for: str
    assignee: str
    due_on: date | None
    due_time: time | None
    flags: tuple[Flag, ...]

    @property
    def without_due(self) -> str:
        return "paused" if self.state == State.RETURNED else "no clock runs"


@dataclass(frozen=True, slots=True)
class Page:
    """`earlier` and `later` are cursors for the address, empty where there is nothing more."""

    rows: Sequence[Row]
    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order: before or after a request and its due instant at the time."""

    due_at: datetime | None
    reference: str
    backwards: bool = False


def assigned_to(user: User, now: datetime) -> QuerySet[Request]:
    """What this person has and has not finished."""
    return visible_to(user, now).filter(UNFINISHED, assignee=user)


def covered_by(user: User, now: datetime, away: Iterable[User]) -> QuerySet[Request]:
    """What the people have for whom this person covers (`away`), as far as this person may see it."""
    return visible_to(user, now).filter(UNFINISHED, assignee__in=away)


def waiting_for(user: User, now: datetime) -> QuerySet[Request]:
    """Where the next step is this person's to take, and no colleague's already."""
    groups = group_ids_of(user, now)
    its_turn = _may_take(FOR_ALL, user, groups) | (Q(assignee=None) & _may_take(FOR_ONE, user, groups))
    its_turn |= Q(due_at__lte=now) & _may_take(WHEN_OVERDUE, user, groups)
    return visible_to(user, now).filter(its_turn).exclude(assignee=user)


def _may_take(turns: Turns, user: User, groups: Sequence[int]) -> Q:
    """Whether the person is granted what the state the request is in waits for."""
    ids = permission_ids()
    granted = Q()
    for perm, states in turns:
        granted |= Q(permission_id=ids[perm], state_now__in=states)
    state_now = ExpressionWrapper(OuterRef("state"), output_field=CharField())
    mine = {"content_object_id": OuterRef("reference")}
    by_group = RequestGroupGrant.objects.filter(group_id__in=groups).alias(state_now=state_now)
    by_name = RequestUserGrant.objects.filter(user=user).alias(state_now=state_now)
    return Q(Exists(by_group.filter(granted, **mine))) | Q(Exists(by_name.filter(granted, **mine)))


def open_requests(user: User, now: datetime) -> QuerySet[Request]:
    return visible_to(user, now).filter(state__in=OPEN_STATES)


def due_by(rows: QuerySet[Request], day: date) -> QuerySet[Request]:
    """Those due on this London day or before it."""
    return rows.filter(due_on__lte=day)


def filtered(
    rows: QuerySet[Request], *, state: str = "", urgency: str = "", overdue: bool = False, now: datetime
) -> QuerySet[Request]:
    if state:
        rows = rows.filter(state=state)
    if urgency:
        rows = rows.filter(urgency=urgency)
    if overdue:
        rows = rows.filter(due_at__lte=now, state__in=STILL_DUE)
    return rows


def pages(
    *lists: tuple[QuerySet[Request], Place | None], user: User, now: datetime, rows_a_page: int = ROWS
) -> list[Page]:
    """One page of each list; what the rows of all of them need besides is read together."""
    slices = [_slice(rows, place, user, now, rows_a_page) for rows, place in lists]
    every = [request for requests, _, _ in slices for request in requests]
    made = dict(zip((request.pk for request in every), _rows(every, now), strict=True))
    return [
        Page(rows=[made[request.pk] for request in requests], earlier=earlier, later=later)
        for requests, earlier, later in slices
    ]


def read_place(text: str, *, backwards: bool = False) -> Place | None:
    """A cursor from an address; anything else means the beginning."""
    stamp, _, reference = text.partition("~")
    if not reference:
        return None
    if stamp == "none":
        return Place(due_at=None, reference=reference, backwards=backwards)
    try:
        due_at = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Place(due_at=due_at, reference=reference, backwards=backwards)


def _cursor(request: Request) -> str:
    stamp = request.due_at.astimezone(UTC).strftime(STAMP) if request.due_at else "none"
    return f"{stamp}~{request.reference}"


def _slice(
    rows: QuerySet[Request], place: Place | None, user: User, now: datetime, size: int
) -> tuple[list[Request], str, str]:
    backwards = place is not None and place.backwards
    if place is not None:
        rows = rows.filter(_beyond(place, _id_of(place.reference, user, now)))
    due = F("due_at").desc(nulls_first=True) if backwards else F("due_at").asc(nulls_last=True)
    rows = rows.order_by(due, "-id" if backwards else "id").select_related("body", "assignee")
    found = list(rows[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    earlier = found and (more if backwards else place is not None)
    later = found and (True if backwards else more)
    return found, _cursor(found[0]) if earlier else "", _cursor(found[-1]) if later else ""


def _id_of(reference: str, user: User, now: datetime) -> int:
    """The age of the row a cursor names; 0 where it is not, or no longer, this person's to see."""
    if not may(user, reference, Perm.VIEW, now):
        return 0
    return Request.objects.values_list("pk", flat=True).filter(reference=reference).first() or 0


def _beyond(place: Place, pk: int) -> Q:
    if place.backwards:
        if place.due_at is None:
            return Q(due_at__isnull=False) | Q(due_at=None, pk__lt=pk)
        return Q(due_at__lt=place.due_at) | Q(due_at=place.due_at, pk__lt=pk)
    if place.due_at is None:
        return Q(due_at=None, pk__gt=pk)
    return Q(due_at__gt=place.due_at) | Q(due_at=place.due_at, pk__gt=pk) | Q(due_at=None)


def _rows(requests: Sequence[Request], now: datetime) -> Iterable[Row]:
    ids = [request.pk for request in requests]
    types: Mapping[int, list[str]] = defaultdict(list)
    for request_id, code in (
        Item.objects.filter(request__in=ids).order_by("position").values_list("request_id", "item_type")
    ):
        types[request_id].append(code)
    governing = Instrument.objects.filter(request__in=ids, governs=True)
    terms_of = {row.request_id: row.terms for row in governing.only("request_id", *TERMS)}
    counted = Subject.objects.filter(request__in=ids).values("request_id").annotate(count=Count("id"))
    subjects = dict(counted.values_list("request_id", "count"))
    for request in requests:
        terms = terms_of.get(request.pk)
        special = asks_for_special(request, types[request.pk])
        approvals = approvals_needed(request, terms, special=special, subjects=subjects.get(request.pk, 0))
        yield Row(
            reference=request.reference,
            state=request.state,
            kind=KIND_WORDS[request.kind],
            body=request.body.name if request.body else "",
            asks_for=in_few_words(types[request.pk]),
            assignee=request.assignee.display_name if request.assignee else "",
            due_on=request.due_on,
            due_time=_time_of_day(request.due_at),
            flags=flags_of(request, approvals, now, contempt_risk=runs_contempt_risk(terms)),
        )


def _time_of_day(due_at: datetime | None) -> time | None:
    """The hour of a clock that counts hours; a day's clock ends with the day."""
    if due_at is None:
        return None
    at = due_at.astimezone(LONDON).time().replace(microsecond=0)
    return at if at != time.min else None


def flags_of(
    request: Request, approvals: int, now: datetime, *, contempt_risk: bool = False
) -> tuple[Flag, ...]:
    """What makes a request special, in the order in which it matters."""
    is_open = request.state in OPEN_STATES
    emergency = request.urgency == Urgency.IMMEDIATE or request.state in EMERGENCIES
    overdue = request.state in STILL_DUE and request.due_at is not None and request.due_at <= now
    flags = (
        (emergency, Flag("emergency", "Emergency")),
        (overdue and contempt_risk, Flag("overdue", "Contempt risk")),
        (overdue, Flag("overdue", "Overdue")),
        (request.urgency == Urgency.PRIORITY, Flag("priority", "Priority")),
        (is_open and approvals > 1, Flag("second", "Two approvers")),
        (request.restricted, Flag("secret", "Restricted")),
    )
    return tuple(flag for applies, flag in flags if applies)


def in_few_words(codes: Iterable[str]) -> str:
    """The categories asked for, each once, in at most six words: "Payments, call recordings +2"."""
    names = list(dict.fromkeys(ITEM_TYPES[code].short for code in codes))
    shown = names
    while len(" ".join(shown).split()) + (len(shown) < len(names)) > WORDS:
        shown = shown[:-1]
    words = ", ".join(name if number == 0 else name.lower() for number, name in enumerate(shown))
    return f"{words} +{len(names) - len(shown)}" if len(shown) < len(names) else words
