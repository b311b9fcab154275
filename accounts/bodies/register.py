"""Reads the bodies that are delivered with the product, and refuses a wrong row by its file, its code and its fault."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .addresses import CERTAINTY, Listed, is_domain, plain

FOLDER = Path(__file__).parent
FILES = ("forces.toml", "agencies.toml")
KINDS = ("POLICE_FORCE", "AGENCY", "COURT")
NATIONS = ("EW", "SC", "NI", "UK")
USES = ("P", "A", "O")
KEYS = frozenset({"code", "name", "kind", "nation", "may_use", "domains", "needs_verification"})
POLICE_UK = ".police.uk"


class BodyError(ValueError):
    """A row that cannot be a body; the message lists every fault of every row."""


@dataclass(frozen=True, slots=True)
class Body:
    """`may_use`: kinds of request P and A; O, instruments that go to legal."""

    code: str
    name: str
    kind: str
    nation: str
    may_use: tuple[str, ...]
    domains: tuple[Listed, ...]
    needs_verification: bool


def read_bodies(folder: Path = FOLDER) -> tuple[Body, ...]:
    faults: list[str] = []
    bodies: dict[str, Body] = {}
    owners: dict[str, str] = {}
    for file in FILES:
        for raw in tomllib.loads((folder / file).read_text("utf-8")).get("body", []):
            found = [*_faults(raw), *_taken(raw, bodies, owners)]
            faults.extend(f"{file}: {raw.get('code', 'no code')}: {fault}" for fault in found)
            if not found:
                bodies[raw["code"]] = _body(raw)
                owners.update((row["domain"], raw["code"]) for row in raw["domains"])
    if faults:
        raise BodyError("\n".join(faults))
    return tuple(bodies.values())


def _taken(raw: Mapping[str, Any], bodies: Mapping[str, Body], owners: Mapping[str, str]) -> Iterable[str]:
    if raw.get("code") in bodies:
        yield "its code stands twice"
    for row in raw.get("domains", []):
        if row.get("domain") in owners:
            yield f"{row['domain']} belongs to {owners[row['domain']]} already"


def _faults(raw: Mapping[str, Any]) -> Iterable[str]:
    yield from (f"{key} is missing" for key in sorted(KEYS - raw.keys()))
    yield from (f"unknown key {key!r}" for key in sorted(raw.keys() - KEYS))
    for key, known in (("kind", KINDS), ("nation", NATIONS)):
        if key in raw and raw[key] not in known:
            yield f"{key} may not be {raw[key]!r}"
    yield from (f"may_use may not hold {use!r}" for use in raw.get("may_use", []) if use not in USES)
    if not raw.get("domains"):
        yield "a body without a mail domain can never be compared with anything"
    for row in raw.get("domains", []):
        if row.keys() != {"domain", "certainty", "legacy"} or row["certainty"] not in CERTAINTY:
            yield f"a domain has a name, a certainty of {', '.join(CERTAINTY)} and says whether it is legacy: {row!r}"
        elif plain(row["domain"]) != row["domain"] or not is_domain(row["domain"]):
            yield f"{row['domain']!r} is no plain domain in lower case"
    uncertain = any(row.get("certainty") != "H" for row in raw.get("domains", []))
    if uncertain and not raw.get("needs_verification"):
        yield "a row that is not certain must say needs_verification = true"


def _body(raw: Mapping[str, Any]) -> Body:
    listed = [Listed(row["domain"], raw["name"], row["certainty"], row["legacy"]) for row in raw["domains"]]
    return Body(
        code=raw["code"],
        name=raw["name"],
        kind=raw["kind"],
        nation=raw["nation"],
        may_use=tuple(raw["may_use"]),
        domains=(*listed, *_retired(listed)),
        needs_verification=raw["needs_verification"],
    )


def _retired(listed: Iterable[Listed]) -> Iterable[Listed]:
    """Every force had a name below pnn.police.uk, which is flagged and never accepted by itself."""
    for row in listed:
        name = row.domain.removesuffix(POLICE_UK)
        if row.domain.endswith(POLICE_UK) and "." not in name:
            yield Listed(f"{name}.pnn{POLICE_UK}", row.body, row.certainty, legacy=True)
