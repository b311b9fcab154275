"""The secrets of a local installation: random, one set per checkout, kept in `.local`."""

import base64
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .checkout import Checkout

LOGS = ("main", "sealed")
INDEXES = ("ordinary", "restricted")


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def new_secrets() -> dict[str, str]:
    keys = {log: Ed25519PrivateKey.generate() for log in LOGS}
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SEALING_MASTER_KEYS": f"1:{_text(secrets.token_bytes(32))}",
        "BLIND_INDEX_KEYS": ",".join(f"{kind}:{_text(secrets.token_bytes(32))}" for kind in INDEXES),
        "AUDIT_SESSION_KEY": _text(secrets.token_bytes(32)),
        "AUDIT_SIGNING_KEYS": ",".join(
            f"{log}:{_text(key.private_bytes_raw())}" for log, key in keys.items()
        ),
        "AUDIT_VERIFIER_KEYS": ",".join(
            f"{log}:{_text(key.public_key().public_bytes_raw())}" for log, key in keys.items()
        ),
    }


def local_secrets(checkout: Checkout, path: Path) -> dict[str, str]:
    """Those kept at `path`, made there the first time."""
    kept = checkout.read(path)
    if not kept:
        kept = new_secrets()
        checkout.write(path, kept)
    return kept
