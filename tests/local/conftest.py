"""Checkouts with a small stand-in for the application, so that the launcher is tested by itself."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cpdisclose.local.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]
STUB = Path(__file__).with_name("stub")
MAIN = """
import sys
from pathlib import Path
from cpdisclose.local import __main__, checkout
__main__.Checkout = lambda: checkout.Checkout(Path(sys.argv[1]))
sys.exit(__main__.main(sys.argv[2:]))
"""
SECONDS = 180  # a busy machine is slow, not wrong
INHERITED = ("PATH", "HOME", "LANG", "CI", "PG_BIN")


def until(true: Callable[[], object], *, seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class StubCheckout:
    """A checkout in a folder with a space in its name. All that it starts works inside that folder."""

    root: Path
    port: int
    server: subprocess.Popen[str] | None = None

    @property
    def output(self) -> str:
        return (self.root / "output.txt").read_text()

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-c", MAIN, str(self.root), *arguments]

    def environment(self, **more: str) -> dict[str, str]:
        env = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return env | {"PORT": str(self.port)} | more

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )

    def serve(self, *arguments: str) -> None:
        """Returns when it says that it is ready."""
        with (self.root / "output.txt").open("w") as output:
            self.server = subprocess.Popen(
                self.command("serve", *arguments),
                cwd=ROOT,
                env=self.environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        until(lambda: "cpdisclose is ready" in self.output or self.server.poll() is not None)
        assert self.server.poll() is None, self.output

    def processes(self) -> dict[int, str]:
        """Everything alive that a start of this checkout has left, with its command line."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if (entry / "cwd").readlink().is_relative_to(self.root):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def pid_of(self, *words: str) -> int:
        """The oldest process whose command line has all these words."""
        return min(pid for pid, command in self.processes().items() if all(word in command for word in words))

    def calls(self) -> list[str]:
        return (self.root / "calls.txt").read_text().splitlines()


@pytest.fixture
def stub() -> Iterator[StubCheckout]:
    # Not below tmp_path: as root, PostgreSQL runs as nobody, who may not go in there.
    base = Path(tempfile.mkdtemp(prefix="cpd-launcher-"))
    base.chmod(0o755)
    root = base / "a check out"
    shutil.copytree(STUB, root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "cpdisclose" / "gunicorn.py", root / "cpdisclose")
    for name in ("requirements.txt", "package-lock.json"):
        (root / name).touch()
    checkout = StubCheckout(root, free_port())
    yield checkout
    if checkout.server is not None and checkout.server.poll() is None:
        checkout.server.send_signal(signal.SIGTERM)
        checkout.server.wait(timeout=SECONDS)
    for pid in checkout.processes():
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(base)


@pytest.fixture
def new_cluster() -> Iterator[Callable[[], Cluster]]:
    """Makes running clusters of their own; all are stopped and removed afterwards."""
    base = Path(tempfile.mkdtemp(prefix="cpd-launcher-"))
    base.chmod(0o755)
    made: list[Cluster] = []

    def make() -> Cluster:
        cluster = Cluster(base / f"cluster-{len(made)}", fast=True)
        made.append(cluster)
        cluster.create()
        cluster.start()
        return cluster

    yield make
    for cluster in made:
        cluster.stop()
    shutil.rmtree(base)
