"""What an audit pack says of a period: population, reconciliation, sample, exceptions and roles. Nothing personal."""

import hashlib
import heapq
from bisect import insort
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain, islice

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import Membership
from accounts.selectors import controller
from audit.models import Log
from audit.selectors import Scope
from audit.snapshot import one_snapshot

from ..deadlines.rules import NEVER_OVERDUE, PURPOSE_WORDS, Purpose
from ..documents.pack_zip import Archive, Pack
from ..models import AuditPack, Correspondence, Deadline, Instrument, Opinion, Request, Step
from ..models.request import Channel
from ..states import STATE_WORDS, Action, State
from ..words import KIND_WORDS, OUTCOME_WORDS
from ..workflow import OPEN_STATES
from .pack_log import (
    LONDON,
    Row,
    Told,
    lines,
    named,
    newest_checkpoint,
    proofs,
    public_keys,
    recorded_in_log,
    told_in,
)

SCOPES = {
    False: "Every request received in the period, but for those that the law or an order keeps secret: who is cleared "
    "has them in an archive of their own.",
    True: "The restricted requests received in the period.",
}
AT_ONCE = 1_000
# The files against which somebody ticks off a book that is kept outside of this program.
CAME_BY: Mapping[str, tuple[Channel, ...]] = {
    "post-book": (Channel.POST,),
    "mailbox": (Channel.MAIL, Channel.SECURE_MAIL),
}


@dataclass(frozen=True)
class Period:
    """Half open, from midnight to midnight in London; `known` is its end, or the present if that comes first."""

    start: datetime
    end: datetime
    known: datetime

    @classmethod
    def of(cls, first: date, last: date, now: datetime) -> "Period":
        end = datetime.combine(last + timedelta(days=1), time(), tzinfo=LONDON)
        return cls(datetime.combine(first, time(), tzinfo=LONDON), end, min(end, now))


def pack_of(pack: AuditPack, *, restricted: bool, made_at: datetime, into: Archive) -> Pack:
    """What stands beside the long tables; those are written into the archive as they are read.

    `restricted`: the archive of the restricted requests, which is made for a cleared auditor alone.
    """
    with one_snapshot():
        return _pack_of(pack, restricted=restricted, made_at=made_at, into=into)


def _pack_of(pack: AuditPack, *, restricted: bool, made_at: datetime, into: Archive) -> Pack:
    period = Period.of(pack.first_day, pack.last_day, made_at)
    log, scope = (Log.SEALED, Scope.SEALED) if restricted else (Log.MAIN, Scope.MAIN)
    counted = Counted(pack.seed, pack.sample_size, scope)
    counts = {
        "population": into.table("population", counted.over(_population(period, restricted=restricted)))
    }
    for name, channels in CAME_BY.items():
        counts[name] = into.table(name, _came_by(period, channels, restricted=restricted))
    sample = [row for _, row in counted.sample]
    references = [str(row["reference"]) for row in sample]
    told = Told(told_in(restricted=restricted), period.start, period.end)
    found: Counter[str] = Counter()
    exceptions = chain(
        told.exceptions(), _late(period, restricted=restricted), _overrides(period, restricted=restricted)
    )
    counts["exceptions"] = into.table("exceptions", _tallied(named(exceptions), found))
    counts["roles"] = into.table("roles", _roles(period))
    counts["entries"] = into.lines("entries", lines(log, told.cited(references)))
    signed = newest_checkpoint(log)
    for index, text in proofs(log, signed, told.cited(references)):
        into.put(f"proofs/{index}.tlog-proof", text)
    return Pack(
        first_day=pack.first_day,
        last_day=pack.last_day,
        seed=pack.seed,
        made_at=made_at,
        made_by=pack.asked_by.display_name,
        company=controller().name,
        log=log.value,
        scope=SCOPES[restricted],
        counts=counts,
        reconciliation=_reconciliation(pack, requests_of(period, restricted=restricted).count(), counted),
        sample=sample,
        exceptions=dict(found),
        checkpoint=signed.note if signed else "",
        keys=public_keys(log),
    )


def _tallied(rows: Iterator[Row], into: Counter[str]) -> Iterator[Row]:
    for row in rows:
        into[str(row["what"])] += 1
        yield row


