"""Objections about the decision itself: the advice heard before it, its conditions, and the one review after it."""

from ..facts import Facts
from ..states import Kind, Outcome

RELEASES = frozenset({Outcome.DISCLOSED_FULL, Outcome.DISCLOSED_PART})
OPEN_TO_ORDERS = frozenset({"R-AUTH", "R-INST", "R-PRIV", "R-PRAC"})
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


def order_is_refused_as_the_law_allows(facts: Facts) -> str | None:
    """POCA 2002 s.351, s.362(3), s.369(3) and s.375(2): who will not obey an order asks the court to change it."""
    if not facts.is_compulsory or facts.deciding.applied_to_court:
        return None
    others = [code for code in facts.deciding.withheld_codes if code not in OPEN_TO_ORDERS]
    if not others:
        return None
    return (
        f"An order or a notice may not be refused for {', '.join(others)}. It is refused only where who sent it is not "
        "confirmed (R-AUTH), the document cannot be relied on (R-INST), the material is privileged (R-PRIV), or it is not "
        "held or not reasonably practicable to give (R-PRAC); or after legal has applied to the court to discharge or "
        "vary it, and the application is recorded."
    )


def only_others_are_neither_confirmed_nor_denied(facts: Facts) -> str | None:
    """An answer for third parties whom knowing would tip off; a verified authority is told how it stands."""
    if facts.deciding.neither_confirmed and facts.kind != Kind.GROUP:
        return (
            "An authority that was verified is told whether something is held. Decide to disclose, to withhold with a "
            "reason, or that it is not held."
        )
    return None


def nothing_of_an_organisation_is_given(facts: Facts) -> str | None:
    if facts.outcome is Outcome.NOT_PERSONAL_DATA and facts.disclosed:
        return (
            "The request names organisations alone, so it asks for no personal data and nothing is given under it. Take "
            "the decisions to disclose back, or name the person it is about."
        )
    return None


def nobody_was_erased(facts: Facts) -> str | None:
    """What was found and decided of them went with their key, and under it nothing can be written down again."""
    erased = facts.deciding.erased
    if not erased:
        return None
    who = f"Person {erased[0]} was" if len(erased) == 1 else f"{len(erased)} people were"
    return (
        f"{who} erased from this request, so that it cannot be decided anew: nothing is left to search or to weigh of "
        "them. Let the decision stand and say in the reason what was wrong with it; what is still wanted has to be asked "
        "for in a new request."
    )


def answer_did_not_come_back(facts: Facts) -> str | None:
    if facts.deciding.answer_came_back:
        return (
            "The answer came back, so the requester does not have it. Send it again, and note under “What became of it” "
            "how and when."
        )
    return None


# The internal review (DOMAIN E.6) ------------------------------------------------------------


def review_is_open_to_this_requester(facts: Facts) -> str | None:
    if facts.is_compulsory:
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
