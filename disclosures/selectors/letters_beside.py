"""The letters beside the answer: what is kept under a preservation request, and what came of a review."""

from collections.abc import Sequence

from django.utils.timezone import localdate

from accounts.days import british

from ..models import HoldLine, HoldTask, Instrument, Letter, Request
from ..states import Action
from .letter_text import NAMED_IN_A_LETTER, REVIEWING, item_words, person_words, round_of, written_by
from .opening import OpenedRequest

Result = HoldLine.Result


def preserved(opened: OpenedRequest) -> str:
    """By the lines of every hold that was confirmed; a long list is counted."""
    holds = HoldTask.objects.filter(request_id=opened.request.pk, confirmed_at__isnull=False)
    lines = list(HoldLine.objects.filter(task__in=holds).order_by("subject__position", "item__position"))
    kept = {(row.subject_id, row.item_id) for row in lines if row.result == Result.KEPT}
    others = {(row.subject_id, row.item_id) for row in lines} - kept
    until = max((hold.until_on for hold in holds), default=None)
    values = {
        "kept": _named(opened, kept),
        "kept until": british(until) if until else "",
        "nothing kept": _named(opened, others),
    }
    return written_by("PRESERVED", opened, values)


def reviewed(opened: OpenedRequest) -> str:
    """Of the last review; its reason is the reviewer's own, and whoever writes the letter reads it first."""
    step = next(step for step in opened.steps if step.action in REVIEWING)
    code = "REVIEW_UPHELD" if step.action == Action.UPHOLD else "REVIEW_OVERTURNED"
    return written_by(code, opened, {"reviewed on": british(localdate(step.at)), "reason": step.reason})


def nothing_to_tell(request: Request, purpose: str) -> list[tuple[str, str]]:
    """Why there is no such letter to write yet: (name of the rule, sentence)."""
    if purpose == Letter.Purpose.REVIEW and not round_of(request, purpose):
        return [
            (
                "there_was_a_review",
                "No review of this request has been decided, so there is nothing to tell of one.",
            )
        ]
    if purpose == Letter.Purpose.PRESERVED:
        return _nothing_kept(request)
    return []


def _nothing_kept(request: Request) -> list[tuple[str, str]]:
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    if instrument is None or not instrument.terms.preserves:
        return [("it_preserves", "The request does not ask that something be kept.")]
    if not HoldTask.objects.filter(request=request, confirmed_at__isnull=False).exists():
        sentence = (
            "No data holder has confirmed a hold yet. Ask that it be kept, and write once they have answered."
        )
        return [("a_hold_is_confirmed", sentence)]
    return []


def _named(opened: OpenedRequest, pairs: set[tuple[int, int]]) -> str:
    """A line for each thing of each person; of a long list, how many people each thing is of."""
    items = {item.pk: item_words(item) for item in opened.items}
    people = {subject.pk: person_words(subject) for subject in opened.subjects}
    if len(people) > NAMED_IN_A_LETTER:
        return "\n".join(_counted(items, pairs))
    return "\n".join(
        f"- {items[item]}, about {people[person]}"
        for person in people
        for item in items
        if (person, item) in pairs
    )


def _counted(items: dict[int, str], pairs: set[tuple[int, int]]) -> Sequence[str]:
    many = {item: sum(other == item for _, other in pairs) for item in items}
    return [f"- {words}, of {many[item]:,} people" for item, words in items.items() if many[item]]
