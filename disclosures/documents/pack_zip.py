"""The archive of an audit pack: tables, decision records, entries with their proofs, and a page that says what is what."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from accounts.days import british
from audit import verifier
from audit.files import defused

from ..record import Section
from .controls import CONTROLS
from .record_pdf import sections_pdf

Table = Sequence[Mapping[str, object]]
Record = tuple[str, bytes, str]

READ_ME = """Audit pack, {first} to {last}

Made {made_at} for {made_by}. Log: {log}. Population: {scope}

summary.pdf          what follows, to be read
summary.json         the same, to be worked with
population.csv       every request received in the period, one line each
post-book.csv        what the register says came by post, in the order it came: to be ticked off against the post book
mailbox.csv          the same of what came by e-mail, against the mailbox
reconciliation.csv   what was received against what is open and closed, the log, the post book and the mailbox
sample.csv           the sample; the seed is {seed}
records/             the decision record of each request of the sample, PDF and JSON
exceptions.csv       emergencies, advice overridden, late answers, refused steps and access, changes of roles and members
roles.csv            who held which role when
controls.csv         the controls, what holds each, and its tests
entries.jsonl        the log's entries behind sample and exceptions, in the order of their time
proofs/              a proof of each of them that has its place in the log, named by that place
checkpoint, keys     the signed checkpoint, and the public keys it is checked with
verifier.py          checks them; needs Python and the package cryptography, and nothing of ours

Times of the tables are London's, with their difference from UTC; those of entries are UTC.

The sample can be drawn again: of each reference of population.csv, take SHA-256 of "SEED:REFERENCE" in hexadecimal;
sort; the first {size} are the sample.

    python verifier.py proof proofs/FILE --key KEY
checks one entry; KEY is the log's verifier key, and must have come to you on another way than this archive.
docs/auditor.md has a programme of two days that uses these files alone.
"""


@dataclass(frozen=True, kw_only=True)
class Pack:
    """Everything but the long tables, the entries and their proofs, which are written as they are read, and the decision
    records, made one by one. Of the exceptions it counts how many there are of each kind."""

    first_day: date
    last_day: date
    seed: str
    made_at: datetime
    made_by: str
    company: str
    log: str
    scope: str
    counts: Mapping[str, int]
    reconciliation: Table
    sample: Table
    exceptions: Mapping[str, int]
    checkpoint: str
    keys: Sequence[str]


class Archive:
    """The file while it is made. A table's lines go into it one by one, so that none is ever held whole."""

    def __init__(self) -> None:
        self._made = io.BytesIO()
        self._zip = zipfile.ZipFile(self._made, "w", zipfile.ZIP_DEFLATED)

    def table(self, name: str, rows: Iterable[Mapping[str, object]]) -> int:
        """How many there were. A line of headings stands even where there is nothing else; no cell runs as a formula."""
        count = 0
        with (
            self._zip.open(f"{name}.csv", "w", force_zip64=True) as into,
            io.TextIOWrapper(into, "utf-8-sig", newline="") as text,
        ):
            writer = csv.writer(text)
            for row in rows:
                if not count:
                    writer.writerow(row)
                writer.writerow([_cell(value) for value in row.values()])
                count += 1
            if not count:
                writer.writerow(["None recorded"])
        return count

    def lines(self, name: str, values: Iterable[Mapping[str, object]]) -> int:
        """A line of JSON for each; how many there were."""
        count = 0
        with (
            self._zip.open(f"{name}.jsonl", "w", force_zip64=True) as into,
            io.TextIOWrapper(into, "utf-8", newline="") as text,
        ):
            for value in values:
                text.write(f"{json.dumps(value, ensure_ascii=False)}\n")
                count += 1
        return count

    def put(self, name: str, content: str | bytes) -> None:
        self._zip.writestr(name, content)

    def finish(self, pack: Pack, records: Iterable[Record], progress: Callable[[], None]) -> bytes:
        """`records`: reference, PDF and JSON of each request of the sample; `progress` is called after each."""
        self.table("reconciliation", pack.reconciliation)
        self.table("sample", pack.sample)
        self.table("controls", _controls())
        for name, content in _files(pack):
            self.put(name, content)
        for reference, pdf, text in records:
            self.put(f"records/{reference}.pdf", pdf)
            self.put(f"records/{reference}.json", text)
            progress()
        self._zip.close()
        return self._made.getvalue()


def _files(pack: Pack) -> Iterable[tuple[str, str | bytes]]:
    yield "README.txt", _read_me(pack)
    yield "summary.json", json.dumps(_summary(pack), ensure_ascii=False, indent=2, default=str)
    yield "summary.pdf", _pdf(pack)
    yield "checkpoint", pack.checkpoint
    yield "keys", "".join(f"{key}\n" for key in pack.keys)
    yield "verifier.py", Path(verifier.__file__).read_text()


def _cell(value: object) -> object:
    """A number below nought is one; only a text could be taken for a formula."""
    return value if isinstance(value, int) else defused(value)


def _controls() -> Table:
    return [
        {"control": one.name, "what": one.what, "held by": one.held_by, "tests": " ".join(one.tests)}
        for one in CONTROLS
    ]


def _read_me(pack: Pack) -> str:
    return READ_ME.format(
        first=pack.first_day.isoformat(),
        last=pack.last_day.isoformat(),
        made_at=pack.made_at.isoformat(timespec="seconds"),
        made_by=pack.made_by,
        log=pack.log,
        scope=pack.scope,
        seed=pack.seed,
        size=len(pack.sample),
    )


KEPT = (
    "first_day",
    "last_day",
    "seed",
    "made_at",
    "made_by",
    "company",
    "log",
    "scope",
    "reconciliation",
    "sample",
)


def _summary(pack: Pack) -> dict[str, object]:
    return {
        **{name: getattr(pack, name) for name in KEPT},
        "counts": pack.counts,
        "controls": _controls(),
    }


def _pdf(pack: Pack) -> bytes:
    about = [
        ("Period", f"{british(pack.first_day)} to {british(pack.last_day)}"),
        ("Made for", pack.made_by),
        ("Population", pack.scope),
        ("Log", pack.log),
        ("Seed of the sample", pack.seed),
    ]
    sections = [
        Section("About this pack", [about]),
        Section("Reconciliation", [_words(row) for row in pack.reconciliation]),
        Section("Sample", [_words(row) for row in pack.sample]),
        Section("Exceptions", [[(what, str(count))] for what, count in pack.exceptions.items()]),
        Section("Controls", [_words(row) for row in _controls()]),
        Section("Checkpoint of the log", [[("Text", pack.checkpoint.strip() or "None yet")]]),
    ]
    return sections_pdf(
        title=f"Audit pack, {british(pack.first_day)} to {british(pack.last_day)}",
        reference=f"{pack.log}, seed {pack.seed}",
        kind="Audit pack",
        lead=(
            "What is in the other files of this archive, counted and summed up; README.txt says how to check them.",
        ),
        sections=sections,
        company=pack.company,
        made_at=pack.made_at,
    )


def _words(row: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(name.capitalize(), str(value)) for name, value in row.items() if value not in ("", None)]
