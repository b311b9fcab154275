"""What the decision record says of holds, of what the request cost and of what its person was told."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.utils.timezone import localdate

from .. import record as r
from ..models import Cost, HoldTask, LegalHold, Request
from .opening import Opened
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


def told_in_words(rows: Iterable[Opened]) -> str | None:
    """Every time that the person was told, was not, or was to be considered, one line each, the oldest first."""
    return "\n".join(_told(row) for row in reversed(list(rows))) or None


def _told(row: Opened) -> str:
    by = f", recorded by {row.recorded_by.display_name}" if row.recorded_by else ""
    at = r.in_words(localdate(row.made_at))
    if row.what == "PROPOSED":
        return f"To be considered since {at}: {row.get_ground_display()[0].lower()}{row.get_ground_display()[1:]}"
    if row.what == "TOLD":
        return f"Told on {r.in_words(row.told_on)}, {row.get_manner_display().lower()}: {row.words}{by}"
    return f"Not told, said on {at}: {row.words}{by}"
