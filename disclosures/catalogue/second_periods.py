"""Periods that an instrument has beside that of its answer: what each is for, and its rule of time.

`LATER_MATERIAL CI 28 MADE` · `LATER_HAND_OVER CI 7 TOLD` · `REVIEW_REQUEST CX 7 SERVED`
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .time_rules import Start, TimeRule, parse_time_rule

# Purposes of clocks; a test compares them with those of `deadlines.rules`.
LATER_MATERIAL = "LATER_MATERIAL"  # what comes into our hands meanwhile falls under the order, and is told of
LATER_HAND_OVER = "LATER_HAND_OVER"  # that material is due, counted from the day it was told of
REVIEW_REQUEST = "REVIEW_REQUEST"  # the issuer may be asked for a review of its notice
SECOND_PURPOSES = (LATER_MATERIAL, LATER_HAND_OVER, REVIEW_REQUEST)
COUNTED = ("CI", "CX", "WN")


@dataclass(frozen=True, slots=True)
class SecondPeriod:
    purpose: str
    rule: TimeRule


def parse_second_period(text: str) -> SecondPeriod:
    """ValueError with a sentence that says what is wrong with the text."""
    purpose, _, rule = text.partition(" ")
    if purpose not in SECOND_PURPOSES:
        raise ValueError(f"second period {text!r}: its purpose {purpose!r} is in no register")
    return SecondPeriod(purpose, parse_time_rule(rule))


def faults_of_second_periods(texts: Sequence[str], *, arrives: bool) -> Iterable[str]:
    """Everything wrong with the second periods of one row."""
    if texts and not arrives:
        yield "what does not arrive has no clock, and so no second period"
    purposes = []
    for text in texts:
        try:
            period = parse_second_period(text)
        except ValueError as error:
            yield str(error)
            continue
        purposes.append(period.purpose)
        if period.rule.code not in COUNTED:
            yield f"second period {text!r} is counted in days: {', '.join(COUNTED)}"
        if (period.rule.start is Start.TOLD) is not (period.purpose == LATER_HAND_OVER):
            yield f"second period {text!r}: what came in later is counted from the day we told of it (TOLD), and nothing else is"
    for purpose in sorted({purpose for purpose in purposes if purposes.count(purpose) > 1}):
        yield f"second period {purpose!r} stands twice"
    if (LATER_MATERIAL in purposes) is not (LATER_HAND_OVER in purposes):
        yield "the window for later material and the period for handing it over go together"
