"""What the house decided about rows of the catalogue."""

from collections.abc import Iterable, Mapping

from ..catalogue import INSTRUMENTS, Instrument, citations
from ..models import InstrumentStanding


def standings() -> Mapping[str, InstrumentStanding]:
    rows = InstrumentStanding.objects.select_related("signed_by", "off_by")
    return {row.code: row for row in rows}


def switched_off() -> frozenset[str]:
    return frozenset(InstrumentStanding.objects.exclude(off_at=None).values_list("code", flat=True))


def why_switched_off(code: str) -> str:
    """The reason in words; empty while it is on."""
    row = InstrumentStanding.objects.filter(code=code).exclude(off_at=None).first()
    return str(row.get_off_reason_display()) if row else ""


def may_be_cited(row: Instrument, standing: InstrumentStanding | None) -> bool:
    """What was read in the statute; what rests on memory only once a house lawyer has signed this version."""
    return not row.needs_verification or (standing is not None and standing.signed_version == row.version)


def law_to_cite(row: Instrument) -> str:
    """The statute as a letter may name it; empty for a row that rests on memory and nobody has signed off."""
    standing = InstrumentStanding.objects.filter(code=row.code).first() if row.needs_verification else None
    return row.statute if may_be_cited(row, standing) else ""


def present_law_of(row: Instrument) -> list[Instrument]:
    """What is in force in the place of a repealed law, as far as it may be cited."""
    rows = [INSTRUMENTS[code] for code in row.present_law]
    return [now for now in rows if law_to_cite(now)]


def unsigned_rows_cited(text: str, *, governing: Instrument | None) -> list[Instrument]:
    """Rows that the text cites and no house lawyer has signed: the governing one by its act and number, any other word for word."""
    cited = list(_cited(text, governing))
    held = standings() if cited else {}
    return [row for row in cited if not may_be_cited(row, held.get(row.code))]


def _cited(text: str, governing: Instrument | None) -> Iterable[Instrument]:
    for row in INSTRUMENTS.values():
        near = governing is not None and row.code == governing.code
        if citations.cites(text, row.statute) if near else row.statute in text:
            yield row
