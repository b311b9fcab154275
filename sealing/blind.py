"""Blind indexes: whether two sealed values are the same can be asked, what they are cannot.

Two keys of their own, one for what the desk sees and one for what its named members see, so that no index of a
restricted request can be matched with an ordinary one by somebody who holds the table.
"""

import base64
import binascii
import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .keys import master_keys

NORMALISATION = 1  # a change of `normal` is a new number, and old indexes no longer match
KEY_BYTES = 32
KINDS = ("ordinary", "restricted")
VEILED = "r1:"


def blind_index(text: str, *, of: str, restricted: bool) -> str:
    """HMAC-SHA-256 as hex, of the normal form of `text`; `of` names what it is, so that a number never equals a name.

    Empty for a text that has nothing to compare.
    """
    value = normal(text)
    if not value:
        return ""
    return hmac.new(_key(restricted=restricted), f"{of}\n{value}".encode(), hashlib.sha256).hexdigest()


def veil(index: str) -> str:
    """An ordinary index as a restricted request keeps it, where it must be held against ordinary ones.

    Deterministic (AES-SIV, RFC 5297) under the restricted key: the same gives the same among the restricted, and
    nothing that an ordinary one could be matched with.
    """
    box = _veil().encrypt(bytes.fromhex(index), None)
    return VEILED + base64.b64encode(box).decode()


def unveil(index: str) -> str:
    """The ordinary index behind a veiled one; one that was never veiled comes back as it is."""
    if not index.startswith(VEILED):
        return index
    return _veil().decrypt(base64.b64decode(index.removeprefix(VEILED)), None).hex()


def normal(text: str) -> str:
    """Letters and digits as one compares them: NFKC, without case, without space at the ends or doubled inside."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _key(*, restricted: bool) -> bytes:
    kind = KINDS[restricted]
    return hmac.digest(
        _base_keys()[kind], f"cpdisclose-blind-{NORMALISATION}-{kind}".encode(), hashlib.sha256
    )


def _veil() -> AESSIV:
    return AESSIV(hmac.digest(_base_keys()["restricted"], b"cpdisclose-veil-1", hashlib.sha512))


def _base_keys() -> Mapping[str, bytes]:
    """Those of the setting. An installation older than it goes on with what it had: its first master key."""
    if not settings.BLIND_INDEX_KEYS:
        return dict.fromkeys(KINDS, next(iter(master_keys().values())))
    return _read(settings.BLIND_INDEX_KEYS)


@lru_cache(maxsize=8)
def _read(text: str) -> Mapping[str, bytes]:
    keys: dict[str, bytes] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        kind, _, encoded = part.partition(":")
        try:
            keys[kind] = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            keys[kind] = b""
    if set(keys) != set(KINDS) or any(len(key) != KEY_BYTES for key in keys.values()):
        raise ImproperlyConfigured(
            "BLIND_INDEX_KEYS must read like ordinary:BASE64,restricted:BASE64, 32 bytes each; or be empty, "
            "and both are derived from the first of SEALING_MASTER_KEYS."
        )
    return keys
