"""What came from another body's scheme, and whether its rules let it be passed on today."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localdate

from accounts.days import british
from accounts.models import User

from ..catalogue import Instrument as Terms
from ..facts import SchemeItem
from ..models import Instrument, Item, Request, SchemePermission
from .opening import Opened, open_parts

Ground = SchemePermission.Ground


def from_schemes(request: Request) -> list[Item]:
    return [
        item for item in Item.objects.filter(request=request).order_by("position") if item.is_from_a_scheme
    ]


def scheme_facts(
    request: Request, items: Sequence[Item], terms: Terms | None, *, disclosed: Collection[int], now: datetime
) -> tuple[SchemeItem, ...]:
    """`disclosed`: the ids of the items of which something is to go out. Asks nothing where none is from a scheme."""
    bound = [item for item in items if item.is_from_a_scheme]
    if not bound:
        return ()
    rows = SchemePermission.objects.filter(request=request).order_by("id")
    latest = {row.item_id: row for row in rows}
    ordered, today = terms is not None and not terms.voluntary, localdate(now)
    return tuple(
        SchemeItem(item.position, item.pk in disclosed, _why_not(latest.get(item.pk), today, ordered=ordered))
        for item in bound
    )


def _why_not(row: SchemePermission | None, today: date, *, ordered: bool) -> str:
    """An order counts as the ground only while one is answered."""
    if row is None or (row.ground == Ground.ORDER and not ordered):
        return "came from another body’s scheme, and no permission to pass it on is recorded"
    if not row.allowed:
        return f"may not be passed on by the rules of its scheme, as checked on {british(row.checked_on)}"
    if row.until is not None and row.until < today:
        return f"could be passed on only until {british(row.until)} by the rules of its scheme"
    return ""


def why_items_may_not_be_passed_on(request: Request, *, now: datetime) -> dict[int, str]:
    """By the item's id, in words that follow “Item 2”; nothing of the items that may."""
    items = from_schemes(request)
    instrument = Instrument.objects.filter(request=request, governs=True).first() if items else None
    facts = scheme_facts(request, items, instrument.terms if instrument else None, disclosed=(), now=now)
    return {item.pk: row.why_not for item, row in zip(items, facts, strict=True) if row.why_not}


@dataclass(frozen=True, slots=True)
class SchemeQuestion:
    """What the page of the scheme rules shows: the items, each with why it may not be passed on today, and the answers so far."""

    items: Sequence[tuple[Item, str]]
    answers: Sequence[Opened]


def open_schemes(request: Request, *, actor: User, now: datetime) -> SchemeQuestion:
    """For somebody who may see the request; writes the view entry. The latest answer first."""
    rows = SchemePermission.objects.filter(request=request).select_related("item", "recorded_by")
    gaps = why_items_may_not_be_passed_on(request, now=now)
    return SchemeQuestion(
        items=[(item, gaps.get(item.pk, "")) for item in from_schemes(request)],
        answers=open_parts(request, list(rows.order_by("-id")), actor=actor, now=now),
    )
