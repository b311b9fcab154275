"""Which clocks go by which ladder of reminders: as the governing instrument's version says, in one query."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db.models import Case, CharField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.roles import Role

from ..catalogue import INSTRUMENTS, LADDERS
from ..catalogue import Instrument as Terms
from ..catalogue.ladders import HANDLER, HOUSE
from ..catalogue.versions import as_it_was, recorded
from ..models import Deadline, Instrument


class Rung(NamedTuple):
    when: str
    who: str


def runs_contempt_risk(terms: Terms | None) -> bool:
    """Whether being late under these terms is marked as a risk of contempt."""
    return terms is not None and terms.ladder in LADDERS and LADDERS[terms.ladder].contempt_risk


def rungs_of(terms: Terms) -> Sequence[Rung]:
    """The ladder as a lawyer reads it: when, and who is told."""
    if terms.ladder not in LADDERS:
        return ()
    ladder = LADDERS[terms.ladder]
    again = {0: "once", 1: "every day"}.get(ladder.overdue_days, f"every {ladder.overdue_days} days")
    return [
        Rung("At half of the time", _who(ladder.half)),
        Rung("At three quarters", _who(ladder.three_quarters)),
        Rung("On the last working day", _who(ladder.last_day)),
        Rung(f"Overdue, {again}", _who(ladder.overdue)),
        Rung(f"An emergency, every {ladder.emergency_minutes} minutes", _who(ladder.emergency)),
        Rung("An emergency that is overdue", _who(ladder.emergency_overdue)),
    ]


def _who(names: Collection[str]) -> str:
    return ", ".join("whoever has it" if name == HANDLER else _role(name) for name in names) or "nobody"


def _role(name: str) -> str:
    label = Role(name).label
    return label if label.isupper() else label[0].lower() + label[1:]


def on_ladders(clocks: QuerySet[Deadline], ladders: Collection[str]) -> QuerySet[Deadline]:
    """Those of the clocks whose ladder is one of these."""
    own = [
        When(purpose__in=ladder.clocks, then=Value(code)) for code, ladder in LADDERS.items() if ladder.clocks
    ]
    governing = Instrument.objects.filter(request=OuterRef("request"), governs=True).annotate(named=_named())
    by_instrument = Coalesce(Subquery(governing.values("named")[:1]), Value(HOUSE))
    return clocks.annotate(ladder=Case(*own, default=by_instrument, output_field=CharField())).filter(
        ladder__in=ladders
    )


def _named() -> Case:
    """A pinned row goes by its own version, every other by today's."""
    pinned = [
        When(code=code, catalogue_version=version, terms_pinned_at__isnull=False, then=Value(then))
        for code, version, then in _otherwise_then()
    ]
    today = [
        When(code__in=[code for code, row in INSTRUMENTS.items() if row.ladder == ladder], then=Value(ladder))
        for ladder in LADDERS
    ]
    return Case(*pinned, *today, default=Value(HOUSE), output_field=CharField())


def _otherwise_then() -> list[tuple[str, int, str]]:
    """Recorded versions that name another ladder than today's."""
    found = []
    for code, version in recorded():
        current = INSTRUMENTS.get(code)
        if current is not None and version != current.version:
            then = as_it_was(current, version).ladder
            if then != current.ladder:
                found.append((code, version, then))
    return found
