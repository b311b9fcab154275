"""Ways in which a desk could tell of a secret beside its pages, one for each thing that is compared there."""

from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.http import HttpRequest, HttpResponse

import audit.exporting
import audit.nudge
import disclosures.selectors.audit_pack
import disclosures.views.requests
from accounts.models import User
from audit.entries import SYSTEM, append
from audit.models import Entry
from disclosures import notifications, outbox
from disclosures.management.commands import sweep
from disclosures.models import Request
from disclosures.services import recalculating

Patch = pytest.MonkeyPatch


def a_mail_to_somebody_who_is_not_named(patch: Patch) -> None:
    meant = notifications.recipients

    def one_more(notice: notifications.Notice, *now: Any) -> list[User]:
        found = meant(notice, *now)
        return (
            [*found, User.objects.get(email="all-roles@desk.example")] if notice.request.restricted else found
        )

    patch.setattr(notifications, "recipients", one_more)


def a_line_when_its_mail_is_refused(patch: Patch) -> None:
    patch.setattr(outbox, "is_of_a_secret", lambda row: False)


def an_argument_to_the_worker(patch: Patch) -> None:
    send = current_app.send_task
    patch.setattr(
        current_app, "send_task", lambda name, **how: send(name, kwargs={"secrets": _secrets()}, **how)
    )


def an_entry_for_each_that_is_counted_again(patch: Patch) -> None:
    keep = recalculating._keep

    def told(counted: Any, *given: Any) -> None:
        keep(counted, *given)
        for _ in (request for request, _ in counted if request.restricted):
            append(event="access.missed", actor=SYSTEM, detail={"asked": "a deadline"})

    patch.setattr(recalculating, "_keep", told)


def a_sweep_that_says_what_it_did(patch: Patch) -> None:
    handle = sweep.Command.handle

    def says(command: sweep.Command, *given: Any, **options: Any) -> None:
        handle(command, *given, **options)
        command.stdout.write(f"{_secrets()} looked at")

    patch.setattr(sweep.Command, "handle", says)


def an_export_of_both_logs(patch: Patch) -> None:
    write = audit.exporting._write_entries

    def both(log: str, size: int, folder: Path, *progress: Any) -> None:
        write(log, size, folder, *progress)
        for number in Entry.objects.filter(log="sealed", event="request.recorded").values_list(
            "pk", flat=True
        ):
            (folder / f"sealed-{number}").touch()

    patch.setattr(audit.exporting, "_write_entries", both)


def an_archive_that_counts_it(patch: Patch) -> None:
    count = disclosures.selectors.audit_pack._reconciliation
    patch.setattr(
        disclosures.selectors.audit_pack, "_reconciliation",
        lambda pack, received, *more: count(pack, received + _secrets(), *more),
    )  # fmt: skip


def a_number_out_of_a_table(patch: Patch) -> None:
    render = disclosures.views.requests.render

    def numbered(http: HttpRequest, template: str, *context: Any, **how: Any) -> HttpResponse:
        response: HttpResponse = render(http, template, *context, **how)
        response.headers["X-Row"] = str(
            Request.objects.filter(reference__in=http.path.split("/")).values_list("pk")[0][0]
        )
        return response

    patch.setattr(disclosures.views.requests, "render", numbered)


# By the part of the days after that gives it away, with what is seen there then.
LEAKS = {
    "handed_out": (an_archive_that_counts_it, "reconciliation"),
    "mails": (a_mail_to_somebody_who_is_not_named, "To: all-roles@desk.example"),
    "promised": (a_mail_to_somebody_who_is_not_named, "mail "),
    "said": (a_line_when_its_mail_is_refused, "was not kept"),
    "rung": (an_argument_to_the_worker, "secrets"),
    "main_log": (an_entry_for_each_that_is_counted_again, "a deadline"),
    "sizes": (an_entry_for_each_that_is_counted_again, ""),
    "commands": (a_sweep_that_says_what_it_did, "looked at"),
    "exported": (an_export_of_both_logs, "sealed-"),
}


def _secrets() -> int:
    return Request.objects.filter(restricted=True).count()
