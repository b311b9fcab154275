from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from disclosures.deadlines.sources import GOV_UK, FeedFault
from disclosures.selectors.holidays import open_differences
from disclosures.services.feed import FeedAway, read_file, refresh_holidays
from disclosures.services.holidays import PACKAGE, import_holidays, rows_of_the_package


class Command(BaseCommand):
    help = (
        "Fills the table of bank holidays, 2012 to 2030, from the package `holidays`; with --file or --fetch "
        "from GOV.UK's bank-holidays.json as well. Where the two differ, it says so."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--file", metavar="FILE", help="GOV.UK's bank-holidays.json, fetched by hand.")
        how.add_argument(
            "--fetch", action="store_true", help="Fetches it from HOLIDAYS_URL, where reachable."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["fetch"]:
            refresh_holidays(now=now)
            self.stdout.write("The lists are imported.")
        else:
            self._import(options["file"])
        for difference in open_differences(now):
            self.stderr.write(difference.words)

    def _import(self, file: str | None) -> None:
        now = timezone.now()
        try:
            rows = read_file(path=Path(file)) if file else []
        except (FeedAway, FeedFault) as error:
            faults = error.faults if isinstance(error, FeedFault) else (str(error),)
            raise CommandError("\n".join([*faults, "Nothing was imported."])) from None
        done = import_holidays(rows=rows_of_the_package(), source=PACKAGE, actor=None, now=now)
        self.stdout.write(f"{done.changed} bank holidays recorded, {done.withdrawn} withdrawn.")
        if file:
            done = import_holidays(rows=rows, source=GOV_UK, actor=None, now=now)
            self.stdout.write(f"GOV.UK: {done.changed} recorded, {done.withdrawn} withdrawn.")
