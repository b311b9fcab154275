"""The words of a letter, made from what was asked and what was decided; a person edits them before they count."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.template.loader import render_to_string

from accounts.selectors import controller

from ..catalogue import RANKS, REFUSALS, Comms, Refusal
from ..models import ItemDecision, Letter, Officer, Request, Step
from ..states import Outcome, State
from .completeness import Form, missing_to_review
from .opening import Opened, OpenedRequest
from .proposal import outcome_of

Decision = ItemDecision.Decision
ANSWERS: Mapping[Outcome, str] = {
    Outcome.DISCLOSED_FULL: "disclosure.txt",
    Outcome.DISCLOSED_PART: "partial.txt",
    Outcome.REFUSED: "refusal.txt",
    Outcome.NO_DATA_HELD: "nil.txt",
}
ONLY_REFUSAL = frozenset({State.SUBMITTED, State.RETURNED, State.VERIFYING})
WAITING_FOR_PAPER = (State.RETURNED, State.EMERGENCY_RELEASED)
APPROVED_TO_GO = frozenset({State.APPROVED, State.NO_DATA, State.REFUSED, State.RELEASING})


@dataclass(frozen=True, slots=True)
class Line:
    """One item of one person, as the letter names it; `text` is what is given."""

    item: str
    person: str
    text: str


@dataclass(frozen=True, slots=True)
class Withheld:
    refusal: Refusal
    lines: list[Line]


def round_of(request: Request, purpose: str) -> int:
    """Which letter this is: of the answer's round, or of the n-th time that we wait for paper."""
    if purpose == Letter.Purpose.OUTCOME:
        return request.round
    return Step.objects.filter(request=request, target__in=WAITING_FOR_PAPER).count()


def letter_of(opened: OpenedRequest, purpose: str) -> Opened | None:
    """The latest letter of this purpose."""
    letters = [letter for letter in opened.letters if letter.purpose == purpose]
    return max(letters, key=lambda letter: int(letter.round), default=None)


def is_final(letter: Opened, opened: OpenedRequest) -> bool:
    """Whether the letter may lie on the table as a letter: sent, or approved as it is and not called off."""
    if letter.purpose != Letter.Purpose.OUTCOME or letter.sent_at:
        return True
    case = opened.request
    approved = any(step.act == "APPROVE" and step.round == letter.round for step in opened.steps)
    return approved and letter.round == case.round and case.state in APPROVED_TO_GO


def is_outdated(letter: Opened, opened: OpenedRequest) -> bool:
    """Whether something was decided after the letter was written."""
    return any(row.decided_at > letter.prepared_at for row in opened.decisions)


def recipient(opened: OpenedRequest) -> str:
    """The officer who asks, and where they sit; one line each."""
    officer, case = opened.officers.get(Officer.Part.REQUESTER), opened.request
    lines = [officer.name if officer else "", _rank_and_number(officer), case.unit]
    lines += [case.body.name if case.body else "", case.station_address]
    return "\n".join(line for line in lines if line)


def answer(opened: OpenedRequest) -> str:
    """The answer that the decisions on the items make; empty while nothing is decided."""
    # A refusal code chosen before review counts no more: now the items decide.
    outcome = outcome_of(Request(), [_row(row) for row in opened.decisions])
    if outcome is None:
        return ""
    lines = _lines(opened)
    context = {
        "disclosed": lines[Decision.DISCLOSE],
        "not_held": lines[Decision.NOT_HELD],
        "withheld": _withheld(opened),
        "searched_on": max(
            (record.searched_at for record in opened.records if record.searched_at), default=None
        ),
    }
    return _written(ANSWERS[outcome], opened, context)


def refusal(opened: OpenedRequest, code: str) -> str:
    """The refusal of the whole request, which names no person and says nothing of what is held."""
    return _written("refusal.txt", opened, {"withheld": [Withheld(REFUSALS[code], [])], "whole": True})


