"""Making, unwrapping and erasing data keys; the master keys stay outside the database."""

import base64
import binascii
import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q

from . import gcm
from .gcm import CannotOpen
from .models import DataKey

WRAP_FORMAT = b"\x01"


@lru_cache(maxsize=8)
def _read_master_keys(text: str) -> Mapping[int, bytes]:
    keys: dict[int, bytes] = {}
    try:
        for entry in filter(None, (part.strip() for part in text.split(","))):
            version, _, encoded = entry.partition(":")
            keys[int(version)] = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raise ImproperlyConfigured("SEALING_MASTER_KEYS must read like 1:BASE64,2:BASE64.") from None
    if not keys or any(len(key) != gcm.KEY_BYTES for key in keys.values()):
        raise ImproperlyConfigured("SEALING_MASTER_KEYS needs at least one key, each of 32 bytes.")
    return keys


def master_keys() -> Mapping[int, bytes]:
    """Version to key, in the order of the setting; the last one wraps what is new."""
    return _read_master_keys(settings.SEALING_MASTER_KEYS)


def newest_master() -> tuple[int, bytes]:
    return list(master_keys().items())[-1]


def master_key(version: int) -> bytes:
    try:
        return master_keys()[version]
    except KeyError:
        raise CannotOpen(f"Master key {version} is not in SEALING_MASTER_KEYS.") from None


def _wrap_context(key: DataKey) -> bytes:
    above = key.parent.ref.bytes if key.parent else str(key.master_version).encode()
    return gcm.context((b"cpdisclose-key-1", settings.DEPLOYMENT.encode(), key.ref.bytes, above))


def new_key(*, parent: DataKey | None = None) -> DataKey:
    """A saved key of 32 random bytes, wrapped under the parent or under the newest master key."""
    if parent is not None and parent.parent_id is not None:
        raise ValueError("A subject's key has no keys below it.")
    if parent is None:
        version, wrapping_key = newest_master()
        key = DataKey(master_version=version)
    else:
        wrapping_key = material(parent)
        key = DataKey(parent=parent)
    _wrap(key, wrapping_key)
    key.save()
    return key


def new_keys(*, parent: DataKey, count: int) -> list[DataKey]:
    """Many saved keys below one, as `new_key` makes each."""
    if parent.parent_id is not None:
        raise ValueError("A subject's key has no keys below it.")
    keys = [_below(parent, material(parent)) for _ in range(count)]
    return DataKey.objects.bulk_create(keys, batch_size=500)


def _below(parent: DataKey, wrapping_key: bytes) -> DataKey:
    key = DataKey(parent=parent)
    _wrap(key, wrapping_key)
    return key


def _wrap(key: DataKey, wrapping_key: bytes, bare: bytes | None = None) -> None:
    bare = bare or secrets.token_bytes(gcm.KEY_BYTES)
    key.wrapped = WRAP_FORMAT + gcm.seal(key=wrapping_key, plaintext=bare, aad=_wrap_context(key))


def rewrap(key: DataKey) -> None:
    """Wraps the same 32 bytes under the newest master key; what they seal is not touched. Does not save.

    Raises `CannotOpen` for a key whose master key is not there, or is not the one that wrapped it.
    """
    bare = material(key)
    key.master_version, master = newest_master()
    _wrap(key, master, bare)


def material(key: DataKey) -> bytes:
    """The 32 bytes themselves. Costs no query when `key.parent` is loaded. Raises `CannotOpen`."""
    if key.wrapped is None:
        raise CannotOpen("The key was erased; what it sealed is gone for good.")
    above = master_key(key.master_version) if key.master_version is not None else _parent_material(key)
    wrapped = bytes(key.wrapped)
    if wrapped[:1] != WRAP_FORMAT:
        raise CannotOpen("The key is wrapped in a format that this version does not know.")
    return gcm.unseal(key=above, box=wrapped[1:], aad=_wrap_context(key))


def _parent_material(key: DataKey) -> bytes:
    if key.parent is None:
        raise CannotOpen("The key has neither a master version nor a parent.")
    return material(key.parent)


def erase(*, key: DataKey, now: datetime) -> None:
    """Destroys the key. There is no way back."""
    DataKey.objects.filter(pk=key.pk, erased_at=None).update(wrapped=None, erased_at=now)
    key.refresh_from_db()


def erase_whole(*, key: DataKey, now: datetime) -> list[DataKey]:
    """Destroys the key and every key below it; those that were still whole, as they were. There is no way back."""
    whole = DataKey.objects.filter(Q(pk=key.pk) | Q(parent_id=key.pk), wrapped__isnull=False)
    there = list(whole.select_for_update(no_key=True).order_by("pk"))
    whole.update(wrapped=None, erased_at=now)
    return there
