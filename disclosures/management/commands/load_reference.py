"""What every installation needs: the bank holidays known today and the bodies that may ask. A second run changes nothing."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.bodies.register import read_bodies
from accounts.services import load_bodies


class Command(BaseCommand):
    help = "Loads the reference data."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("import_holidays", stdout=self.stdout)
        loaded = load_bodies(bodies=read_bodies(), now=timezone.now())
        self.stdout.write(f"Bodies: {loaded.added} added, {loaded.corrected} corrected.")
        for name in loaded.kept:
            self.stdout.write(f"{name} was edited here and stays as it is.")
