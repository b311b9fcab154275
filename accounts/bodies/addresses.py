"""What a mail address is worth against the register of bodies.

A match is necessary evidence and never sufficient: mailboxes are taken over. Names are compared on whole labels,
in lower case, after the `.cjsm.net` of Criminal Justice Secure eMail; whatever is not plain ASCII is somebody else's.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

CJSM = ".cjsm.net"
LONGEST_DOMAIN = 253
# Shorter names turn up inside honest ones ("sia" in "asia").
SHORTEST_ECHO = 6
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_LOCAL = re.compile(r"[^\s@<>\",;:()\[\]\\]+")
_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "-": "", ".": ""})


class Standing(StrEnum):
    """Stored with what was written down; never renamed."""

    NONE = "NONE"  # no address was given
    LISTED = "LISTED"
    RETIRED = "RETIRED"  # listed as no longer used, or below a name that was given up
    OTHER_BODY = "OTHER_BODY"
    RESTRICTED = "RESTRICTED"  # below police.uk, gov.uk and the like, and in no row of the register
    FOREIGN = "FOREIGN"
    FREE_MAIL = "FREE_MAIL"
    LOOK_ALIKE = "LOOK_ALIKE"
    UNLISTED = "UNLISTED"
    UNREADABLE = "UNREADABLE"


# What no further check can make good: somebody else writes from there, or nobody knows who.
REFUSED = frozenset({
    Standing.FOREIGN, Standing.FREE_MAIL, Standing.LOOK_ALIKE, Standing.OTHER_BODY, Standing.UNREADABLE, Standing.NONE,
})  # fmt: skip


class Listed(NamedTuple):
    """A mail domain of the register; `body` names whose it is."""

    domain: str
    body: str = ""
    certainty: str = "H"
    legacy: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """`domain` is what was compared, empty for letters that are not plain; `listed` the row it matched, or the row it imitates."""

    standing: Standing
    domain: str = ""
    listed: Listed | None = None


class Namespaces(NamedTuple):
    restricted: tuple[str, ...]
    retired: tuple[str, ...]
    foreign: tuple[str, ...]
    free_mail: tuple[str, ...]


def _read_namespaces() -> Namespaces:
    raw = tomllib.loads(Path(__file__).with_name("namespaces.toml").read_text("utf-8"))
    return Namespaces(**{name: tuple(raw[name]) for name in Namespaces._fields})


NAMESPACES = _read_namespaces()


def judge(address: str, *, own: Iterable[Listed], others: Iterable[Listed] = ()) -> Verdict:
    """The standing of a mail address: `own` are the rows of the body that is said to write, `others` of all the rest."""
    address = address.strip()
    if not address:
        return Verdict(Standing.NONE)
    local, at, raw = address.rpartition("@")
    if not at or not _LOCAL.fullmatch(local):
        return Verdict(Standing.UNREADABLE)
    domain = plain(raw)
    # Asked of what was typed: folded or lowered, a sharp s, a long s and the Kelvin sign are plain letters.
    if not raw.isascii() or any(label.startswith("xn--") for label in domain.split(".")):
        return Verdict(Standing.LOOK_ALIKE)
    if not is_domain(domain):
        return Verdict(Standing.UNREADABLE)
    return _standing(domain, tuple(own), tuple(others))


def plain(domain: str) -> str:
    """In lower case, without the root's dot and without one trailing `.cjsm.net`."""
    return domain.strip().lower().removesuffix(".").removesuffix(CJSM)


def is_domain(domain: str) -> bool:
    labels = domain.split(".")
    return (
        len(domain) <= LONGEST_DOMAIN and len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    )


def is_below(domain: str, name: str) -> bool:
    """The name itself or something under it, on whole labels: `evilmet.police.uk` is not below `met.police.uk`."""
    return domain == name or domain.endswith(f".{name}")


