"""What a company of the group sees of its own requests: what it asked, where that stands, and the answer when it is out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Subquery

from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from accounts.selectors import group_ids_of

from ..catalogue import PURPOSES, REFUSALS
from ..models import ItemDecision, Letter, Request, RequestGroupGrant
from ..permissions import permission_ids
from ..states import Outcome, Perm, State
from .letter_text import item_words, others_words
from .opening import Opened, OpenedRequest

ROWS = 25
LOOKING = "We are looking at it"
WORDS: Mapping[State, str] = {
    State.DRAFT: "Draft, not sent yet",
    State.RETURNED: "We need something from you",
    State.RELEASED: "Answered",
    State.BREACH_ASSESSMENT: "Answered",
    State.TRANSFERRED: "Passed on",
    State.WITHDRAWN: "Withdrawn",
    State.EXPIRED: "Ended",
    State.UNDER_APPEAL: "We are looking at the decision again",
}
ENDINGS: Mapping[str, str] = {
    Outcome.WITHDRAWN: "Withdrawn",
    Outcome.TRANSFERRED: "Passed on",
    Outcome.EXPIRED: "Ended",
}


def company_of(user: User, now: datetime) -> Organisation | None:
    """The company this person writes for; the first by name if there are several."""
    held = Membership.objects.valid_at(now).filter(user=user, role=Role.GROUP_SUBMITTER)
    row = held.select_related("organisation").order_by("organisation__name").first()
    return row.organisation if row else None


@dataclass(frozen=True, slots=True)
class OwnRow:
    reference: str
    made_at: datetime
    purpose: str
    words: str


def words_for(request: Request, *, answered: bool) -> str:
    """Where it stands, for those who asked; what the desk does meanwhile is one and the same to them."""
    state = State(request.state)
    if state is State.CLOSED:
        return ENDINGS.get(request.outcome, "Answered")
    if state is State.REFUSED:
        return "Answered" if answered else LOOKING
    return WORDS.get(state, LOOKING)


def own_requests(user: User, now: datetime, before: str) -> tuple[list[OwnRow], str]:
    """One page, the latest first, and behind which request the next begins. The references drive it: a company sees few of many."""
    follow = permission_ids()[Perm.FOLLOW]
    mine = RequestGroupGrant.objects.filter(permission_id=follow, group_id__in=group_ids_of(user, now))
    rows = Request.objects.filter(reference__in=mine.values("content_object_id"), own_submission=True)
    if before:
        rows = rows.filter(pk__lt=Subquery(rows.filter(reference=before).values("pk")))
    page = list(rows.order_by("-pk")[: ROWS + 1])
    shown = page[:ROWS]
    sent = set(_answers().filter(request__in=shown).values_list("request_id", flat=True))
    found = [
        OwnRow(
            reference=request.reference,
            made_at=request.recorded_at,
            purpose=PURPOSES[request.policy_purpose].name if request.policy_purpose in PURPOSES else "",
            words=words_for(request, answered=request.pk in sent),
        )
        for request in shown
    ]
    return found, shown[-1].reference if len(page) > len(shown) else ""


def _answers() -> QuerySet[Letter]:
    return Letter.objects.filter(purpose=Letter.Purpose.OUTCOME, sent_at__isnull=False)


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One item of one person, as the company reads it."""

    own_reference: str
    position: int
    item: str
    decision: str
    text: str
    reason: str


def names_of(opened: OpenedRequest) -> list[tuple[str, str]]:
    """Of each person the company's own reference and the name, as the list has them."""
    return [(row.own_reference, row.name) for row in opened.subjects]


DECISIONS: Mapping[str, str] = {
    ItemDecision.Decision.DISCLOSE: "Given",
    ItemDecision.Decision.WITHHOLD: "Not given",
    ItemDecision.Decision.NOT_HELD: "Not held",
    ItemDecision.Decision.NEITHER: "Neither confirmed nor denied",
}


def answer_of(opened: OpenedRequest) -> Opened | None:
    """The answer's letter, once it has gone."""
    sent = [
        letter for letter in opened.letters if letter.purpose == Letter.Purpose.OUTCOME and letter.sent_at
    ]
    return sent[-1] if sent else None


def answer_has_gone(request: Request) -> bool:
    """Whether the answer's letter was sent; asked without opening anything."""
    return Letter.objects.filter(
        request=request, purpose=Letter.Purpose.OUTCOME, sent_at__isnull=False
    ).exists()


def question_of(opened: OpenedRequest) -> Opened | None:
    """The letter that asks for more, while the request waits for it."""
    if opened.request.state != State.RETURNED:
        return None
    asked = [
        letter for letter in opened.letters if letter.purpose == Letter.Purpose.RETURN and letter.sent_at
    ]
    return asked[-1] if asked else None


def result_lines(opened: OpenedRequest) -> Iterator[ResultLine]:
    """Person by person, item by item; nothing before the answer has gone."""
    if answer_of(opened) is None:
        return
    made = {(row.subject_id, row.item_id): row for row in opened.decisions}
    for subject in opened.subjects:
        for item in opened.items:
            row = made.get((subject.pk, item.pk))
            code = row.refusal_code if row else opened.request.refusal_code
            refusal = REFUSALS.get(code)
            yield ResultLine(
                own_reference=subject.own_reference,
                position=subject.position,
                item=item_words(item),
                decision=DECISIONS[row.decision] if row else "Not given",
                text=_information(row) if row else "",
                reason=f"{refusal.words} {refusal.way_on} ({refusal.code})" if refusal else "",
            )


def _information(row: Opened) -> str:
    if row.decision != ItemDecision.Decision.DISCLOSE:
        return ""
    return "\n".join(text for text in (row.text, others_words(row)) if text)


COLUMNS = ("your reference", "person", "item", "result", "information", "reason")


def result_rows(lines: Sequence[ResultLine]) -> list[tuple[str, ...]]:
    """The rows of the result file, in the order of `COLUMNS`."""
    return [
        (line.own_reference, str(line.position), line.item, line.decision, line.text, line.reason)
        for line in lines
    ]
