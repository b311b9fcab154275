"""Objections about the periods that an instrument has beside that of its answer: Terrorism Act 2000 Sch 5 paras 5 and 7,
Public Authorities (Fraud, Error and Recovery) Act 2025 s.4."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from ..facts import Facts


def later_material_was_handed_over(facts: Facts) -> str | None:
    """Seven days beginning with the notification, or as the judge says: compulsory like the answer itself (para 7(3))."""
    if not facts.later.hand_over_by:
        return None
    return (
        f"What came in later is due to the constable on {facts.later.hand_over_by}, and nothing says that it was handed over. "
        "Record it under “Second periods”."
    )


def nothing_can_come_in_any_more(facts: Facts) -> str | None:
    """What comes into our hands within the window falls under the order, and a closed request would not tell of it."""
    if not facts.later.window_until:
        return None
    return (
        f"The order also covers what comes into our hands until {facts.later.window_until}. Close the request after that day, "
        "or record under “Second periods” that the order covers only what we hold."
    )


@dataclass(frozen=True, kw_only=True)
class PeriodFacts:
    """What is known when somebody records what a second period hangs on. Days are London's.

    `told_on`: the earliest notification whose material was not handed over yet. `given_on`: when the notice was given.
    """

    what: str
    on: date | None
    today: date
    note: str
    offered: bool
    has_day: bool
    closed: bool
    made_on: date | None
    given_on: date
    covers_later: bool
    told_on: date | None
    review_asked: bool


def instrument_has_this_period(facts: PeriodFacts) -> str | None:
    return None if facts.offered else "The instrument of this request has no such second period."


def case_is_open(facts: PeriodFacts) -> str | None:
    return "The request is closed, so no clock can run on it." if facts.closed else None


def what_happened_has_its_day(facts: PeriodFacts) -> str | None:
    if not facts.has_day:
        return None
    if facts.on is None:
        return "Give the day on which it happened."
    return "The day lies in the future. Record it once it has happened." if facts.on > facts.today else None


def note_is_given(facts: PeriodFacts) -> str | None:
    return (
        None if facts.note.strip() else "Say where the document says so, or how it was done and who was told."
    )


def order_has_its_date(facts: PeriodFacts) -> str | None:
    if facts.what not in {"COVERS_LATER", "CAME_IN"} or facts.made_on is not None:
        return None
    return "The days begin with the date of the order, which is not recorded. Correct the request first."


def order_covers_later_material(facts: PeriodFacts) -> str | None:
    if facts.what != "CAME_IN" or facts.covers_later:
        return None
    return "Record first that the order also covers material that we do not hold yet."


def order_came_first(facts: PeriodFacts) -> str | None:
    if facts.what != "CAME_IN" or facts.on is None or facts.made_on is None or facts.on >= facts.made_on:
        return None
    return "The constable cannot have been notified before the order was made."


def something_is_to_be_handed_over(facts: PeriodFacts) -> str | None:
    if facts.what != "HANDED_OVER":
        return None
    if facts.told_on is None:
        return "Nothing that came in later is waiting to be handed over."
    if facts.on is not None and facts.on < facts.told_on:
        return "It cannot have been handed over before the constable was notified."
    return None


def review_is_asked_for_once(facts: PeriodFacts) -> str | None:
    if facts.what != "REVIEW_ASKED" or not facts.review_asked:
        return None
    return "That a review was asked for is recorded already."


def notice_came_first(facts: PeriodFacts) -> str | None:
    if facts.what != "REVIEW_ASKED" or facts.on is None or facts.on >= facts.given_on:
        return None
    return "A review cannot have been asked for before the notice was given."


RECORDING: tuple[Callable[[PeriodFacts], str | None], ...] = (
    instrument_has_this_period, case_is_open, what_happened_has_its_day, note_is_given, order_has_its_date,
    order_covers_later_material, order_came_first, something_is_to_be_handed_over, review_is_asked_for_once, notice_came_first,
)  # fmt: skip


def objections_to_recording(facts: PeriodFacts) -> Sequence[tuple[str, str]]:
    """All of them: (name of the guard, sentence)."""
    found = [(guard.__name__, guard(facts)) for guard in RECORDING]
    return [(name, sentence) for name, sentence in found if sentence]
