"""The parts of a running cpdisclose on this machine, each with the question that tells when it is ready."""

import http.client
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
from celery import Celery

from .environment import Environment
from .postgres import STOP_SECONDS, Cluster
from .processes import spawn
from .supervisor import Service
from .valkey import Valkey

CELERY = (sys.executable, "-m", "celery", "-A", "cpdisclose.celery")
LOG_LEVEL = ("--loglevel", "INFO")
# Nodes here need not know each other, and asking costs a second each.
ALONE = ("--without-mingle", "--without-gossip")
NODE = "cpdisclose"


def postgresql(cluster: Cluster) -> Service:
    return Service(
        "PostgreSQL", cluster.launch, cluster.answers, cluster.log,
        stage=0, stop_signal=signal.SIGINT, stop_seconds=STOP_SECONDS,
    )  # fmt: skip


def valkey(server: Valkey) -> Service:
    return Service("Valkey", server.launch, server.answers, server.log, stage=0)


def web(env: Environment) -> Service:
    bind = f"127.0.0.1:{env.port}"
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "cpdisclose.wsgi",
        "-c",
        "python:cpdisclose.gunicorn",
        "-b",
        bind,
    ]
    return _part(env, "web", command, lambda: _healthy(env.port))


def worker(env: Environment) -> Service:
    name = f"worker@{NODE}"
    command = [*CELERY, "worker", "-n", name, "-Q", "celery", "--concurrency", "2", *ALONE, *LOG_LEVEL]
    return _part(env, "worker", command, lambda: _answers_ping(env, name))


def sequencer(env: Environment) -> Service:
    name = f"sequencer@{NODE}"
    command = [*CELERY, "worker", "-n", name, "-Q", "audit", "--concurrency", "2", *ALONE, *LOG_LEVEL]
    return _part(env, "sequencer", command, lambda: _answers_ping(env, name), role="sequencer")


def beat(env: Environment) -> Service:
    # Beat only pokes, so it may forget when it last did: what is due is asked of the database.
    schedule, pid = env.checkout.local / "beat-schedule", env.checkout.local / "beat.pid"
    command = [*CELERY, "beat", "-s", str(schedule), f"--pidfile={pid}", *LOG_LEVEL]

    def forget() -> None:
        pid.unlink(missing_ok=True)
        for kept in env.checkout.local.glob("beat-schedule*"):
            kept.unlink()

    return _part(env, "beat", command, pid.exists, before=forget)


def sweep(env: Environment) -> Service:
    command = [sys.executable, "manage.py", "sweep", "--loop"]
    return _part(env, "sweep", command, lambda: _is_connected(env, "sweep"))


def _part(
    env: Environment,
    name: str,
    command: Sequence[str | Path],
    ready: Callable[[], bool],
    *,
    role: str = "app",
    before: Callable[[], None] = lambda: None,
) -> Service:
    log = env.checkout.log(name)

    def launch() -> subprocess.Popen[bytes]:
        before()
        return spawn(command, env=env.of(name, role=role), log=log, cwd=env.checkout.root)

    return Service(name, launch, ready, log)


def _healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _answers_ping(env: Environment, node: str) -> bool:
    with Celery(broker=env.addresses.broker, set_as_current=False) as app:
        return bool(app.control.ping(destination=[node], timeout=0.5))


def _is_connected(env: Environment, part: str) -> bool:
    with psycopg.connect(env.addresses.database("app", "supervisor")) as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = %s", [f"cpdisclose-{part}"]
        )
        return found.fetchone() is not None
