"""What the auditor's page reads: the log `main`, newest first, without what is hidden from it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.db import connection, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from . import tree
from .hooks import hidden
from .models import Checkpoint, Cosignature, Entry, Leaf, Log, OutsideCopy, Tile, Verification
from .outside import LEAVE_WITHIN, LateWitness, Left, last_left, late_witnesses
from .tree import HASH_BYTES, TILE_WIDTH

PAGE_SIZE = 50
CHECKPOINTS_SHOWN = 25
VERIFICATIONS_SHOWN = 25
_LONGEST_KEY = 18
COPIES_LEAVE_WITHIN = LEAVE_WITHIN
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CURSOR = re.compile(r"([0-9]{1,17})-([0-9]{1,16})", re.ASCII)


@dataclass(frozen=True)
class Place:
    """Where a page begins: behind this entry, or with `newer` before it."""

    at: datetime
    entry_id: int
    newer: bool = False


@dataclass(frozen=True)
class Page:
    rows: Sequence[Entry]
    newer: str
    older: str


@dataclass(frozen=True)
class Sequenced:
    """Where an entry stands in the tree, and the first checkpoint that covers it, if nobody took it away."""

    index: int
    hash_is_in_tree: bool
    checkpoint: Checkpoint | None


class Scope(StrEnum):
    """What a reader looks at. Only whoever is cleared has a choice."""

    MAIN = ""
    SEALED = "sealed"
    ALL_OF_MAIN = "main-hidden"

    @property
    def log(self) -> Log:
        return Log.SEALED if self is Scope.SEALED else Log.MAIN


def readable(scope: Scope = Scope.MAIN) -> QuerySet[Entry]:
    """The entries that the page may show. The subquery is one index look-up a row, whatever the planner thinks."""
    entries = Entry.objects.filter(log=scope.log)
    if scope is not Scope.MAIN:
        return entries
    for object_type, rows in hidden().items():
        name = f"hidden_{object_type}"
        found = Subquery(rows(OuterRef("object_ref")).values("pk")[:1])
        entries = entries.alias(**{name: found}).filter(~Q(object_type=object_type) | Q(**{name: None}))
    return entries


def filtered(
    *,
    event: str = "",
    actor: str = "",
    object_ref: str = "",
    since: datetime | None,
    until: datetime | None,
    scope: Scope = Scope.MAIN,
) -> QuerySet[Entry]:
    """`until` is excluded."""
    given = {"event": event, "actor": actor, "object_ref": object_ref, "at__gte": since, "at__lt": until}
    return readable(scope).filter(**{name: value for name, value in given.items() if value})


@transaction.atomic
def page(entries: QuerySet[Entry], place: Place | None) -> Page:
    """Up to `PAGE_SIZE` entries, the newest first, and the cursors of the pages beside."""
    with connection.cursor() as cursor:
        # Each filter has an index in the page's order; without this the planner sometimes collects and sorts.
        cursor.execute("SET LOCAL enable_sort = off")
    if place is not None and place.newer:
        above = entries.filter(at__gte=place.at).exclude(at=place.at, id__lte=place.entry_id)
        found = list(above.order_by("at", "id")[: PAGE_SIZE + 1])
        rows = found[PAGE_SIZE - 1 :: -1] if len(found) > PAGE_SIZE else found[::-1]
        return Page(rows, newer=_first(rows) if len(found) > PAGE_SIZE else "", older=_last(rows))
    if place is not None:
        entries = entries.filter(at__lte=place.at).exclude(at=place.at, id__gte=place.entry_id)
    found = list(entries.order_by("-at", "-id")[: PAGE_SIZE + 1])
    rows = found[:PAGE_SIZE]
    return Page(
        rows, newer=_first(rows) if place else "", older=_last(rows) if len(found) > PAGE_SIZE else ""
    )


def read_place(cursor: str, *, newer: bool = False) -> Place | None:
    """None for a cursor that is none."""
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        return None
    try:
        at = _EPOCH + int(found[1]) * _MICROSECOND
    except OverflowError:
        return None
    return Place(at, int(found[2]), newer=newer)


def _cursor(entry: Entry) -> str:
    return f"{(entry.at - _EPOCH) // _MICROSECOND}-{entry.id}"


def _first(rows: Sequence[Entry]) -> str:
    return _cursor(rows[0]) if rows else ""


def _last(rows: Sequence[Entry]) -> str:
    return _cursor(rows[-1]) if rows else ""


@dataclass(frozen=True)
class Held:
    """A checkpoint, and the witnesses that hold it too."""

    checkpoint: Checkpoint
    witnesses: Sequence[Cosignature]


@dataclass(frozen=True)
class Outside:
    """`last` is the newest copy that left the house; `is_late` when that is too long ago, or none ever did."""

    last: Left | None
    is_late: bool
    late_witnesses: Sequence[LateWitness]
    copies: Sequence[OutsideCopy]


def last_checkpoints(log: str) -> Sequence[Held]:
    found = list(Checkpoint.objects.filter(log=log).order_by("-size")[:CHECKPOINTS_SHOWN])
    cosigned: dict[int, list[Cosignature]] = {}
    for row in Cosignature.objects.filter(log=log, size__in=[one.size for one in found]):
        cosigned.setdefault(row.size, []).append(row)
    return [Held(one, cosigned.get(one.size, [])) for one in found]


def outside_copies(now: datetime, log: str = Log.MAIN) -> Outside:
    last = last_left(log)
    copies = list(OutsideCopy.objects.filter(log=log).order_by("-at")[:CHECKPOINTS_SHOWN])
    is_late = last is None or last.at < now - COPIES_LEAVE_WITHIN
    return Outside(last, is_late, late_witnesses(log, now), copies)


@dataclass(frozen=True)
class Runs:
    rows: Sequence[Verification]
    older: str


def verifications(log: str, *, before: str = "") -> Runs:
    """Those that have ended, the newest first; `before` is what the page above answered as `older`."""
    ended = Verification.objects.filter(log=log, ended_at__isnull=False).order_by("-id")
    if before.isdecimal() and len(before) < _LONGEST_KEY:
        ended = ended.filter(pk__lt=int(before))
    found = list(ended[: VERIFICATIONS_SHOWN + 1])
    rows = found[:VERIFICATIONS_SHOWN]
    return Runs(rows, str(rows[-1].pk) if len(found) > VERIFICATIONS_SHOWN else "")


def indexes_of(entries: Sequence[Entry]) -> Mapping[int, int]:
    """Entry id to index, of those that have one."""
    return dict(
        Leaf.objects.filter(entry__in=[entry.id for entry in entries]).values_list("entry_id", "index")
    )


def sequenced(entry: Entry) -> Sequenced | None:
    """None while the sequencer has not come by."""
    leaf = Leaf.objects.filter(entry=entry).first()
    if leaf is None:
        return None
    covering = Checkpoint.objects.filter(log=entry.log, size__gt=leaf.index).order_by("size")
    tile = Tile.objects.filter(log=entry.log, level=0, n=leaf.index // TILE_WIDTH).first()
    start = leaf.index % TILE_WIDTH * HASH_BYTES
    stored = bytes(tile.hashes[start : start + HASH_BYTES]) if tile else b""
    return Sequenced(leaf.index, stored == tree.leaf_hash(bytes(entry.body)), covering.first())
