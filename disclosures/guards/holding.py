"""Objections about what is kept under a preservation request: every holder says what was done before it is put away."""

from ..facts import Facts


def every_hold_is_confirmed(facts: Facts) -> str | None:
    open_in = facts.holding.unconfirmed
    if not open_in:
        return None
    holds = "The hold is" if len(open_in) == 1 else "The holds are"
    return (
        f"{holds} not confirmed yet in: {', '.join(open_in)}. The data holder says what was kept, or that nothing was; "
        "only then is it closed."
    )
