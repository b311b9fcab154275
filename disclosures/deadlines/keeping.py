"""How long a closed request is kept, and why: the class of its instrument, what came of it, and where it belongs.

Kept through `until`; from the next day on it is due for disposal. A legal hold beats every date here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

CASE, AML, SAR, AUD, REF = "RET-CASE", "RET-AML", "RET-SAR", "RET-AUD", "RET-REF"
EMER, CPL, HOLD = "RET-EMER", "RET-CPL", "RET-HOLD"
SCOTLAND = "SC"

CASE_YEARS = 6
SCOTTISH_YEARS = 5
AML_YEARS = 5
AML_HARD_STOP = 10
REFUSED_YEARS = 2
LOG_YEARS = 7

NOTHING_GIVEN = frozenset({
    "REFUSED", "WITHDRAWN", "EXPIRED", "DUPLICATE", "NOT_PERSONAL_DATA", "TRANSFERRED",
})  # fmt: skip
LIMITATION: Mapping[str, str] = {
    "EW": "Limitation Act 1980, sections 2 and 5",
    "SC": "Prescription and Limitation (Scotland) Act 1973, section 6",
    "NI": "Limitation (Northern Ireland) Order 1989",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What the period hangs on. `retention`: the class of the governing instrument under its pinned terms, or empty."""

    closed_on: date
    received_on: date
    retention: str
    outcome: str
    nation: str
    compulsory: bool = False
    emergency: bool = False
    child: bool = False
    relationship_ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One step of the derivation, as a person reads it."""

    words: str
    day: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Keeping:
    """`code` is the class that counts, which is not always the instrument's own."""

    code: str
    until: date
    lines: tuple[Line, ...]


def keeping(closed: Closed) -> Keeping:
    code, why = _class_of(closed)
    if code in {AML, SAR}:
        return _money_laundering(code, why, closed)
    years, because, source = _years(code, closed)
    until = years_after(closed.closed_on, years)
    lines = [
        why,
        Line("Closed", closed.closed_on),
        Line(f"{_counted(years)}: {because}", None, source),
        Line("Kept through", until),
    ]
    if closed.child:
        lines.append(
            Line(
                "A child or a vulnerable person is concerned: time may run against them later. Ask before it is destroyed.",
                None,
                "Limitation Act 1980, section 28",
            )
        )
    return Keeping(code, until, tuple(lines))


def access_keeping(ended_on: date) -> Keeping:
    """A person's own request, counted from its answer or from its closing without one: as a complaint is kept.

    It has no instrument, and nobody asks the person where in the United Kingdom they live, so the longest of the
    three nations' periods counts (Limitation Act 1980, sections 2 and 9; UK GDPR, Article 5(1)(e)).
    """
    until = years_after(ended_on, CASE_YEARS)
    lines = (
        Line(f"Class {CPL}: a person’s own request, kept as a complaint is"),
        Line("Answered or closed", ended_on),
        Line(
            f"{_counted(CASE_YEARS)}: while the person can bring a claim, by the longest period of the three nations",
            None,
            "Limitation Act 1980, sections 2 and 9",
        ),
        Line("Kept through", until),
    )
    return Keeping(CPL, until, lines)


def years_after(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes 28 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _class_of(closed: Closed) -> tuple[str, Line]:
    own = closed.retention or CASE
    if own in {AML, SAR, AUD, CPL}:
        return own, Line(f"Class {own}: of its instrument")
    if closed.emergency:
        return EMER, Line(f"Class {EMER}: it was released in an emergency")
    if own == EMER:
        return EMER, Line(f"Class {EMER}: of its instrument")
    if own == REF or closed.outcome in NOTHING_GIVEN:
        return REF, Line(f"Class {REF}: nothing was given")
    if own == HOLD:
        return CASE, Line(f"Class {HOLD} while the preservation lasts; it has ended, so class {CASE}")
    return CASE, Line(f"Class {CASE}: {'of its instrument' if closed.retention else 'it has no instrument'}")


def _years(code: str, closed: Closed) -> tuple[int, str, str]:
    if code == REF and not closed.compulsory:
        return REFUSED_YEARS, "refused, withdrawn or never valid", ""
    if code == REF:
        return CASE_YEARS, "nothing was given, and it was compulsory", ""
    if code == AUD:
        return LOG_YEARS, "as long as the log", "UK GDPR, Article 5(2)"
    if code == EMER:
        return CASE_YEARS, "an emergency", ""
    years = SCOTTISH_YEARS if closed.nation == SCOTLAND else CASE_YEARS
    return years, "while a claim can be brought", LIMITATION.get(closed.nation, LIMITATION["EW"])


def _money_laundering(code: str, why: Line, closed: Closed) -> Keeping:
    """Five years from the end of the relationship, ten years at most: Money Laundering Regulations 2017, reg 40."""
    hard_stop = years_after(closed.received_on, AML_HARD_STOP)
    if closed.relationship_ended_on:
        begins = Line("The business relationship ended", closed.relationship_ended_on)
    else:
        begins = Line("Closed; no end of the business relationship is recorded", closed.closed_on)
    assert begins.day is not None  # noqa: S101 -- both have one
    five = years_after(begins.day, AML_YEARS)
    until = min(five, hard_stop)
    source = "Money Laundering Regulations 2017, regulation 40"
    lines = [
        why,
        begins,
        Line(f"{_counted(AML_YEARS)}", five, source),
        Line(f"Hard stop, {_counted(AML_HARD_STOP).lower()} after it came", hard_stop, source),
        Line("Kept through", until),
    ]
    return Keeping(code, until, tuple(lines))


def _counted(years: int) -> str:
    names = {2: "Two", 5: "Five", 6: "Six", 7: "Seven", 10: "Ten"}
    return f"{names[years]} years"
