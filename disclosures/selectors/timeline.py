"""What happened to a request, newest first, from the rows of the page that is open anyway."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count

from accounts.models import User
from accounts.roles import Role

from ..models import Delivery, Evidence, HoldTask, ItemDecision, Letter, Request
from ..states import Action
from ..words import STEP_WORDS
from .opening import Opened, OpenedRequest
from .sealed_places import Place, Trace, places_of, ref_of

AGAINST = frozenset({
    Action.RETURN, Action.SEND_BACK, Action.SEND_BACK_TO_TRIAGE, Action.VOID_APPROVAL, Action.OBJECTED, Action.STAND_DOWN,
    Action.REFUSE_RATIFICATION, Action.PAPER_NEVER_CAME, Action.NOT_RATIFIED_IN_TIME, Action.REPORT_WRONG_RELEASE, Action.OVERTURN,
})  # fmt: skip

LETTER_NAMES = {
    Letter.Purpose.RECEIPT: "The acknowledgement",
    Letter.Purpose.RETURN: "The letter for information",
    Letter.Purpose.OUTCOME: "The answer’s letter",
    Letter.Purpose.PRESERVED: "The letter on what is kept",
    Letter.Purpose.REVIEW: "The letter on the review",
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
    trace: Trace | None = None
    place: Place | None = None


def timeline(
    opened: OpenedRequest,
    request: Request,
    holds: Iterable[HoldTask] = (),
    decided: Iterable[ItemDecision] | None = None,
) -> list[Happening]:
    """Of two things of the same instant, the step stands above the work that led to it. Each with its place in the log.

    `decided`: every decision of the request with its person, where a page has read them.
    """
    happened = [
        *_steps(opened.steps),
        *_letters(opened.letters),
        *(_decisions(request) if decided is None else _made(decided)),
        *_assessments(opened.assessments),
        *_opinions(opened.opinions),
        *_applications(opened.applications),
        *_deliveries(opened.deliveries),
        *_searches(opened.records),
        *_holds(holds),
        *_evidence(opened.evidence),
        *_exclusions(opened.exclusions),
        *_on_file(opened),
        *_told(opened.told),
        _recorded(opened.request),
    ]
    traces = [happening.trace or Trace("", "", happening.at) for happening in happened]
    placed = [
        replace(happening, place=place)
        for happening, place in zip(happened, places_of(request, traces), strict=True)
    ]
    return sorted(placed, key=lambda happening: happening.at, reverse=True)


def _trace(event: str, by: object, at: datetime) -> Trace:
    return Trace(event, ref_of(by), at)


def _steps(steps: Iterable[Opened]) -> Iterator[Happening]:
    for step in steps:
        action = Action(step.action)
        look = "refused" if action in AGAINST else "decided" if step.act else ""
        yield Happening(
            step.at,
            STEP_WORDS[action].done,
            _name(step.actor),
            _role(step.role),
            step.reason,
            look,
            trace=Trace("request.step_taken", ref_of(step.actor), step.at, step.version),
        )


def _letters(letters: Iterable[Opened]) -> Iterator[Happening]:
    for letter in letters:
        name = LETTER_NAMES[letter.purpose]
        if letter.sent_at:
            words = f"{name} sent: {letter.get_sent_channel_display()}"
            sent = _trace("letter.sent", letter.sent_by, letter.sent_at)
            yield Happening(letter.sent_at, words, _name(letter.sent_by), text=letter.sent_to, trace=sent)
        drafted = _trace("letter.prepared", letter.prepared_by, letter.prepared_at)
        yield Happening(letter.prepared_at, f"{name} drafted", _name(letter.prepared_by), trace=drafted)


def _decisions(request: Request) -> Iterator[Happening]:
    """Those made together are one thing that happened. Counted in the database: a page opens a few of many people."""
    rows = ItemDecision.objects.filter(request=request).values_list("decided_at", "decided_by")
    made = list(rows.annotate(count=Count("id")).order_by("decided_at"))
    people = User.objects.in_bulk({person for _, person, _ in made})
    yield from _together((at, people[who], count) for at, who, count in made)


def _made(decided: Iterable[ItemDecision]) -> Iterator[Happening]:
    """As `_decisions`, from rows that are read anyway."""
    people = {row.decided_by_id: row.decided_by for row in decided}
    counted = Counter((row.decided_at, row.decided_by_id) for row in decided)
    yield from _together((at, people[who], count) for (at, who), count in sorted(counted.items()))


def _together(made: Iterable[tuple[datetime, User, int]]) -> Iterator[Happening]:
    for at, person, count in made:
        words = "1 item decided" if count == 1 else f"{count} items decided"
        yield Happening(at, words, _name(person), trace=_trace("items.decided", person, at))


def _assessments(assessments: Iterable[Opened]) -> Iterator[Happening]:
    for row in assessments:
        verdict = "support" if row.supports_disclosure else "do not support"
        words = f"Tests answered; they {verdict} disclosure"
        trace = _trace("tests.recorded", row.recorded_by, row.recorded_at)
        yield Happening(row.recorded_at, words, _name(row.recorded_by), trace=trace)


def _told(rows: Iterable[Opened]) -> Iterator[Happening]:
    """What was proposed with the end of a secrecy stands in that one's entry."""
    for row in rows:
        asked = "secrecy.ended" if row.ground == "SECRECY_ENDED" else "notice.proposed"
        event = {"TOLD": "notice.told", "NOT_TOLD": "notice.not_told"}.get(row.what, asked)
        words = {"TOLD": "The person was told", "NOT_TOLD": "The person is not told"}.get(
            row.what, "To be considered: whether the person is told"
        )
        trace = _trace(event, row.recorded_by, row.made_at)
        yield Happening(row.made_at, words, _name(row.recorded_by), text=row.words, trace=trace)


