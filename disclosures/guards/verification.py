"""Objections about who asks and where the answer goes: evidence that has ended, addresses, the order's own period."""

from accounts.bodies.addresses import Standing

from ..catalogue.checks import CHECKS, LIMITS
from ..facts import Facts
from ..states import Kind, Outcome

GIVES_NOTHING = frozenset({Outcome.REFUSED, Outcome.NO_DATA_HELD})
ABROAD = (
    "The address on the form is outside the United Kingdom for this purpose, even if it ends in police.uk: the Crown Dependencies "
    "and the Overseas Territories are foreign. Without an order made here nothing can be given: record it as a foreign "
    "authority writing directly, and propose the refusal that names the central authority (R-MLA)."
)
STANDINGS = {
    Standing.FOREIGN: ABROAD,
    Standing.FREE_MAIL: (
        "The address on the form is a mailbox that anybody can have. Ask the body through its switchboard whether it sent "
        "this, and return it for a request from its own mailbox, or propose a refusal (R-AUTH)."
    ),
    Standing.LOOK_ALIKE: (
        "The address on the form only looks like one of the register's and is not it. Treat it as somebody else's: "
        "tell the body through its switchboard, and propose a refusal (R-AUTH)."
    ),
    Standing.OTHER_BODY: (
        "The address on the form belongs to another body than the one that is said to ask. Correct the body, "
        "or treat the address as somebody else's."
    ),
    Standing.UNREADABLE: "The officer's address on the form is not one plain e-mail address. Correct what was recorded.",
}


def officer_writes_from_an_address_of_the_body(facts: Facts) -> str | None:
    """DOMAIN G.3: what the address can never be; whether it is right, the check and the call-back have to show."""
    if facts.kind == Kind.GROUP or not facts.asked.standing:
        return None
    return STANDINGS.get(Standing(facts.asked.standing))


def body_may_ask_in_this_way(facts: Facts) -> str | None:
    """The register says which kinds of request a body may make; where it says nothing, nothing is objected."""
    if not facts.kind or not facts.asked.may_use or facts.kind in facts.asked.may_use:
        return None
    kinds = {
        "P": "police requests",
        "A": "requests under the money laundering and terrorism laws",
        "O": "what goes to legal",
    }
    named = " and ".join(kinds[use] for use in facts.asked.may_use if use in kinds)
    return f"{facts.body_name} is in the register for {named} only. Ask legal under which law it writes."


def evidence_still_counts(facts: Facts) -> str | None:
    """Each check counts for a time; one that the instrument demands is made again when its time is over."""
    wanted = facts.instrument.evidence if facts.instrument else ()
    ended = [row for row in facts.checked.ended if row.code in wanted]
    return (
        " ".join(
            f"The {CHECKS[row.code].name} of {row.made} counted until {row.until} and verifies nobody now. {CHECKS[row.code].again}"
            for row in ended
        )
        or None
    )


def more_than_an_address_was_checked(facts: Facts) -> str | None:
    """Mailboxes are taken over: a right address is necessary and never sufficient."""
    if facts.instrument is None or any(
        CHECKS[code].alone for code in facts.evidence_passed if code in CHECKS
    ):
        return None
    if facts.evidence_passed:
        return "A right address or a paper alone verifies nobody: mailboxes are taken over. Record a check of the person as well."
    return None


def call_back_is_of_this_emergency(facts: Facts) -> str | None:
    if "CALL_BACK" not in facts.evidence_passed or facts.checked.rung_back_lately:
        return None
    hours = CHECKS["CALL_BACK"].emergency_hours
    return f"The call-back is more than {hours} hours old. In an emergency ring the officer back again before anything is read out."


def emergency_asks_for_the_minimum(facts: Facts) -> str | None:
    """What is read out is the least that meets the risk; the rest can follow by the usual way."""
    if not facts.asked.items:
        return "Record what is asked for, item by item: in an emergency only what is named is given."
    if facts.asked.items > LIMITS.most_emergency_items or facts.asked.people > LIMITS.most_emergency_people:
        return (
            f"An emergency release gives the minimum: at most {LIMITS.most_emergency_items} items of at most "
            f"{LIMITS.most_emergency_people} people. Take out what does not meet the risk now; it can follow by the usual way."
        )
    return None


def instrument_is_in_its_period(facts: Facts) -> str | None:
    """Of what gives something; a refusal or a nil return gives nothing and may still be told."""
    if not facts.instrument_ended or facts.outcome in GIVES_NOTHING:
        return None
    return (
        f"The instrument ended on {facts.asked.ended_on}. Nothing is given under it any more: ask for a new one, "
        "propose a refusal (R-INST), or have the head of legal or the team lead record that it has ended."
    )


def answer_goes_to_the_bodys_own_mailbox(facts: Facts) -> str | None:
    """To the organisation's mailbox or its CJSM twin on the register, never to private mail."""
    if (
        facts.asked.return_channel != "SECURE_MAIL"
        or facts.asked.return_is_listed
        or facts.outcome is Outcome.REFUSED
    ):
        return None
    if facts.asked.return_standing in {"", Standing.NONE}:
        return "Say to which mailbox of the body the answer goes; it must be in the register."
    return (
        f"The answer would go to an address that the register does not have for {facts.body_name or 'the body'}. It goes only to "
        "the body's own mailbox in the register, or the same with .cjsm.net, never to private mail. "
        "Return the request for such an address, or have an administrator enter it from an independent source."
    )


def ratification_is_overdue(facts: Facts) -> str | None:
    if facts.checked.ratification_overdue:
        return None
    return "The time for ratifying has not run out yet. Ask a third person to ratify, or to refuse it."


STILL_VERIFIED = (evidence_still_counts, more_than_an_address_was_checked)
