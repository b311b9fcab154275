"""The letter that answers a person's own request. The sentence about others is the same in every one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.days import british

SENTENCE = "Below is every disclosure the law lets us tell you about. We never say whether there are others."
NONE_BELOW = "There is no entry in this list."
RIGHTS = (
    "If you think that this answer is wrong, write to us and we shall look at it again. You may also complain to the "
    "Information Commissioner (ico.org.uk), or go to a court."
)


@dataclass(frozen=True, order=True)
class Told:
    """One disclosure: when, to whom by name, what, and why."""

    on: date
    to: str
    what: tuple[str, ...]
    why: str


def access_letter(*, name: str, received_on: date, reference: str, told: Sequence[Told]) -> str:
    """The whole text. The list is in the order of time; nothing in it counts or numbers what is not there."""
    entries = [
        f"{british(row.on)}: to {row.to}\nWhat: {', '.join(row.what)}\nWhy: {row.why}" for row in sorted(told)
    ]
    parts = [
        f"Dear {name}",
        f"On {british(received_on)} you asked us to whom we have disclosed your personal information. Our reference is {reference}.",
        SENTENCE,
        *(entries or [NONE_BELOW]),
        RIGHTS,
    ]
    return "\n\n".join(parts) + "\n"
