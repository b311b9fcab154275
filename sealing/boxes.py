"""Bytes sealed under a data key, or directly under the newest master key.

Box of a data key: version byte, 16 bytes key reference, 12 bytes nonce, ciphertext with its tag.
Box of a master key: version byte, 2 bytes master version, 12 bytes nonce, ciphertext with its tag.
"""

from uuid import UUID

from . import gcm, keys
from .gcm import CannotOpen
from .models import DataKey

DATA_KEY_BOX = b"\x01"
MASTER_KEY_BOX = b"\x02"
_HEAD = 1 + 16
_MASTER_HEAD = 1 + 2


def key_ref(blob: bytes) -> UUID:
    """Which data key opens this box."""
    if blob[:1] != DATA_KEY_BOX or len(blob) < _HEAD + gcm.NONCE_BYTES:
        raise CannotOpen("These bytes are not a sealed box of a format that this version knows.")
    return UUID(bytes=blob[1:_HEAD])


def seal_bytes(key: DataKey, plaintext: bytes, aad: tuple[bytes, ...]) -> bytes:
    box = gcm.seal(key=keys.material(key), plaintext=plaintext, aad=gcm.context(aad))
    return DATA_KEY_BOX + key.ref.bytes + box


def open_bytes(key: DataKey, blob: bytes, aad: tuple[bytes, ...]) -> bytes:
    if key_ref(blob) != key.ref:
        raise CannotOpen("The box names another key.")
    return gcm.unseal(key=keys.material(key), box=blob[_HEAD:], aad=gcm.context(aad))


def seal_with_master(plaintext: bytes, aad: tuple[bytes, ...]) -> bytes:
    version, master = keys.newest_master()
    box = gcm.seal(key=master, plaintext=plaintext, aad=gcm.context(aad))
    return MASTER_KEY_BOX + version.to_bytes(2, "big") + box


def open_with_master(blob: bytes, aad: tuple[bytes, ...]) -> bytes:
    master = keys.master_key(master_version(blob))
    return gcm.unseal(key=master, box=blob[_MASTER_HEAD:], aad=gcm.context(aad))


def master_version(blob: bytes) -> int:
    """Which master key opens this box."""
    if blob[:1] != MASTER_KEY_BOX:
        raise CannotOpen("These bytes are not a box of a master key.")
    return int.from_bytes(blob[1:_MASTER_HEAD], "big")
