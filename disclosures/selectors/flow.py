"""The flow of one instrument, drawn from the table and the catalogue's row: what happens at each stage, and what it demands."""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from ..catalogue import RANKS, Instrument, RowType, Tests
from ..catalogue.second_periods import parse_second_period
from ..deadlines.rules import PURPOSE_WORDS, Purpose
from ..guards import TEST_WORDS
from ..states import STATE_WORDS, Action, State
from ..workflow import find

WIDTH = 560
MARGIN = 12
LINE = 20
PADDING = 14
GAP = 34
COLUMNS = 66
EVIDENCE_WORDS = {
    "SENDER_ADDRESS": "the sender's address against the register",
    "CALL_BACK": "the officer rung back through the switchboard in the register",
    "WARRANT_CARD": "the warrant card seen",
    "COURT_DOCUMENT": "the court document: court, judge, dates, addressee and seal",
    "NOTICE_CHECKED": "the notice: issuer, dates and addressee",
    "AUTHORITY_SHOWN": "the authority for the notice, shown to us",
    "COMPANY_KNOWN": "the company's own submitter, signed in",
}
ISSUER_WORDS = {
    "POLICE_FORCE": "police forces",
    "AGENCY": "agencies",
    "COURT": "courts",
    "GROUP_COMPANY": "companies of the group",
}
NATION_WORDS = {"EW": "England and Wales", "SC": "Scotland", "NI": "Northern Ireland"}


