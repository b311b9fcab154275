"""`manage.py audit …`: the work on the log that needs no page."""

import base64
import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from audit import checking, outside, proving, reconciling, verifying
from audit.checkpoint import NotACheckpoint
from audit.exporting import export
from audit.models import Log
from audit.note import NoteRefused
from audit.proof import ProofRefused, TilesMissing
from audit.proving import CannotProve
from audit.sequencer import Overtaken, Sequencer

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.25
AWAY_SECONDS = 1.0
BESIDE_SECONDS = 2.0
SHOW_SECONDS = 5.0

Work = Callable[[], None]


class Command(BaseCommand):
    help = "Works on the log."

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        sequence = parts.add_parser("sequence", help="Give new entries their index and sign checkpoints.")
        how = sequence.add_mutually_exclusive_group()
        how.add_argument("--once", action="store_true", help="Stop when nothing is left (the default).")
        how.add_argument("--loop", action="store_true", help="Go on until stopped. Needs no broker.")
        sequence.set_defaults(work=self.sequence)
        verify = parts.add_parser("verify", help="Compute the whole log anew from its entries.")
        verify.add_argument("--since", type=int, default=0, metavar="SIZE", help="The size of a checkpoint.")
        verify.add_argument(
            "--held",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="A checkpoint kept elsewhere.",
        )
        verify.add_argument(
            "--open", action="store_true", help="Open every sealed value too. Needs the master keys."
        )
        verify.set_defaults(work=self.verify)
        checkpoint = parts.add_parser("checkpoint", help="Print the last checkpoint.")
        checkpoint.set_defaults(work=self.checkpoint)
        whole = parts.add_parser(
            "export", help="Write checkpoint, tiles and entries in the layout of tlog-tiles."
        )
        whole.add_argument("folder", type=Path, metavar="DIR")
        whole.set_defaults(work=self.export)
        prove = parts.add_parser("prove", help="Print the proof of one entry (tlog-proof).")
        prove.add_argument("--entry", type=int, required=True, metavar="ID")
        prove.set_defaults(work=self.prove)
        grew = parts.add_parser("consistency", help="Print the proof that one size grew out of another.")
        grew.add_argument("old", type=int, metavar="OLD")
        grew.add_argument("new", type=int, metavar="NEW", help="The size of a checkpoint.")
        grew.set_defaults(work=self.consistency)
        for part in (verify, checkpoint, whole, prove, grew):
            part.add_argument("--log", choices=Log.values, default=Log.MAIN.value)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            options["work"](**options)
        except (CannotProve, ProofRefused, TilesMissing) as error:
            raise CommandError(str(error)) from error

    def sequence(self, *, loop: bool, **_: object) -> None:
        sequencers = [Sequencer(log) for log in Log.values]
        if loop:
            self._sequence_until_stopped(sequencers)
            return
        for sequencer in sequencers:
            self.stdout.write(f"{sequencer.log}: {sequencer.drain()} new entries have their index.")

    def verify(self, *, log: str, since: int, held: list[Path], open: bool, **_: object) -> None:
        outside = [self._held(log, path) for path in held]
        report = verifying.verify(log, since=since, held=outside, progress=self._progress())
        reconciling.reconcile(log, report)
        if open:
            reconciling.open_payloads(log, report)
        for fault in report.faults:
            self.stderr.write(f"{log}: {fault}")
        if report.faults:
            where = "" if report.first_bad is None else f" First bad index: {report.first_bad}."
            raise CommandError(f"The log {log} is not whole.{where}")
        against = f", {len(outside)} of them kept elsewhere" if outside else ""
        checked = report.checkpoints + len(outside)
        self.stdout.write(
            f"{log}: {report.size} entries and {checked} checkpoints{against} agree. "
            + (
                ""
                if outside
                else "Only a checkpoint that somebody else holds shows a log replaced whole: --held."
            )
        )

    def checkpoint(self, *, log: str, **_: object) -> None:
        self.stdout.write(proving.with_cosignatures(proving.last_checkpoint(log)), ending="")

    def export(self, *, log: str, folder: Path, **_: object) -> None:
        size = export(log, folder, self._progress())
        self.stdout.write(f"{log}: {size} entries are in {folder}.")

    def prove(self, *, log: str, entry: int, **_: object) -> None:
        self.stdout.write(proving.prove_entry(log, entry).text(), ending="")

    def consistency(self, *, log: str, old: int, new: int, **_: object) -> None:
        """In the form in which a witness is asked: the old size, the proof, and the new checkpoint."""
        hashes, note = proving.prove_consistency(log, old, new)
        lines = [f"old {old}", *(base64.b64encode(step).decode() for step in hashes), "", note]
        self.stdout.write("\n".join(lines), ending="")

    def _held(self, log: str, path: Path) -> verifying.Signed:
        try:
            return verifying.outside(log, path.read_text(), str(path))
        except (OSError, UnicodeDecodeError, NoteRefused, NotACheckpoint) as error:
            raise CommandError(f"{path} is no checkpoint of this log. {error}") from error

    def _progress(self) -> verifying.Progress:
        """On a terminal one line that is written over; elsewhere a line now and then."""
        terminal = sys.stderr.isatty()
        shown = time.monotonic()

        def show(done: int, of: int) -> None:
            nonlocal shown
            if time.monotonic() - shown < (0.2 if terminal else SHOW_SECONDS) and done < of:
                return
            shown = time.monotonic()
            line = f"{done:,} of {of:,} entries ({100 * done // max(of, 1)} %)"
            self.stderr.write(
                f"\r{line}" if terminal else line, ending="\n" if done >= of or not terminal else ""
            )

        return show

    def _sequence_until_stopped(self, sequencers: list[Sequencer]) -> None:
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        self.stdout.write("Sequencing. Stop with Ctrl-C.")
        self.stdout.flush()
        beside: dict[Work, threading.Thread] = {}
        while not stop.is_set():
            _keep_at_work(beside, stop)
            stop.wait(self._drain(sequencers))

    def _drain(self, sequencers: list[Sequencer]) -> float:
        """Answers how long to wait before the next look."""
        try:
            for sequencer in sequencers:
                sequencer.drain()
        except Overtaken as reason:
            logger.warning("%s", reason)
        except (InterfaceError, OperationalError) as error:
            logger.warning("The database is away: %s", error)
            connection.close()
            return AWAY_SECONDS
        return POLL_SECONDS


def _copy() -> None:
    outside.send_out(now=timezone.now())


def _verify() -> None:
    for log in Log.values:
        checking.work(log)


def _keep_at_work(beside: dict[Work, threading.Thread], stop: threading.Event) -> None:
    """What must not hold up the sequencing, nor each other: copies and verifications, each on a connection of its own.

    One that died of what nobody foresaw, its traceback among the messages, is begun anew: it would not be missed.
    """
    for work in (_copy, _verify):
        if work not in beside or not beside[work].is_alive():
            beside[work] = threading.Thread(target=_repeat, args=[work, stop], daemon=True)
            beside[work].start()


def _repeat(work: Work, stop: threading.Event) -> None:
    while not stop.wait(BESIDE_SECONDS):
        try:
            work()
        except (InterfaceError, OperationalError) as error:
            logger.warning("The database is away: %s", error)
            connection.close()
