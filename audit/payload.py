"""Commitments: what the log says of a personal value without holding it (docs/audit-format.md, section 2)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from sealing.boxes import key_ref, open_bytes, seal_bytes
from sealing.gcm import CannotOpen
from sealing.models import DataKey

SALT_BYTES = 32


@dataclass(frozen=True, repr=False)
class Committed:
    """A value with the salt it was committed under."""

    salt: bytes
    value: str

    @property
    def plaintext(self) -> bytes:
        return self.salt + self.value.encode()

    @property
    def commitment(self) -> str:
        return sha256(self.plaintext).hexdigest()


def commit(values: Mapping[str, str]) -> dict[str, Committed]:
    return {name: Committed(secrets.token_bytes(SALT_BYTES), value) for name, value in values.items()}


def seal(committed: Committed, *, key: DataKey, context: tuple[bytes, ...]) -> bytes:
    return seal_bytes(key, committed.plaintext, context)


def payload_context(*, origin: str, entry_id: int, event: str, name: str) -> tuple[bytes, ...]:
    """What the box of a payload is bound to; anywhere else it does not open."""
    return (
        b"cpdisclose-audit-payload-1",
        origin.encode(),
        str(entry_id).encode(),
        event.encode(),
        name.encode(),
    )


def is_kept(box: bytes, *, commitment: str, context: tuple[bytes, ...]) -> bool:
    """Whether the box opens where it stands and holds what the entry committed to; also when its key was erased."""
    try:
        key = DataKey.objects.select_related("parent").filter(ref=key_ref(box)).first()
        if key is None:
            return False
        if key.wrapped is None:
            return True
        return sha256(open_bytes(key, box, context)).hexdigest() == commitment
    except CannotOpen:
        return False
