"""Reads the data files and refuses a wrong one by naming the file, the line, the row and the key."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from types import GenericAlias
from typing import Any, TypeVar, get_origin, get_type_hints

from .consistency import faults_of
from .ladders import faults_of_ladders
from .policy_registers import CATEGORIES
from .schema import Instrument, ItemType, Ladder, PolicyPurpose, Rank, Refusal
from .source import Place, places

FOLDER = Path(__file__).parent
Row = TypeVar("Row", Instrument, ItemType, Ladder, PolicyPurpose, Rank, Refusal)
Raw = Mapping[str, Any]


class CatalogueError(ValueError):
    """A data file holds something that cannot be law; the message lists every fault found."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`places`: where each instrument stands, for whoever has to correct it; `ladder_places`: each ladder."""

    instruments: Mapping[str, Instrument]
    item_types: Mapping[str, ItemType]
    refusals: Mapping[str, Refusal]
    ranks: Mapping[str, Rank]
    purposes: Mapping[str, PolicyPurpose]
    ladders: Mapping[str, Ladder]
    places: Mapping[str, Place]
    ladder_places: Mapping[str, Place]


def load(folder: Path = FOLDER) -> Catalogue:
    """All registers below `folder`. Raises CatalogueError with every fault, each with its file and line."""
    faults: list[str] = []
    where: dict[str, Place] = {}
    profiles = _profiles(folder / "profiles.toml", faults)
    instruments: dict[str, Instrument] = {}
    for path in sorted((folder / "instruments").glob("*.toml")):
        for code, (row, place) in _read(path, "instrument", Instrument, faults, profiles).items():
            if code in instruments:
                faults.append(f"{place.of('code')}: {code}: stands in {where[code].of('code')} too")
            instruments[code], where[code] = row, place
    ladders = _read(folder / "ladders.toml", "ladder", Ladder, faults)
    catalogue = Catalogue(
        instruments=instruments,
        item_types=_register(folder / "item_types.toml", "item_type", ItemType, faults),
        refusals=_register(folder / "refusals.toml", "refusal", Refusal, faults),
        ranks=_register(folder / "ranks.toml", "rank", Rank, faults),
        purposes=_register(folder / "purposes.toml", "purpose", PolicyPurpose, faults),
        ladders={code: row for code, (row, _) in ladders.items()},
        places=where,
        ladder_places={code: place for code, (_, place) in ladders.items()},
    )
    faults += [
        f"{catalogue.ladder_places[code].of(key)}: {code}: {words}"
        for code, key, words in faults_of_ladders(catalogue.ladders)
    ]
    for row in instruments.values():
        faults += [
            f"{where[row.code].of(fault.key)}: {row.code}: {fault.words}"
            for fault in faults_of(row, catalogue.refusals, instruments, catalogue.ladders)
        ]
    faults += [
        f"item_types.toml: {row.code}: category {row.category!r} is in no register"
        for row in catalogue.item_types.values()
        if row.category not in CATEGORIES
    ]
    if faults:
        raise CatalogueError("\n".join(faults))
    return catalogue


def _parsed(path: Path, faults: list[str]) -> Raw:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        faults.append(f"{path.name}:{line[1] if line else 1}: cannot be read: {error}")
        return {}


def _profiles(path: Path, faults: list[str]) -> dict[str, Raw]:
    """What rows of one sort have in common, each profile standing on the base."""
    parsed = _parsed(path, faults)
    base, known = parsed.get("base", {}), {field.name for field in fields(Instrument)}
    profiles: dict[str, Raw] = {name: {**base, **own} for name, own in parsed.get("profile", {}).items()}
    for name, profile in profiles.items():
        (place,) = places(path, f"profile.{name}")
        faults += [f"{place.of(key)}: profile {name}: unknown key {key!r}" for key in profile.keys() - known]
    return profiles


def _register(path: Path, table: str, row_type: type[Row], faults: list[str]) -> dict[str, Row]:
    return {code: row for code, (row, _) in _read(path, table, row_type, faults).items()}


def _read(
    path: Path,
    table: str,
    row_type: type[Row],
    faults: list[str],
    profiles: Mapping[str, Raw] | None = None,
) -> dict[str, tuple[Row, Place]]:
    rows: dict[str, tuple[Row, Place]] = {}
    seen: set[str] = set()
    parsed = _parsed(path, faults).get(table, [])
    for raw, place in zip(parsed, places(path, table), strict=bool(parsed)):
        code = str(raw.get("code", "no code"))
        problems = list(_profile_problems(raw, profiles)) if profiles is not None else []
        full = _on_its_profile(raw, profiles) if profiles is not None else raw
        problems += _problems(full, row_type) if not problems else []
        if code in seen:
            problems.append(("code", "its code stands twice"))
        seen.add(code)
        faults.extend(f"{place.of(key)}: {code}: {problem}" for key, problem in problems)
        if not problems:
            rows[code] = row_type(**_converted(full, row_type)), place
    return rows


def _profile_problems(raw: Raw, profiles: Mapping[str, Raw]) -> Iterable[tuple[str, str]]:
    if raw.get("profile") not in profiles:
        yield "profile", f"profile {raw.get('profile')!r} is in no register"


def _on_its_profile(raw: Raw, profiles: Mapping[str, Raw]) -> Raw:
    own = {key: value for key, value in raw.items() if key != "profile"}
    return {**profiles.get(raw.get("profile", ""), {}), **own}


def _problems(raw: Raw, row_type: type[Row]) -> Iterable[tuple[str, str]]:
    hints = get_type_hints(row_type)
    names = [field.name for field in fields(row_type)]
    yield from ((key, f"unknown key {key!r}") for key in raw if key not in names)
    for name in names:
        if name not in raw:
            yield name, f"{name} is missing"
        elif not _fits(raw[name], hints[name]):
            yield name, f"{name} may not be {raw[name]!r}"


def _fits(value: object, hint: Any) -> bool:
    if isinstance(hint, GenericAlias) and get_origin(hint) is tuple:
        return isinstance(value, list) and all(isinstance(entry, str) for entry in value)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return value in list(hint)
    return type(value) is hint


def _converted(raw: Raw, row_type: type[Row]) -> dict[str, Any]:
    hints = get_type_hints(row_type)
    return {name: converted(value, hints[name]) for name, value in raw.items()}


def converted(value: Any, hint: Any) -> Any:
    """A value as the data file holds it, as the row holds it."""
    if isinstance(value, list):
        return tuple(value)
    return hint(value) if isinstance(hint, type) and issubclass(hint, StrEnum) else value
