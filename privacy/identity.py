"""Who a preference or a request is about, as digests: the normal forms they are made of, and what a match means.

Pure but for the digester it is handed. `NORMALISATION` is stored beside each digest: a row made by an older
rule is told from a newer one.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from enum import StrEnum

NORMALISATION = 1


class Mark(StrEnum):
    """What a person can be known by."""

    ACCOUNT = "ACCOUNT"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    PERSON = "PERSON"  # name and date of birth together; neither is enough alone


Identity = Mapping[str, str]  # mark -> digest


def normal_forms(
    *, account_number: str = "", email: str = "", phone: str = "", name: str = "", born_on: str = ""
) -> dict[Mark, str]:
    """The marks that are there, each in its one spelling. `born_on` is an ISO date."""
    forms = {
        Mark.ACCOUNT: re.sub(r"[^0-9A-Z]", "", _plain(account_number).upper()),
        Mark.EMAIL: _plain(email).casefold().replace(" ", ""),
        Mark.PHONE: _phone(_plain(phone)),
        Mark.PERSON: f"{_name(name)}|{born_on.strip()}" if _name(name) and born_on.strip() else "",
    }
    return {mark: form for mark, form in forms.items() if form}


def identity(digest: Callable[[str, str], str], forms: Mapping[Mark, str]) -> dict[str, str]:
    return {mark.value: digest(mark.value, form) for mark, form in forms.items()}


def may_be_the_same(one: Identity, other: Identity) -> bool:
    """One mark in common: enough to take an objection seriously."""
    return any(other.get(mark) == digest for mark, digest in one.items())


def is_surely_the_same(one: Identity, other: Identity) -> bool:
    """A mark in common and none that differs: a household's telephone is no consent of each of its members."""
    shared = one.keys() & other.keys()
    return bool(shared) and all(one[mark] == other[mark] for mark in shared)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _phone(text: str) -> str:
    """National digits: +44 20 7946 0000, 0044 20… and 020 7946 0000 are one number."""
    digits = re.sub(r"[^0-9]", "", text.replace("(0)", ""))
    if text.startswith("+"):
        digits = f"00{digits}"
    return f"0{digits[4:].lstrip('0')}" if digits.startswith("0044") else digits


def _name(text: str) -> str:
    """Letters alone, accents and case laid aside, the parts in any order of spaces and hyphens."""
    split = unicodedata.normalize("NFKD", _plain(text)).casefold()
    return " ".join(re.sub(r"[^\w]", " ", "".join(c for c in split if not unicodedata.combining(c))).split())
