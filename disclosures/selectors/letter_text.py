"""The words of a letter, made from what was asked and what was decided; a person edits them before they count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate

from accounts.days import british
from accounts.selectors import controller

from ..catalogue import RANKS, REFUSALS, Comms, Refusal
from ..catalogue import Instrument as Terms
from ..models import ItemDecision, Letter, Officer, Request, Step
from ..states import Action, Outcome, State
from ..wording import written
from .completeness import Form, missing_to_review
from .opening import Opened, OpenedRequest
from .proposal import is_about_people, outcome_of
from .standing import law_to_cite, present_law_of
from .wording import wording_in_force

Decision, Others = ItemDecision.Decision, ItemDecision.Others
OTHERS_WORDS: Mapping[str, str] = {
    Others.NOT_ASKED: "What shows another person is left out: it was not asked for.",
    Others.WITHHOLD: "What shows another person is not given.",
}
NAMED_IN_A_LETTER = 25
REVIEWING = (Action.UPHOLD, Action.OVERTURN)
ANSWERS: Mapping[Outcome, str] = {
    Outcome.DISCLOSED_FULL: "DISCLOSURE",
    Outcome.DISCLOSED_PART: "PARTIAL",
    Outcome.REFUSED: "REFUSAL",
    Outcome.NO_DATA_HELD: "NIL",
    Outcome.NCND: "NEITHER",
    Outcome.NOT_PERSONAL_DATA: "NOT_PERSONAL",
}
# A refusal that shows another way has a letter of its own.
REDIRECTS: Mapping[str, str] = {"R-MLA": "CENTRAL_AUTHORITY", "R-CDROUTE": "SPOC"}
ONLY_REFUSAL = frozenset({State.SUBMITTED, State.RETURNED, State.VERIFYING})
WAITING_FOR_PAPER = (State.RETURNED, State.EMERGENCY_RELEASED)
ACKNOWLEDGED_IN = frozenset({
    State.DRAFT, State.SUBMITTED, State.RETURNED, State.VERIFYING, State.IN_REVIEW, State.PENDING_APPROVAL,
})  # fmt: skip
APPROVED_TO_GO = frozenset({State.APPROVED, State.NO_DATA, State.REFUSED, State.RELEASING})


@dataclass(frozen=True, slots=True)
class Line:
    """One item of one person, as the letter names it; `text` is what is given, `others` what it says of somebody else's part."""

    item: str
    person: str
    text: str
    others: str = ""


@dataclass(frozen=True, slots=True)
class Withheld:
    refusal: Refusal
    lines: list[Line]


def round_of(request: Request, purpose: str) -> int:
    """Which letter this is: of the answer's round, or of the n-th time that we wait for paper. One acknowledges; each review
    and each thing that is kept has its own."""
    if purpose == Letter.Purpose.OUTCOME:
        return request.round
    if purpose == Letter.Purpose.RECEIPT:
        return 1
    if purpose == Letter.Purpose.REVIEW:
        return Step.objects.filter(request=request, action__in=REVIEWING).count()
    if purpose == Letter.Purpose.PRESERVED:
        return Letter.objects.filter(request=request, purpose=purpose, sent_at__isnull=False).count() + 1
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
    lines = [officer.name if officer else "", rank_and_number(officer), case.unit]
    lines += [case.body.name if case.body else "", case.station_address]
    return "\n".join(line for line in lines if line)


