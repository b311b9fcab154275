"""The question to whom an order is addressed, and what a request has cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from accounts.models import OrganisationAlias, User
from accounts.roles import Role
from accounts.selectors import controller

from ..catalogue import Document
from ..guards.addressee import NOT_OURS, OPEN, OURS
from ..models import AddresseeAnswer, Cost, Instrument, Request
from ..permissions import roles_on
from .opening import Opened, open_parts

SETTLERS = frozenset({Role.HEAD_OF_LEGAL, Role.APPROVER})


def our_names() -> list[str]:
    """The company's name and its other names, the aliases of the register."""
    company = controller()
    aliases = OrganisationAlias.objects.filter(organisation=company).order_by("name")
    return [company.name, *aliases.values_list("name", flat=True)]


def addressee_question(request: Request, instrument: Instrument | None) -> str:
    """Empty where there is no question: no order or notice, no addressee yet, or one of our names."""
    if (
        instrument is None
        or instrument.terms.document is Document.NONE
        or instrument.addressee_is_ours is not False
    ):
        return ""
    answers = AddresseeAnswer.objects.filter(request=request, about=instrument.seal_id).order_by("-id")
    ours = answers.values_list("ours", flat=True).first()
    return OPEN if ours is None else OURS if ours else NOT_OURS


def may_settle(user: User, request: Request, now: datetime) -> bool:
    return bool(SETTLERS & roles_on(user, request, now))


@dataclass(frozen=True, slots=True)
class Question:
    """`state` as the guards know it; `answers` the latest first."""

    state: str
    instrument: Opened | None
    names: Sequence[str]
    answers: Sequence[Opened]


def open_question(request: Request, *, actor: User, now: datetime) -> Question:
    """For somebody who may see the request; writes the view entry."""
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    answers = AddresseeAnswer.objects.filter(request=request).select_related("answered_by").order_by("-id")
    rows = [*([instrument] if instrument else []), *answers]
    opened = open_parts(request, rows, actor=actor, now=now)
    return Question(
        state=addressee_question(request, instrument),
        instrument=opened[0] if instrument else None,
        names=our_names(),
        answers=opened[1:] if instrument else opened,
    )


@dataclass(frozen=True, slots=True)
class Spent:
    hours: Decimal
    fee: Decimal


def spent_on(request: Request) -> Spent:
    found = Cost.objects.filter(request=request).aggregate(hours=Sum("hours"), fee=Sum("fee"))
    return Spent(found["hours"] or Decimal(0), found["fee"] or Decimal(0))


def open_costs(request: Request, *, actor: User, now: datetime) -> list[Opened]:
    """The latest first; writes the view entry."""
    rows = Cost.objects.filter(request=request).select_related("recorded_by").order_by("-id")
    return open_parts(request, list(rows), actor=actor, now=now)
