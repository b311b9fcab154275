"""A log of some hundred entries under a few checkpoints, and the commands as somebody types them."""

import io
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.core.management import CommandError, call_command

from audit.sequencer import Sequencer

from .conftest import default_connection

BULK = """
INSERT INTO audit_entry (log, body)
SELECT %(log)s, convert_to('{"actor":{"ref":"u_' || n %% 7 || '"},"at":"' ||
    to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') ||
    '","event":"folder.viewed","id":' || (1 + random() * 9e15)::bigint ||
    ',"object":{"ref":"F-' || n || '","seen_version":1,"type":"folder"},"v":1}', 'UTF8')
FROM generate_series(1, %(count)s) AS n
"""


@dataclass
class LogDesk:
    """`owner` is a connection with the owner's rights; `sizes` those of the checkpoints that were signed."""

    database: Any
    owner: psycopg.Connection[Any]
    log: str = "main"
    sizes: list[int] = field(default_factory=list)

    def write(self, *counts: int) -> "LogDesk":
        """Entries by the hundred, a checkpoint behind each count."""
        for count in counts:
            self.owner.execute(BULK, {"log": self.log, "count": count})
            self.sign()
        return self

    def sign(self, sequencer: Sequencer | None = None) -> None:
        with default_connection(self.database, "sequencer"):
            (sequencer or Sequencer(self.log)).drain()
        size = self.one("SELECT max(size) FROM audit_checkpoint WHERE log = %s", self.log)
        self.sizes.append(size)

    def one(self, query: str, *values: Any) -> Any:
        row = self.owner.execute(query, values).fetchone()
        assert row
        return row[0]

    def entry_at(self, index: int) -> int:
        query = "SELECT entry_id FROM audit_leaf WHERE log = %s AND index = %s"
        found: int = self.one(query, self.log, index)
        return found

    def note(self, size: int) -> str:
        query = "SELECT note FROM audit_checkpoint WHERE log = %s AND size = %s"
        found: str = self.one(query, self.log, size)
        return found

    def run(self, *arguments: Any, role: str = "auditor") -> str:
        """`manage.py audit …`; what it wrote to standard output. Raises `CommandError` as the shell would see it."""
        out, err = io.StringIO(), io.StringIO()
        with default_connection(self.database, role):
            try:
                call_command("audit", *map(str, arguments), stdout=out, stderr=err)
            except CommandError as error:
                raise CommandError(f"{err.getvalue()}{error}") from error
        return out.getvalue()
