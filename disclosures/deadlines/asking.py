"""A question about a date, as somebody types it or writes it in a table: read whole, or told all that is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from .calendars import ANY_PART_OF_UK, LONDON, NATIONS, ONE_DAY, Calendar, start_of
from .derive import Derivation, derive
from .house import house_days
from .rules import PAUSABLE, Event, EventKind, Rule, RuleCode

HOUSE = "SLA"  # the company's own calendar: the bank holidays of where it is, and its closures
SCHEMES = (*NATIONS, ANY_PART_OF_UK, HOUSE)
# ON_INSTR and NO_DATE count nothing: their date is the issuer's, or ours.
ASKABLE = (
    RuleCode.WN, RuleCode.CI, RuleCode.CX, RuleCode.MB, RuleCode.MONTH, RuleCode.MIN_WN, RuleCode.MAX_CI,
    RuleCode.IMM, RuleCode.SLA, RuleCode.HOURS,
)  # fmt: skip
WITHOUT_NUMBER = (RuleCode.IMM,)
ONE_IF_NOT_SAID = (RuleCode.MB, RuleCode.MONTH)
HOUSE_DAYS = (RuleCode.WN, HOUSE)  # working days of our own calendar: ours, so they may pause
LARGEST = 1000
FIRST, LAST = date(2012, 1, 1), date(2030, 12, 31)
DAYTIME = time(9, 0)  # a bare date is received in working hours
NOTHING = ("", "-")


@dataclass(frozen=True, slots=True)
class Question:
    """`scheme` names the calendar it is counted in; HOUSE is known by the name of its nation to the rule."""

    rule: RuleCode
    start: datetime
    n: int | None
    scheme: str
    pauses: tuple[tuple[date, date | None], ...] = ()


class Unclear(ValueError):
    """The question cannot be answered; `problems` are all the reasons, as a person reads them."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(self.problems))


def read_question(*, rule: str, start: str, n: str, scheme: str, pauses: Sequence[str] = ()) -> Question:
    """The words as typed. Raises Unclear with every problem. Without a scheme: the house's for SLA, else EW."""
    problems: list[str] = []
    code = _rule(rule, problems)
    begins = _start(start, problems)
    number = _number(n, code, problems)
    where = scheme.strip().upper()
    if where in NOTHING:
        where = HOUSE if code == RuleCode.SLA else NATIONS[0]
    if where not in SCHEMES:
        problems.append(f"The scheme {scheme.strip()!r} is not one of {', '.join(SCHEMES)}.")
    spans = [_pause(text, problems) for text in pauses]
    if spans and code is not None and code not in PAUSABLE and (code, where) != HOUSE_DAYS:
        problems.append(f"Only the house's own days (SLA) pause; {code} is set by law and does not.")
    if problems or code is None or begins is None:
        raise Unclear(problems)
    paused = tuple(sorted((span for span in spans if span), key=lambda span: span[0]))
    return Question(code, begins, number, where, paused)


def answer(question: Question, calendars: Mapping[str, Calendar]) -> Derivation:
    """`calendars` by scheme, the house's among them."""
    calendar = calendars[question.scheme]
    events = [Event(kind=EventKind.RECEIVED, at=question.start)]
    for first, last in question.pauses:
        events.append(Event(kind=EventKind.PAUSED, at=start_of(first)))
        if last is not None:
            events.append(Event(kind=EventKind.RESUMED, at=start_of(last)))
    if question.pauses and question.rule == RuleCode.WN:
        return house_days(
            Rule(code=RuleCode.SLA, scheme=calendar.scheme, n=question.n), events, calendar, cut_off=False
        )
    return derive(Rule(code=question.rule, scheme=calendar.scheme, n=question.n), events, calendar)


def _rule(text: str, problems: list[str]) -> RuleCode | None:
    typed = text.strip().upper()
    if typed in set(ASKABLE):
        return RuleCode(typed)
    if typed in {RuleCode.ON_INSTR, RuleCode.NO_DATE}:
        problems.append(f"{typed} counts nothing: its date is written in the instrument or set by a person.")
    else:
        problems.append(f"The rule {text.strip()!r} is not one of {', '.join(ASKABLE)}.")
    return None


def _start(text: str, problems: list[str]) -> datetime | None:
    """A London day, or a moment: without an offset it is London's."""
    typed = text.strip()
    try:
        given = datetime.combine(date.fromisoformat(typed), DAYTIME) if len(typed) == 10 else None
        given = given or datetime.fromisoformat(typed)
    except ValueError:
        problems.append(
            f"The start {typed!r} is not a date: write it as 2026-06-12, or with its time as 2026-06-12T17:30."
        )
        return None
    moment = given if given.tzinfo else given.replace(tzinfo=LONDON)
    if not given.tzinfo and moment.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None) != given:
        problems.append(f"The start {typed} did not happen in London: the clocks went forward over it.")
        return None
    day = moment.astimezone(LONDON).date()
    if not FIRST <= day <= LAST:
        problems.append(f"The start {typed} does not lie between {FIRST} and {LAST}.")
        return None
    return moment


def _number(text: str, code: RuleCode | None, problems: list[str]) -> int | None:
    typed = text.strip()
    if typed in NOTHING:
        if code in ONE_IF_NOT_SAID:
            return 1
        if code is not None and code not in WITHOUT_NUMBER:
            problems.append(f"The rule {code} needs its number n.")
        return None
    if not (typed.isdecimal() and typed.isascii()) or not 1 <= int(typed) <= LARGEST:
        problems.append(f"The number n must be a whole number from 1 to {LARGEST}, not {typed[:20]!r}.")
        return None
    if code in WITHOUT_NUMBER:
        problems.append(f"The rule {code} takes no number n.")
        return None
    return int(typed)


def _pause(text: str, problems: list[str]) -> tuple[date, date | None] | None:
    """A..B, both end days counted; A.. is not over yet."""
    first, dots, last = text.strip().partition("..")
    try:
        if not dots:
            raise ValueError(text)
        span = date.fromisoformat(first), date.fromisoformat(last) if last else None
    except ValueError:
        problems.append(f"The pause {text.strip()!r} is not two days: write it as 2026-06-15..2026-06-17.")
        return None
    if span[1] is not None and span[1] < span[0]:
        problems.append(f"The pause {text.strip()} ends before it begins.")
        return None
    if not FIRST <= span[0] <= LAST + ONE_DAY:
        problems.append(f"The pause {text.strip()} does not lie between {FIRST} and {LAST}.")
        return None
    return span
