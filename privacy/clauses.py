"""Reads which clauses a version of the policy has, and refuses a wrong file by naming the file, the row and the key."""

import tomllib
from pathlib import Path
from typing import Any

from .services import Clause

OURS = Path(__file__).with_name("clauses.toml")
KEYS = {"register", "code", "clause", "above"}


class NotClauses(ValueError):
    """The message lists every fault."""


def read_clauses(path: Path = OURS) -> list[Clause]:
    try:
        rows = tomllib.loads(path.read_text("utf-8")).get("clause", [])
    except OSError as error:
        raise NotClauses(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NotClauses(f"{path} is no TOML: {error}.") from error
    if not isinstance(rows, list) or not rows:
        raise NotClauses(f"{path} states no clause; each begins with [[clause]].")
    faults = [
        f"{path.name}: clause {n}: {fault}" for n, row in enumerate(rows, start=1) for fault in _faults(row)
    ]
    if faults:
        raise NotClauses("\n".join(faults))
    return [Clause(row["register"], row["code"], row["clause"], row.get("above")) for row in rows]


def _faults(row: Any) -> list[str]:
    if not isinstance(row, dict):
        return ["it is no table"]
    found = [f"unknown key {key!r}" for key in row if key not in KEYS]
    found += [
        f"{key} is missing or no text" for key in ("register", "code", "clause") if not _is_text(row.get(key))
    ]
    if "above" in row and not isinstance(row["above"], bool):
        found.append("above is true or false")
    return found


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
