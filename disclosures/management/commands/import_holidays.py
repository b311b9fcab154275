from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from disclosures.services.holidays import PACKAGE, import_holidays, rows_of_the_package


class Command(BaseCommand):
    help = "Fills the table of bank holidays, 2012 to 2030, from the package `holidays`."

    def handle(self, *args: Any, **options: Any) -> None:
        done = import_holidays(rows=rows_of_the_package(), source=PACKAGE, actor=None, now=timezone.now())
        self.stdout.write(f"{done.changed} bank holidays recorded, {done.withdrawn} withdrawn.")
