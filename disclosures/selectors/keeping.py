"""How long a closed request is kept, what holds it, and which requests are due for disposal."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.days import british
from accounts.models import User
from accounts.roles import Role

from ..catalogue import Instrument as Terms
from ..deadlines.calendars import london_day
from ..deadlines.keeping import Closed, Keeping, keeping
from ..models import AccessDisposal, Disposal, HoldTask, Instrument, LegalHold, Request, Step, Subject
from ..permissions import roles_on
from ..states import Action, State
from .doors import visible_to

PROPOSERS = frozenset({Role.RELEASE_OFFICER, Role.TEAM_LEAD, Role.MLRO})
CONFIRMERS = frozenset({Role.HEAD_OF_LEGAL, Role.APPROVER, Role.MLRO})
HOLDERS = frozenset({Role.HEAD_OF_LEGAL, Role.MLRO})
EMERGENCY_RELEASES = (Action.RELEASE_EMERGENCY, Action.RELEASE_ALONE)
ROWS = 50


def acting_as(user: User, request: Request, roles: Iterable[Role], now: datetime) -> str:
    """The first of these roles that the person has on the request; empty if none."""
    held = roles_on(user, request, now)
    return next((role for role in sorted(roles) if role in held), "")


def terms_of(request: Request) -> Terms | None:
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    return instrument.terms if instrument else None


def keeping_of(request: Request, *, closed_on: date | None = None) -> Keeping | None:
    """None while it is open. `closed_on`: for the step that is closing it now."""
    if request.state != State.CLOSED or request.disposed_at is not None:
        return None
    steps = Step.objects.filter(request=request)
    if closed_on is None:
        last = steps.filter(target=State.CLOSED).order_by("-id").values_list("at", flat=True).first()
        closed_on = london_day(last) if last else london_day(request.recorded_at)
    terms = terms_of(request)
    return keeping(
        Closed(
            closed_on=closed_on,
            received_on=london_day(request.received_at),
            retention=terms.retention if terms else "",
            outcome=request.outcome,
            nation=request.nation,
            compulsory=terms is not None and not terms.voluntary,
            emergency=steps.filter(action__in=EMERGENCY_RELEASES).exists(),
            child=bool(request.child_or_vulnerable),
            relationship_ended_on=request.relationship_ended_on,
        )
    )


def holds_upon(requests: Iterable[int]) -> Mapping[int, tuple[str, ...]]:
    """By request, what keeps it from being destroyed, in words: legal holds and preservations that last."""
    found: dict[int, list[str]] = defaultdict(list)
    ids = list(requests)
    for hold in LegalHold.objects.filter(request__in=ids, lifted_at=None).order_by("id"):
        found[hold.request_id].append(
            f"{hold.get_ground_display()}, since {british(london_day(hold.held_from))}"
        )
    for pk in HoldTask.objects.filter(request__in=ids, ended_at=None).values_list("request_id", flat=True):
        found[pk].append("a preservation is in force")
    return {pk: tuple(dict.fromkeys(words)) for pk, words in found.items()}


def is_held() -> Q:
    """For rows of requests: whether anything is found by `holds_upon`."""
    legal = LegalHold.objects.filter(request=OuterRef("pk"), lifted_at=None)
    lasting = HoldTask.objects.filter(request=OuterRef("pk"), ended_at=None)
    return Q(Exists(legal)) | Q(Exists(lasting))


def in_turn(rows: QuerySet[Request], *, at_once: int) -> list[int]:
    """So many of the open ones, and so many of the secrets beside them: how many secrets wait delays nothing else."""
    some, secret = (
        rows.filter(restricted=apart).order_by("id").values_list("pk", flat=True)[:at_once]
        for apart in (False, True)
    )
    return sorted(some.union(secret))


@dataclass(frozen=True, slots=True)
class DueRow:
    request: Request
    holds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DuePage:
    """`later` is where the next page begins, empty at the end."""

    rows: Sequence[DueRow]
    later: str


def due_for_disposal(user: User, now: datetime, after: tuple[date, str] | None = None) -> DuePage:
    """What is closed, past its day and not proposed yet, the longest over first. Begins at `visible_to`."""
    pending = Disposal.objects.filter(request=OuterRef("pk"), done_at=None, withdrawn_at=None, what="CASE")
    due = visible_to(user, now).filter(
        ~Exists(pending), keep_until__isnull=False, keep_until__lt=london_day(now), disposed_at=None
    )
    if after is not None:
        day, reference = after
        due = due.filter(Q(keep_until__gt=day) | Q(keep_until=day, reference__gt=reference))
    found = list(due.select_related("body").order_by("keep_until", "reference")[: ROWS + 1])
    holds = holds_upon(request.pk for request in found[:ROWS])
    rows = [DueRow(request, holds.get(request.pk, ())) for request in found[:ROWS]]
    last = found[ROWS - 1] if len(found) > ROWS else None
    return DuePage(rows, f"{last.keep_until}.{last.reference}" if last else "")


Row = TypeVar("Row", Disposal, AccessDisposal)


@dataclass(frozen=True, slots=True)
class Batch(Generic[Row]):
    """What was proposed together, as far as this person sees it. `rows` share proposer and ground."""

    reference: str
    rows: Sequence[Row]

    @property
    def first(self) -> Row:
        return self.rows[0]

    @property
    def waits(self) -> bool:
        """For a second person."""
        return any(row.confirmed_at is None and row.withdrawn_at is None for row in self.rows)

    @property
    def runs(self) -> bool:
        return any(row.confirmed_at and not row.done_at and not row.withdrawn_at for row in self.rows)

    @property
    def done(self) -> Sequence[Row]:
        return [row for row in self.rows if row.done_at]


def batch_for(user: User, reference: str, now: datetime) -> Batch[Disposal] | None:
    """None where there is none, or none of it is this person's to see."""
    rows = Disposal.objects.filter(batch=reference, request__in=visible_to(user, now)).select_related(
        "request__body", "proposed_by", "confirmed_by", "withdrawn_by"
    )
    found = list(rows.order_by("id"))
    return Batch(reference, found) if found else None


