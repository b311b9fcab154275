"""The catalogue as its pages show it: every row, found by words, with what the house decided about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..catalogue import INSTRUMENTS, LADDERS, Instrument, Ladder
from ..catalogue.registers import RETENTION_WORDS, SECRECY_WORDS
from ..catalogue.sections import in_sections
from ..models import InstrumentStanding
from .flow import Drawing, Stage, drawing_of, stages_of
from .ladders import Rung, rungs_of
from .standing import may_be_cited, standings


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    terms: Instrument
    standing: InstrumentStanding | None

    @property
    def is_off(self) -> bool:
        return self.standing is not None and self.standing.off_at is not None

    @property
    def may_be_cited(self) -> bool:
        return may_be_cited(self.terms, self.standing)


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """One instrument, whole: as a lawyer reads it."""

    row: CatalogueRow
    stages: list[Stage]
    drawing: Drawing
    secrecy: str
    retention: str
    present_law: list[Instrument]
    ladder: Ladder | None
    rungs: Sequence[Rung]


def catalogue_rows(words: str) -> list[tuple[str, Sequence[CatalogueRow]]]:
    """The rows in which every word stands, in their sections; all of them without a word. Two queries at most."""
    held = standings()
    wanted = words.casefold().split()
    found = [row for row in INSTRUMENTS.values() if all(word in _text_of(row) for word in wanted)]
    return [
        (section, [CatalogueRow(row, held.get(row.code)) for row in rows])
        for section, rows in in_sections(found)
    ]


def _text_of(row: Instrument) -> str:
    texts = (
        row.code,
        row.name,
        row.statute,
        row.who,
        row.plain_words,
        row.secrecy,
        row.time_rule,
        row.row_type,
        row.force,
    )
    return " ".join(texts).casefold()


def catalogue_page(code: str) -> CataloguePage | None:
    terms = INSTRUMENTS.get(code)
    if terms is None:
        return None
    stages = stages_of(terms)
    standing = InstrumentStanding.objects.select_related("signed_by", "off_by").filter(code=code).first()
    return CataloguePage(
        row=CatalogueRow(terms, standing),
        stages=stages,
        drawing=drawing_of(stages),
        secrecy=SECRECY_WORDS[terms.secrecy],
        retention=RETENTION_WORDS[terms.retention],
        present_law=[INSTRUMENTS[other] for other in terms.present_law],
        ladder=LADDERS.get(terms.ladder),
        rungs=rungs_of(terms),
    )
