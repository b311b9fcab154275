"""What an audit pack takes from the log: entries of the period, in words, with proofs under one checkpoint."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

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
from audit.witnessing import configured

from ..states import State

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
MOST_DENIALS = 5_000


@dataclass
class Cited:
    """Entries that the pack names, and where they are proved. `main` and `sealed` have trees of their own."""

    log: str
    entries: dict[int, Entry] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        self.entries[entry.id] = entry

    def lines(self) -> list[Mapping[str, object]]:
        found = sorted(self.entries.values(), key=lambda entry: (entry.at, entry.id))
        places = self._places()
        return [
            {"index": places.get(entry.id), "log": entry.log, "entry": json.loads(bytes(entry.body))}
            for entry in found
        ]

    def proofs(self, signed: Checkpoint | None) -> dict[int, str]:
        """By index; what came after the checkpoint has none yet."""
        if signed is None:
            return {}
        note, found = with_cosignatures(signed), {}
        for entry_id, index in sorted(self._places().items(), key=lambda place: place[1]):
            if index < signed.size:
                hashes = proof.inclusion(index, signed.size, lambda names: read_tiles(self.log, names))
                body = bytes(self.entries[entry_id].body)
                found[index] = ProofFile(index, hashes, note, body).text()
        return found

    def _places(self) -> dict[int, int]:
        ours = [entry.id for entry in self.entries.values() if entry.log == self.log]
        return dict(Leaf.objects.filter(log=self.log, entry__in=ours).values_list("entry_id", "index"))


def entries_in(scope: Scope, start: datetime, end: datetime) -> QuerySet[Entry]:
    return readable(scope).filter(at__gte=start, at__lt=end)


def exceptions(entries: QuerySet[Entry], cited: Cited) -> Iterator[dict[str, object]]:
    """Emergencies, refused steps, changes of roles, members and secrecy, in the order of time."""
    asked = entries.filter(Q(event__in=[*DENIALS[:1], *GRANTS]) | Q(event="request.step_taken")).order_by(
        "at", "id"
    )
    denials = 0
    for entry in asked.iterator(chunk_size=1000):
        what = _what(entry)
        denials += what == "Step refused"
        if what and denials <= MOST_DENIALS:
            cited.add(entry)
            yield _row(what, entry)


def _what(entry: Entry) -> str:
    if entry.event in GRANTS:
        return "Change of roles, members or secrecy"
    if entry.event == "request.step_denied":
        return "Step refused"
    detail = json.loads(bytes(entry.body)).get("detail", {})
    return "Emergency" if {detail.get("from"), detail.get("to")} & EMERGENCY else ""


def _row(what: str, entry: Entry) -> dict[str, object]:
    detail = json.loads(bytes(entry.body)).get("detail", {})
    words = ", ".join(f"{name} {value}" for name, value in detail.items() if isinstance(value, str | int))
    known = all_events().get(entry.event)
    return {
        "what": what,
        "at": entry.at.isoformat(),
        "event": known.words if known else entry.event,
        "about": entry.object_ref or "",
        "who": entry.actor,
        "role": entry.role or "",
        "codes": words,
        "entry": entry.id,
    }


def about(references: Collection[str], scope: Scope, cited: Cited) -> None:
    """Every entry about these requests, whenever it was written."""
    found = readable(scope).filter(object_type="request", object_ref__in=references)
    for entry in found.iterator(chunk_size=1000):
        cited.add(entry)


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


def names_of(refs: Collection[str]) -> Mapping[str, str]:
    return people().names(refs)
