"""The catalogue in the order in which a person looks for something: what kind of thing lies on the desk."""

from collections.abc import Iterable

from .schema import Instrument, RowType

BY_CATEGORY = {
    "voluntary-police": "Police: they ask, nobody is bound",
    "preservation": "Police: keep it until an order comes",
    "emergency": "Danger to life",
    "court-order": "Police: a court orders",
    "warrant": "Police: officers with a warrant",
    "notice": "Police: a notice that binds",
    "communications-data": "Communications data",
    "aml-enquiry": "Money laundering: they ask, nobody is bound",
    "terrorism": "Terrorism",
    "sanctions": "Sanctions",
    "foreign": "From abroad",
    "group": "A company of the group",
}
BY_TYPE = {
    RowType.ROUTE: "Outside the three kinds: handed to legal",
    RowType.CITATION: "Recognised and answered, never worked",
    RowType.OUTGOING: "Our own duties: nobody sends these",
    RowType.NOTE: "Never recorded here",
}
MONEY = {
    "court-order": "Money laundering: a court orders",
    "warrant": "Money laundering: officers with a warrant",
    "notice": "Money laundering: a notice that binds",
}
ORDER = (*BY_CATEGORY.values(), *MONEY.values(), *BY_TYPE.values())


def section_of(row: Instrument) -> str:
    if row.row_type in BY_TYPE:
        return BY_TYPE[row.row_type]
    if row.kinds == ("A",) and row.report_category in MONEY:
        return MONEY[row.report_category]
    return BY_CATEGORY[row.report_category]


def in_sections(rows: Iterable[Instrument]) -> list[tuple[str, list[Instrument]]]:
    """Every section that has a row, in the desk's order, its rows by name."""
    found: dict[str, list[Instrument]] = {}
    for row in sorted(rows, key=lambda row: row.name):
        found.setdefault(section_of(row), []).append(row)
    return [(section, found[section]) for section in ORDER if section in found]
