"""`script/manage COMMAND …`: a management command against this checkout's servers."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import TextIO

from .checkout import Checkout
from .environment import Environment
from .errors import LaunchError
from .processes import die_with_parent
from .servers import Servers

WAIT_SECONDS = 30


def manage(checkout: Checkout, given: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Uses the servers that run; else starts the database and the broker for as long as it takes."""
    checkout.prepare()
    servers = Servers(checkout, given)
    deadline = time.monotonic() + WAIT_SECONDS
    with checkout.lock_file("users") as users:
        while True:
            if lock := checkout.try_lock():
                with lock:
                    return _with_own_servers(servers, given, arguments, users)
            # Shared: who started the servers waits for this lock before it stops them.
            fcntl.flock(users, fcntl.LOCK_SH)
            if servers.attach():
                return _run(_environment(servers, given), arguments)
            fcntl.flock(users, fcntl.LOCK_UN)
            if time.monotonic() > deadline:
                raise LaunchError(
                    "Another script/server or script/manage of this checkout is still starting.",
                    "wait until it is ready, or stop it.",
                )
            time.sleep(0.1)


def _with_own_servers(
    servers: Servers, given: Mapping[str, str], arguments: Sequence[str], users: TextIO
) -> int:
    servers.sweep_up()
    servers.make_cluster()
    with ExitStack() as stops:
        stops.callback(servers.stop)
        for server in (servers.cluster, servers.valkey):
            if server:
                server.start()
        servers.make_database(fresh=False)
        stops.callback(servers.withdraw, pid=os.getpid())
        servers.announce(pid=os.getpid(), port=_port(servers, given))
        stops.callback(fcntl.flock, users, fcntl.LOCK_EX)
        return _run(_environment(servers, given), arguments)


def _environment(servers: Servers, given: Mapping[str, str]) -> Environment:
    return Environment(servers.checkout, given, servers.addresses(), _port(servers, given))


def _port(servers: Servers, given: Mapping[str, str]) -> int:
    """Of the web that runs here, so that links in mails lead to it; else the one it would have."""
    return int(servers.checkout.read(servers.checkout.running).get("port") or given.get("PORT") or 8000)


def _run(env: Environment, arguments: Sequence[str]) -> int:
    """The command has the terminal; Ctrl-C is its business, and this process only waits for it to end."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            env=env.of_command(*(arguments or ["help"])),
            cwd=env.checkout.root,
            preexec_fn=_as_foreground(),
        )
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        code = child.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    return 128 - code if code < 0 else code


def _as_foreground() -> Callable[[], None]:
    with_parent = die_with_parent(signal.SIGTERM)

    def arrange() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        with_parent()

    return arrange
