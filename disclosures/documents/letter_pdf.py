"""A letter as a file: what stands on the printed one."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.utils.timezone import localtime

from accounts.days import british

from .record_pdf import shown
from .typeset import typeset

TEMPLATE = Path(__file__).with_name("letter.typ")


def letter_pdf(*, reference: str, company: str, recipient: str, body: str, dated: datetime) -> bytes:
    """The same bytes for the same letter. It is readable: what leaves the house is locked first."""
    day = localtime(dated)
    given = {
        "title": f"Letter {reference}",
        "reference": reference,
        "company": shown(company),
        "recipient": _lines(recipient),
        "dated": british(day),
        "paragraphs": [_lines(paragraph) for paragraph in body.replace("\r\n", "\n").split("\n\n")],
    }
    return typeset(TEMPLATE, given, made_at=dated)


def _lines(text: str) -> Sequence[str]:
    return [shown(line) for line in text.splitlines()]
