"""What must hold before somebody moves a clock by hand. Pure; each guard answers with the sentence to be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from accounts.days import british

from ..deadlines.rules import WINDOW_PURPOSES

# Proceeds of Crime Act 2002 s.336A: at most 31 days each time, at most 186 in all after the first 31.
COURT_EXTENSION_DAYS = 31
MORATORIUM_DAYS = 31
LONGEST_MORATORIUM_DAYS = MORATORIUM_DAYS + 186


@dataclass(frozen=True, kw_only=True)
class ExtensionFacts:
    """What is known of an extension that somebody asks for. Days are London's; `due_on` is the present date."""

    purpose: str
    rule: str
    started_on: date
    due_on: date | None
    runs: bool
    until: date
    today: date
    reason: str
    letter_reference: str
    letter_on: date | None
    set_by_law: bool


Guard = Callable[[ExtensionFacts], str | None]


def clock_runs(facts: ExtensionFacts) -> str | None:
    if not facts.runs:
        return "This clock does not run any more, so there is nothing to extend."
    return None


def clock_can_be_extended(facts: ExtensionFacts) -> str | None:
    if facts.purpose == "NOTICE_PERIOD":
        return "Nobody can extend the notice period: the law sets seven working days (POCA 2002 s.335)."
    if facts.purpose in WINDOW_PURPOSES:
        return "Nobody can extend this window: its days are the law's own, and what the order or notice says beside moves other clocks."
    if facts.rule == "HOURS" or facts.purpose == "RATIFICATION":
        return "This clock is never extended: it protects the person whose information was given in haste."
    return None


def day_lies_ahead(facts: ExtensionFacts) -> str | None:
    if facts.until < facts.today:
        return "The new date is past. Give the day by which the answer is now due."
    return None


def extension_is_later(facts: ExtensionFacts) -> str | None:
    """Only the issuer may bring its own date forward."""
    if not facts.set_by_law and facts.due_on is not None and facts.until <= facts.due_on:
        return "An extension ends later than the present date."
    return None


def reason_is_given(facts: ExtensionFacts) -> str | None:
    return None if facts.reason.strip() else "Say why the date moves."


def issuer_wrote(facts: ExtensionFacts) -> str | None:
    """A compulsory date moves only by the issuer's own hand."""
    if facts.set_by_law and not (facts.letter_reference.strip() and facts.letter_on):
        return (
            "Only the issuer can move a date that its instrument or the law sets. "
            "Give the reference and the day of its letter."
        )
    return None


def letter_is_written(facts: ExtensionFacts) -> str | None:
    if facts.letter_on is not None and facts.letter_on > facts.today:
        return "The letter's day lies in the future."
    return None


def court_gives_at_most_its_days(facts: ExtensionFacts) -> str | None:
    if facts.purpose != "MORATORIUM" or facts.due_on is None:
        return None
    if facts.until > facts.due_on + timedelta(days=COURT_EXTENSION_DAYS):
        return f"The Crown Court extends a moratorium by at most {COURT_EXTENSION_DAYS} days at a time (POCA 2002 s.336A)."
    if facts.until <= facts.due_on:
        return "The court's extension ends later than the moratorium does now."
    return None


def moratorium_is_within_its_cap(facts: ExtensionFacts) -> str | None:
    if facts.purpose != "MORATORIUM":
        return None
    last = facts.started_on + timedelta(days=LONGEST_MORATORIUM_DAYS - 1)
    if facts.until > last:
        return (
            f"All extensions together may not reach beyond {british(last)}: "
            "186 days after the first 31 (POCA 2002 s.336A)."
        )
    return None


EXTENSION_GUARDS: tuple[Guard, ...] = (
    clock_runs, clock_can_be_extended, day_lies_ahead, extension_is_later, reason_is_given, issuer_wrote,
    letter_is_written, court_gives_at_most_its_days, moratorium_is_within_its_cap,
)  # fmt: skip