def rank(reference: str, *, seed: str) -> str:
    """The sample is those with the lowest; the same for whoever has the seed, with any tool that has SHA-256."""
    return hashlib.sha256(f"{seed}:{reference}".encode()).hexdigest()


@dataclass
class Counted:
    """What is counted of the population while its lines go by; of the lines themselves only the sample is held."""

    seed: str
    size: int
    scope: Scope
    still_open: int = 0
    closed: int = 0
    in_log: int = 0
    by_post: int = 0
    by_mail: int = 0
    sample: list[tuple[str, Row]] = field(default_factory=list)

    def over(self, rows: Iterator[Row]) -> Iterator[Row]:
        while some := list(islice(rows, AT_ONCE)):
            self.in_log += recorded_in_log([str(row["reference"]) for row in some], self.scope)
            for row in some:
                self._count(row)
                yield row

    def _count(self, row: Row) -> None:
        is_open = row["open at the end"] == "yes"
        self.still_open += is_open
        self.closed += not is_open
        self.by_post += row["channel"] in _labels(CAME_BY["post-book"])
        self.by_mail += row["channel"] in _labels(CAME_BY["mailbox"])
        insort(self.sample, (rank(str(row["reference"]), seed=self.seed), row), key=lambda one: one[0])
        del self.sample[self.size :]


def requests_of(period: Period, *, restricted: bool) -> QuerySet[Request]:
    """Received in the period; what a company has not sent yet is not received."""
    unsent = Q(own_submission=True, state=State.DRAFT)
    within = Request.objects.filter(received_at__gte=period.start, received_at__lt=period.end)
    return within.exclude(unsent).filter(restricted=restricted)


def _population(period: Period, *, restricted: bool) -> Iterator[Row]:
    steps = Step.objects.filter(request=OuterRef("pk"), at__lt=period.end).order_by("-id")
    governing = Instrument.objects.filter(request=OuterRef("pk"), governs=True)
    missed = _missed(period).filter(request=OuterRef("pk"))
    rows = requests_of(period, restricted=restricted).annotate(
        then=Coalesce(Subquery(steps.values("target")[:1]), Value(State.DRAFT.value)),
        moved_at=Subquery(steps.values("at")[:1]),
        instrument_code=Coalesce(Subquery(governing.values("code")[:1]), Value("")),
        late=Exists(missed),
    )
    names = (
        "reference", "kind", "instrument_code", "nation", "channel", "received_at", "recorded_at", "then", "moved_at",
        "outcome", "round", "late",
    )  # fmt: skip
    for row in rows.order_by("received_at", "id").values(*names).iterator(chunk_size=2000):
        state = State(row["then"])
        yield {
            "reference": row["reference"],
            "kind": KIND_WORDS.get(row["kind"], ""),
            "instrument": row["instrument_code"],
            "nation": row["nation"],
            "channel": Channel(row["channel"]).label,
            "received": _when(row["received_at"]),
            "recorded": _when(row["recorded_at"]),
            "state at the end": STATE_WORDS[state],
            "since": _when(row["moved_at"]),
            "open at the end": "yes" if state in OPEN_STATES else "no",
            "outcome today": OUTCOME_WORDS.get(row["outcome"], "") or "",
            "round": row["round"],
            "late": "yes" if row["late"] else "no",
        }


def _came_by(period: Period, channels: tuple[Channel, ...], *, restricted: bool) -> Iterator[Row]:
    """Requests, and what was written on a request, in the order in which it came; whatever somebody has recorded of it."""
    within = {"at__gte": period.start, "at__lt": period.end, "request__restricted": restricted}
    written = Correspondence.objects.filter(
        **within, channel__in=channels, direction=Correspondence.Direction.IN
    )
    asked = requests_of(period, restricted=restricted).filter(channel__in=channels)
    of_requests = (
        "received_at",
        "recorded_at",
        "reference",
        "body__name",
        "channel",
        "recorded_by__display_name",
    )
    of_letters = (
        "at",
        "recorded_at",
        "request__reference",
        "request__body__name",
        "channel",
        "recorded_by__display_name",
    )
    both = heapq.merge(
        (("Request", *row) for row in asked.order_by("received_at", "id").values_list(*of_requests).iterator()),
        (("About a request", *row) for row in written.order_by("at", "id").values_list(*of_letters).iterator()),
        key=lambda row: row[1],
    )  # fmt: skip
    return (_arrival(*row) for row in both)