def answer(opened: OpenedRequest) -> str:
    """The answer that the decisions on the items make; empty while nothing is decided."""
    # A refusal code chosen before review counts no more: now the items decide.
    terms = opened.instrument.terms if opened.instrument else None
    about_people = is_about_people([_row(row) for row in opened.subjects], terms)
    outcome = outcome_of(Request(), [_row(row) for row in opened.decisions], about_people=about_people)
    if outcome is None:
        return ""
    lines = {choice: _gathered(found, opened) for choice, found in _lines(opened).items()}
    values = {
        "given": _block(f"{_named(line)}\n\n{line.text}".rstrip() for line in lines[Decision.DISCLOSE]),
        "nothing held": _block(map(_named, lines[Decision.NOT_HELD])),
        "withheld": _block([*map(_reasoned, _withheld(opened)), *_others_withheld(opened)]),
        "searched on": _last_search(opened),
        "whole": "",
        **_not_told(opened),
    }
    codes = {row.refusal_code for row in opened.decisions}
    if outcome is Outcome.REFUSED and len(codes) == 1:
        return written_by(REDIRECTS.get(codes.pop(), ANSWERS[outcome]), opened, values)
    return written_by(ANSWERS[outcome], opened, values)


def refusal(opened: OpenedRequest, code: str) -> str:
    """The refusal of the whole request, which names no person and says nothing of what is held."""
    values = {"withheld": _reasoned(Withheld(REFUSALS[code], [])), "whole": "yes", "nothing held": ""}
    return written_by(REDIRECTS.get(code, "REFUSAL"), opened, {**values, "searched on": ""})


def acknowledgement(opened: OpenedRequest) -> str:
    """That the request is here, and no more: it is written before anybody was verified."""
    case = opened.request
    values = {
        "received on": _london(case.received_at),
        "how it came": case.get_channel_display().lower(),
        "missing": _listed(checklist(opened)),
    }
    return written_by("ACKNOWLEDGEMENT", opened, values)


def request_for_paper(opened: OpenedRequest) -> str:
    """What we write when we wait for paper: a form to be corrected, or the form behind an emergency."""
    case, instrument = opened.request, opened.instrument
    if case.state == State.EMERGENCY_RELEASED:
        return written_by("PAPER", opened, {"received on": _london(case.received_at)})
    returned = next((step for step in opened.steps if step.target == State.RETURNED), None)
    old_law = instrument is not None and instrument.code == "P-LEG98"
    route = REFUSALS["R-CDROUTE"]
    communications = any(item.catalogued.comms is not Comms.NOT_COMMS for item in opened.items)
    values = {
        "reason": returned.reason if returned else "",
        "repealed law": "yes" if old_law else "",
        "present law": _present_law(instrument.terms) if instrument and old_law else "",
        "law as typed": instrument.statute_typed if instrument and old_law else "",
        "missing": _listed(checklist(opened)),
        "communications data": f"{route.words} {route.way_on}" if communications else "",
    }
    return written_by("RETURN", opened, values)


def checklist(opened: OpenedRequest) -> tuple[str, ...]:
    """What the form leaves out, in the form's own words."""
    officers = {part: _row(officer) for part, officer in opened.officers.items()}
    subjects, items = [_row(row) for row in opened.subjects], [_row(row) for row in opened.items]
    instrument = _row(opened.instrument) if opened.instrument else None
    return missing_to_review(Form(_row(opened.request), subjects, items, officers, instrument))


def written_by(code: str, opened: OpenedRequest, values: Mapping[str, str]) -> str:
    """By the office's wording of this letter, or the house's."""
    case, officer = opened.request, opened.officers.get(Officer.Part.REQUESTER)
    shared = {
        "dear": officer.name if officer and officer.name else "Sir or Madam",
        "date of request": british(case.dated_on) if case.dated_on else "",
        "our reference": case.reference,
        "your reference": case.crime_reference,
        "law": law_to_cite(opened.instrument.terms) if opened.instrument else "",
        "internal review": "" if _is_compulsory(opened) else "yes",
        "company": controller().name,
    }
    return written(wording_in_force(code).text, {**shared, **values})


def _is_compulsory(opened: OpenedRequest) -> bool:
    return opened.instrument is not None and not opened.instrument.terms.voluntary


def _listed(lines: Iterable[str]) -> str:
    return "\n".join(f"- {words}" for words in lines)


