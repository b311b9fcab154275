"""Where this checkout keeps what it runs on: everything is below `.local`, nothing is shared with another."""

import fcntl
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from .errors import LaunchError
from .processes import Account, can_reach, private_folder

ROOT = Path(__file__).resolve().parent.parent.parent
ROTATE_BYTES = 5_000_000


@dataclass(frozen=True)
class Checkout:
    root: Path = ROOT

    @property
    def local(self) -> Path:
        return self.root / ".local"

    @property
    def mail(self) -> Path:
        return self.local / "mail"

    @property
    def valkey(self) -> Path:
        return self.local / "valkey"

    @property
    def secrets(self) -> Path:
        """Of the database that the launcher made; they go when it starts over."""
        return self.local / "secrets.json"

    @property
    def secrets_for_given_database(self) -> Path:
        """Of a database that DATABASE_URL names: never removed, for what they seal is not ours to lose."""
        return self.local / "secrets-for-given-database.json"

    @property
    def mark(self) -> Path:
        return self.local / "mark"

    @property
    def prepared(self) -> Path:
        return self.local / "prepared.json"

    @property
    def running(self) -> Path:
        return self.local / "running.json"

    def log(self, name: str) -> Path:
        return self.local / "logs" / f"{name}.log"

    def prepare(self) -> None:
        """Make the folders, or say which one cannot be made."""
        try:
            self.local.mkdir(exist_ok=True)
            for folder in (self.log("x").parent, self.mail, self.valkey):
                private_folder(folder, None)
            self.lock_file("lock").close()
        except OSError as error:
            raise LaunchError(
                f"{error.filename} cannot be written ({error.strerror}).",
                f"give yourself the folder, for example: chown -R $(id -u) '{self.local}'; "
                "or remove it if another user's trial made it.",
            ) from None

    def rotate_logs(self) -> None:
        for log in self.log("x").parent.glob("*.log"):
            if log.stat().st_size > ROTATE_BYTES:
                log.replace(log.with_suffix(".log.1"))

    def postgres(self) -> Path:
        """Beside the rest; elsewhere if root lends the server to `nobody`, who may not come in here."""
        account = Account.for_servers()
        if can_reach(account, self.local):
            return self.local / "postgres"
        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path("/var/lib/cpdisclose-local") / name

    def lock_file(self, name: str) -> TextIO:
        return (self.local / name).open("a")

    def try_lock(self) -> TextIO | None:
        """The right to start servers here, or None while another process has it."""
        held = self.lock_file("lock")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.close()
            return None
        return held

    def read(self, path: Path) -> dict[str, str]:
        """A state file; empty when there is none."""
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def write(self, path: Path, values: dict[str, str]) -> None:
        """Whole or not at all, and for its owner's eyes only."""
        half = path.with_suffix(".half")
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(values, out, indent=1)
        half.replace(path)
