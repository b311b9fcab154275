"""Every version of every instrument that was ever in force here, one line of JSON each: `versions.jsonl`.

A decided request is read by the version it was decided under. So a line is never changed: whoever changes a
row of the data files raises its `version`, and `manage.py check_catalogue --record` adds the new line. The ladders
that the rows name have no versions: `ladders.jsonl` keeps each as it is, and a changed one is a new one.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from .loader import FOLDER, Catalogue, converted
from .schema import Instrument, Ladder

FILE = FOLDER / "versions.jsonl"
Recorded = Mapping[tuple[str, int], Mapping[str, Any]]


@cache
def recorded(path: Path = FILE) -> Recorded:
    """All lines, by code and version."""
    if not path.exists():
        return {}
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {(line["code"], line["version"]): line for line in lines}


@cache
def recorded_ladders(path: Path = FOLDER / "ladders.jsonl") -> Mapping[str, Mapping[str, Any]]:
    if not path.exists():
        return {}
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {line["code"]: line for line in lines}


def line_of(row: Instrument | Ladder) -> str:
    return json.dumps(asdict(row), ensure_ascii=False, sort_keys=True)


def as_it_was(current: Instrument, version: int, known: Recorded | None = None) -> Instrument:
    """The terms of that version. What the catalogue did not say at that time is read as it is now."""
    if version == current.version:
        return current
    line = (recorded() if known is None else known)[current.code, version]
    hints, names = get_type_hints(Instrument), {field.name for field in fields(Instrument)}
    kept = {name: converted(value, hints[name]) for name, value in line.items() if name in names}
    return Instrument(**{**{name: getattr(current, name) for name in names}, **kept})


def changed_in_silence(catalogue: Catalogue, known: Recorded) -> Iterable[str]:
    """Rows whose terms are not those recorded of their version; each with its file and line."""
    for code, row in catalogue.instruments.items():
        place = catalogue.places[code]
        line, now = known.get((code, row.version)), json.loads(line_of(row))
        if line is None:
            yield f"{place.of('version')}: {code}: version {row.version} is not recorded; run `manage.py check_catalogue --record`"
            continue
        for name in sorted(now.keys() & line.keys()):
            if now[name] != line[name]:
                yield f"{place.of(name)}: {code}: {name} is not what version {row.version} said; raise `version` and record it"


def changed_ladders(
    catalogue: Catalogue, known: Recorded, ladders: Mapping[str, Mapping[str, Any]]
) -> Iterable[str]:
    """Ladders that are not what was recorded of them; and those that are gone and still named by a version."""
    for code, ladder in catalogue.ladders.items():
        place, now = catalogue.ladder_places[code], json.loads(line_of(ladder))
        line = ladders.get(code)
        if line is None:
            yield f"{place.of()}: {code}: the ladder is not recorded; run `manage.py check_catalogue --record`"
            continue
        for name in sorted(now):
            if now[name] != line.get(name):
                yield f"{place.of(name)}: {code}: {name} is not what was recorded; a ladder that changes gets a new code"
    named = {line["ladder"] for line in known.values() if line.get("ladder")}
    for code in sorted(named - catalogue.ladders.keys()):
        yield f"ladders.toml:1: {code}: a recorded version of an instrument still names this ladder"


def missing_ladders(catalogue: Catalogue, ladders: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [line_of(ladder) for code, ladder in catalogue.ladders.items() if code not in ladders]


def missing_lines(catalogue: Catalogue, known: Recorded) -> list[str]:
    return [line_of(row) for code, row in catalogue.instruments.items() if (code, row.version) not in known]