def _present_law(terms: Terms) -> str:
    return "; ".join(f"{row.statute} ({row.name[0].lower()}{row.name[1:]})" for row in present_law_of(terms))


def _block(paragraphs: Iterable[str]) -> str:
    return "\n\n".join(paragraphs)


def _named(line: Line) -> str:
    return f"{line.item}\nAbout: {line.person}"


def _reasoned(group: Withheld) -> str:
    why = f"Why: {group.refusal.words} ({group.refusal.code})\nWhat you can do: {group.refusal.way_on}"
    return _block([*map(_named, group.lines), why])


def _last_search(opened: OpenedRequest) -> str:
    last = max((record.searched_at for record in opened.records if record.searched_at), default=None)
    return _london(last) if last else ""


def _not_told(opened: OpenedRequest) -> dict[str, str]:
    case = opened.request
    who = "the person" if len(opened.subjects) == 1 else "the people"
    review_on = case.do_not_notify_review_on
    return {
        "whom not to tell": who if case.do_not_notify else "",
        "look again on": british(review_on) if case.do_not_notify and review_on else "",
    }


def _lines(opened: OpenedRequest) -> Mapping[str, list[Line]]:
    found: dict[str, list[Line]] = {choice: [] for choice in Decision.values}
    for row, line in _in_order(opened):
        found[row.decision].append(line)
    return found


def _gathered(lines: list[Line], opened: OpenedRequest) -> list[Line]:
    """A letter names a few people; of a long list it counts them, and the lines stand in the file of results."""
    if len(opened.subjects) <= NAMED_IN_A_LETTER or not opened.request.own_submission:
        return lines
    people: dict[str, list[Line]] = {}
    for line in lines:
        people.setdefault(line.item, []).append(line)
    return [
        Line(
            item=item,
            person=f"{len(found):,} of the {len(opened.subjects):,} people; the file of results names each by your own reference",
            text="\n".join(dict.fromkeys(line.others for line in found if line.others)),
        )
        for item, found in people.items()
    ]


def _withheld(opened: OpenedRequest) -> list[Withheld]:
    """What is not given, gathered by the reason."""
    codes: dict[str, list[Line]] = {}
    for row, line in _in_order(opened):
        if row.decision == Decision.WITHHOLD:
            codes.setdefault(row.refusal_code, []).append(line)
    return [Withheld(REFUSALS[code], _gathered(lines, opened)) for code, lines in codes.items()]


def _others_withheld(opened: OpenedRequest) -> list[str]:
    """The parts that show somebody else, were asked for and are not given."""
    lines = [line for row, line in _in_order(opened) if row.others == Others.WITHHOLD]
    if not lines:
        return []
    why = "Why: this part shows another person, and what you told us does not justify giving it."
    return [_block([*map(_named, _gathered(lines, opened)), why])]


def _in_order(opened: OpenedRequest) -> list[tuple[Opened, Line]]:
    people = {subject.pk: (subject.position, person_words(subject)) for subject in opened.subjects}
    things = {item.pk: (item.position, item_words(item)) for item in opened.items}
    rows = sorted(opened.decisions, key=lambda row: (people[row.subject_id][0], things[row.item_id][0]))
    return [
        (row, Line(things[row.item_id][1], people[row.subject_id][1], _given(row), others_words(row)))
        for row in rows
    ]


def _given(row: Opened) -> str:
    return "\n".join(text for text in (row.text, others_words(row)) if text)


def others_words(row: Opened) -> str:
    """What an answer says of the part of an item that shows somebody else."""
    if row.others == Others.DISCLOSE:
        return f"About another person: {row.others_text}"
    return OTHERS_WORDS.get(row.others, "")


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


def _london(moment: datetime) -> str:
    return british(localdate(moment))


def rank_and_number(officer: Opened | None) -> str:
    if officer is None:
        return ""
    rank = RANKS[officer.rank].name if officer.rank in RANKS else ""
    return " ".join(word for word in (rank if " or " not in rank else "", officer.number) if word)
