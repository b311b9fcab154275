"""Keeping what the outbox promised: a topic is addressed to people, then each mail is sent."""

import logging
from datetime import datetime

from django.core.mail import EmailMessage
from django.db import transaction

from accounts.models import User

from .. import notifications, outbox
from ..models import OutboxRow
from . import letter_mail, log_mail, telling

logger = logging.getLogger(__name__)

MAIL = "mail"


def deliver(*, now: datetime) -> bool:
    """Keeps one due promise, if there is one. One at a time, so that no lease runs out in a queue."""
    claimed = outbox.claim(n=1, now=now)
    for row in claimed:
        if row.topic == MAIL:
            _send(row, now)
        elif row.topic in notifications.TOPICS:
            _address(row, now)
        elif row.topic in telling.TOPICS:
            _tell(row, now)
        elif row.topic == log_mail.TOPIC:
            _mail_checkpoint(row, now)
        elif row.topic == letter_mail.TOPIC:
            _send_letter(row, now)
        else:
            _put_off(row, "UNKNOWN_TOPIC", now)
    return bool(claimed)


@transaction.atomic(durable=True)
def _address(row: OutboxRow, now: datetime) -> None:
    """One mail for each person, promised in the transaction that ends the topic's own row."""
    notice = notifications.notice_for(row.topic, row.payload, now)
    people = notifications.recipients(notice, now) if notice else []
    if notice and not people:
        _put_off(row, "NOBODY_TO_TELL", now)
        return
    if not outbox.complete(row, now=now):
        return  # the lease ran out; its new holder addresses the row
    for person in people:
        payload = {**row.payload, "about": row.topic, "user": person.pk}
        outbox.put(key=f"{row.key}:{person.ref}", topic=MAIL, payload=payload, not_before=now, ring=False)


def _send(row: OutboxRow, now: datetime) -> None:
    notice = notifications.notice_for(row.payload["about"], row.payload, now)
    if notice:
        person = next((p for p in notifications.recipients(notice, now) if p.pk == row.payload["user"]), None)
        if person and not _sent(person, notice, row, now):
            return
    outbox.complete(row, now=now)


def _tell(row: OutboxRow, now: datetime) -> None:
    mail = telling.message(topic=row.topic, payload=row.payload, key=row.key, now=now)
    if mail is None or _handed_over(mail, row, now):
        outbox.complete(row, now=now)


def _mail_checkpoint(row: OutboxRow, now: datetime) -> None:
    made = log_mail.mail_checkpoint(row=row)
    if made is None:
        outbox.complete(row, now=now)
        return
    mail, log, size, host = made
    if _handed_over(mail, row, now):
        log_mail.keep_mailed_copy(row=row, log=log, size=size, host=host, now=now)


def _send_letter(row: OutboxRow, now: datetime) -> None:
    """Made ready in one transaction, handed over outside of any, noted in another. Killed between them it goes
    again, with the same Message-ID."""
    mail = letter_mail.made_ready(payload=row.payload, key=row.key, now=now)
    if mail is None or _handed_over(mail, row, now):
        if mail is not None:
            letter_mail.has_left(payload=row.payload, now=now)
        outbox.complete(row, now=now)
    elif row.attempts >= outbox.ATTEMPTS:
        letter_mail.was_given_up(payload=row.payload, error="NOT_TAKEN", now=now)


def _sent(person: User, notice: notifications.Notice, row: OutboxRow, now: datetime) -> bool:
    return _handed_over(notifications.mail_to(person, notice, row.key), row, now)


def _handed_over(mail: EmailMessage, row: OutboxRow, now: datetime) -> bool:
    try:
        mail.send()
    except OSError as error:  # what smtplib raises is one, and so is a folder that is not there
        _put_off(row, type(error).__name__, now)
        return False
    return True


def _put_off(row: OutboxRow, error: str, now: datetime) -> None:
    """The line in the log file is the same without restricted requests: none of theirs, and no number of the row."""
    if not outbox.is_of_a_secret(row):
        logger.warning("A promise (%s) was not kept at attempt %s: %s", row.topic, row.attempts, error)
    outbox.fail(row, error=error, now=now)
