"""How the catalogue writes a rule of time: a code, its number where it has one, and where the count begins.

`CI 7` · `CI 28 SERVED` · `WN 7` · `MB` · `MONTH 1` · `ON_INSTR` · `SLA`
"""

from dataclasses import dataclass
from enum import StrEnum


class Start(StrEnum):
    MADE = "MADE"  # the day that the order or notice was made
    SERVED = "SERVED"  # the day that it was served on us
    RECEIVED = "RECEIVED"  # the moment it reached us
    TOLD = "TOLD"  # the day that we told of something, as a person records it; second periods alone


@dataclass(frozen=True, slots=True)
class Shape:
    """`start`: where the count begins unless the row says otherwise. `numbered`: what number it takes by itself."""

    start: Start
    numbered: bool = True
    default: int | None = None


SHAPES: dict[str, Shape] = {
    "CI": Shape(Start.MADE),
    "CX": Shape(Start.MADE),
    "WN": Shape(Start.RECEIVED),
    "MIN_WN": Shape(Start.RECEIVED),
    "MAX_CI": Shape(Start.MADE),
    "MB": Shape(Start.MADE, default=1),
    "MONTH": Shape(Start.RECEIVED, default=1),
    "IMM": Shape(Start.RECEIVED, numbered=False),
    "ON_INSTR": Shape(Start.RECEIVED, numbered=False),
    "SLA": Shape(Start.RECEIVED, numbered=False),
}
TIME_RULES = tuple(SHAPES)


@dataclass(frozen=True, slots=True)
class TimeRule:
    code: str
    n: int | None
    start: Start


def parse_time_rule(text: str) -> TimeRule:
    """ValueError with a sentence that says what is wrong with the text."""
    code, *rest = text.split(" ")
    if code not in SHAPES:
        raise ValueError(f"time rule {text!r} is in no register")
    shape = SHAPES[code]
    start = Start(rest.pop()) if rest and rest[-1] in list(Start) else shape.start
    number = rest.pop(0) if rest and rest[0].isdecimal() and rest[0].isascii() else None
    if rest:
        raise ValueError(f"time rule {text!r} has {' '.join(rest)!r} too much")
    if number is not None and not shape.numbered:
        raise ValueError(f"time rule {text!r}: {code} takes no number")
    n = int(number) if number is not None else shape.default
    if shape.numbered and not n:
        raise ValueError(f"time rule {text!r}: {code} needs a number of at least 1")
    return TimeRule(code=code, n=n, start=start)
