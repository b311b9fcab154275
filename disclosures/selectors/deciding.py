"""What the guards may know of the decision: the advice, the conditions, and whether it was reviewed before."""

from collections.abc import Iterable, Sequence

from sealing.fields import sealed_of

from ..catalogue import ITEM_TYPES
from ..facts import DecidingFacts
from ..models import Assessment, Delivery, Item, ItemDecision, Letter, Opinion, Request, Step, Subject
from ..states import Action

OPINION_WORDS = {
    "DPO": "data protection officer",
    "MLRO": "money laundering reporting officer",
    "COUNSEL": "company’s counsel",
}


def asks_for_special(request: Request, item_types: Iterable[str]) -> bool:
    """Special category or criminal-offence data: by the form's own word or by what the items are."""
    classed = (ITEM_TYPES[code] for code in item_types)
    return bool(request.special_category_sought) or any(kind.art9 or kind.art10 for kind in classed)


def deciding_facts(
    request: Request,
    subjects: Sequence[Subject],
    items: Sequence[Item],
    decisions: Sequence[ItemDecision],
    assessment: Assessment | None,
    opinions: Sequence[Opinion],
    steps: Sequence[Step],
    applied_to_court: bool,
    letter: Letter | None,
) -> DecidingFacts:
    """From rows that are read anyway. `opinions` come oldest first: of each adviser's the latest counts."""
    disclosed = {row.item_id for row in decisions if row.decision == ItemDecision.Decision.DISCLOSE}
    types = [item.item_type for item in items if item.pk in disclosed]
    latest = {opinion.by_role: opinion for opinion in opinions}
    against = (OPINION_WORDS[role] for role, opinion in latest.items() if not opinion.in_favour)
    return DecidingFacts(
        special_disclosed=bool(disclosed) and asks_for_special(request, types),
        condition_named=assessment is not None
        and assessment.condition not in {"", Assessment.Condition.NONE},
        advice_against=tuple(sorted(against)),
        advised_by=frozenset(row.given_by_id for row in opinions if row.by_role != Opinion.By.COUNSEL),
        recorded_outcome=request.outcome,
        withheld_codes=tuple(
            sorted(
                {row.refusal_code for row in decisions if row.refusal_code} | ({request.refusal_code} - {""})
            )
        ),
        neither_confirmed=sum(row.decision == ItemDecision.Decision.NEITHER for row in decisions),
        applied_to_court=applied_to_court,
        answer_came_back=_came_back(letter),
        reviews_asked=sum(step.action == Action.APPEAL for step in steps),
        erased=tuple(row.position for row in subjects if _nothing_is_left(row)),
    )


def _nothing_is_left(person: Subject) -> bool:
    """Whoever was recorded has one of these at least; the erasing of one person takes them all, with the key."""
    return all(getattr(person, name) is None for name in sealed_of(Subject))


def _came_back(letter: Letter | None) -> bool:
    if letter is None or letter.sent_at is None:
        return False
    newest = Delivery.objects.filter(letter=letter).order_by("-id").first()
    return newest is not None and newest.came_back