def request_for_paper(opened: OpenedRequest) -> str:
    """What we write when we wait for paper: a form to be corrected, or the form behind an emergency."""
    if opened.request.state == State.EMERGENCY_RELEASED:
        return _written("paper.txt", opened, {})
    returned = next((step for step in opened.steps if step.target == State.RETURNED), None)
    officers = {part: _row(officer) for part, officer in opened.officers.items()}
    subjects, items = [_row(row) for row in opened.subjects], [_row(row) for row in opened.items]
    instrument = opened.instrument
    form = Form(_row(opened.request), subjects, items, officers, _row(instrument) if instrument else None)
    context = {
        "reason": returned.reason if returned else "",
        "cites_old_law": instrument is not None and instrument.code == "P-LEG98",
        "missing": missing_to_review(form),
        "communications": any(item.catalogued.comms is not Comms.NOT_COMMS for item in items),
        "route": REFUSALS["R-CDROUTE"],
    }
    return _written("return.txt", opened, context)


def _written(template: str, opened: OpenedRequest, context: Mapping[str, object]) -> str:
    officer, instrument = opened.officers.get(Officer.Part.REQUESTER), opened.instrument
    shared = {
        "case": opened.request,
        "dear": officer.name if officer and officer.name else "Sir or Madam",
        "instrument": instrument,
        "company": controller().name,
        "people": len(opened.subjects),
    }
    text = render_to_string(f"disclosures/letters/{template}", {**shared, **context})
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _lines(opened: OpenedRequest) -> Mapping[str, list[Line]]:
    return {
        choice: [_line(row, opened) for row in _in_order(opened) if row.decision == choice]
        for choice in Decision.values
    }


def _withheld(opened: OpenedRequest) -> list[Withheld]:
    """What is not given, gathered by the reason."""
    rows = [row for row in _in_order(opened) if row.decision == Decision.WITHHOLD]
    codes = dict.fromkeys(row.refusal_code for row in rows)
    return [
        Withheld(REFUSALS[code], [_line(row, opened) for row in rows if row.refusal_code == code])
        for code in codes
    ]


def _in_order(opened: OpenedRequest) -> list[Opened]:
    people = {subject.pk: subject.position for subject in opened.subjects}
    things = {item.pk: item.position for item in opened.items}
    return sorted(opened.decisions, key=lambda row: (people[row.subject_id], things[row.item_id]))


def _line(row: Opened, opened: OpenedRequest) -> Line:
    item = next(item for item in opened.items if item.pk == row.item_id)
    subject = next(subject for subject in opened.subjects if subject.pk == row.subject_id)
    return Line(item=item_words(item), person=person_words(subject), text=row.text)


def item_words(item: Opened) -> str:
    """“Payments made to us (card payments), 1 September 2026 to 30 September 2026”."""
    detail = f" ({item.detail})" if item.detail else ""
    days = [british(day) for day in (item.period_from, item.period_to) if day]
    return f"{item.catalogued.name}{detail}{', ' + ' to '.join(dict.fromkeys(days)) if days else ''}"


def person_words(subject: Opened) -> str:
    """By name and date of birth; a person not known by name, by the one thing that is known."""
    if subject.name:
        born = f", born {british(date.fromisoformat(subject.born_on))}" if subject.born_on else ""
        return f"{subject.name}{born}"
    known: Iterable[tuple[str, str]] = (
        ("the holder of account", subject.account_number),
        ("the user of", subject.phone),
        ("the user of", subject.email),
        ("the person at", subject.address),
    )
    return next((f"{words} {value}" for words, value in known if value), f"person {subject.position}")


def _row(opened: Opened) -> Any:
    return opened.row


def british(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _rank_and_number(officer: Opened | None) -> str:
    if officer is None:
        return ""
    rank = RANKS[officer.rank].name if officer.rank in RANKS else ""
    return " ".join(word for word in (rank if " or " not in rank else "", officer.number) if word)
