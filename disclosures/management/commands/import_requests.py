"""Reads requests from a file of JSON lines. What the lines hold is never printed."""

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organisation, User
from accounts.roles import Role
from accounts.selectors import roles_of

from ...forms.imported import LineRefused, read_line
from ...selectors.intake import bodies_that_ask
from ...services import ActionRefused
from ...services.importing import already_here, import_request

IMPORTED, HERE, REJECTED = "imported", "here already", "rejected"


class Command(BaseCommand):
    help = "Records and submits the requests of FILE, one JSON object a line (docs/import.schema.json)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.jsonl")
        parser.add_argument(
            "--as", dest="email", required=True, metavar="EMAIL", help="the intake clerk who records them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        clerk = self._clerk(options["email"])
        bodies = bodies_that_ask()
        counts = dict.fromkeys((IMPORTED, HERE, REJECTED), 0)
        seen: dict[str, int] = {}
        for number, raw in _lines(options["file"]):
            try:
                what, reference = _take(raw, number, clerk, bodies, seen)
            except LineRefused as refused:
                what = REJECTED
                self.stdout.write(f"line {number}: {REJECTED}")
                for reason in refused.reasons:
                    self.stdout.write(f"  - {reason}")
            else:
                self.stdout.write(f"line {number}: {what}, {reference}")
            counts[what] += 1
        self.stdout.write(", ".join(f"{count} {what}" for what, count in counts.items()) + ".")
        if counts[REJECTED]:
            raise SystemExit(1)

    def _clerk(self, email: str) -> User:
        person = User.objects.filter(email__iexact=email, is_active=True).first()
        if person is None or Role.INTAKE_CLERK not in roles_of(person, timezone.now()):
            raise CommandError("Nobody with this address is an intake clerk today. Nothing was imported.")
        return person


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with file.open("rb") as lines:
            yield from ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error


def _take(
    raw: bytes, number: int, clerk: User, bodies: Sequence[Organisation], seen: dict[str, int]
) -> tuple[str, str]:
    now: datetime = timezone.now()
    line = read_line(raw, now=now, bodies=bodies)
    if line.id in seen:
        raise LineRefused([f"id: line {seen[line.id]} has the same."])
    seen[line.id] = number
    if earlier := already_here(line_id=line.id, actor=clerk, now=now):
        return HERE, earlier.reference
    try:
        request = import_request(
            intake=line.page.intake(), restricted=line.restricted, line_id=line.id, actor=clerk, now=now
        )
    except ActionRefused as refused:
        raise LineRefused(refused.sentences) from refused
    return IMPORTED, request.reference
