"""The categories and sources of the published policy, read from their data files."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar, get_type_hints

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Category:
    """`third_party`: another person stands in it too; `restricted`: its scheme may forbid passing it on."""

    code: str
    name: str
    third_party: bool
    restricted: bool


@dataclass(frozen=True, slots=True)
class Source:
    code: str
    name: str
    note: str


Row = TypeVar("Row", Category, Source)


class RegisterError(ValueError):
    """A data file is wrong; the message names the file, the row and the key of each fault."""


def read(path: Path, table: str, row_type: type[Row]) -> dict[str, Row]:
    hints, rows, faults = get_type_hints(row_type), dict[str, Row](), list[str]()
    names = [field.name for field in fields(row_type)]
    for number, raw in enumerate(tomllib.loads(path.read_text("utf-8")).get(table, []), start=1):
        where = f"{path.name}: {table} {number} ({raw.get('code', 'no code')})"
        wrong = [f"unknown key {key!r}" for key in raw if key not in names]
        wrong += [
            f"{name} may not be {raw.get(name)!r}" for name in names if type(raw.get(name)) is not hints[name]
        ]
        wrong += ["its code stands twice"] if raw.get("code") in rows else []
        faults += [f"{where}: {fault}" for fault in wrong]
        if not wrong:
            rows[raw["code"]] = row_type(**raw)
    if faults:
        raise RegisterError("\n".join(faults))
    return rows


CATEGORIES: Mapping[str, Category] = read(FOLDER / "categories.toml", "category", Category)
SOURCES: Mapping[str, Source] = read(FOLDER / "sources.toml", "source", Source)
