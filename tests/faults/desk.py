"""A desk of real processes, started as script/server starts them, for tests that kill some of them.

Each process leads a group of its own, dies with the tests, and is ended by its own id.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings

from cpdisclose.local.checkout import Checkout
from cpdisclose.local.environment import Environment
from cpdisclose.local.errors import LaunchError
from cpdisclose.local.postgres import ROLES
from cpdisclose.local.processes import await_answer, end_group, spawn, tail
from cpdisclose.local.servers import Addresses
from cpdisclose.local.supervisor import Service
from tests.conftest import Database

from .visitor import Visitor

PATIENCE = 60
STOP_SECONDS = 10
# What the tests' own settings share with the processes: secrets, so that both open and sign the same.
SHARED = (
    "PATH", "HOME", "LANG", "SECRET_KEY", "DEPLOYMENT", "SEALING_MASTER_KEYS", "AUDIT_SESSION_KEY",
    "AUDIT_SIGNING_KEYS", "AUDIT_VERIFIER_KEYS",
)  # fmt: skip


@dataclass(frozen=True)
class Place(Checkout):
    """The program of this checkout, with logs and mails of a desk's own."""

    folder: Path = field(kw_only=True)

    @property
    def local(self) -> Path:
        return self.folder


class Desk:
    """One database, one broker's address, and the processes that use them."""

    def __init__(self, database: Database, *, broker: str, folder: Path, static_root: Path) -> None:
        self.database = database
        self.place = Place(folder=folder)
        self.place.prepare()
        self.port = _free_port()
        given = {name: os.environ[name] for name in SHARED if name in os.environ}
        given |= {
            "WEB_WORKERS": "1",
            "STATIC_ROOT": str(static_root),
            "LOG_LEVEL": "INFO",
            "HOLIDAYS_URL": "",
        }
        databases = {role: database.url(role) for role in ROLES}
        self.env = Environment(
            self.place, given, Addresses(databases, broker, settings.DATABASE_MARK), self.port
        )
        self._services: dict[str, Service] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *services: Service) -> None:
        """All at once; returns when each is ready."""
        for service in services:
            self._services[service.name] = service
            self.launch(service.name)
        for service in services:
            self.await_ready(service.name)

    def launch(self, name: str) -> None:
        self._processes[name] = self._services[name].launch()

    def await_ready(self, name: str) -> None:
        service = self._services[name]
        await_answer(name, self._processes[name], service.ready, service.log, seconds=PATIENCE)

    def kill(self, name: str) -> None:
        """As the kernel does it when memory runs out: the whole group, at once, without a word."""
        process = self._processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def pid(self, name: str) -> int:
        """Of the process that leads; LaunchError if it has ended."""
        process = self._processes[name]
        if process.poll() is not None:
            raise LaunchError(f"{name} ended.\n{self.log(name)}", "read its log.")
        return process.pid

    def stop(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            end_group(process)
        self._processes.clear()

    def log(self, name: str) -> str:
        return tail(self.place.log(name), 40)

    def command(
        self, name: str, command: list[str], *, role: str = "app", ready: Callable[[], bool] | None = None
    ) -> Service:
        """A part that script/server does not start in just this way; ready when it has connected."""
        log = self.place.log(name)

        def launch() -> subprocess.Popen[bytes]:
            env = self.env.of(name, role=role)
            return spawn([sys.executable, *command], env=env, log=log, cwd=self.place.root)

        return Service(name, launch, ready or (lambda: bool(self.backends(name))), log)

    def is_up(self) -> bool:
        try:
            return Visitor(self.port).get("/healthz").status == 200
        except OSError:
            return False

    def backends(self, name: str, *, stalled: bool = False) -> set[int]:
        """The server processes that serve this part; only those waiting for a lock, if asked."""
        query = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND application_name = %s"
        if stalled:
            query += " AND wait_event_type = 'Lock'"
        with self.database.connect("postgres") as connection:
            rows = connection.execute(query, [self.database.name, self._application(name)])
            return {pid for (pid,) in rows}

    def _application(self, name: str) -> str:
        """What PostgreSQL shows for the connections of this part."""
        address = self.env.of(name)["DATABASE_URL"]
        return dict(parse_qsl(urlsplit(address).query))["application_name"]

    def sql(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with self.database.connect("owner") as connection:
            found = connection.execute(query.encode(), values)
            return found.fetchall() if found.description else []

    @contextmanager
    def locked(self, table: str, mode: str) -> Iterator[Callable[[], None]]:
        """Somebody else holds the table in this mode until they let go, or the server is killed."""
        holder = self.database.connect("owner", autocommit=False)
        try:
            holder.execute(f"LOCK TABLE {table} IN {mode} MODE".encode())
            yield holder.close
        finally:
            holder.close()


def eventually(holds: Callable[[], object], what: str, *, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.02)


def kill_database(database: Database) -> None:
    """kill -9 of the server and of every process it has made."""
    server = database.cluster.process
    assert server is not None
    os.kill(server.pid, signal.SIGSTOP)  # so that it makes no more of them meanwhile
    children = children_of(server.pid)
    for pid in (server.pid, *children):
        os.kill(pid, signal.SIGKILL)
    server.wait()
    eventually(lambda: not any(_alive(pid) for pid in children), "every process of the server is dead")


def children_of(parent: int) -> list[int]:
    return [pid for pid, (state, itself) in _processes().items() if itself == parent and state != "Z"]


def _alive(pid: int) -> bool:
    return _processes().get(pid, ("Z", 0))[0] != "Z"


def _processes() -> dict[int, tuple[str, int]]:
    """Each process's state and parent."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            state, parent, *_ = stat.read_text().rpartition(")")[2].split()
            found[int(stat.parent.name)] = (state, int(parent))
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
