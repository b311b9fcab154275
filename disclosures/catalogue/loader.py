"""Reads the data files and refuses a wrong one by naming the file, the row and the key."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from types import GenericAlias
from typing import Any, TypeVar, get_origin, get_type_hints

from .schema import (
    EVIDENCE_CODES,
    FORM_CODES,
    ISSUERS,
    OPINIONS,
    Comms,
    Instrument,
    ItemType,
    PolicyPurpose,
    Rank,
    Refusal,
    RowType,
)
from .time_rules import parse_time_rule

FOLDER = Path(__file__).parent
INSTRUMENT_FILES = ("police.toml", "aml.toml", "group.toml")
SCHEMES = ("PART", "ANY_UK", "REG", "SLA")
Row = TypeVar("Row", Instrument, ItemType, PolicyPurpose, Rank, Refusal)


class CatalogueError(ValueError):
    """A data file holds something that cannot be law; the message lists every fault found."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    instruments: Mapping[str, Instrument]
    item_types: Mapping[str, ItemType]
    refusals: Mapping[str, Refusal]
    ranks: Mapping[str, Rank]
    purposes: Mapping[str, PolicyPurpose]


def load(folder: Path = FOLDER) -> Catalogue:
    """All registers below `folder`. Raises CatalogueError with every fault, each with its file and row."""
    faults: list[str] = []
    catalogue = Catalogue(
        instruments=_instruments(folder, faults),
        item_types=_read(folder / "item_types.toml", "item_type", ItemType, faults),
        refusals=_read(folder / "refusals.toml", "refusal", Refusal, faults),
        ranks=_read(folder / "ranks.toml", "rank", Rank, faults),
        purposes=_read(folder / "purposes.toml", "purpose", PolicyPurpose, faults),
    )
    faults.extend(_broken_references(catalogue))
    if faults:
        raise CatalogueError("\n".join(faults))
    return catalogue


def _instruments(folder: Path, faults: list[str]) -> dict[str, Instrument]:
    rows: dict[str, Instrument] = {}
    for name in INSTRUMENT_FILES:
        for code, row in _read(folder / name, "instrument", Instrument, faults).items():
            if code in rows:
                faults.append(f"{name}: instrument {code} stands in another file too")
            rows[code] = row
    return rows


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
        known = {
            "refusal": (instrument.refusals, catalogue.refusals),
            "evidence": (instrument.evidence, EVIDENCE_CODES),
            "issuer": (instrument.issuers, ISSUERS),
            "opinion": (instrument.opinions, OPINIONS),
            "class of communications data": (instrument.comms, tuple(Comms)),
            "need": (
                (*instrument.needs_submit, *instrument.needs_review, *instrument.needs_release),
                FORM_CODES,
            ),
            "working-day scheme": ((instrument.scheme,), SCHEMES),
        }
        for what, (codes, register) in known.items():
            for code in codes:
                if code not in register:
                    yield f"{instrument.code}: {what} {code!r} is in no register"
        yield from _contradictions(instrument)
        yield from _time(instrument)


def _contradictions(instrument: Instrument) -> Iterable[str]:
    """A row that is worked needs its approvals; one that is not needs the sentence that says what to do."""
    worked = instrument.row_type is RowType.REQUEST
    if worked and instrument.approvals < 1:
        yield f"{instrument.code}: an instrument that is worked needs at least one approval"
    if worked == bool(instrument.answer):
        yield f"{instrument.code}: `answer` is for a row that is recognised and not worked, and needed there"
    if not instrument.voluntary and instrument.time_rule == "SLA":
        yield f"{instrument.code}: a compulsory instrument never falls back to the house's own days"


def _time(instrument: Instrument) -> Iterable[str]:
    """Only what is neither worked nor routed may go without a rule of time."""
    if not instrument.time_rule and instrument.row_type not in {RowType.REQUEST, RowType.ROUTE}:
        return
    try:
        parse_time_rule(instrument.time_rule)
    except ValueError as error:
        yield f"{instrument.code}: {error}"
