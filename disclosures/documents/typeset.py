"""Setting a document: what it says is handed over as data and never read as markup."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst


def typeset(template: Path, given: Mapping[str, Any], *, made_at: datetime) -> bytes:
    """A tagged PDF (PDF/UA-1), the same bytes for the same texts and time."""
    made = typst.compile(
        template,
        root=template.parent,
        sys_inputs={"given": json.dumps(given, ensure_ascii=False)},
        format="pdf",
        pdf_standards="ua-1",
        ignore_system_fonts=True,
        timestamp=int(made_at.timestamp()),
    )
    assert isinstance(made, bytes)  # noqa: S101 -- one document, no output path
    return made
