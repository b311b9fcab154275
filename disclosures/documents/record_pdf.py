"""The decision record as a tagged PDF (PDF/UA-1). The texts are handed over as data and never read as markup."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ..record import NONE, DecisionRecord, Section, sections
from .typeset import typeset

TEMPLATE = Path(__file__).with_name("record.typ")
LEAD = (
    "This record says what was asked, by whom and under which law, what was weighed and decided and by whom, and what "
    "left the house. Every part is printed; where there is nothing to say of one, it says “None recorded”.",
    "Characters that the typeface lacks, or that would change how the text around them is read, are spelt out as "
    "‹U+0000›, by their number. The JSON form of this record holds every text exactly as it was written.",
)
# What the embedded typeface shows. Anything else is spelt out: PDF/UA allows no missing glyph, a reader must not be
# fooled by letters that turn the line around, and marks without a letter bring the typesetter down.
SHOWN = re.compile(
    "[^\n -~\xa0-\xac\xae-\u024f\u0388\u038a\u038c\u038e-\u03a1\u03a3-\u0481\u048a-\u04ff\u05d0-\u05ea\u0621-\u063a\u0640-\u064a"
    "\u0660-\u0669\u1e00-\u1eff\u2010-\u2015\u2018-\u2027\u2030-\u203a\u20a0-\u20ac\u2116\u2122\u2190-\u2193]"
)
LONG = re.compile(r"[^\s]{40}(?=[^\s])")
WORD_BREAK = "\u200b"


def shown(text: str) -> str:
    """The text with everything spelt out that cannot be shown, and with places where a long run may break."""
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\t", "    ")
    spelt = SHOWN.sub(lambda found: f"‹U+{ord(found[0]):04X}›", plain)
    return LONG.sub(lambda found: found[0] + WORD_BREAK, spelt)


def record_pdf(record: DecisionRecord, *, company: str, made_at: datetime) -> bytes:
    """One file, the same bytes for the same record."""
    return sections_pdf(
        title=f"Decision record {record.asked.reference}",
        reference=record.asked.reference,
        kind="Decision record",
        lead=LEAD,
        sections=sections(record),
        company=company,
        made_at=made_at,
    )


def sections_pdf(
    *,
    title: str,
    reference: str,
    kind: str,
    lead: Sequence[str],
    sections: Sequence[Section],
    company: str,
    made_at: datetime,
) -> bytes:
    given = {
        "title": shown(title),
        "reference": shown(reference),
        "kind": kind,
        "company": shown(company),
        "lead": lead,
        "none": f"{NONE}.",
        "sections": [
            {
                "title": section.title,
                "word": "Entry",
                "parts": [[[shown(label), shown(words)] for label, words in part] for part in section.parts],
            }
            for section in sections
        ],
    }
    return typeset(TEMPLATE, given, made_at=made_at)
