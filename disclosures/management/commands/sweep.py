import logging
import signal
from argparse import ArgumentParser
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

from accounts.services.sessions import forget_ended_sessions
from disclosures.services.audit_packs import build_next, drop_old_packs
from disclosures.services.delivering import deliver
from disclosures.services.feed import refresh_if_stale
from disclosures.services.sweeping import sweep

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Does what time asks for, without a broker: expiries, reminders, and what the outbox promised."

    def add_arguments(self, parser: ArgumentParser) -> None:
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--once", action="store_true", help="One round, then stop (this is the default).")
        how.add_argument("--loop", action="store_true", help="Round after round, until SIGTERM.")
        parser.add_argument("--every", type=float, default=30, metavar="SECONDS", help="Between two rounds.")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        if not options["loop"]:
            _round(stop)
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            close_old_connections()
            try:
                _round(stop)
            except (OperationalError, InterfaceError) as error:
                logger.warning("The database is away (%s); the next round tries again.", type(error).__name__)
            stop.wait(options["every"])


def _round(stop: Event) -> None:
    """Says nothing of what it did: how much that was would tell the log file of restricted requests."""
    forget_ended_sessions(now=timezone.now())
    refresh_if_stale(now=timezone.now())
    sweep(now=timezone.now())
    while not stop.is_set() and deliver(now=timezone.now()):
        pass
    drop_old_packs(now=timezone.now())
    while not stop.is_set() and build_next(now=timezone.now()):
        pass