def objections_to(facts: ExtensionFacts) -> Sequence[tuple[str, str]]:
    """All of them: (name of the guard, sentence)."""
    found = [(guard.__name__, guard(facts)) for guard in EXTENSION_GUARDS]
    return [(name, sentence) for name, sentence in found if sentence]


class ConsentLaw(StrEnum):
    """Under which law consent was asked for. Only the first knows a moratorium after a refusal."""

    POCA = "POCA"  # Proceeds of Crime Act 2002 s.335
    TACT = "TACT"  # Terrorism Act 2000 s.21ZA


@dataclass(frozen=True, kw_only=True)
class ConsentFacts:
    """A request to the National Crime Agency for consent, and its answer. Days are London's.

    `waits`: the notice period or a moratorium has not ended. `answered`: the last request for consent had its answer.
    """

    restricted: bool
    kind: str
    on: date
    today: date
    asked_on: date | None
    notice_ends_on: date | None
    waits: bool
    answered: bool
    law: str = ""


def case_is_known_to_its_members_alone(facts: ConsentFacts) -> str | None:
    """POCA 2002 s.333A: that a report was made must not be seen by anybody who need not know."""
    if not facts.restricted:
        return "A request for consent tells that a report was made. Restrict this request first."
    return None


def case_is_about_money_laundering(facts: ConsentFacts) -> str | None:
    if facts.kind not in {"A", ""}:
        return "A request for consent belongs to a request under the money laundering or terrorism acts."
    return None


def consent_day_is_past(facts: ConsentFacts) -> str | None:
    return "The day lies in the future." if facts.on > facts.today else None


def consent_was_not_asked_for_yet(facts: ConsentFacts) -> str | None:
    return "The notice period or the moratorium runs already." if facts.waits else None


def consent_was_asked_for(facts: ConsentFacts) -> str | None:
    if facts.asked_on is None:
        return "Record first when consent was asked for."
    if facts.on < facts.asked_on:
        return "The answer cannot be older than the request for consent."
    return None


def consent_was_not_answered_yet(facts: ConsentFacts) -> str | None:
    return "The answer to this request for consent is recorded already." if facts.answered else None


def refusal_came_within_the_notice_period(facts: ConsentFacts) -> str | None:
    """POCA 2002 s.335(3) and (4), TACT 2000 s.21ZA: silence until its end is consent, and a later refusal takes nothing back."""
    if facts.notice_ends_on is None or facts.on <= facts.notice_ends_on:
        return None
    return (
        f"The notice period ended on {british(facts.notice_ends_on)} without a refusal, so consent is taken as given. A refusal that came "
        "later starts no moratorium; ask legal before anything is done on it."
    )


def consent_ends_a_wait(facts: ConsentFacts) -> str | None:
    if facts.waits:
        return None
    return "Neither the notice period nor a moratorium runs, so there is nothing that consent ends."


def refusal_names_its_law(facts: ConsentFacts) -> str | None:
    if facts.law in set(ConsentLaw):
        return None
    return "Say under which law consent was asked for: only the Proceeds of Crime Act knows a moratorium."


ASKING = (
    case_is_known_to_its_members_alone, case_is_about_money_laundering, consent_day_is_past, consent_was_not_asked_for_yet,
)  # fmt: skip
REFUSING = (
    case_is_known_to_its_members_alone, consent_day_is_past, consent_was_asked_for, consent_was_not_answered_yet,
    refusal_came_within_the_notice_period, refusal_names_its_law,
)  # fmt: skip

GIVING = (case_is_known_to_its_members_alone, consent_day_is_past, consent_was_asked_for, consent_ends_a_wait)


def objections_to_consent(
    facts: ConsentFacts, guards: Sequence[Callable[[ConsentFacts], str | None]]
) -> Sequence[tuple[str, str]]:
    found = [(guard.__name__, guard(facts)) for guard in guards]
    return [(name, sentence) for name, sentence in found if sentence]
