"""What is proposed, as one digest: an approval signs exactly this and nothing else."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models

from sealing.fields import Sealed

from ..models import Instrument, Item, ItemDecision, Letter, Officer, Request, Subject
from ..states import Outcome

REQUEST_COLUMNS = (
    "reference",
    "kind",
    "nation",
    "body_id",
    "return_channel",
    "return_address",
    "refusal_code",
    "round",
)


def outcome_of(request: Request, decisions: Sequence[ItemDecision]) -> Outcome | None:
    """Derived, never picked. None while nothing is decided."""
    made = {row.decision for row in decisions}
    found = made - {ItemDecision.Decision.NOT_HELD}
    if request.refusal_code and ItemDecision.Decision.DISCLOSE not in made:
        return Outcome.REFUSED
    if not made:
        return None
    if not found:
        return Outcome.NO_DATA_HELD
    if found == {ItemDecision.Decision.WITHHOLD}:
        return Outcome.REFUSED
    whole = found == {ItemDecision.Decision.DISCLOSE} and not any(
        row.others == ItemDecision.Others.WITHHOLD for row in decisions
    )
    return Outcome.DISCLOSED_FULL if whole else Outcome.DISCLOSED_PART


def proposal_digest(request: Request) -> str:
    """SHA-256, in hex, over everything an approval covers: subjects, items, decisions, recipient, instrument, letter.

    Sealed values go in by the digest of their ciphertext. That is authenticated and bound to its row,
    so an unchanged digest means an unchanged text; and nothing has to be opened to compare it.
    """
    letters = Letter.objects.filter(request=request, purpose=Letter.Purpose.OUTCOME, round=request.round)
    parts: list[Any] = [[_value(getattr(request, name)) for name in REQUEST_COLUMNS]]
    parts.append(_rows(Instrument.objects.filter(request=request)))
    parts.append(_rows(Officer.objects.filter(request=request)))
    parts.append(_rows(Subject.objects.filter(request=request)))
    parts.append(_rows(Item.objects.filter(request=request)))
    parts.append(_rows(ItemDecision.objects.filter(request=request)))
    parts.append(_rows(letters, ("seal_id", "recipient", "body")))
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def _rows(rows: "models.QuerySet[Any]", columns: Iterable[str] = ()) -> list[list[Any]]:
    names = tuple(columns) or tuple(field.attname for field in rows.model._meta.concrete_fields)
    return [[_value(getattr(row, name)) for name in names] for row in rows.order_by("pk")]


def _value(value: Any) -> Any:
    if isinstance(value, Sealed):
        return hashlib.sha256(value.blob).hexdigest()
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)
