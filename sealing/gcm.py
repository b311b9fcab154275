"""AES-256-GCM and the way its context is written down. No Django, no state."""

import secrets
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class CannotOpen(Exception):
    """What was sealed does not open: wrong place, wrong key, changed bytes, or the key was erased."""


def context(parts: Iterable[bytes]) -> bytes:
    """The parts as one string of bytes, each behind its length, so that no two lists look alike."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def encrypt(*, key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Ciphertext followed by the 16-byte tag."""
    return AESGCM(key).encrypt(nonce, plaintext, aad)


def decrypt(*, key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(nonce, sealed, aad)
    except InvalidTag:
        raise CannotOpen("The sealed bytes do not belong to this key and this place.") from None


def seal(*, key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """A fresh nonce, then what `encrypt` gives."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + encrypt(key=key, nonce=nonce, plaintext=plaintext, aad=aad)


def unseal(*, key: bytes, box: bytes, aad: bytes) -> bytes:
    if len(box) < NONCE_BYTES:
        raise CannotOpen("The sealed bytes were cut short.")
    return decrypt(key=key, nonce=box[:NONCE_BYTES], sealed=box[NONCE_BYTES:], aad=aad)
