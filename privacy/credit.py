"""May credit be checked? Pure: the application, the terms of its day and the agency in, what is missing out.

Policy S23: only with a licensed agency, only where somebody applied, only if the terms of that day say so.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from accounts.days import british

LOOK_UP_LASTS = timedelta(days=365)  # a rule of the house: the register is read again each year


@dataclass(frozen=True, slots=True)
class Application:
    applied_on: date
    terms_name: str
    terms_from: date
    terms_until: date | None
    terms_have_clause: bool
    agency_name: str
    agency_looked_up_on: date
    agency_ended_on: date | None


def gaps(position: int, found: Application | None, today: date) -> tuple[str, ...]:
    """Sentences about one person of a request; none where the check is allowed."""
    if found is None:
        return (f"No application of person {position} is on record.",)
    lacking = []
    if found.applied_on > today:
        lacking.append(f"The application of person {position} lies in the future.")
    if not (
        found.terms_from <= found.applied_on
        and (found.terms_until is None or found.applied_on <= found.terms_until)
    ):
        lacking.append(f"Terms {found.terms_name} were not in force when person {position} applied.")
    if not found.terms_have_clause:
        lacking.append(
            f"Terms {found.terms_name}, under which person {position} applied, hold no clause on credit checks."
        )
    if found.agency_ended_on is not None and found.agency_ended_on < today:
        lacking.append(f"{found.agency_name} has had no permission since {british(found.agency_ended_on)}.")
    elif today - found.agency_looked_up_on > LOOK_UP_LASTS:
        lacking.append(
            f"The permission of {found.agency_name} was last looked up on {british(found.agency_looked_up_on)}, "
            "more than a year ago."
        )
    return tuple(lacking)
