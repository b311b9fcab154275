"""How the requester is checked: how long each check counts, what a court document shows, what looks odd. Read once."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

from .schema import EVIDENCE_CODES

POINTED = ("COURT_DOCUMENT", "NOTICE_CHECKED")  # looked at point by point
FILE = Path(__file__).with_name("checks.toml")


class ChecksError(ValueError):
    """The file holds something that cannot be a check; the message lists every fault."""


@dataclass(frozen=True, slots=True)
class Check:
    """`alone`: may verify somebody by itself. `emergency_hours`: elapsed hours, 0 where it plays no part."""

    code: str
    done: str
    name: str
    counts_days: int
    emergency_hours: int
    alone: bool
    again: str

    def counts_until(self, day: date) -> date:
        """The last London day on which a check made on `day` counts."""
        return day + timedelta(days=self.counts_days)


@dataclass(frozen=True, slots=True)
class Point:
    """`of`: the check that asks it. `legal`: a "no" is a question to legal and refuses nothing by itself."""

    code: str
    of: str
    asks: str
    legal: bool


@dataclass(frozen=True, slots=True)
class OddSign:
    code: str
    words: str
    to_do: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Hours of the London day; counts of people and items; hours between two chases."""

    office_opens: int
    office_closes: int
    many_people: int
    most_emergency_items: int
    most_emergency_people: int
    chase_every_hours: int


@dataclass(frozen=True, slots=True)
class Checks:
    checks: Mapping[str, Check]
    points: Mapping[str, Point]
    flags: Mapping[str, OddSign]
    limits: Limits


Row = TypeVar("Row", Check, Point, OddSign)


def load_checks(path: Path = FILE) -> Checks:
    raw = tomllib.loads(path.read_text("utf-8"))
    faults: list[str] = []
    found = Checks(
        checks=_rows(raw, "check", Check, faults),
        points=_rows(raw, "point", Point, faults),
        flags=_rows(raw, "flag", OddSign, faults),
        limits=_limits(raw.get("limits", {}), faults),
    )
    faults += [f"check {code} is in no register" for code in found.checks if code not in EVIDENCE_CODES]
    faults += [f"check {code} is missing" for code in EVIDENCE_CODES if code not in found.checks]
    faults += [
        f"{point.code}: {point.of} is no check of a document"
        for point in found.points.values()
        if point.of not in POINTED
    ]
    if (address := found.checks.get("SENDER_ADDRESS")) and address.alone:
        faults.append("SENDER_ADDRESS: an address never verifies anybody by itself")
    faults += [
        f"{row.code}: a check that counts for no day is none"
        for row in found.checks.values()
        if row.counts_days < 1
    ]
    if faults:
        raise ChecksError("\n".join(f"{path.name}: {fault}" for fault in faults))
    return found


def _rows(raw: Mapping[str, Any], table: str, row_type: type[Row], faults: list[str]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for number, given in enumerate(raw.get(table, []), start=1):
        problems = _problems(given, row_type)
        if given.get("code") in rows:
            problems.append("its code stands twice")
        if problems:
            faults += [
                f"{table} {number} ({given.get('code', 'no code')}): {problem}" for problem in problems
            ]
        else:
            rows[given["code"]] = row_type(**given)
    return rows


def _limits(given: Mapping[str, Any], faults: list[str]) -> Limits:
    problems = _problems(given, Limits)
    faults += [f"limits: {problem}" for problem in problems]
    return Limits(**given) if not problems else Limits(0, 24, 0, 0, 0, 1)


def _problems(given: Mapping[str, Any], row_type: type[Any]) -> list[str]:
    types = {field.name: field.type for field in fields(row_type)}
    problems = [f"unknown key {name!r}" for name in given if name not in types]
    problems += [f"{name} is missing" for name in types if name not in given]
    return problems + [
        f"{name} may not be {value!r}"
        for name, value in given.items()
        if name in types and (type(value) is not types[name] or value == "")
    ]


LOADED = load_checks()
CHECKS = LOADED.checks
POINTS_OF = {
    check: {code: point for code, point in LOADED.points.items() if point.of == check} for check in POINTED
}
POINTS = POINTS_OF["COURT_DOCUMENT"]
ALL_POINTS = LOADED.points
ODD_SIGNS = LOADED.flags
LIMITS = LOADED.limits
