"""Whether a text cites a law: its title, with one of the numbers that the catalogue gives of it."""

import re

PROVISION = re.compile(
    r"\b(?:sections?|ss?|articles?|arts?|schedules?|sch|paragraphs?|paras?|regulations?|regs?|rules?)\b\.?\s*"
    r"(?P<numbers>\d+[A-Z]*(?:\(\w+\))*(?:\s*(?:,|and|to)\s*\d+[A-Z]*(?:\(\w+\))*)*)",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\d+[A-Z]*", re.IGNORECASE)
YEAR = re.compile(r"^(1[89]|20)\d\d$")


def cites(text: str, statute: str) -> bool:
    """By title and number, or word for word. The catalogue writes the title first, then a comma."""
    title, _, rest = statute.partition(",")
    if statute in text:
        return True
    if title.casefold() not in text.casefold():
        return False
    return bool(numbers_in(rest) & numbers_in(text))


def numbers_in(text: str) -> set[str]:
    """The numbers of sections, articles, schedules and the like that a text names, years left out."""
    found = (NUMBER.findall(match["numbers"]) for match in PROVISION.finditer(text))
    return {number.upper() for numbers in found for number in numbers if not YEAR.match(number)}
