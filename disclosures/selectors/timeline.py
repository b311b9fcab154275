"""What happened to a request, newest first, from the rows of the page that is open anyway."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.roles import Role

from ..models import Evidence, Letter
from ..states import Action
from ..words import STEP_WORDS
from .opening import Opened, OpenedRequest

AGAINST = frozenset({
    Action.RETURN, Action.SEND_BACK, Action.SEND_BACK_TO_TRIAGE, Action.VOID_APPROVAL, Action.STAND_DOWN,
    Action.REFUSE_RATIFICATION, Action.PAPER_NEVER_CAME, Action.NOT_RATIFIED_IN_TIME, Action.REPORT_WRONG_RELEASE, Action.OVERTURN,
})  # fmt: skip

LETTER_NAMES = {
    Letter.Purpose.RECEIPT: "The acknowledgement",
    Letter.Purpose.RETURN: "The letter for information",
    Letter.Purpose.OUTCOME: "The answer’s letter",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """`look`: "decided" for a deciding act, "refused" for what goes against it, else empty."""

    at: datetime
    words: str
    person: str
    role: str = ""
    text: str = ""
    look: str = ""


def timeline(opened: OpenedRequest) -> list[Happening]:
    """Of two things of the same instant, the step stands above the work that led to it."""
    happened = [
        *_steps(opened.steps),
        *_letters(opened.letters),
        *_decisions(opened.decisions),
        *_assessments(opened.assessments),
        *_opinions(opened.opinions),
        *_searches(opened.records),
        *_evidence(opened.evidence),
        *_exclusions(opened.exclusions),
        *_on_file(opened),
        _recorded(opened.request),
    ]
    return sorted(happened, key=lambda happening: happening.at, reverse=True)


def _steps(steps: Iterable[Opened]) -> Iterator[Happening]:
    for step in steps:
        action = Action(step.action)
        look = "refused" if action in AGAINST else "decided" if step.act else ""
        yield Happening(
            step.at, STEP_WORDS[action].done, _name(step.actor), _role(step.role), step.reason, look
        )


def _letters(letters: Iterable[Opened]) -> Iterator[Happening]:
    for letter in letters:
        name = LETTER_NAMES[letter.purpose]
        if letter.sent_at:
            words = f"{name} sent: {letter.get_sent_channel_display()}"
            yield Happening(letter.sent_at, words, _name(letter.sent_by), text=letter.sent_to)
        yield Happening(letter.prepared_at, f"{name} drafted", _name(letter.prepared_by))


def _decisions(decisions: Iterable[Opened]) -> Iterator[Happening]:
    """Those made together are one thing that happened."""
    made: dict[tuple[datetime, str], int] = {}
    for decision in decisions:
        key = (decision.decided_at, _name(decision.decided_by))
        made[key] = made.get(key, 0) + 1
    for (at, person), count in made.items():
        yield Happening(at, "1 item decided" if count == 1 else f"{count} items decided", person)


def _assessments(assessments: Iterable[Opened]) -> Iterator[Happening]:
    for row in assessments:
        verdict = "support" if row.supports_disclosure else "do not support"
        yield Happening(row.recorded_at, f"Tests answered; they {verdict} disclosure", _name(row.recorded_by))


def _opinions(opinions: Iterable[Opened]) -> Iterator[Happening]:
    for opinion in opinions:
        advice = "in favour" if opinion.in_favour else "against"
        words = f"Opinion given, {advice}"
        yield Happening(opinion.given_at, words, _name(opinion.given_by), opinion.get_by_role_display())


def _searches(records: Iterable[Opened]) -> Iterator[Happening]:
    """A search task once when it was asked for and once when it was answered, whatever its rows."""
    tasks = {record.task_id: record for record in records}
    for record in tasks.values():
        task = record.task
        yield Happening(task.asked_at, f"Search asked for: {task.system.name}", _name(task.asked_by))
        if task.completed_at:
            words = f"Search answered: {task.system.name}"
            yield Happening(task.completed_at, words, _name(record.searched_by))


def _evidence(evidence: Iterable[Opened]) -> Iterator[Happening]:
    for check in evidence:
        words = f"{Evidence.Code(check.code).label}: {'it holds' if check.passed else 'it does not hold'}"
        yield Happening(
            check.at, words, _name(check.recorded_by), text=check.note, look="" if check.passed else "refused"
        )


def _exclusions(exclusions: Iterable[Opened]) -> Iterator[Happening]:
    for row in exclusions:
        words = f"{row.user.display_name} excluded"
        yield Happening(row.excluded_at, words, _name(row.excluded_by), text=row.reason)


def _on_file(opened: OpenedRequest) -> Iterator[Happening]:
    for document in opened.documents:
        words = f"Document attached: {document.get_purpose_display()}"
        yield Happening(document.attached_at, words, _name(document.attached_by), text=document.name)
    for row in opened.correspondence:
        words = f"{row.get_direction_display()}: {row.get_channel_display().lower()}, {row.with_whom}"
        yield Happening(row.at, words, _name(row.recorded_by), text=row.words)
    for said in opened.read_out:
        words = f"Read out to {said.read_to} on {said.number}"
        yield Happening(said.read_at, words, _name(said.recorded_by), text=said.words)
    for message in opened.messages:
        whose = "Message from the company" if message.from_company else "Message to the company"
        yield Happening(message.written_at, whose, _name(message.written_by), text=message.words)
    for comment in opened.comments:
        yield Happening(comment.written_at, "Comment", _name(comment.written_by), text=comment.words)


def _recorded(request: Opened) -> Happening:
    return Happening(request.recorded_at, "Recorded", _name(request.recorded_by))


def _name(user: User | None) -> str:
    return user.display_name if user else "The clock"


def _role(role: str) -> str:
    return Role(role).label if role in set(Role) else ""
