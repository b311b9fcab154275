"""Every version of every instrument that was ever in force here, one line of JSON each: `versions.jsonl`.

A decided request is read by the version it was decided under. So a line is never changed: whoever changes a
row of the data files raises its `version`, and `manage.py check_catalogue --record` adds the new line.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from .loader import FOLDER, Catalogue, converted
from .schema import Instrument

FILE = FOLDER / "versions.jsonl"
Recorded = Mapping[tuple[str, int], Mapping[str, Any]]


@cache
def recorded(path: Path = FILE) -> Recorded:
    """All lines, by code and version."""
    if not path.exists():
        return {}
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {(line["code"], line["version"]): line for line in lines}


def line_of(row: Instrument) -> str:
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


def missing_lines(catalogue: Catalogue, known: Recorded) -> list[str]:
    return [line_of(row) for code, row in catalogue.instruments.items() if (code, row.version) not in known]
