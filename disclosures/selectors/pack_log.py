"""What an audit pack takes from the log: entries of the period, in words, with proofs under one checkpoint."""

import heapq
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from audit import proof
from audit.hooks import people
from audit.logs import verifiers
from audit.models import Checkpoint, Entry, Leaf, Log
from audit.proving import with_cosignatures
from audit.registry import all_events
from audit.selectors import Scope, readable
from audit.stored import read_tiles
from audit.tlog_proof import ProofFile
from audit.tree import TileName
from audit.witnessing import configured

from ..models import Request
from ..states import State

LONDON = ZoneInfo("Europe/London")

EMERGENCY = {
    State.EMERGENCY_PENDING,
    State.EMERGENCY_RELEASED,
    State.AWAITING_RATIFICATION,
    State.BREACH_ASSESSMENT,
}
DENIALS = ("request.step_denied", "access.missed", "log.refused", "session.refused")
GRANTS = (
    "membership.granted", "membership.ended", "member.added", "member.ended", "member.extended", "member.lapsed",
    "person.excluded", "request.restricted", "request.opened", "clearance.given", "clearance.ended",
    "cell_member.added", "cell_member.extended", "cell_member.lapsed", "cell_member.ended",
    "interception_clearance.given", "interception_clearance.ended",
)  # fmt: skip
AT_ONCE = 1_000
MOST_TILES = 512
Row = dict[str, object]


def told_in(*, restricted: bool) -> QuerySet[Entry]:
    """What the archive may draw on. A request that was restricted later has its earlier entries in `main`, hidden there."""
    if not restricted:
        return readable(Scope.MAIN)
    secret = Request.objects.filter(restricted=True).values("reference")
    return Entry.objects.filter(
        Q(log=Log.SEALED) | Q(log=Log.MAIN, object_type="request", object_ref__in=secret)
    )


@dataclass(frozen=True)
class Told:
    """The entries that the pack names, in the order of their time, read anew by whoever asks and never held."""

    entries: QuerySet[Entry]
    start: datetime
    end: datetime

    def exceptions(self) -> Iterator[Row]:
        """Emergencies, refusals, changes of roles, members and secrecy."""
        return (_row(what, entry) for what, entry in self._exceptions())

    def cited(self, references: Collection[str]) -> Iterator[Entry]:
        """Those behind the exceptions, and every entry about these requests, whenever it was written; each once."""
        about = self.entries.filter(object_type="request", object_ref__in=references).order_by("at", "id")
        before = None
        streams = (entry for _, entry in self._exceptions()), about.iterator(chunk_size=AT_ONCE)
        for entry in heapq.merge(*streams, key=lambda one: (one.at, one.id)):
            if entry.id != before:
                yield entry
            before = entry.id

    def _exceptions(self) -> Iterator[tuple[str, Entry]]:
        asked = self.entries.filter(
            at__gte=self.start, at__lt=self.end, event__in=[*DENIALS, *GRANTS, "request.step_taken"]
        )
        for entry in asked.order_by("at", "id").iterator(chunk_size=AT_ONCE):
            if what := _what(entry):
                yield what, entry


def lines(log: Log, cited: Iterator[Entry]) -> Iterator[Mapping[str, object]]:
    """`main` and `sealed` have trees of their own: an entry of the other one has no place here."""
    for entry, index in _placed(log, cited):
        yield {"index": index, "log": entry.log, "entry": json.loads(bytes(entry.body))}


def proofs(log: Log, signed: Checkpoint | None, cited: Iterator[Entry]) -> Iterator[tuple[int, str]]:
    """Each with its index; what came after the checkpoint has none yet."""
    if signed is None:
        return
    note, tiles = with_cosignatures(signed), Tiles(log)
    for entry, index in _placed(log, cited):
        if index is not None and index < signed.size:
            hashes = proof.inclusion(index, signed.size, tiles.read)
            yield index, ProofFile(index, hashes, note, bytes(entry.body)).text()


@dataclass
class Tiles:
    """Proofs of neighbours need the same ones: a few are kept."""

    log: str
    kept: dict[TileName, bytes] = field(default_factory=dict)

    def read(self, names: Sequence[TileName]) -> Mapping[TileName, bytes]:
        missing = [name for name in names if name not in self.kept]
        if len(self.kept) + len(missing) > MOST_TILES:
            self.kept.clear()
            missing = list(names)
        self.kept |= read_tiles(self.log, missing)
        return self.kept


def _placed(log: Log, entries: Iterator[Entry]) -> Iterator[tuple[Entry, int | None]]:
    while some := list(islice(entries, AT_ONCE)):
        ours = [entry.id for entry in some if entry.log == log]
        places = dict(Leaf.objects.filter(log=log, entry__in=ours).values_list("entry_id", "index"))
        yield from ((entry, places.get(entry.id)) for entry in some)


def named(rows: Iterator[Row]) -> Iterator[Row]:
    """With the name of whoever did it instead of the reference."""
    while some := list(islice(rows, AT_ONCE)):
        names = people().names({str(row["who"]) for row in some if row["who"]})
        yield from ({**row, "who": names.get(str(row["who"]), row["who"])} for row in some)


def _what(entry: Entry) -> str:
    if entry.event in GRANTS:
        return "Change of roles, members or secrecy"
    if entry.event == "request.step_denied":
        return "Step refused"
    if entry.event in DENIALS:
        return "Access refused"
    detail = json.loads(bytes(entry.body)).get("detail", {})
    return "Emergency" if {detail.get("from"), detail.get("to")} & EMERGENCY else ""


def _row(what: str, entry: Entry) -> Row:
    detail = json.loads(bytes(entry.body)).get("detail", {})
    words = ", ".join(f"{name} {value}" for name, value in detail.items() if isinstance(value, str | int))
    known = all_events().get(entry.event)
    return {
        "what": what,
        "at": entry.at.astimezone(LONDON).isoformat(),
        "event": known.words if known else entry.event,
        "about": entry.object_ref or "",
        "who": entry.actor,
        "role": entry.role or "",
        "codes": words,
        "entry": entry.id,
    }


def recorded_in_log(references: Collection[str], scope: Scope) -> int:
    """How many of these requests the log says were recorded; counted in the log alone."""
    scopes = (scope,) if scope is Scope.MAIN else (Scope.SEALED, Scope.ALL_OF_MAIN)
    found: set[str] = set()
    for one in scopes:
        told = readable(one).filter(event="request.recorded", object_ref__in=references)
        found.update(ref for ref in told.values_list("object_ref", flat=True) if ref)
    return len(found)


def newest_checkpoint(log: Log) -> Checkpoint | None:
    return Checkpoint.objects.filter(log=log).order_by("-size").first()


def public_keys(log: Log) -> list[str]:
    return [key.vkey for key in verifiers(log)] + [witness.key.vkey for witness in configured()]
