"""Secrets of second factors, sealed directly under a master key: nobody's data key opens a door."""

import base64

from django.conf import settings

from sealing.boxes import master_version, open_with_master, seal_with_master
from sealing.gcm import CannotOpen

__all__ = ["CannotOpen", "seal", "unseal", "version_of"]


def seal(text: str) -> str:
    return base64.b64encode(seal_with_master(text.encode(), _place())).decode()


def unseal(sealed: str) -> str:
    """Raises `CannotOpen`."""
    return open_with_master(base64.b64decode(sealed), _place()).decode()


def version_of(sealed: str) -> int:
    """The master key that it hangs on. Raises `CannotOpen` for what is no such box."""
    return master_version(base64.b64decode(sealed))


def _place() -> tuple[bytes, ...]:
    return (b"cpdisclose-second-factor-1", settings.DEPLOYMENT.encode())
