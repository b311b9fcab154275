"""Signed notes (C2SP signed-note) with Ed25519 keys. Pure: text in, text out."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
MOST_SIGNATURES = 32
DASH = "— "
_ID_BYTES = 4


class NoteRefused(ValueError):
    """The bytes are no note, or nobody whom we know has signed it."""


def key_id(name: str, kind: bytes, key: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + kind + key).digest()[:_ID_BYTES]


@dataclass(frozen=True)
class Verifier:
    """A public key of 32 bytes and the name it signs under."""

    name: str
    key: bytes

    def __post_init__(self) -> None:
        if not self.name or "+" in self.name or self.name.split() != [self.name]:
            raise ValueError("The name of a signing key has no spaces and no plus sign.")

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, ED25519, self.key)

    @property
    def vkey(self) -> str:
        """As signed-note has it: name, key id, and the key behind its algorithm."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.key).decode()}"

    def verify(self, text: str, signature: bytes) -> None:
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text.encode())
        except InvalidSignature:
            raise NoteRefused(f"The signature of {self.name} is wrong.") from None


@dataclass(frozen=True, repr=False)
class Signer:
    """A private key (the 32-byte seed of RFC 8032) and the name it signs under."""

    name: str
    seed: bytes

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self._private().public_key().public_bytes_raw())

    def signature_line(self, text: str) -> str:
        signed = self.verifier.key_id + self._private().sign(text.encode())
        return f"{DASH}{self.name} {base64.b64encode(signed).decode()}\n"

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def sign(text: str, signers: Iterable[Signer]) -> str:
    _check_text(text)
    return text + "\n" + "".join(signer.signature_line(text) for signer in signers)


def open_note(note: str, verifiers: Sequence[Verifier]) -> str:
    """The signed text. Raises `NoteRefused` unless a known key signed it and none signed it wrongly."""
    before, blank, after = note.rpartition("\n\n")
    text = before + "\n"
    if not blank or not after.endswith("\n"):
        raise NoteRefused("A note is a text, an empty line and signature lines.")
    _check_text(text)
    signatures = _signatures(after)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    verified = set()
    for name, key_id, signature in signatures:
        verifier = known.get((name, key_id))
        if verifier in verified:
            raise NoteRefused(f"{name} has signed twice with the same key.")
        if verifier is not None:
            verifier.verify(text, signature)
            verified.add(verifier)
    if not verified:
        raise NoteRefused("No key that we know has signed this note.")
    return text


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(char < " " and char != "\n" for char in text):
        raise NoteRefused("A note's text ends in a line feed and holds no other control character.")


def _signatures(lines: str) -> list[tuple[str, bytes, bytes]]:
    found = [signature_of(line) for line in lines[:-1].split("\n")]
    if len(found) > MOST_SIGNATURES:
        raise NoteRefused(f"A note has at most {MOST_SIGNATURES} signatures.")
    return found


def signature_of(line: str) -> tuple[str, bytes, bytes]:
    """Name, key id and signature of one line, its line feed taken off. Raises `NoteRefused`."""
    name, space, encoded = line.removeprefix(DASH).partition(" ")
    try:
        signed = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        signed = b""
    canonical = base64.b64encode(signed).decode() == encoded
    if not (line.startswith(DASH) and name and space and canonical and len(signed) > _ID_BYTES):
        raise NoteRefused("A signature line is a dash, a name and base64 of a key id and a signature.")
    return name, signed[:_ID_BYTES], signed[_ID_BYTES:]
