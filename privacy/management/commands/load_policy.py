"""The company's own policy, from the file it gives; the text is its content and not part of this program."""

from argparse import ArgumentParser
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.days import in_full
from privacy.clauses import OURS, NotClauses, read_clauses
from privacy.models import PolicyVersion
from privacy.services import PolicyRefused, publish_policy


class Command(BaseCommand):
    help = "Publishes a version of the privacy policy."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, required=True, help="the text, in UTF-8")
        parser.add_argument("--posted", type=date.fromisoformat, required=True, help="the day it was posted")
        parser.add_argument("--effective", type=date.fromisoformat, required=True, help="its first day")
        parser.add_argument(
            "--clauses",
            type=Path,
            default=OURS,
            help="its clauses, as privacy/clauses.toml writes them (the default)",
        )
        parser.add_argument("--url", required=True, help="where it is posted")

    def handle(self, *args: Any, **options: Any) -> None:
        last = PolicyVersion.objects.order_by("-number").first()
        try:
            version = publish_policy(
                number=last.number + 1 if last else 1,
                text=options["file"].read_text("utf-8"),
                posted_at=_first_instant(options["posted"]),
                effective_from=_first_instant(options["effective"]),
                url=options["url"],
                clauses=read_clauses(options["clauses"]),
                actor=None,
                now=timezone.now(),
            )
        except FileNotFoundError:
            raise CommandError(f"There is no file {options['file']}.") from None
        except (NotClauses, PolicyRefused) as why:
            raise CommandError(str(why)) from None
        above = version.clauses.filter(stands_above=True).count()
        self.stdout.write(
            f"{above} purposes stand above its disclosure clause; a related company can use those."
        )
        self.stdout.write(f"{version} is published, effective from {in_full(options['effective'])}.")


def _first_instant(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001  of the London day
