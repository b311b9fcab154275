"""Reads consents, opt-outs, objections and screenings from a file. What the lines hold is never printed."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from privacy.reading import Line, NotAFile, lines_of, read_line
from privacy.services import PreferenceRefused, record_preference

from ...services.objecting import void_for_objections

IMPORTED, HERE, REFUSED = "imported", "here already", "refused"


class Command(BaseCommand):
    help = "Imports preferences from FILE, CSV or JSON lines (docs/preferences-import.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        counts, seen = dict.fromkeys((IMPORTED, HERE, REFUSED), 0), set[str]()
        try:
            for line in lines_of(options["file"]):
                what = self._take(line, seen, timezone.now())
                counts[what] += 1
        except NotAFile as why:
            raise CommandError(str(why)) from why
        self.stdout.write(", ".join(f"{count} {what}" for what, count in counts.items()) + ".")
        voided = void_for_objections(now=timezone.now())
        if voided:
            self.stdout.write(f"{voided} queued for release went back to review: somebody in them objected.")
        if counts[REFUSED]:
            raise SystemExit(1)

    def _take(self, line: Line, seen: set[str], now: datetime) -> str:
        try:
            given = read_line(line)
            if given.record_id in seen:
                raise PreferenceRefused(["Another line of this file has the same record_id."])
            seen.add(given.record_id)
            what = IMPORTED if record_preference(given=given, actor=None, now=now).is_new else HERE
        except PreferenceRefused as refused:
            self.stdout.write(f"line {line.number}: {REFUSED}")
            for reason in refused.reasons:
                self.stdout.write(f"  - {reason}")
            return REFUSED
        self.stdout.write(f"line {line.number}: {what}")
        return what
