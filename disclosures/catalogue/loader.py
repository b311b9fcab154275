"""Reads the data files and refuses a wrong one by naming the file, the row and the key."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from types import GenericAlias
from typing import Any, TypeVar, get_origin, get_type_hints

from .schema import EVIDENCE_CODES, Instrument, ItemType, Rank, Refusal, RowType

FOLDER = Path(__file__).parent
Row = TypeVar("Row", Instrument, ItemType, Rank, Refusal)


class CatalogueError(ValueError):
    """A data file holds something that cannot be law; the message lists every fault found."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    instruments: Mapping[str, Instrument]
    item_types: Mapping[str, ItemType]
    refusals: Mapping[str, Refusal]
    ranks: Mapping[str, Rank]


def load(folder: Path = FOLDER) -> Catalogue:
    """All registers below `folder`. Raises CatalogueError with every fault, each with its file and row."""
    faults: list[str] = []
    catalogue = Catalogue(
        instruments=_read(folder / "police.toml", "instrument", Instrument, faults),
        item_types=_read(folder / "item_types.toml", "item_type", ItemType, faults),
        refusals=_read(folder / "refusals.toml", "refusal", Refusal, faults),
        ranks=_read(folder / "ranks.toml", "rank", Rank, faults),
    )
    faults.extend(_broken_references(catalogue))
    if faults:
        raise CatalogueError("\n".join(faults))
    return catalogue


def _read(path: Path, table: str, row_type: type[Row], faults: list[str]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for number, raw in enumerate(tomllib.loads(path.read_text("utf-8")).get(table, []), start=1):
        where = f"{path.name}: {table} {number} ({raw.get('code', 'no code')})"
        problems = list(_problems(raw, row_type))
        if raw.get("code") in rows:
            problems.append("its code stands twice")
        if problems:
            faults.extend(f"{where}: {problem}" for problem in problems)
            continue
        rows[raw["code"]] = row_type(**_converted(raw, row_type))
    return rows


def _problems(raw: Mapping[str, Any], row_type: type[Row]) -> Iterable[str]:
    hints = get_type_hints(row_type)
    names = [field.name for field in fields(row_type)]
    yield from (f"unknown key {key!r}" for key in raw if key not in names)
    for name in names:
        if name not in raw:
            yield f"{name} is missing"
        elif not _fits(raw[name], hints[name]):
            yield f"{name} may not be {raw[name]!r}"
    if row_type is Instrument and not raw.get("statute"):
        yield "statute is empty"
    if str(raw.get("conf", "")).startswith("M") and not raw.get("needs_verification"):
        yield "a row from memory must say needs_verification = true"


def _fits(value: object, hint: Any) -> bool:
    if isinstance(hint, GenericAlias) and get_origin(hint) is tuple:
        return isinstance(value, list) and all(isinstance(entry, str) for entry in value)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return value in list(hint)
    return type(value) is hint


def _converted(raw: Mapping[str, Any], row_type: type[Row]) -> dict[str, Any]:
    hints = get_type_hints(row_type)
    return {name: _convert(value, hints[name]) for name, value in raw.items()}


def _convert(value: Any, hint: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return hint(value) if isinstance(hint, type) and issubclass(hint, StrEnum) else value


def _broken_references(catalogue: Catalogue) -> Iterable[str]:
    for instrument in catalogue.instruments.values():
        for code in instrument.refusals:
            if code not in catalogue.refusals:
                yield f"{instrument.code}: refusal {code!r} is in no register"
        for code in instrument.evidence:
            if code not in EVIDENCE_CODES:
                yield f"{instrument.code}: evidence {code!r} is not known"
        if instrument.row_type is RowType.REQUEST and instrument.approvals < 1:
            yield f"{instrument.code}: an instrument that is worked needs at least one approval"
