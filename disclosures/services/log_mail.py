"""The log's newest checkpoint, mailed once a day to whoever audits us from outside: a copy that we cannot take back.

The promise names a day and a digest; the address stands in the settings alone. Nothing personal is in the mail.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

from audit import outside
from audit.models import Log, OutsideCopy
from audit.proving import with_cosignatures

from .. import outbox
from ..deadlines.calendars import london_day
from ..models import OutboxRow

TOPIC = "log.checkpoint"


def promise_checkpoint_mails(*, now: datetime) -> int:
    """One promise for each log, address and London day; the sweep may come as often as it likes."""
    day = london_day(now).isoformat()
    waiting = [(log, address) for log, address in _addresses() if outside.newest(log)]
    return sum(_promise(log, address, day, now) for log, address in waiting)


def _promise(log: str, address: str, day: str, now: datetime) -> bool:
    payload = {"log": log, "to": _digest(address), "day": day}
    key = f"{TOPIC}:{log}:{day}:{payload['to']}"
    if OutboxRow.objects.filter(key=key).exists():
        return False
    with transaction.atomic():
        return outbox.put(key=key, topic=TOPIC, payload=payload, not_before=now)


def mail_checkpoint(*, row: OutboxRow) -> tuple[EmailMessage, str, int, str] | None:
    """The mail, with log, size and whom it goes to; None if the address is no longer in the settings."""
    log = row.payload["log"]
    address = next((to for of, to in _addresses() if of == log and _digest(to) == row.payload["to"]), None)
    signed = outside.newest(log)
    if address is None or signed is None:
        return None
    note = with_cosignatures(signed)
    context = {"log": log, "size": signed.size, "at": signed.at, "note": note, "day": row.payload["day"]}
    subject, _, body = render_to_string("mail/checkpoint.txt", context).partition("\n")
    mail = EmailMessage(subject, body.lstrip("\n"), to=[address])
    digest = hashlib.sha256(f"{settings.DEPLOYMENT}\n{row.key}".encode()).hexdigest()[:40]
    mail.extra_headers["Message-ID"] = f"<{digest}@{settings.ALLOWED_HOSTS[0]}>"
    mail.attach(f"checkpoint-{log}-{signed.size}", note.encode(), "application/octet-stream")
    return mail, log, signed.size, address.rpartition("@")[2]


def keep_mailed_copy(*, row: OutboxRow, log: str, size: int, host: str, now: datetime) -> None:
    with transaction.atomic(durable=True):
        outbox.complete(row, now=now)
        outside.keep(log=log, size=size, kind=OutsideCopy.Kind.MAIL, holder=host)


def _addresses() -> Iterator[tuple[str, str]]:
    yield from ((Log.MAIN.value, to) for to in settings.AUDIT_MAIL_TO)
    yield from ((Log.SEALED.value, to) for to in settings.AUDIT_SEALED_MAIL_TO)


def _digest(address: str) -> str:
    return hashlib.sha256(f"{settings.DEPLOYMENT}\n{address}".encode()).hexdigest()[:16]
