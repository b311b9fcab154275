"""Whoever did it and when it was done stand in a row together or not at all, and the database says so."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import models

from sealing.fields import SealedField

from .ours import our_models

pytestmark = pytest.mark.django_db

Pair = tuple[type[models.Model], str]


def pairs() -> Iterator[Pair]:
    """(model, stem) wherever `stem_at` and `stem_by` both are columns."""
    for model in our_models():
        names = {field.name for field in model._meta.concrete_fields}
        yield from (
            (model, name[:-3])
            for name in sorted(names)
            if name.endswith("_at") and f"{name[:-3]}_by" in names
        )


def may_be_empty(model: type[models.Model], stem: str) -> bool:
    return model._meta.get_field(f"{stem}_at").null or model._meta.get_field(f"{stem}_by").null


# Neither column may be empty, so no row can hold half of it.
ALWAYS_WHOLE = {
    ("AccessRequest", "recorded"),
    ("AccessTold", "told"),
    ("AccessDisposal", "proposed"),
    ("AddresseeAnswer", "answered"),
    ("LetterMail", "queued"),
    ("Cost", "recorded"),
    ("Assessment", "recorded"),
    ("CallAttempt", "recorded"),
    ("Comment", "written"),
    ("Correspondence", "recorded"),
    ("CourtApplication", "recorded"),
    ("Delivery", "recorded"),
    ("CreditApplication", "recorded"),
    ("Document", "attached"),
    ("Exclusion", "excluded"),
    ("SecrecyEnd", "proposed"),
    ("Extension", "given"),
    ("ItemDecision", "decided"),
    ("Letter", "prepared"),
    ("Message", "written"),
    ("LetterWording", "written"),
    ("Opinion", "given"),
    ("ReadOut", "recorded"),
    ("Request", "recorded"),
    ("RequestLink", "linked"),
    ("AgencyNotice", "recorded"),
    ("PeriodEvent", "recorded"),
    ("InterestReview", "reviewed"),
    ("PartnerConsent", "recorded"),
    ("SchemePermission", "recorded"),
    ("SearchTask", "asked"),
    ("HoldTask", "asked"),
    ("Verification", "asked"),
    ("AuditPack", "asked"),
    ("Clearance", "given"),
    ("ClearanceEnd", "ended"),
    ("InterceptionClearance", "given"),
    ("InterceptionClearanceEnd", "ended"),
    ("Disposal", "proposed"),
}
CHECKED = {
    ("SecrecyEnd", "decided"),
    ("LetterMail", "called_back"),
    ("AccessRequest", "identity"),
    ("AccessRequest", "extended"),
    ("AccessRequest", "considered"),
    ("AccessRequest", "proposed"),
    ("AccessRequest", "approved"),
    ("AccessRequest", "closed"),
    ("AccessHold", "lifted"),
    ("AccessDisposal", "confirmed"),
    ("AccessDisposal", "withdrawn"),
    ("InstrumentStanding", "off"),
    ("InstrumentStanding", "signed"),
    ("Letter", "sent"),
    ("SearchRecord", "searched"),
    ("SearchTask", "completed"),
    ("HoldTask", "confirmed"),
    ("Disposal", "confirmed"),
    ("Disposal", "withdrawn"),
    ("LegalHold", "lifted"),
}


def test_every_pair_is_known() -> None:
    found = {(model.__name__, stem): may_be_empty(model, stem) for model, stem in pairs()}
    assert {pair for pair, empty in found.items() if not empty} == ALWAYS_WHOLE
    assert {pair for pair, empty in found.items() if empty} == CHECKED


@pytest.mark.parametrize(
    ("model", "stem"),
    [pytest.param(*pair, id=f"{pair[0].__name__}.{pair[1]}") for pair in pairs() if may_be_empty(*pair)],
)
def test_half_a_pair_is_refused_whatever_else_the_row_holds(model: type[models.Model], stem: str) -> None:
    at, by = f"{stem}_at", f"{stem}_by"
    constraints = [
        c for c in model._meta.constraints if isinstance(c, models.CheckConstraint) and {at, by} <= _named(c)
    ]
    assert constraints, f"no CheckConstraint names {at} and {by}"
    others = sorted(set().union(*map(_named, constraints)) - {at, by})
    for given, missing in ((at, by), (by, at)):
        for filled in product([True, False], repeat=len(others)):
            row = model(**{missing: None})
            _fill(row, [given, *(name for name, full in zip(others, filled, strict=True) if full)])
            assert any(_refuses(constraint, row) for constraint in constraints), (given, filled)


def _named(constraint: models.CheckConstraint) -> set[str]:
    return {expression.split("__")[0] for expression in _lookups(constraint.condition)}


def _lookups(condition: Any) -> Iterator[str]:
    for child in condition.children:
        if isinstance(child, models.Q):
            yield from _lookups(child)
        else:
            yield child[0]


def _fill(row: models.Model, names: list[str]) -> None:
    for name in names:
        field = row._meta.get_field(name)
        setattr(row, getattr(field, "attname", name), _some_value(field))


def _some_value(field: Any) -> Any:
    if isinstance(field, SealedField):
        return field.sealed(b"x", seal_id=uuid4())
    if isinstance(field, models.DateTimeField):
        return datetime(2026, 1, 5, tzinfo=UTC)
    if isinstance(field, models.ForeignKey):
        return 1
    return field.choices[0][0] if field.choices else "X"


def _refuses(constraint: models.CheckConstraint, row: models.Model) -> bool:
    try:
        constraint.validate(type(row), row)
    except ValidationError:
        return True
    return False
