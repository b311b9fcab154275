"""The answer to a person's own request as a tagged PDF (PDF/UA-1): the approved text, and nothing beside it."""

import json
from datetime import datetime
from pathlib import Path

import typst

from .record_pdf import shown

TEMPLATE = Path(__file__).with_name("access.typ")


def access_pdf(text: str, *, reference: str, company: str, made_at: datetime) -> bytes:
    """One file, the same bytes for the same answer."""
    given = {
        "title": f"Answer {reference}",
        "reference": reference,
        "company": shown(company),
        "paragraphs": [shown(part) for part in text.strip().split("\n\n")],
    }
    made = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        sys_inputs={"letter": json.dumps(given, ensure_ascii=False)},
        format="pdf",
        pdf_standards="ua-1",
        ignore_system_fonts=True,
        timestamp=int(made_at.timestamp()),
    )
    assert isinstance(made, bytes)  # noqa: S101 -- one document, no output path
    return made
