"""Objections about the decision itself: the advice heard before it, its conditions, and the one review after it."""

from ..facts import Facts
from ..states import Kind, Outcome

RELEASES = frozenset({Outcome.DISCLOSED_FULL, Outcome.DISCLOSED_PART})
# What an internal review can look at again; the other endings decided nothing.
REVIEWABLE = RELEASES | {Outcome.REFUSED, Outcome.NO_DATA_HELD, Outcome.NCND, Outcome.NOT_PERSONAL_DATA}


def special_category_has_its_condition(facts: Facts) -> str | None:
    """UK GDPR Articles 9 and 10; Data Protection Act 2018 s.10, s.11 and Schedule 1."""
    if facts.deciding.special_disclosed and facts.assessed and not facts.deciding.condition_named:
        return (
            "Special category or criminal-offence data is marked for disclosure, and the tests name no condition that "
            "allows it. Name the condition in the tests, or withhold it with R-SCA."
        )
    return None


def advice_against_it_is_answered(facts: Facts) -> str | None:
    """Advice may be overridden, never overlooked: UK GDPR Article 38(3); the reason stays with the step."""
    against = facts.deciding.advice_against
    if against and facts.outcome in RELEASES and not facts.reason.strip():
        return (
            f"The {' and the '.join(against)} advised against it. Give the reason why it goes ahead all the same; "
            "it is kept with the decision."
        )
    return None


def adviser_does_not_approve(facts: Facts) -> str | None:
    """UK GDPR Article 38(6): whoever advises has no part in the decision."""
    if facts.actor_id in facts.deciding.advised_by:
        return "You gave an opinion on this request; whoever advised does not decide. A colleague must take this step."
    return None


# The internal review (DOMAIN E.6) ------------------------------------------------------------


def review_is_open_to_this_requester(facts: Facts) -> str | None:
    if facts.instrument is not None and not facts.instrument.voluntary:
        return (
            "An order or a notice has no internal review here. Whoever disagrees with our answer goes to the court or "
            "the authority that made it; hand the matter to legal."
        )
    if facts.kind not in {Kind.POLICE, Kind.GROUP}:
        return (
            "An internal review is open to the police who asked without an order and to a company of the group. "
            "This requester can apply for an order instead."
        )
    return None


def there_is_a_decision_to_review(facts: Facts) -> str | None:
    if facts.deciding.recorded_outcome in REVIEWABLE or facts.deciding.reviews_asked:
        return None
    return "Nothing was decided on this request, so there is nothing to review. A new request can be made."


def review_is_asked_for_once(facts: Facts) -> str | None:
    if facts.deciding.reviews_asked:
        return (
            "This request had its internal review, and there is only one. The requester can apply for an order, or make "
            "a new request with what is new."
        )
    return None
