"""Cosignatures of witnesses (C2SP tlog-cosignature, Ed25519). Pure: text in, text out; time is handed in."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .note import DASH, NoteRefused, Verifier, key_id, signature_of

ED25519_COSIGNATURE = b"\x04"
_TIME_BYTES = 8
_KEY_BYTES = 32


@dataclass(frozen=True)
class WitnessKey:
    """A witness's public key and the name it signs under."""

    name: str
    key: bytes

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, ED25519_COSIGNATURE, self.key)

    @property
    def vkey(self) -> str:
        encoded = base64.b64encode(ED25519_COSIGNATURE + self.key).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def verify(self, text: str, signature: bytes) -> int:
        """When the witness signed, in seconds of POSIX. Raises `NoteRefused`."""
        seconds = int.from_bytes(signature[:_TIME_BYTES], "big")
        try:
            public = Ed25519PublicKey.from_public_bytes(self.key)
            public.verify(signature[_TIME_BYTES:], _message(text, seconds))
        except InvalidSignature:
            raise NoteRefused(f"The cosignature of {self.name} is wrong.") from None
        return seconds


@dataclass(frozen=True, repr=False)
class Cosigner:
    """A witness's private key (the 32-byte seed of RFC 8032) and the name it signs under."""

    name: str
    seed: bytes

    @property
    def witness_key(self) -> WitnessKey:
        return WitnessKey(self.name, self._private().public_key().public_bytes_raw())

    def line(self, text: str, seconds: int) -> str:
        signature = self._private().sign(_message(text, seconds))
        signed = self.witness_key.key_id + seconds.to_bytes(_TIME_BYTES, "big") + signature
        return f"{DASH}{self.name} {base64.b64encode(signed).decode()}\n"

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True)
class Cosignature:
    witness: str
    seconds: int
    line: str


def cosignatures(text: str, lines: Iterable[str], keys: Sequence[WitnessKey]) -> list[Cosignature]:
    """Those of witnesses that we know; strangers are passed over. Raises `NoteRefused` when a known one is wrong."""
    known = {(key.name, key.key_id): key for key in keys}
    found = []
    for line in lines:
        name, id_, signature = signature_of(line)
        key = known.get((name, id_))
        if key is not None:
            found.append(Cosignature(name, key.verify(text, signature), f"{line}\n"))
    return found


def read_vkey(text: str) -> WitnessKey | Verifier:
    """A verifier key of signed-note: a witness's or a log's, by its kind. Raises `ValueError`."""
    name, _, rest = text.partition("+")
    id_, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) == 1 + _KEY_BYTES:
        kind = WitnessKey if raw[:1] == ED25519_COSIGNATURE else Verifier
        key = kind(name, raw[1:])
        if key.vkey == text and key.key_id.hex() == id_:
            return key
    raise ValueError(f"{text!r} is not a verifier key: name+id+base64.")


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
