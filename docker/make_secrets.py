"""make_secrets.py FOLDER: every secret that docker-compose.yml names, random, one file each.

Files that exist are kept, so a second run adds only what a newer version asks for.
"""

import secrets
import sys
from pathlib import Path
from urllib.parse import quote

from cpdisclose.local.secrets import new_secrets

ROLES = ("owner", "app", "sequencer", "auditor")


def main(folder: Path) -> None:
    # The folder keeps other users of this machine out; the files must be readable inside the containers.
    folder.mkdir(mode=0o700, exist_ok=True)
    passwords = {
        role: _keep(folder / f"postgres_{role}_password", secrets.token_urlsafe(32)) for role in ROLES
    }
    _keep(folder / "postgres_superuser_password", secrets.token_urlsafe(32))
    for role, password in passwords.items():
        _keep(folder / f"database_{role}_url", f"postgresql://{role}:{quote(password)}@postgres/cpdisclose")
    made = new_secrets()
    if not (folder / "audit_signing_keys").exists():
        _keep(folder / "audit_signing_keys", made["AUDIT_SIGNING_KEYS"])
        _keep(folder / "audit_verifier_keys", made["AUDIT_VERIFIER_KEYS"])
    # An installation older than these keys goes on with indexes under its first master key.
    is_new = not (folder / "sealing_master_keys").exists()
    _keep(folder / "blind_index_keys", made["BLIND_INDEX_KEYS"] if is_new else "")
    for name in ("SECRET_KEY", "SEALING_MASTER_KEYS", "AUDIT_SESSION_KEY"):
        _keep(folder / name.lower(), made[name])
    _keep(folder / "email_url", "smtp://mail:1025")


def _keep(path: Path, value: str) -> str:
    if not path.exists():
        path.write_text(value)
        path.chmod(0o644)
    return path.read_text()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
