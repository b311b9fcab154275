"""Writes the audit pack of a period into a folder, for the auditor who is named."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User

from ...selectors import NotThere
from ...services.audit_packs import PackRefused, Wish, ask_audit_pack, build, note_written


class Command(BaseCommand):
    help = (
        "Writes the audit pack of FROM to TO (days such as 2026-11-01, both included) as archives into DIR."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("first_day", type=date.fromisoformat, metavar="FROM")
        parser.add_argument("last_day", type=date.fromisoformat, metavar="TO")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument(
            "--as", dest="email", required=True, metavar="EMAIL", help="the auditor it is made for"
        )
        parser.add_argument("--sample", type=int, default=25, metavar="N")
        parser.add_argument("--seed", default="", help="without it one is drawn, and printed")
        for what in ("post", "mail"):
            parser.add_argument(f"--{what}-count", type=int, metavar="N")
            parser.add_argument(
                f"--{what}-source", default="", metavar="WORDS", help="where that was counted"
            )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        auditor = User.objects.filter(email__iexact=options["email"], is_active=True).first()
        wish = Wish(
            sample_size=options["sample"],
            **{
                name: options[name]
                for name in (
                    "first_day", "last_day", "seed", "post_count", "post_source", "mail_count", "mail_source"
                )
            },
        )  # fmt: skip
        try:
            if auditor is None:
                raise NotThere
            pack = ask_audit_pack(wish=wish, actor=auditor, now=now, to_a_folder=True)
        except NotThere:
            raise CommandError("Nobody with this address is an auditor today. Nothing was written.") from None
        except PackRefused as refused:
            raise CommandError(str(refused)) from refused
        main, sealed = build(pack=pack, with_sealed=pack.with_sealed, progress=self._show, now=now)
        options["out"].mkdir(parents=True, exist_ok=True)
        for name, content in (("main", main), ("sealed", sealed)):
            if content is not None:
                path = options["out"] / f"audit-pack-{name}-{pack.first_day}-{pack.last_day}.zip"
                path.write_bytes(content)
                self.stdout.write(f"{path}")
        note_written(pack=pack, actor=auditor)
        self.stdout.write(f"Seed: {pack.seed}")

    def _show(self, done: int, of: int) -> None:
        self.stderr.write(f"{done} of {of} decision records")
