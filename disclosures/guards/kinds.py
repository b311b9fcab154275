"""Objections that follow from the kind of request: whose instrument it is, whom it reaches, what the policy opens."""

from ..facts import Facts, GroupFacts
from ..states import Kind, Outcome
from .words import a_noun as _a

MARKETING = "G-MKT"


def body_may_use_the_instrument(facts: Facts) -> str | None:
    if facts.instrument is None or not facts.body_kind or facts.body_kind in facts.instrument.issuers:
        return None
    return f"{facts.body_name} cannot use “{facts.instrument.name}”. Choose the instrument that came, or the body that asks."


def instrument_reaches_this_nation(facts: Facts) -> str | None:
    if facts.instrument is None or facts.nation in facts.instrument.nations:
        return None
    return f"“{facts.instrument.name}” does not reach the part of the United Kingdom this came from. Ask legal which instrument it is."


def officer_has_the_rank_it_needs(facts: Facts) -> str | None:
    if facts.instrument is None or facts.requester is None:
        return None
    if facts.requester.level >= facts.instrument.issuer_minimum:
        return None
    return (
        f"{_a(facts.requester.rank_name).capitalize()} may not issue “{facts.instrument.name}”; "
        "ask which senior officer granted it."
    )


def secret_instrument_is_restricted(facts: Facts) -> str | None:
    """Statutory and ordered secrecy (DOMAIN A.7) keeps a request to its named members."""
    if facts.instrument is None or not facts.instrument.is_secret or facts.restricted or facts.secrecy_ended:
        return None
    return (
        f"The law forbids telling of “{facts.instrument.name}”. Restrict the request to named members first."
    )


def purpose_is_open_to_the_group(facts: Facts) -> str | None:
    """The disclosure clause opens the purposes that stand above it in the policy, and no other."""
    purpose = facts.policy_purpose
    if facts.kind != Kind.GROUP or purpose is None or facts.instrument is None:
        return None
    if facts.outcome in {Outcome.REFUSED, Outcome.NO_DATA_HELD}:
        return None  # nothing is used for it
    if not purpose.open_to_group:
        return f"“{purpose.name}” is no purpose for a company of the group. {purpose.why_not}"
    if sentence := _not_above(purpose.name, facts.group):
        return sentence
    if purpose.marketing != (facts.instrument.code == MARKETING):
        right = "is marketing" if purpose.marketing else "is not marketing"
        return f"“{purpose.name}” {right}, so “{facts.instrument.name}” is the wrong instrument for it."
    return None


def _not_above(name: str, group: GroupFacts) -> str | None:
    if group.policy_number is None:
        return f"No version of our policy is in force, so “{name}” is open to no company."
    if group.purpose_above is None:
        return f"Version {group.policy_number} of our policy does not name “{name}”, so it is open to no company."
    if not group.purpose_above:
        return (
            f"In version {group.policy_number} of our policy “{name}” stands below the disclosure clause "
            f"({group.purpose_clause}), which opens only the purposes above it."
        )
    return None


def company_is_related(facts: Facts) -> str | None:
    """Companies Act 2006 s.1159 and s.1162, by dated evidence; asked again at every step towards a release."""
    if facts.kind != Kind.GROUP or facts.company_is_related or facts.outcome is Outcome.REFUSED:
        return None
    since = f" since {facts.unrelated_since}" if facts.unrelated_since else ""
    return (
        f"{facts.body_name or 'The company'} is not a related company today{since}: no evidence in the register "
        "covers this day. Nothing may go to it; withhold everything for that reason, or have the evidence entered."
    )