def batches_for(user: User, now: datetime, *, waiting: bool) -> Sequence[Batch[Disposal]]:
    """Those that wait for a second person, or the last fifty that were confirmed; the newest first."""
    rows = Disposal.objects.filter(request__in=visible_to(user, now), withdrawn_at=None)
    rows = rows.filter(confirmed_at=None) if waiting else rows.filter(confirmed_at__isnull=False)
    newest = rows.select_related("request", "proposed_by", "confirmed_by").order_by("-id")[: 10 * ROWS]
    together: dict[str, list[Disposal]] = {}
    for row in newest:
        together.setdefault(row.batch, []).append(row)
    return [Batch(reference, found) for reference, found in together.items()][:ROWS]


def legal_holds_of(request: Request) -> list[LegalHold]:
    """Those that last first, then the latest."""
    rows = LegalHold.objects.filter(request=request).select_related("placed_by", "lifted_by")
    return sorted(rows.order_by("-id"), key=lambda row: row.lifted_at is not None)


def disposals_of(request: Request) -> list[Disposal]:
    rows = Disposal.objects.filter(request=request).select_related("proposed_by", "confirmed_by")
    return list(rows.order_by("-id"))


def people_of(request: Request) -> list[int]:
    """The positions of those who are not erased."""
    whole = Subject.objects.filter(request=request, data_key__erased_at=None).order_by("position")
    return list(whole.values_list("position", flat=True))


@dataclass(frozen=True, slots=True)
class Stone:
    """What is left of a destroyed request. Nothing in it is about a person."""

    instrument: str
    closed_at: datetime | None
    disposal: Disposal | None


def stone_of(request: Request) -> Stone:
    terms = terms_of(request)
    closed = Step.objects.filter(request=request, target=State.CLOSED).order_by("-id")
    done = Disposal.objects.filter(request=request, what=Disposal.What.CASE, done_at__isnull=False)
    return Stone(
        instrument=terms.name if terms else "",
        closed_at=closed.values_list("at", flat=True).first(),
        disposal=done.select_related("proposed_by", "confirmed_by").first(),
    )
