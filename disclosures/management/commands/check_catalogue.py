"""Reads the catalogue of instruments and names what is wrong with it, by file and line."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...catalogue import versions
from ...catalogue.loader import FOLDER, CatalogueError, load


def _add(file: Path, lines: list[str]) -> None:
    if not lines:
        return
    with file.open("a", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in lines)
    versions.recorded.cache_clear()
    versions.recorded_ladders.cache_clear()


class Command(BaseCommand):
    help = "Checks the catalogue of instruments; --record keeps each new version of a row for good."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--record", action="store_true", help="add the versions that are not recorded yet"
        )
        parser.add_argument("--folder", type=Path, default=FOLDER, help="another folder of data files")

    def handle(self, *args: Any, folder: Path, record: bool, **options: Any) -> None:
        file = folder / "versions.jsonl"
        try:
            catalogue = load(folder)
        except CatalogueError as error:
            raise CommandError(f"The catalogue cannot be used:\n{error}") from None
        ladders_file = folder / "ladders.jsonl"
        if record:
            _add(file, versions.missing_lines(catalogue, versions.recorded(file)))
            _add(ladders_file, versions.missing_ladders(catalogue, versions.recorded_ladders(ladders_file)))
        known, ladders = versions.recorded(file), versions.recorded_ladders(ladders_file)
        faults = [
            *versions.changed_in_silence(catalogue, known),
            *versions.changed_ladders(catalogue, known, ladders),
        ]
        if faults:
            raise CommandError("\n".join(["The catalogue differs from its recorded versions:", *faults]))
        self.stdout.write(
            f"{len(catalogue.instruments)} instruments, {len(known)} versions, {len(ladders)} ladders: all in order."
        )
