"""Where a row and its keys stand in a data file: tomllib forgets the lines, and a reviewer needs them."""

import re
from dataclasses import dataclass
from pathlib import Path

HEADER = re.compile(r"^\s*\[\[?\s*(?P<name>[^\]]+?)\s*\]\]?\s*(#.*)?$")


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a file, or a key of that row: `police.toml:12`."""

    file: str
    line: int
    keys: dict[str, int]

    def of(self, key: str = "") -> str:
        return f"{self.file}:{self.keys.get(key, self.line)}"


def places(path: Path, table: str) -> list[Place]:
    """The rows of one array of tables, in the order in which tomllib gives them."""
    found: list[Place] = []
    inside = False
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if header := HEADER.match(line):
            inside = header["name"] == table
            if inside:
                found.append(Place(path.name, number, {}))
        elif inside and "=" in line and not line.lstrip().startswith("#"):
            found[-1].keys.setdefault(line.split("=", 1)[0].strip(), number)
    return found
