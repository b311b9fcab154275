"""`script/server`: everything up on this machine, and nothing left behind afterwards."""

import hashlib
import os
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TextIO

from . import parts
from .checkout import Checkout
from .environment import Environment
from .errors import LaunchError
from .servers import Servers
from .supervisor import Stopped, Supervisor

SOURCES = ("accounts", "audit", "cpdisclose", "disclosures", "privacy", "sealing", "static")
PATIENCE = 20
FILES = ("requirements.txt", "package-lock.json")


def serve(checkout: Checkout, given: Mapping[str, str], *, fresh: bool) -> int:
    port = _port(given)
    checkout.prepare()
    with _sole(checkout):
        supervisor, servers = Supervisor(), Servers(checkout, given)
        supervisor.listen()
        try:
            _start(supervisor, servers, given, port=port, fresh=fresh)
            supervisor.watch()
        except Stopped:
            pass
        finally:
            servers.withdraw(pid=os.getpid())
            supervisor.stop()
            servers.stop()
    return 0


def _start(
    supervisor: Supervisor, servers: Servers, given: Mapping[str, str], *, port: int, fresh: bool
) -> None:
    checkout = servers.checkout
    _refuse_taken(supervisor, port, patience=PATIENCE if checkout.running.exists() else 0)
    checkout.rotate_logs()
    servers.sweep_up()
    if servers.make_cluster():
        supervisor.say("a new PostgreSQL data folder is made")
    if servers.cluster:
        supervisor.start(parts.postgresql(servers.cluster))
    servers.make_database(fresh=fresh)
    if servers.valkey:
        supervisor.start(parts.valkey(servers.valkey))
    env = Environment(checkout, given, servers.addresses(), port)
    servers.announce(pid=os.getpid(), port=port)
    signins = _prepare(supervisor, env)
    for part in (parts.web, parts.worker, parts.beat, parts.sequencer, parts.sweep):
        supervisor.start(part(env))
    _welcome(env, signins)


def _prepare(supervisor: Supervisor, env: Environment) -> str:
    """Tables, reference data, page assets, demo: skipped when nothing has changed since the last time."""
    checkout, mark = env.checkout, env.addresses.mark
    fingerprint = _fingerprint(checkout.root)
    kept = checkout.read(checkout.prepared)
    changed = kept.get("fingerprint") != fingerprint
    if mark and kept.get("mark") == mark and not changed:
        return kept["signins"]
    if changed:
        _run(supervisor, env, "the page assets are collected", "collectstatic", "--no-input", "--clear")
    _run(supervisor, env, "the tables are up to date", "migrate", "--no-input")
    _run(supervisor, env, "the reference data is loaded", "load_reference")
    signins = _seed(supervisor, env) if mark else ""
    checkout.write(checkout.prepared, {"mark": mark, "fingerprint": fingerprint, "signins": signins})
    return signins


def _seed(supervisor: Supervisor, env: Environment) -> str:
    """Answers who can sign in."""
    wanted = os.environ.get("DEMO_REQUESTS")
    _run(supervisor, env, "the demo is seeded", "seed_demo", *(["--requests", wanted] if wanted else []))
    printed = env.checkout.log("seed_demo-signins")
    printed.unlink(missing_ok=True)
    _run(supervisor, env, "the demo's sign-ins are known", "seed_demo", "--print-signins", log=printed)
    signins = printed.read_text()
    printed.unlink()
    return signins


def _run(
    supervisor: Supervisor, env: Environment, sentence: str, command: str, *args: str, log: Path | None = None
) -> None:
    supervisor.step(
        sentence,
        [sys.executable, "manage.py", command, *args],
        env=env.of_command(command, *args) | {"LOG_LEVEL": "WARNING"},
        log=log or env.checkout.log("setup"),
        cwd=env.checkout.root,
    )


def _fingerprint(root: Path) -> str:
    found = hashlib.sha256(sys.version.encode())
    files = [root / name for name in FILES]
    for folder in SOURCES:
        files += (
            path for path in sorted((root / folder).rglob("*")) if path.is_file() and path.suffix != ".pyc"
        )
    for path in files:
        found.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def _welcome(env: Environment, signins: str) -> None:
    print(f"\ncpdisclose is ready:  {env.of('supervisor')['PUBLIC_URL']}\n")
    if env.addresses.mark:
        print(signins)
    else:
        print(
            "No demo data goes into a database that script/server did not make. Create the first person with"
        )
        print("  script/manage set_up --help\n")
    print(f"Mail is written to {env.checkout.mail}, logs to {env.checkout.log('*').parent}.")
    fresh = "; script/server --fresh starts over" if env.addresses.mark else ""
    print(f"Ctrl-C stops everything and keeps the data{fresh}.", flush=True)


def _sole(checkout: Checkout) -> TextIO:
    held = checkout.try_lock()
    if held is None:
        pid = checkout.read(checkout.running).get("pid", "unknown")
        raise LaunchError(
            f"A script/server or script/manage of this checkout is already running (process {pid}).",
            "use that one, or stop it first (Ctrl-C in its window). A second checkout can run beside it.",
        )
    return held


def _port(given: Mapping[str, str]) -> int:
    text = given.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise LaunchError(f"PORT is “{text}”, which is no port.", "give a number, for example PORT=8001.")
    return int(text)


def _refuse_taken(supervisor: Supervisor, port: int, *, patience: float) -> None:
    """The web of a killed predecessor finishes what it was asked before it gives the port back."""
    deadline = time.monotonic() + patience
    while error := _why_not(port):
        if time.monotonic() > deadline:
            raise LaunchError(
                f"Port {port} cannot be used ({error.strerror}).",
                f"stop what uses it, or choose another one: PORT={port + 1} script/server.",
            )
        supervisor.pause(0.2)


def _why_not(port: int) -> OSError | None:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error
    return None
