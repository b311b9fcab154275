"""A clamd of the tests' own, with a signature of their own: the program is ClamAV's, and nobody else's is touched.

Where it is not installed the tests are skipped, and loudly; `script/test` fetches it where it may, and continuous
integration fails without it.
"""

import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import pytest

ROOT = Path(__file__).resolve().parents[1]
FETCHED = ROOT / ".tools" / "clamav"
# In parts, so that no scanner takes this file for one.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-" + b"STANDARD-ANTIVIRUS-" + b"TEST-FILE!$H+H*"
SIGNATURE = "ExampleEicar"
SECONDS_TO_START = 60


@dataclass
class Scanner:
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def unix(self) -> str:
        return f"unix://{self.folder}/clamd.sock"

    @property
    def tcp(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def knows(self, **signatures: bytes) -> None:
        """From the next start on, or from when it is told to RELOAD."""
        lines = "".join(f"{name}:0:*:{what.hex()}\n" for name, what in signatures.items())
        (self.folder / "signatures" / "own.ndb").write_text(lines)

    def ask(self, command: str) -> bytes:
        with socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(5)
            wire.connect(f"{self.folder}/clamd.sock")
            wire.sendall(f"z{command}\0".encode())
            return wire.recv(4096)

    def start(self) -> None:
        binary, env = _program()
        self.process = subprocess.Popen(
            [binary, "--foreground", f"--config-file={self.folder}/clamd.conf"],
            env=os.environ | env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ends = monotonic() + SECONDS_TO_START
        while monotonic() < ends and self.process.poll() is None:
            with suppress(OSError):
                if self.ask("PING") == b"PONG\0":
                    return
            sleep(0.02)
        log = (self.folder / "log").read_text() if (self.folder / "log").exists() else "no log"
        self.stop()
        pytest.fail(f"clamd did not start: {log}")

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None


@contextmanager
def a_clamd(**changed: str) -> Iterator[Scanner]:
    """Runs in the foreground until the test is over, then it is ended by its process id."""
    _program()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with TemporaryDirectory(prefix="cpd-clamd-") as name:
        scanner = Scanner(Path(name), port)
        for part in ("signatures", "tmp"):
            (scanner.folder / part).mkdir()
        (scanner.folder / "clamd.conf").write_text(_config(scanner.folder, port, changed))
        scanner.knows(**{SIGNATURE: EICAR})
        scanner.start()
        try:
            yield scanner
        finally:
            scanner.stop()


def _config(folder: Path, port: int, changed: Mapping[str, str]) -> str:
    """That of production, elsewhere."""
    text = (ROOT / "docker" / "clamd.conf").read_text()
    own = {
        "LocalSocket": f"{folder}/clamd.sock",
        "TCPSocket": str(port),
        "DatabaseDirectory": f"{folder}/signatures",
        "TemporaryDirectory": f"{folder}/tmp",
        **changed,
    }
    for name, value in own.items():
        text, found = re.subn(rf"^{name} .*$", f"{name} {value}", text, flags=re.M)
        assert found == 1, name
    text = re.sub(r"^User .*\n", "", text, flags=re.M)
    return f"{text}TCPAddr 127.0.0.1\nLogFile {folder}/log\n"


def _program() -> tuple[str, dict[str, str]]:
    found = shutil.which("clamd") or shutil.which("/usr/sbin/clamd")
    if found:
        return found, {}
    found = shutil.which(str(FETCHED / "usr" / "sbin" / "clamd"))
    if found is None:
        missing()
    libraries = [*FETCHED.glob("usr/lib/*-linux-gnu"), *FETCHED.glob("lib/*-linux-gnu")]
    return str(found), {"LD_LIBRARY_PATH": ":".join(map(str, libraries))}


def missing() -> None:
    if os.environ.get("CI") == "true":
        pytest.fail("ClamAV's clamd is not here, and continuous integration scans with it.")
    pytest.skip("NO CLAMAV: the virus scan is not tried with a real clamd (Debian: clamav-daemon)")


@dataclass
class Impostor:
    """What a real clamd cannot be made to do. `behave` is given the connection; `asked` counts them."""

    path: Path
    behave: Callable[[socket.socket], None]
    asked: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def unix(self) -> str:
        return f"unix://{self.path}"

    def serve(self, door: socket.socket) -> None:
        while not self.over.is_set():
            with suppress(TimeoutError):
                wire, _ = door.accept()
                self.asked += 1
                with wire, suppress(OSError):
                    wire.settimeout(5)
                    self.behave(wire)


@contextmanager
def an_impostor(behave: Callable[[socket.socket], None]) -> Iterator[Impostor]:
    with TemporaryDirectory(prefix="cpd-clamd-") as folder, socket.socket(socket.AF_UNIX) as door:
        impostor = Impostor(Path(folder) / "socket", behave)
        door.bind(str(impostor.path))
        door.listen()
        door.settimeout(0.05)
        thread = threading.Thread(target=impostor.serve, args=(door,))
        thread.start()
        try:
            yield impostor
        finally:
            impostor.over.set()
            thread.join()


def read_all(wire: socket.socket) -> bytes:
    """A whole INSTREAM: the command, then pieces behind their length, up to one of nought."""
    with wire.makefile("rb") as stream:
        assert stream.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(stream.read(4), "big"):
            content += stream.read(size)
        return content
