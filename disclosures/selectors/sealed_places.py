"""Where the log keeps what the page of a request tells: the entry of each happening, and its place in the tree."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from audit.entries import SYSTEM
from audit.models import Entry

from ..models import Request

COLUMNS = ("pk", "event", "actor", "object_version", "body", "leaf__index")


@dataclass(frozen=True, slots=True)
class Trace:
    """By what a happening is found in the log: the version of the request that it made, or who did what when."""

    event: str
    actor: str
    at: datetime
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """`index` is empty for the seconds before the sequencer has come by."""

    entry: int
    index: int | None


@dataclass(frozen=True, slots=True)
class _Told:
    place: Place
    event: str
    actor: str
    version: int
    as_of: datetime | None


def places_of(request: Request, traces: Iterable[Trace]) -> list[Place | None]:
    """One for each trace, in their order; None where the log tells nothing of it. One query."""
    rows = Entry.objects.filter(
        object_type="request", object_ref=request.reference, object_version__isnull=False
    )
    told = [_told(*row) for row in rows.order_by("object_version").values_list(*COLUMNS)]
    by_version = {entry.version: entry.place for entry in told}
    exact: dict[tuple[str, str, datetime | None], list[_Told]] = defaultdict(list)
    same_moment: dict[tuple[str, datetime | None], _Told] = {}
    for entry in told:
        exact[entry.event, entry.actor, entry.as_of].append(entry)
        same_moment.setdefault((entry.actor, entry.as_of), entry)
    return [
        by_version.get(trace.version) if trace.version else _place(trace, told, exact, same_moment)
        for trace in traces
    ]


def _place(
    trace: Trace,
    told: list[_Told],
    exact: dict[tuple[str, str, datetime | None], list[_Told]],
    same_moment: dict[tuple[str, datetime | None], _Told],
) -> Place | None:
    """The entry of the same act at the same second; else of the same person's step then; else the next such act."""
    second = trace.at.astimezone(UTC).replace(microsecond=0)
    if found := exact.get((trace.event, trace.actor, second)):
        return (found.pop(0) if len(found) > 1 else found[0]).place
    if (trace.actor, second) in same_moment:
        return same_moment[trace.actor, second].place
    later = (
        e for e in told if (e.event, e.actor) == (trace.event, trace.actor) and e.as_of and e.as_of >= second
    )
    return next((entry.place for entry in later), None)


def _told(pk: int, event: str, actor: str, version: int, body: bytes, index: int | None) -> _Told:
    as_of = json.loads(bytes(body)).get("detail", {}).get("as_of", "")
    moment = datetime.fromisoformat(as_of).astimezone(UTC) if as_of else None
    return _Told(Place(pk, index), event, actor, version, moment)


def ref_of(user: object) -> str:
    return getattr(user, "ref", SYSTEM.ref)
