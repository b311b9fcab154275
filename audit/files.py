"""A page of the log as a file: a table for a spreadsheet, or lines of JSON with a proof of each."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from . import proof, tree
from .models import Entry
from .proving import CannotProve, best_signed
from .stored import read_tiles
from .tlog_proof import ProofFile

HEADINGS = (
    "Index", "Id", "When (UTC)", "Event", "What", "Who", "Reference of who", "Role", "About", "Reference", "Version",
    "Seen version", "Codes", "Leaf hash",
)  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula, and runs it; some do so with the wide forms too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Row:
    """One entry as the page shows it."""

    entry: Entry
    what: str
    who: str
    detail: str
    index: int | None


def as_csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for row in rows:
        writer.writerow([defused(cell) for cell in _cells(row)])
    return text.getvalue().encode("utf-8-sig")


def defused(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _cells(row: Row) -> Sequence[object]:
    entry = row.entry
    return (
        row.index, entry.id, entry.at.isoformat(), entry.event, row.what, row.who, entry.actor, entry.role,
        entry.object_type, entry.object_ref, entry.object_version, entry.seen_version, row.detail,
        tree.leaf_hash(bytes(entry.body)).hex(),
    )  # fmt: skip


def as_jsonl(rows: Sequence[Row]) -> bytes:
    """A line for each entry: the entry, its index and its `.tlog-proof`; the proof is null while there is none."""
    proofs = _proofs(rows)
    lines = [
        {
            "index": row.index,
            "entry": json.loads(bytes(row.entry.body)),
            "proof": proofs.get(row.entry.id),
        }
        for row in rows
    ]
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines).encode()


def _proofs(rows: Sequence[Row]) -> Mapping[int, str]:
    """All of one log, and under one checkpoint."""
    indexed = [(row.index, row.entry) for row in rows if row.index is not None]
    if not indexed:
        return {}
    try:
        log = indexed[0][1].log
        size, note = best_signed(log, max(index for index, _ in indexed))
        return {
            entry.id: ProofFile(index, _inclusion(log, index, size), note, bytes(entry.body)).text()
            for index, entry in indexed
        }
    except (CannotProve, proof.ProofRefused, proof.TilesMissing):
        return {}  # what the tree does not bear out, the page of the entry says in words


def _inclusion(log: str, index: int, size: int) -> proof.Hashes:
    return proof.inclusion(index, size, lambda names: read_tiles(log, names))


FORMS: Mapping[str, tuple[Callable[[Sequence[Row]], bytes], str]] = {
    "csv": (as_csv, "text/csv"),
    "jsonl": (as_jsonl, "application/jsonl"),
}
