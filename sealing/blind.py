"""Blind indexes: whether two sealed values are the same can be asked, what they are cannot.

Two keys, drawn from the newest master key's material: one for what the desk sees, one for what its named members
see, so that no index of a restricted request can be matched with an ordinary one by somebody who holds the table.
"""

import hashlib
import hmac
import unicodedata

from .keys import master_keys

NORMALISATION = 1  # a change of `normal` is a new number, and old indexes no longer match


def blind_index(text: str, *, of: str, restricted: bool) -> str:
    """HMAC-SHA-256 as hex, of the normal form of `text`; `of` names what it is, so that a number never equals a name.

    Empty for a text that has nothing to compare. The oldest master key makes the index key: it stays while data of its time does.
    """
    value = normal(text)
    if not value:
        return ""
    master = next(iter(master_keys().values()))
    label = f"cpdisclose-blind-{NORMALISATION}-{'restricted' if restricted else 'ordinary'}"
    key = hmac.digest(master, label.encode(), hashlib.sha256)
    return hmac.new(key, f"{of}\n{value}".encode(), hashlib.sha256).hexdigest()


def normal(text: str) -> str:
    """Letters and digits as one compares them: NFKC, without case, without space at the ends or doubled inside."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
