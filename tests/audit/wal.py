"""What was committed, read out of PostgreSQL's write-ahead log: an oracle that asks no trigger and no table.

The server decodes its own journal (test_decoding): each committed row of each table, transaction by
transaction. What the log of the application says is compared with that.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

SLOT = "mixed_writes"
AT_ONCE = 20_000
_LINE = re.compile(r"table public\.(\w+): (INSERT|UPDATE|DELETE): (.*)", re.DOTALL)
_VALUE = r"{}\[[a-z0-9 ]+\]:(?:'((?:[^']|'')*)'|([^ ]+))"

# A part's table, and the column that says what it is a part of.
Parts = Mapping[str, tuple[str, str]]
Change = tuple[str, str, int]


@dataclass(frozen=True)
class Object:
    kind: str
    ref_column: str


@dataclass
class Journal:
    """Follows the journal of one database and remembers every transaction in which it and the log disagree."""

    connection: psycopg.Connection[Any]
    objects: Mapping[str, Object]
    parts: Parts
    transactions: int = 0
    changes: int = 0
    entries: int = 0
    part_changes: int = 0
    strays: list[str] = field(default_factory=list)
    refs: dict[tuple[str, str], str] = field(default_factory=dict)
    wholes: dict[tuple[str, str], str] = field(default_factory=dict)
    _told: Counter[Change] = field(default_factory=Counter)
    _made: Counter[Change] = field(default_factory=Counter)
    _touched: set[tuple[str, str]] = field(default_factory=set)

    def begin(self) -> None:
        """From here on; what is there already is only looked up by its id."""
        self.connection.execute("SELECT pg_create_logical_replication_slot(%s, 'test_decoding')", [SLOT])
        for table, of in self.objects.items():
            for row_id, ref in self.connection.execute(f"SELECT id, {of.ref_column} FROM {table}"):
                self.refs[of.kind, str(row_id)] = ref

    def follow(self) -> int:
        """Reads on to the present; answers how many lines that was."""
        query = "SELECT data FROM pg_logical_slot_get_changes(%s, NULL, %s, 'skip-empty-xacts', '1')"
        lines = self.connection.execute(query, [SLOT, AT_ONCE]).fetchall()
        for (line,) in lines:
            self._read(line)
        return len(lines)

    def end(self) -> None:
        while self.follow():
            pass
        self.connection.execute("SELECT pg_drop_replication_slot(%s)", [SLOT])

    def _read(self, line: str) -> None:
        if line.startswith("BEGIN"):
            self._told, self._made, self._touched = Counter(), Counter(), set()
        elif line.startswith("COMMIT"):
            self._compare(line)
        elif found := _LINE.match(line):
            self._row(*found.groups())

    def _row(self, table: str, what: str, columns: str) -> None:
        if table == "audit_entry":
            self._entry(what, columns)
        elif table in self.objects:
            self._object(self.objects[table], what, columns)
        elif table in self.parts:
            self._part(table, what, columns)

    def _entry(self, what: str, columns: str) -> None:
        if what != "INSERT":
            self.strays.append(f"{what} on audit_entry: {columns[:80]}")
        elif version := value(columns, "object_version"):
            self._told[value(columns, "object_type"), value(columns, "object_ref"), int(version)] += 1

    def _object(self, of: Object, what: str, columns: str) -> None:
        if what == "DELETE":
            self.strays.append(f"DELETE of a {of.kind}: {columns[:80]}")
            return
        ref = value(columns, of.ref_column)
        self.refs[of.kind, value(columns, "id")] = ref
        self._made[of.kind, ref, int(value(columns, "version"))] += 1

    def _part(self, table: str, what: str, columns: str) -> None:
        kind, column = self.parts[table]
        row = table, value(columns, "id")
        if what != "DELETE":
            before, self.wholes[row] = self.wholes.get(row), value(columns, column)
            self._touched |= {(kind, whole) for whole in (before, self.wholes[row]) if whole}
        else:
            self._touched.add((kind, self.wholes.get(row, "unknown")))
        self.part_changes += 1

    def _compare(self, line: str) -> None:
        self.transactions += 1
        self.changes += self._made.total()
        self.entries += self._told.total()
        if self._made != self._told:
            self.strays.append(
                f"{line}: without entry {self._made - self._told}, without change {self._told - self._made}"
            )
        changed = {(kind, ref) for kind, ref, _ in self._made}
        for kind, whole in self._touched:
            if not {(kind, whole), (kind, self.refs.get((kind, whole), ""))} & changed:
                self.strays.append(f"{line}: a part of {kind} {whole}, and not the whole")


def value(columns: str, name: str) -> str:
    """The value of a column as the journal prints it; empty for NULL."""
    found = re.search(r"(?:^| )" + _VALUE.format(name), columns)
    if found is None or found[2] == "null":
        return ""
    return found[2] if found[1] is None else found[1].replace("''", "'")


def objects_of(connection: psycopg.Connection[Any]) -> Iterator[tuple[str, Object]]:
    for table, kind, column in connection.execute(
        "SELECT table_name, object_type, ref_column FROM audit_coupled"
    ):
        yield table, Object(kind, column)