def _arrival(
    what: str, came: datetime, recorded: datetime, reference: str, sender: str | None, channel: str, by: str
) -> Row:
    return {
        "came": _when(came),
        "what": what,
        "reference": reference,
        "from": sender or "",
        "channel": Channel(channel).label,
        "recorded": _when(recorded),
        "recorded by": by,
    }


def _when(at: datetime | None) -> str:
    """In London's time, by which a day belongs to the period or not."""
    return at.astimezone(LONDON).isoformat(timespec="minutes") if at else ""


def _labels(channels: tuple[Channel, ...]) -> set[str]:
    return {channel.label for channel in channels}


def _reconciliation(pack: AuditPack, received: int, counted: Counted) -> list[Row]:
    return [
        _line("Received = open + closed", received, counted.still_open + counted.closed, "the register, and the lines of population.csv"),
        _line("Of these open at the end", counted.still_open, None, "the register"),
        _line("Of these closed at the end", counted.closed, None, "the register"),
        _line("Received = recorded in the log", received, counted.in_log, "entries request.recorded"),
        _line("Came by post = post book", counted.by_post, pack.post_count, pack.post_source),
        _line("Came by mail = mailbox", counted.by_mail, pack.mail_count, pack.mail_source),
    ]  # fmt: skip


def _line(what: str, ours: int, theirs: int | None, source: str) -> Row:
    return {
        "what": what,
        "ours": ours,
        "compared with": "" if theirs is None else theirs,
        "difference": "" if theirs is None else ours - theirs,
        "source": source or "not given",
    }


def _missed(period: Period) -> QuerySet[Deadline]:
    """Clocks that ran out before they were stopped, or before the period did; other people's time is not ours."""
    ours = Deadline.objects.exclude(purpose__in=NEVER_OVERDUE).filter(due_at__lt=period.known, paused_at=None)
    return ours.filter(Q(stopped_at=None) | Q(stopped_at__gt=Coalesce("due_at", "stopped_at")))


def _late(period: Period, *, restricted: bool) -> Iterator[Row]:
    rows = _missed(period).filter(due_at__gte=period.start, request__restricted=restricted)
    found = rows.select_related("request").order_by("due_at", "id")
    return (
        _exception(
            "Late",
            row.due_at or period.end,
            PURPOSE_WORDS[Purpose(row.purpose)],
            row.request.reference,
            codes=f"stopped {_when(row.stopped_at)}" if row.stopped_at else "still running",
        )
        for row in found.iterator(chunk_size=AT_ONCE)
    )


def _overrides(period: Period, *, restricted: bool) -> Iterator[Row]:
    """Advice against a disclosure, and the proposals that were made after it: the reason stands in the record."""
    against = Opinion.objects.filter(
        request=OuterRef("request"), in_favour=False, given_at__lt=OuterRef("at")
    )
    proposed = Step.objects.filter(
        action=Action.PROPOSE, at__gte=period.start, at__lt=period.end, request__restricted=restricted
    )
    rows = proposed.filter(Exists(against)).select_related("request", "actor").order_by("at", "id")
    return (
        _exception(
            "Advice against, and proposed",
            row.at,
            "Proposed after an opinion against it",
            row.request.reference,
            who=row.actor.ref if row.actor else "",
            role=row.role,
        )
        for row in rows.iterator(chunk_size=AT_ONCE)
    )


def _exception(
    what: str, at: datetime, event: str, about: str, *, who: str = "", role: str = "", codes: str = ""
) -> Row:
    return {
        "what": what, "at": at.astimezone(LONDON).isoformat(), "event": event, "about": about, "who": who, "role": role,
        "codes": codes, "entry": "",
    }  # fmt: skip


def _roles(period: Period) -> Iterator[Row]:
    """Every role that was held at some moment of the period, in every organisation."""
    held = Membership.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=period.start), valid_from__lt=period.end
    )
    rows = held.select_related("user", "organisation").order_by("user__display_name", "valid_from", "id")
    for row in rows.iterator(chunk_size=AT_ONCE):
        yield {
            "who": row.user.display_name,
            "reference": row.user.ref,
            "role": row.get_role_display(),
            "organisation": row.organisation.name,
            "from": _when(row.valid_from),
            "until": _when(row.valid_until),
            "membership": row.ref,
        }
