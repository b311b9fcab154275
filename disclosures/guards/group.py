"""Objections to what goes to a company of the group: who it is, where it is, and whom it may approach."""

from ..facts import Barred, Facts
from ..states import Kind, Outcome

MARKETING = "G-MKT"
CREDIT = "PU-CRC"
PARTNERS = "PU-MKT-PTR"
NAMED_AT_ONCE = 5


def partner_does_not_ask_as_a_company(facts: Facts) -> str | None:
    """Policy S22: a partner may be allowed to write to people; it is no company of the group."""
    if facts.kind != Kind.GROUP or facts.body_kind != "PARTNER":
        return None
    return (
        f"{facts.body_name} is a partner and no company of the group, so it can never ask as one. "
        "Refuse it, or transfer it to legal."
    )


def transfer_has_its_mechanism(facts: Facts) -> str | None:
    """UK GDPR, Chapter V."""
    group = facts.group
    if facts.kind != Kind.GROUP or not (group.is_abroad or group.transfer_abroad) or group.transfer_mechanism:
        return None
    if facts.outcome in {Outcome.REFUSED, Outcome.NO_DATA_HELD}:
        return None  # nothing about anybody leaves
    where = (
        f"{facts.body_name} is outside the United Kingdom"
        if group.is_abroad
        else "The information leaves the United Kingdom"
    )
    return (
        f"{where}, and nothing says on what the transfer rests: adequacy regulations, a transfer agreement, an addendum "
        "or binding corporate rules. Have it stated, or withhold everything with R-XFER."
    )


def marketing_names_its_channels(facts: Facts) -> str | None:
    if facts.instrument is None or facts.instrument.code != MARKETING or facts.group.channels:
        return None
    return (
        "Ask the company by which channels it wants to reach people: e-mail, text message, telephone or post."
    )


def partner_may_approach_them(facts: Facts) -> str | None:
    """Policy S22: a partner contacts directly only with our consent; each person's own is `nobody_barred_is_disclosed`."""
    purpose = facts.policy_purpose
    if facts.kind != Kind.GROUP or purpose is None or purpose.code != PARTNERS or not facts.disclosed:
        return None
    if facts.group.partner:
        return None
    return (
        "It is about services of a partner, and no consent of ours that a partner may approach these people is recorded for "
        "today. The head of legal or an approver records it under “Partner”, or everything is withheld with R-OPT."
    )


def nobody_barred_is_disclosed(facts: Facts) -> str | None:
    """UK GDPR Art 21, PECR regs 21 and 22; asked at the proposal, the approval, the release, and when it is sent."""
    barred = facts.group.barred
    if facts.kind != Kind.GROUP or not barred:
        return None
    left_out = "this person" if len(barred) == 1 else f"these {len(barred)} people"
    return f"{_listed(barred)} Withhold {left_out} with R-OPT; the others may still be disclosed."


def somebody_barred_is_disclosed(facts: Facts) -> str | None:
    """What lets the clock take a queued approval back."""
    if nobody_barred_is_disclosed(facts):
        return None
    return "Nobody who is to be disclosed has objected."


def weighing_was_looked_at_again(facts: Facts) -> str | None:
    """An assessment has a day on which it is reviewed (DOMAIN C.7); once that has passed, nothing new rests on it."""
    if facts.kind != Kind.GROUP or not facts.disclosed:
        return None
    if facts.weighing_fell:
        return "The weighing of the interests was found not to stand. Answer the tests anew, or withhold everything."
    if not facts.weighing_lapsed_on:
        return None
    return (
        f"The weighing of the interests was to be looked at again on {facts.weighing_lapsed_on}, and nobody did. Look at it "
        "again under “The weighing, looked at again”, or answer the tests anew; until then nothing is given that rests on it."
    )


def credit_check_is_allowed(facts: Facts) -> str | None:
    """Policy S23: only with a licensed agency, only on an application, only if our terms say so."""
    purpose = facts.policy_purpose
    if facts.kind != Kind.GROUP or purpose is None or purpose.code != CREDIT or not facts.disclosed:
        return None
    if not facts.group.credit_gaps:
        return None
    gaps = facts.group.credit_gaps
    named = " ".join(
        [
            *gaps[:NAMED_AT_ONCE],
            *([f"And {len(gaps) - NAMED_AT_ONCE} more."] if len(gaps) > NAMED_AT_ONCE else []),
        ]
    )
    return (
        f"A credit check is allowed only where somebody has applied, our terms of that day say so, "
        f"and the agency is licensed. {named} Record what is missing, or withhold with R-CRC."
    )


def _listed(barred: tuple[Barred, ...]) -> str:
    named = [f"Person {row.position} {row.why}." for row in barred[:NAMED_AT_ONCE]]
    more = len(barred) - len(named)
    return " ".join([*named, *([f"So it is with {more} more."] if more > 0 else [])])


AT_TRIAGE = (partner_does_not_ask_as_a_company, transfer_has_its_mechanism, marketing_names_its_channels)
TO_RELEASE = (
    transfer_has_its_mechanism, partner_may_approach_them, nobody_barred_is_disclosed, credit_check_is_allowed, weighing_was_looked_at_again,
)  # fmt: skip
