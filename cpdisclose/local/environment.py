"""What each process is told. Every part gets its own role's address, and no secret it has no use for."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .checkout import Checkout
from .secrets import local_secrets
from .servers import Addresses

# Taken out of what a process inherits: it is given its own instead, or none.
OURS = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_SEQUENCER_URL",
    "REDIS_URL",
    "LOCAL_DATABASE_MARK",
    "SEALING_MASTER_KEYS",
    "BLIND_INDEX_KEYS",
    "AUDIT_SIGNING_KEYS",
)
KEYS_OF_ROLE = {"sequencer": ("AUDIT_SIGNING_KEYS",), "app": ("SEALING_MASTER_KEYS", "BLIND_INDEX_KEYS")}
OWNER_COMMANDS = {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "optimizemigration"}


@dataclass(frozen=True)
class Environment:
    checkout: Checkout
    given: Mapping[str, str]
    addresses: Addresses
    port: int

    def of(self, part: str, *, role: str = "app", **more: str) -> dict[str, str]:
        """The environment of one process; `part` is the name PostgreSQL shows for its connections."""
        ours = self.checkout.secrets if self.addresses.mark else self.checkout.secrets_for_given_database
        kept = local_secrets(self.checkout, ours)
        # A checkout older than a secret has none kept; its caller may give one.
        names = dict.fromkeys([*kept, *KEYS_OF_ROLE.get(role, ())])
        secrets = {name: self.given.get(name) or kept.get(name, "") for name in names}
        env = {name: value for name, value in self.given.items() if name not in OURS}
        env |= {name: value for name, value in secrets.items() if name not in OURS}
        env |= {name: secrets[name] for name in KEYS_OF_ROLE.get(role, ()) if secrets[name]}
        env.setdefault("PUBLIC_URL", f"http://localhost:{self.port}")
        env.setdefault("EMAIL_URL", f"filemail:///{quote(str(self.checkout.mail))}")
        return env | {
            "DATABASE_URL": self.addresses.database(role, part),
            "REDIS_URL": self.addresses.broker,
            "LOCAL_DATABASE_MARK": self.addresses.mark,
            "DJANGO_SETTINGS_MODULE": "cpdisclose.settings",
            "PYTHONUNBUFFERED": "1",
        } | more  # fmt: skip

    def of_command(self, command: str, *arguments: str) -> dict[str, str]:
        """The environment of a management command: its name tells which role it needs."""
        if command in OWNER_COMMANDS:
            role = "owner"
        elif command == "audit" and "sequence" in arguments:
            role = "sequencer"
        else:
            role = "app"
        return self.of(command, role=role)


def caller() -> dict[str, str]:
    """The caller's environment; what it names by file is read here, as the settings would."""
    found = dict(os.environ)
    for name in OURS:
        if file := found.pop(f"{name}_FILE", ""):
            found[name] = Path(file).read_text().strip()
    return found