def _applications(applications: Iterable[Opened]) -> Iterator[Happening]:
    for row in applications:
        words = f"Application to the court recorded: {row.get_wanted_display().lower()}"
        yield Happening(row.recorded_at, words, _name(row.recorded_by), text=f"{row.court}: {row.grounds}")


def _deliveries(deliveries: Iterable[Opened]) -> Iterator[Happening]:
    """Being sent is told by the letter or the message itself."""
    for row in deliveries:
        if row.stage != Delivery.Stage.SENT or row.reason != "Recorded as sent.":
            what = "A letter" if row.letter_id else "A message"
            words = f"{what}: {row.get_stage_display().lower()}"
            look = "refused" if row.came_back else ""
            yield Happening(row.recorded_at, words, _name(row.recorded_by), text=row.reason, look=look)


def _opinions(opinions: Iterable[Opened]) -> Iterator[Happening]:
    for opinion in opinions:
        advice = "in favour" if opinion.in_favour else "against"
        words = f"Opinion given, {advice}"
        yield Happening(
            opinion.given_at,
            words,
            _name(opinion.given_by),
            opinion.get_by_role_display(),
            trace=_trace("opinion.recorded", opinion.given_by, opinion.given_at),
        )


def _searches(records: Iterable[Opened]) -> Iterator[Happening]:
    """A search task once when it was asked for and once when it was answered, whatever its rows."""
    tasks = {record.task_id: record for record in records}
    for record in tasks.values():
        task = record.task
        asked = _trace("search.asked", task.asked_by, task.asked_at)
        yield Happening(
            task.asked_at, f"Search asked for: {task.system.name}", _name(task.asked_by), trace=asked
        )
        if task.completed_at:
            words = f"Search answered: {task.system.name}"
            found = _trace("search.recorded", record.searched_by, task.completed_at)
            yield Happening(task.completed_at, words, _name(record.searched_by), trace=found)


def _holds(holds: Iterable[HoldTask]) -> Iterator[Happening]:
    for task in holds:
        name = task.system.name
        asked = _trace("hold.asked", task.asked_by, task.asked_at)
        yield Happening(task.asked_at, f"Hold asked for: {name}", _name(task.asked_by), trace=asked)
        if task.confirmed_at:
            said = _trace("hold.confirmed", task.confirmed_by, task.confirmed_at)
            yield Happening(
                task.confirmed_at, f"Hold confirmed: {name}", _name(task.confirmed_by), trace=said
            )
        if task.ended_at:
            ended = _trace("hold.ended", None, task.ended_at)
            yield Happening(task.ended_at, f"Hold ended: {name}", _name(None), trace=ended)


def _evidence(evidence: Iterable[Opened]) -> Iterator[Happening]:
    for check in evidence:
        words = f"{Evidence.Code(check.code).label}: {'it holds' if check.passed else 'it does not hold'}"
        yield Happening(
            check.at,
            words,
            _name(check.recorded_by),
            text=check.note,
            look="" if check.passed else "refused",
            trace=_trace("evidence.recorded", check.recorded_by, check.at),
        )


def _exclusions(exclusions: Iterable[Opened]) -> Iterator[Happening]:
    for row in exclusions:
        words = f"{row.user.display_name} excluded"
        trace = _trace("person.excluded", row.excluded_by, row.excluded_at)
        yield Happening(row.excluded_at, words, _name(row.excluded_by), text=row.reason, trace=trace)


def _on_file(opened: OpenedRequest) -> Iterator[Happening]:
    for document in opened.documents:
        words = f"Document attached: {document.get_purpose_display()}"
        trace = _trace("document.attached", document.attached_by, document.attached_at)
        yield Happening(
            document.attached_at, words, _name(document.attached_by), text=document.name, trace=trace
        )
    for row in opened.correspondence:
        words = f"{row.get_direction_display()}: {row.get_channel_display().lower()}, {row.with_whom}"
        trace = _trace("correspondence.recorded", row.recorded_by, row.recorded_at)
        yield Happening(row.at, words, _name(row.recorded_by), text=row.words, trace=trace)
    for said in opened.read_out:
        words = f"Read out to {said.read_to} on {said.number}"
        trace = _trace("request.step_taken", said.recorded_by, said.read_at)
        yield Happening(said.read_at, words, _name(said.recorded_by), text=said.words, trace=trace)
    for message in opened.messages:
        whose = "Message from the company" if message.from_company else "Message to the company"
        trace = _trace("message.written", message.written_by, message.written_at)
        yield Happening(message.written_at, whose, _name(message.written_by), text=message.words, trace=trace)
    for comment in opened.comments:
        trace = _trace("comment.written", comment.written_by, comment.written_at)
        yield Happening(
            comment.written_at, "Comment", _name(comment.written_by), text=comment.words, trace=trace
        )


def _recorded(request: Opened) -> Happening:
    """The first version of the request, whatever happened to the day on which it counts as received."""
    first = Trace("request.recorded", ref_of(request.recorded_by), request.recorded_at, version=1)
    return Happening(request.recorded_at, "Recorded", _name(request.recorded_by), trace=first)


def _name(user: User | None) -> str:
    return user.display_name if user else "The clock"


def _role(role: str) -> str:
    return Role(role).label if role in set(Role) else ""
