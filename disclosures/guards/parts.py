"""Objections about the part of an item that shows somebody else than the person asked about."""

from ..facts import Facts


def another_persons_part_of_an_order_is_given(facts: Facts) -> str | None:
    """What an order or notice names is given or refused for a reason the law knows; a part of it is not held back by choice."""
    if facts.instrument is None or facts.instrument.voluntary or not facts.others_withheld:
        return None
    return (
        "The other person's part was asked for and is withheld, which an order or notice does not allow. Give it, say that "
        "it was not asked for, or withhold the whole item for a reason that this instrument knows."
    )
