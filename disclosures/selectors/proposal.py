"""What is proposed, as one digest: an approval signs exactly this and nothing else."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models

from sealing.fields import Sealed

from ..catalogue import Instrument as Terms
from ..models import Instrument, Item, ItemDecision, Letter, Officer, Request, Subject
from ..states import Outcome

Decision = ItemDecision.Decision
# Made from the sealed columns beside them, and made anew when a request is restricted or opened.
# What is not asked for or decided: marks to find a row by, and what became of an earlier answer.
INDEXES = frozenset({"email_index", "number_index", "given_at"})
REQUEST_COLUMNS = (
    "reference",
    "kind",
    "nation",
    "body_id",
    "policy_purpose",
    "data_recipient",
    "transfer_abroad",
    "transfer_mechanism",
    "handling",
    "do_not_notify",
    "return_channel",
    "return_address",
    "refusal_code",
    "round",
)


def outcome_of(
    request: Request, decisions: Sequence[ItemDecision], *, about_people: bool = True
) -> Outcome | None:
    """Derived, never picked. None while nothing is decided.

    `about_people`: False for a voluntary request that names organisations alone; it asks for no personal data.
    """
    made = {row.decision for row in decisions}
    found = made - {Decision.NOT_HELD}
    if request.refusal_code and Decision.DISCLOSE not in made:
        return Outcome.REFUSED
    if not about_people:
        return Outcome.NOT_PERSONAL_DATA
    if not made:
        return None
    if not found:
        return Outcome.NO_DATA_HELD
    if found == {Decision.NEITHER}:
        return Outcome.NCND
    if Decision.DISCLOSE not in found:
        return Outcome.REFUSED
    whole = found == {Decision.DISCLOSE} and not any(
        row.others == ItemDecision.Others.WITHHOLD for row in decisions
    )
    return Outcome.DISCLOSED_FULL if whole else Outcome.DISCLOSED_PART


def is_about_people(subjects: Iterable[Subject], terms: Terms | None) -> bool:
    """Whether anybody but organisations is named. An order or a notice is answered whomever it names."""
    types = {subject.type for subject in subjects}
    return types != {Subject.Type.ORGANISATION} or (terms is not None and not terms.voluntary)


def proposal_digest(request: Request) -> str:
    """SHA-256, in hex, over everything an approval covers: subjects, items, decisions, recipient, instrument, letter.

    Sealed values go in by the digest of their ciphertext. That is authenticated and bound to its row,
    so an unchanged digest means an unchanged text; and nothing has to be opened to compare it.
    """
    letters = Letter.objects.filter(request=request, purpose=Letter.Purpose.OUTCOME, round=request.round)
    parts: list[Any] = [[_value(getattr(request, name)) for name in REQUEST_COLUMNS]]
    parts.append([_terms_of(row) for row in Instrument.objects.filter(request=request).order_by("pk")])
    parts.append(_rows(Officer.objects.filter(request=request)))
    parts.append(_rows(Subject.objects.filter(request=request)))
    parts.append(_rows(Item.objects.filter(request=request)))
    parts.append(_rows(ItemDecision.objects.filter(request=request)))
    parts.append(_rows(letters, ("seal_id", "recipient", "body")))
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def _terms_of(row: Instrument) -> list[Any]:
    """The document, with the version of the catalogue's row by which it is read: a new one asks for a new proposal."""
    names = {field.attname for field in row._meta.concrete_fields} - {"catalogue_version", "terms_pinned_at"}
    version = row.catalogue_version if row.terms_pinned_at else row.terms.version
    return [version, *(_value(getattr(row, name)) for name in sorted(names))]


def _rows(rows: "models.QuerySet[Any]", columns: Iterable[str] = ()) -> list[list[Any]]:
    names = tuple(columns) or tuple(
        field.attname for field in rows.model._meta.concrete_fields if field.attname not in INDEXES
    )
    return [[_value(getattr(row, name)) for name in names] for row in rows.order_by("pk")]


def _value(value: Any) -> Any:
    if isinstance(value, Sealed):
        return hashlib.sha256(value.blob).hexdigest()
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)
