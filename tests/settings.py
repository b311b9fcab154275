"""The settings of the tests: production's, with secrets that guard nothing and a fast password hasher.

DATABASE_URL is a placeholder until conftest.py has a cluster; `manage.py migrate` is given the owner's.
"""

import atexit
import base64
import hashlib
import os
import shutil
import tempfile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def _key(name: str) -> bytes:
    return hashlib.sha256(f"cpdisclose tests: {name}".encode()).digest()


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


_seeds = {log: _key(f"{log} log") for log in ("main", "sealed")}
_public = {log: Ed25519PrivateKey.from_private_bytes(seed).public_key() for log, seed in _seeds.items()}

DATABASE_MARK = "cpdisclose.local tests"

os.environ.update(
    DEBUG="false",
    SECRET_KEY=_text(_key("secret")),
    PUBLIC_URL="http://localhost:8000",
    EXTRA_HOSTS="testserver",
    MFA_REQUIRED="true",
    CONN_MAX_AGE="0",
    REDIS_URL="",
    EMAIL_URL="memorymail://",
    HOLIDAYS_URL="",
    DEPLOYMENT="tests",
    SEALING_MASTER_KEYS=f"1:{_text(_key('master 1'))},2:{_text(_key('master 2'))}",
    BLIND_INDEX_KEYS=f"ordinary:{_text(_key('ordinary index'))},restricted:{_text(_key('restricted index'))}",
    AUDIT_SESSION_KEY=_text(_key("session")),
    AUDIT_SIGNING_KEYS=",".join(f"{log}:{_text(seed)}" for log, seed in _seeds.items()),
    AUDIT_VERIFIER_KEYS=",".join(f"{log}:{_text(key.public_bytes_raw())}" for log, key in _public.items()),
    LOCAL_DATABASE_MARK=DATABASE_MARK,
)
os.environ.setdefault("DATABASE_URL", "postgresql://app@/none?host=/nonexistent")

from cpdisclose.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT = tempfile.mkdtemp(prefix="cpd-static-")
atexit.register(shutil.rmtree, STATIC_ROOT, ignore_errors=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
