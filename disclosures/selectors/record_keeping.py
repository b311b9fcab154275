"""What the decision record says of holds and of what the request cost."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.timezone import localdate

from .. import record as r
from ..models import Cost, HoldTask, LegalHold, Request
from .settled import spent_on


class CostWords(NamedTuple):
    fee: str | None
    hours: str | None


def holds_in_words(request: Request) -> str | None:
    """Every hold there was, one line each: those that keep the case, and those that keep data for a preservation."""
    return "\n".join([*_legal(request), *_preserving(request)]) or None


def _legal(request: Request) -> Iterator[str]:
    for row in (
        LegalHold.objects.filter(request=request).select_related("placed_by", "lifted_by").order_by("id")
    ):
        who = f" by {row.placed_by.display_name}" if row.placed_by else ""
        ends = f"lifted on {r.in_words(localdate(row.lifted_at))}" if row.lifted_at else "lasts"
        yield (
            f"Legal hold {row.reference}{who}, from {r.in_words(localdate(row.held_from))}: {row.get_ground_display()}; "
            f"looked at again on {r.in_words(row.review_on)}; {ends}"
        )


def _preserving(request: Request) -> Iterator[str]:
    for row in HoldTask.objects.filter(request=request).select_related("system").order_by("id"):
        said = (
            f"confirmed on {r.in_words(localdate(row.confirmed_at))}" if row.confirmed_at else "not confirmed"
        )
        ended = f"; ended on {r.in_words(localdate(row.ended_at))}" if row.ended_at else ""
        yield f"Data kept in {row.system.name} until {r.in_words(row.until_on)}: {said}{ended}"


def cost_in_words(request: Request) -> CostWords:
    """None only where nothing was recorded; what was taken back to nothing says so."""
    if not Cost.objects.filter(request=request).exists():
        return CostWords(None, None)
    spent = spent_on(request)
    return CostWords(f"£{spent.fee:,.2f}", f"{spent.hours.normalize():f}")
