"""`manage.py audit …`: the work on the log that needs no page."""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, connection

from audit.models import Log
from audit.sequencer import Overtaken, Sequencer

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.25
AWAY_SECONDS = 1.0


class Command(BaseCommand):
    help = "Works on the log."

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        sequence = parts.add_parser("sequence", help="Give new entries their index and sign checkpoints.")
        how = sequence.add_mutually_exclusive_group()
        how.add_argument("--once", action="store_true", help="Stop when nothing is left (the default).")
        how.add_argument("--loop", action="store_true", help="Go on until stopped. Needs no broker.")
        sequence.set_defaults(work=self.sequence)

    def handle(self, *args: Any, **options: Any) -> None:
        options["work"](**options)

    def sequence(self, *, loop: bool, **_: object) -> None:
        sequencers = [Sequencer(log) for log in Log.values]
        if loop:
            self._sequence_until_stopped(sequencers)
            return
        for sequencer in sequencers:
            self.stdout.write(f"{sequencer.log}: {sequencer.drain()} new entries have their index.")

    def _sequence_until_stopped(self, sequencers: list[Sequencer]) -> None:
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        self.stdout.write("Sequencing. Stop with Ctrl-C.")
        self.stdout.flush()
        while not stop.is_set():
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
