"""Child processes that never outlive their parent."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .errors import LaunchError

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Account:
    """The account a server runs as. PostgreSQL refuses root, so root lends it to `nobody`."""

    uid: int
    gid: int

    @classmethod
    def for_servers(cls) -> "Account | None":
        """None: the caller's own account will do."""
        if os.geteuid() != 0:
            return None
        entry = pwd.getpwnam("nobody")
        return cls(uid=entry.pw_uid, gid=entry.pw_gid)


def die_with_parent(sig: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends `sig` to the child when this process is gone, however it went."""
    parent = os.getpid()

    def arrange() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return arrange


def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    log: Path,
    cwd: Path,
    account: Account | None = None,
    on_parent_death: signal.Signals = signal.SIGTERM,
    keep_open: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a server in a process group of its own, its output appended to `log`.

    It inherits the file descriptors `keep_open`, so a lock on one of them lasts as long as it lives.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
            pass_fds=tuple(keep_open),
            preexec_fn=die_with_parent(on_parent_death),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


def run(
    command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, account: Account | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def can_reach(account: Account | None, folder: Path) -> bool:
    """Whether the account can walk down to this existing folder."""
    if account is None:
        return os.access(folder, os.X_OK)
    return (
        run(["test", "-x", folder], env={"PATH": os.defpath}, cwd=Path("/"), account=account).returncode == 0
    )


def private_folder(folder: Path, account: Account | None) -> Path:
    """Made if missing; only the account (and root) can look inside."""
    folder.mkdir(parents=True, exist_ok=True)
    if account:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
    return folder


def short_folder(account: Account | None) -> Path:
    """A fresh private folder for sockets: their whole path may have 107 bytes at most."""
    return private_folder(Path(tempfile.mkdtemp(prefix="cpd-", dir="/tmp")), account)


def tail(log: Path, lines: int = 12) -> str:
    if not log.exists():
        return "(nothing was logged)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def await_answer(
    name: str,
    process: subprocess.Popen[bytes],
    answers: Callable[[], bool],
    log: Path,
    *,
    seconds: float,
    pause: Callable[[float], object] = time.sleep,
) -> None:
    """Returns when `answers()` is true; LaunchError when the process ends first, or time runs out."""
    deadline = time.monotonic() + seconds
    wait = 0.01
    while not answers():
        if process.poll() is not None:
            raise LaunchError(f"{name} ended while starting.\n{tail(log)}", f"read {log}.")
        if time.monotonic() > deadline:
            raise LaunchError(f"{name} did not answer within {seconds:.0f} s.\n{tail(log)}", f"read {log}.")
        pause(wait)
        wait = min(wait * 1.5, 0.25)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a process group whose leader has ended."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
