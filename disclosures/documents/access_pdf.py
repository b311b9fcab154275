"""The answer to a person's own request as a tagged PDF (PDF/UA-1): the approved text, and nothing beside it."""

from datetime import datetime
from pathlib import Path

from .record_pdf import shown
from .typeset import typeset

TEMPLATE = Path(__file__).with_name("access.typ")


def access_pdf(text: str, *, reference: str, company: str, made_at: datetime) -> bytes:
    """One file, the same bytes for the same answer."""
    given = {
        "title": f"Answer {reference}",
        "reference": reference,
        "company": shown(company),
        "paragraphs": [shown(part) for part in text.strip().split("\n\n")],
    }
    return typeset(TEMPLATE, given, made_at=made_at)
