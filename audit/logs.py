"""The two logs: their origins and their keys."""

import base64
import binascii
from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .models import Log
from .note import Signer, Verifier

KEY_BYTES = 32


def origin(log: str) -> str:
    """The first line of the log's checkpoints and the name of its keys."""
    return f"{settings.AUDIT_ORIGIN}/{Log(log).value}"


def signers(log: str) -> list[Signer]:
    """The private keys, which only the sequencer's process has; two while one is replaced."""
    keys = [key for name, key in _read("AUDIT_SIGNING_KEYS") if name == log]
    if not keys:
        raise ImproperlyConfigured(
            f"AUDIT_SIGNING_KEYS has no key for the log {log}: {log}:BASE64 is missing."
        )
    return [Signer(origin(log), key) for key in keys]


def verifiers(log: str) -> list[Verifier]:
    """The public keys, old ones included."""
    return [Verifier(origin(log), key) for name, key in _read("AUDIT_VERIFIER_KEYS") if name == log]


def _read(setting: str) -> Iterator[tuple[str, bytes]]:
    for part in filter(None, (part.strip() for part in getattr(settings, setting).split(","))):
        name, _, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            key = b""
        if name not in Log.values or len(key) != KEY_BYTES:
            raise ImproperlyConfigured(f"{setting} must read like main:BASE64,sealed:BASE64, 32 bytes each.")
        yield name, key
