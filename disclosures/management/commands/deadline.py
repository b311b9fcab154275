import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.days import in_full
from disclosures.deadlines.asking import SCHEMES, Question, Unclear, answer, read_question
from disclosures.deadlines.asking_many import answered, read_table
from disclosures.deadlines.results import Derivation
from disclosures.services.reckoning import Calendars, calendars_to_ask

ROWS_SHOWN = 500


class Command(BaseCommand):
    help = (
        "When something is due, and why: deadline WN 2026-06-12 --n 5 --scheme SC. "
        "RULE is WN, CI, CX, MB, MONTH, MIN_WN, MAX_CI, IMM, SLA or HOURS; START a London day or moment."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rule", nargs="?", metavar="RULE", default="")
        parser.add_argument("start", nargs="?", metavar="START", default="")
        parser.add_argument("--n", default="", help="The number of days, months or hours.")
        parser.add_argument(
            "--scheme", default="", help=f"Whose working days: {', '.join(SCHEMES)} (SLA: the company's own)."
        )
        parser.add_argument(
            "--pause",
            action="append",
            default=[],
            metavar="A..B",
            help="Only of SLA, as rule or as scheme; both end days count.",
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="The answer as JSON.")
        parser.add_argument(
            "--batch",
            metavar="FILE.csv",
            help="Columns rule,start,n,scheme; written again with a due column.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch"]:
            self._many(options)
        else:
            self._one(options)

    def _one(self, options: dict[str, Any]) -> None:
        missing = [name.upper() for name in ("rule", "start") if not options[name]]
        if missing:
            raise CommandError(f"Say {' and '.join(missing)}: deadline WN 2026-06-12 --n 5 --scheme EW.")
        try:
            question = read_question(
                rule=options["rule"],
                start=options["start"],
                n=str(options["n"]),
                scheme=options["scheme"],
                pauses=options["pause"],
            )
        except Unclear as unclear:
            raise CommandError("\n".join(unclear.problems)) from None
        calendars = calendars_to_ask(today=timezone.localdate())
        result = answer(question, calendars.by_scheme)
        if options["as_json"]:
            self.stdout.write(json.dumps(_as_json(question, result, calendars), indent=2, ensure_ascii=False))
            return
        for line in _in_lines(result, calendars):
            self.stdout.write(line)

    def _many(self, options: dict[str, Any]) -> None:
        given = [name for name in ("rule", "start", "n", "scheme", "pause") if options[name]]
        if given or options["as_json"]:
            raise CommandError("--batch takes rule, start, n and scheme from the file, and gives CSV.")
        try:
            text = Path(options["batch"]).read_text("utf-8")
        except OSError as error:
            raise CommandError(f"{options['batch']} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise CommandError(f"{options['batch']} is not UTF-8 text.") from None
        try:
            table = read_table(text)
        except Unclear as unclear:
            shown = list(unclear.problems[:ROWS_SHOWN])
            if len(unclear.problems) > ROWS_SHOWN:
                shown.append(f"… and {len(unclear.problems) - ROWS_SHOWN} more.")
            raise CommandError("\n".join([*shown, "Nothing was written."])) from None
        calendars = calendars_to_ask(today=timezone.localdate())
        self.stdout.write(answered(table, calendars.by_scheme), ending="")
        self.stderr.write(f"Bank holidays: {calendars.words}.")


def _in_lines(result: Derivation, calendars: Calendars) -> list[str]:
    if result.due_on is None:
        head = ["Paused: the date is set when the clock goes on."]
    else:
        head = [f"Due {result.due_on.isoformat()}, {in_full(result.due_on)}."]
    if result.last_day_on and result.last_day_on != result.due_on:
        head.append(f"Answer by {result.last_day_on.isoformat()}, {in_full(result.last_day_on)}.")
    if result.provisional:
        head.append("Provisional: the bank holidays of these days are not all known yet.")
    days = [
        f"  {line.day.isoformat() if line.day else ' ' * 10}  {line.words}"
        + (f"  [{line.source}]" if line.source else "")
        for line in result.lines
    ]
    return [*head, "", *days, "", f"Bank holidays: {calendars.words}."]


def _as_json(question: Question, result: Derivation, calendars: Calendars) -> dict[str, Any]:
    return {
        "rule": str(question.rule),
        "start": question.start.isoformat(),
        "n": question.n,
        "scheme": question.scheme,
        "due": result.due_on.isoformat() if result.due_on else None,
        "due_at": result.due_at.isoformat() if result.due_at else None,
        "last_working_day": result.last_day_on.isoformat() if result.last_day_on else None,
        "provisional": result.provisional,
        "bank_holidays": calendars.words,
        "derivation": [
            {"day": line.day.isoformat() if line.day else None, "words": line.words, "source": line.source}
            for line in result.lines
        ],
    }