@dataclass(frozen=True, slots=True)
class Stage:
    """`demands`: the guards of the arrow that leaves it, in words."""

    title: str
    lines: tuple[str, ...]
    demands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A stage with its place in the drawing; `rows` are its lines, broken to fit: (y, text)."""

    title: str
    y: int
    height: int
    title_y: int
    rows: tuple[tuple[int, str], ...]
    arrow_from: int | None

    @property
    def arrow_to(self) -> int:
        return self.y - 1

    @property
    def arrow_neck(self) -> int:
        return self.y - 9


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    boxes: tuple[Box, ...]

    @property
    def middle(self) -> int:
        return self.width // 2

    @property
    def box_width(self) -> int:
        return self.width - 2 * MARGIN


def stages_of(row: Instrument) -> list[Stage]:
    """From its arrival to its end. What is not worked has two stages, and what nobody sends has one."""
    if row.row_type in {RowType.OUTGOING, RowType.NOTE}:
        return [Stage("Not an arriving request", (row.answer,))]
    if row.row_type is RowType.ROUTE:
        return [
            _arrival(row),
            Stage("Recognised at triage", (row.answer,), _demands(State.SUBMITTED, Action.TRANSFER)),
            _end(State.TRANSFERRED),
        ]
    if row.row_type is RowType.CITATION:
        way = f"Refused only for: {', '.join(row.refusals)}."
        return [
            _arrival(row),
            Stage("Recognised at triage", (row.answer, way)),
            _end(State.RETURNED, State.REFUSED),
        ]
    return [_arrival(row), _triage(row), _verification(row), _review(row), _approval(row), _answer(row)]


def _arrival(row: Instrument) -> Stage:
    born = (
        "As the first answer at intake says."
        if row.may_be_born_open
        else "Born restricted; triage opens it where the law allows."
    )
    return Stage("It arrives", (_clock(row), born), _demands(State.DRAFT, Action.SUBMIT))


def _clock(row: Instrument) -> str:
    rule = (
        f"{row.time_rule} ({row.working_days} working days, urgent {row.urgent_working_days})"
        if row.time_rule == "SLA"
        else row.time_rule
    )
    beside = [parse_second_period(text) for text in row.second_periods]
    words = "; ".join(
        f"{PURPOSE_WORDS[Purpose(period.purpose)]}: {period.rule.code} {period.rule.n}" for period in beside
    )
    parts = (f"Clock: {rule}.", row.time_note, f"Beside it: {words}." if words else "")
    return " ".join(part for part in parts if part)


def _triage(row: Instrument) -> Stage:
    lines = [
        f"From {_and(ISSUER_WORDS[code] for code in row.issuers)}, in {_and(NATION_WORDS[code] for code in row.nations)}.",
        f"{len(row.needs_review)} things must be on the form.",
    ]
    if row.issuer_minimum > min(rank.level for rank in RANKS.values()):
        lines.append(f"The officer: {rank_words(row.issuer_minimum)} or above.")
    if row.countersignature:
        lines.append(
            f"Countersigned by {rank_words(row.countersigner_minimum)} or above, senior to the officer."
        )
    if row.is_secret:
        lines.append(f"Restricted to named members ({row.secrecy}).")
    return Stage("Triage", tuple(lines), _demands(State.SUBMITTED, Action.ACCEPT))


def rank_words(level: int) -> str:
    return next(
        rank.name.lower()
        for rank in sorted(RANKS.values(), key=lambda rank: rank.level)
        if rank.level >= level
    )


def _verification(row: Instrument) -> Stage:
    checks = tuple(f"Checked: {EVIDENCE_WORDS.get(code, code)}." for code in row.evidence)
    return Stage("Verification, by a second person", checks, _demands(State.VERIFYING, Action.CONFIRM))


def _review(row: Instrument) -> Stage:
    lines = [f"Tests: {TEST_WORDS[row.tests]}.", "Data holders search for every item of every person."]
    if row.opinions:
        lines.append(f"Opinion of the {_and(row.opinions)}.")
    return Stage("Review and proposal, by a third", tuple(lines), _demands(State.IN_REVIEW, Action.PROPOSE))


def _approval(row: Instrument) -> Stage:
    many = "One approver; two in a grave case" if row.approvals == 1 else "Two approvers"
    refusing = " and to refuse" if row.tests is Tests.COMPULSORY and row.approvals == 1 else ""
    lines = (f"{many}{refusing}.", f"May be refused for: {', '.join(row.refusals)}.")
    return Stage("Approval, by others again", lines, _demands(State.PENDING_APPROVAL, Action.APPROVE_RELEASE))


def _answer(row: Instrument) -> Stage:
    if row.preserves:
        return Stage("Held, then expired", ("Nothing goes out. It ends when its own period ends.",))
    emergency = (
        "By word of mouth where a life is at risk; two people release, a third ratifies." if row.oral else ""
    )
    lines = ("Released, refused, or a letter that nothing is held; then closed.", emergency)
    return Stage(
        "The answer", tuple(line for line in lines if line), _demands(State.RELEASING, Action.RECORD_SENT)
    )


def _end(*states: State) -> Stage:
    return Stage(
        "It ends as", (" or ".join(STATE_WORDS[state].lower() for state in states).capitalize() + ".",)
    )


def _demands(state: State, action: Action) -> tuple[str, ...]:
    arrow = find(state, action)
    return tuple(guard.__name__.replace("_", " ") for guard in arrow.guards) if arrow else ()


def _and(words: Iterable[str]) -> str:
    *first, last = list(words)
    return f"{', '.join(first)} and {last}" if first else last


def drawing_of(stages: Iterable[Stage]) -> Drawing:
    """Boxes one below the other, an arrow from each to the next; every text broken to the width."""
    boxes: list[Box] = []
    y = MARGIN
    for stage in stages:
        texts = [part for line in stage.lines for part in textwrap.wrap(line, COLUMNS)]
        title_y = y + PADDING + 12
        rows = tuple((title_y + LINE * (number + 1), text) for number, text in enumerate(texts))
        height = PADDING * 2 + LINE * (len(texts) + 1) - 6
        boxes.append(Box(stage.title, y, height, title_y, rows, y - GAP if boxes else None))
        y += height + GAP
    return Drawing(WIDTH, y - GAP + MARGIN, tuple(boxes))
