"""What every installation needs: the bank holidays known today. A second run changes nothing."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Loads the reference data."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("import_holidays", stdout=self.stdout)
