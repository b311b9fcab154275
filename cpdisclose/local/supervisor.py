"""Starts each part when the one before is ready, restarts what dies, stops everything when told to."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from .errors import LaunchError
from .processes import await_answer, end_group, spawn, tail

READY_SECONDS = 180
STEADY_SECONDS = 60
LONGEST_WAIT = 30


class Stopped(Exception):
    """Somebody asked the supervisor to stop while it was starting."""


@dataclass(frozen=True)
class Service:
    """`launch` may be called again after a death; `ready` is asked until it says yes.

    Services of a lower `stage` are stopped later: the database outlives those who use it.
    """

    name: str
    launch: Callable[[], subprocess.Popen[bytes]]
    ready: Callable[[], bool]
    log: Path
    stage: int = 1
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 20


@dataclass
class Running:
    service: Service
    process: subprocess.Popen[bytes]
    since: float = field(default_factory=time.monotonic)
    deaths: int = 0
    again_at: float | None = None


class Supervisor:
    def __init__(self) -> None:
        self.began = time.monotonic()
        self._running: list[Running] = []
        self._stop = Event()

    def listen(self) -> None:
        """From now on Ctrl-C, kill and a closed terminal mean an orderly stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._stop.set())

    def say(self, sentence: str) -> None:
        print(f"[{time.monotonic() - self.began:5.1f} s] {sentence}", flush=True)

    def start(self, service: Service) -> None:
        """Returns when it is ready."""
        process = service.launch()
        self._running.append(Running(service, process))
        await_answer(
            service.name, process, service.ready, service.log, seconds=READY_SECONDS, pause=self.pause
        )
        self.say(f"{service.name} is ready")

    def step(
        self, sentence: str, command: Sequence[str | Path], *, env: Mapping[str, str], log: Path, cwd: Path
    ) -> None:
        """Run one command to its end; LaunchError with the end of its output if it fails."""
        process = spawn(command, env=env, log=log, cwd=cwd, on_parent_death=signal.SIGKILL)
        try:
            while process.poll() is None:
                self.pause(0.02)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if process.returncode:
            raise LaunchError(f"This failed: {sentence}.\n{tail(log, 25)}", f"read {log}.")
        self.say(sentence)

    def watch(self) -> None:
        """Returns when asked to stop."""
        while not self._stop.wait(0.25):
            for running in self._running:
                self._look_after(running)

    def stop(self) -> None:
        """Everything, those who use the database first. Never leaves a process behind."""
        if not self._running:
            return
        self.say("stopping")
        for stage in sorted({running.service.stage for running in self._running}, reverse=True):
            self._stop_stage([running for running in self._running if running.service.stage == stage])
        self._running.clear()
        self.say("everything is stopped; the data is kept")

    def pause(self, seconds: float) -> None:
        """Raises Stopped when asked to stop meanwhile."""
        if self._stop.wait(seconds):
            raise Stopped

    def _look_after(self, running: Running) -> None:
        now = time.monotonic()
        if running.again_at is None:
            if running.process.poll() is None:
                return
            end_group(running.process)
            running.deaths = 1 if now - running.since > STEADY_SECONDS else running.deaths + 1
            wait = min(2 ** (running.deaths - 1), LONGEST_WAIT)
            self.say(f"{running.service.name} ended ({_how(running.process)}); starting it again in {wait} s")
            running.again_at = now + wait
        elif now >= running.again_at:
            running.again_at, running.since = None, now
            try:
                running.process = running.service.launch()
            except LaunchError as error:
                print(error, file=sys.stderr, flush=True)

    def _stop_stage(self, stage: list[Running]) -> None:
        for running in stage:
            if running.process.poll() is None:
                running.process.send_signal(running.service.stop_signal)
        for running in stage:
            try:
                running.process.wait(timeout=running.service.stop_seconds)
            except subprocess.TimeoutExpired:
                self.say(f"{running.service.name} did not stop by itself and is killed")
                running.process.kill()
                running.process.wait()
            end_group(running.process)


def _how(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    return f"signal {-code}" if code < 0 else f"exit code {code}"