def _standing(domain: str, own: tuple[Listed, ...], others: tuple[Listed, ...]) -> Verdict:
    mine = _longest(domain, own)
    if mine is not None:
        return Verdict(Standing.RETIRED if mine.legacy else Standing.LISTED, domain, mine)
    if _below_any(domain, NAMESPACES.foreign):
        return Verdict(Standing.FOREIGN, domain)
    theirs = _longest(domain, others)
    if theirs is not None:
        return Verdict(Standing.OTHER_BODY, domain, theirs)
    if _below_any(domain, NAMESPACES.retired):
        return Verdict(Standing.RETIRED, domain)
    if _below_any(domain, NAMESPACES.free_mail):
        return Verdict(Standing.FREE_MAIL, domain)
    restricted = _below_any(domain, NAMESPACES.restricted)
    imitated = next((row for row in (*own, *others) if _imitates(domain, row.domain, restricted)), None)
    if imitated is not None or (not restricted and _borrows(domain)):
        return Verdict(Standing.LOOK_ALIKE, domain, imitated)
    return Verdict(Standing.RESTRICTED if restricted else Standing.UNLISTED, domain)


def _longest(domain: str, rows: Iterable[Listed]) -> Listed | None:
    found = [row for row in rows if is_below(domain, row.domain)]
    return max(found, key=lambda row: len(row.domain), default=None)


def _below_any(domain: str, names: Iterable[str]) -> bool:
    return any(is_below(domain, name) for name in names)


def _skeleton(domain: str) -> str:
    """What an eye in a hurry takes it for: without dots and hyphens, similar letters as one."""
    return domain.replace("rn", "m").replace("vv", "w").translate(_ALIKE)


def _imitates(domain: str, listed: str, restricted: bool) -> bool:
    """Reads like a listed name. Where only public bodies are given names, only its twin counts, not its echo."""
    mine, theirs = _skeleton(domain), _skeleton(listed)
    if mine == theirs:
        return True
    echo = _skeleton(listed.rpartition(".")[0])
    return not restricted and len(echo) >= SHORTEST_ECHO and echo in mine


def _borrows(domain: str) -> bool:
    """Carries `police.uk`, `gov.uk` or the like somewhere else than at its end, or run together."""
    return any(_skeleton(name) in _skeleton(domain) for name in NAMESPACES.restricted)


def words(verdict: Verdict, body: str = "") -> str:
    """What a person reads of the address. `body` names who is said to write."""
    name, of = verdict.domain or "The address", body or "this body"
    whose = verdict.listed.body if verdict.listed and verdict.listed.body else "another body"
    if verdict.standing is Standing.LISTED and verdict.listed:
        return f"{verdict.listed.domain} is in the register for this body ({CERTAINTY[verdict.listed.certainty]})."
    return {
        Standing.NONE: "The form gives no e-mail address, so there is nothing to compare.",
        Standing.UNREADABLE: "This is not one plain e-mail address. Type the address alone, as the mail shows it.",
        Standing.RETIRED: f"{name} is an address that is no longer used. Do not accept it by itself.",
        Standing.OTHER_BODY: (
            f"{name} is in the register for {whose}, not for {of}. Choose the body whose address it is "
            "(a regional unit writes from its host force), or treat it as somebody else's."
        ),
        Standing.FOREIGN: (
            f"{name} is outside the United Kingdom for this purpose: the Crown Dependencies and the Overseas Territories "
            "are foreign, even where a mailbox ends in police.uk. Work it as a letter from a foreign authority."
        ),
        Standing.FREE_MAIL: (
            f"{name} gives a mailbox to anybody. Nothing from there is a request of {of}, and no answer goes there."
        ),
        Standing.LOOK_ALIKE: _look_alike(verdict, name),
        Standing.RESTRICTED: (
            f"{name} ends like a public body's name and is not in the register for {of}. Find out by the switchboard "
            "whose it is before you go on, and have an administrator enter it."
        ),
        Standing.UNLISTED: f"{name} is not in the register for {of}. Find out why before you go on.",
        Standing.LISTED: f"{name} is in the register for this body.",
    }[verdict.standing]


def _look_alike(verdict: Verdict, name: str) -> str:
    if not verdict.domain:
        return "The address has letters that only look like ours. Treat it as somebody else's."
    imitated = f"{verdict.listed.domain} " if verdict.listed else "a public body's name "
    return f"{name} only looks like {imitated}and is not it. Treat it as somebody else's."


CERTAINTY = {"H": "seen in an official source", "M": "one source", "L": "a guess"}
