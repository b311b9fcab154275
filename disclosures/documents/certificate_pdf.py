"""The certificate of a disposal as a tagged PDF (PDF/UA-1), by the template of the decision record."""

from datetime import datetime

from ..certificate import Certificate, paragraphs
from .record_pdf import TEMPLATE, shown
from .typeset import typeset

LEAD = (
    "This certificate says what was destroyed, on which ground, who proposed it and who confirmed it. Destroyed means: "
    "the keys that sealed it were erased, and its rows, documents, letters and promises were deleted. What was sealed "
    "under an erased key cannot be read again, in older backups neither without the master key of their time; backups "
    "expire by the period that the operations manual sets.",
    "The entries of the log stay, without salts and values, and every proof of the log with them.",
)


def certificate_pdf(certificate: Certificate, *, made_at: datetime) -> bytes:
    """One file, the same bytes for the same certificate."""
    people = [
        ["Company", shown(certificate.company)],
        ["Batch", certificate.batch],
        ["Proposed by", shown(f"{certificate.proposed_by}, {certificate.proposed_at}")],
        ["Confirmed by", shown(f"{certificate.confirmed_by}, {certificate.confirmed_at}")],
    ]
    given = {
        "title": f"Certificate of disposal {certificate.batch}",
        "reference": certificate.batch,
        "kind": "Certificate of disposal",
        "company": shown(certificate.company),
        "lead": LEAD,
        "none": "None.",
        "sections": [
            {"title": "Who decided it", "word": "Entry", "parts": [people]},
            {
                "title": "What was destroyed",
                "word": "Entry",
                "parts": [
                    [[label, shown(words)] for label, words in paragraphs(row)]
                    for row in certificate.destroyed
                ],
            },
        ],
    }
    return typeset(TEMPLATE, given, made_at=made_at)
