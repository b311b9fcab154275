"""Writes docs/workflow.md from the table, docs/settings.md from the settings, docs/import.schema.json from the forms, docs/decision-record.schema.json from the record; --check tells whether they are fresh."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ...docs import settings_page, workflow_page
from ...forms.imported import schema
from ...record import schema as record_schema


class Command(BaseCommand):
    help = "Writes the generated pages of docs/."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail if a page is out of date"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        pages = {
            root / "docs" / "workflow.md": workflow_page(),
            root / "docs" / "settings.md": settings_page(root / "cpdisclose" / "settings.py"),
            root / "docs" / "decision-record.schema.json": json.dumps(
                record_schema(), indent=1, ensure_ascii=False
            )
            + "\n",
            root / "docs" / "import.schema.json": json.dumps(schema(), indent=1, ensure_ascii=False) + "\n",
        }
        stale = [path for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text]
        if options["check"] and stale:
            names = ", ".join(path.name for path in stale)
            raise CommandError(
                f"Out of date: {names}. Run `script/manage generate_docs` and commit the result."
            )
        for path in stale:
            path.write_text(pages[path], "utf-8")
        self.stdout.write("Fresh." if not stale else f"Written: {', '.join(path.name for path in stale)}.")
