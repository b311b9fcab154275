"""Which letters there are, what each may name, and the house's text of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HOUSE = Path(__file__).resolve().parent / "house"

EVERY_LETTER: Mapping[str, str] = {
    "dear": "the officer’s name, or “Sir or Madam”",
    "date of request": "the date on the form, if it has one",
    "our reference": "our reference of the request",
    "your reference": "the crime reference, if there is one",
    "law": "the statute that the request relies on, once a lawyer has signed it off",
    "internal review": "filled where the requester may ask for an internal review: not under an order or a notice",
    "company": "our name",
}
SEARCHED: Mapping[str, str] = {
    "nothing held": "what was searched for and is not held, line by line",
    "searched on": "the day of the last search",
}
WITHHELD: Mapping[str, str] = {"withheld": "what is not given, with the reason and the way on"}
GIVEN: Mapping[str, str] = {
    "given": "what is given, line by line",
    "whom not to tell": "“the person” or “the people”, if the officer asked us not to tell them",
    "look again on": "the day on which not telling is looked at again",
}
REVIEWED: Mapping[str, str] = {
    "reviewed on": "the day of the review",
    "reason": "what the reviewer wrote; read whether all of it may go out",
}
RECEIVED: Mapping[str, str] = {"received on": "the day on which the request came"}


@dataclass(frozen=True, slots=True)
class LetterKind:
    """`when` says on what occasion the desk writes it; `more` are the names that only this letter knows."""

    code: str
    name: str
    when: str
    more: Mapping[str, str]

    @property
    def slug(self) -> str:
        return self.code.lower().replace("_", "-")

    @property
    def names(self) -> Mapping[str, str]:
        return {**EVERY_LETTER, **self.more}


LETTERS: Mapping[str, LetterKind] = {
    letter.code: letter
    for letter in (
        LetterKind(
            "ACKNOWLEDGEMENT",
            "Acknowledgement",
            "A request has come in, and the officer is told that we have it.",
            {
                **RECEIVED,
                "how it came": "by which way the request came, for example “post”",
                "missing": "the checklist of what is missing, line by line",
            },
        ),
        LetterKind(
            "RETURN",
            "Return for information",
            "Something is missing on the form, and it goes back.",
            {
                "reason": "what the handler wrote when returning it",
                "repealed law": "filled where the form cites the Act of 1998",
                "present law": "what is in force in its place, as far as a house lawyer has signed it off",
                "law as typed": "the citation as it stands on the form",
                "missing": "the checklist of what is missing, line by line",
                "communications data": "how communications data is asked for, where the form asks for some",
            },
        ),
        LetterKind(
            "PAPER", "The form behind an emergency", "An emergency was answered by word of mouth.", RECEIVED
        ),
        LetterKind(
            "REFUSAL",
            "Refusal",
            "Nothing is given.",
            {
                **WITHHELD,
                **SEARCHED,
                "whole": "filled where the request was refused before anything was searched",
            },
        ),
        LetterKind("DISCLOSURE", "Disclosure", "All that is held is given.", {**GIVEN, **SEARCHED}),
        LetterKind("PARTIAL", "Disclosure of a part", "A part is given.", {**GIVEN, **WITHHELD, **SEARCHED}),
        LetterKind(
            "CENTRAL_AUTHORITY",
            "Redirect to the central authority",
            "A foreign authority wrote to us directly.",
            WITHHELD,
        ),
        LetterKind(
            "SPOC",
            "Redirect to the single point of contact",
            "The police asked for communications data in the wrong way.",
            WITHHELD,
        ),
        LetterKind(
            "NEITHER",
            "Neither confirmed nor denied",
            "Saying whether we hold anything would itself do harm.",
            {},
        ),
        LetterKind(
            "NOT_PERSONAL",
            "No personal data asked for",
            "The request names organisations alone, and nobody is bound to answer it.",
            {},
        ),
        LetterKind(
            "PRESERVED",
            "Data is kept",
            "A preservation request was carried out: what is kept, and until when.",
            {
                "kept": "what is kept, line by line",
                "kept until": "the last day on which it is kept",
                "nothing kept": "what is not held or could not be kept, line by line",
            },
        ),
        LetterKind(
            "REVIEW_UPHELD", "Review: the answer stands", "A review left the answer as it was.", REVIEWED
        ),
        LetterKind(
            "REVIEW_OVERTURNED",
            "Review: the answer does not stand",
            "A review opened the request again.",
            REVIEWED,
        ),
        LetterKind("NIL", "Nothing held", "Nothing of what was asked for is held.", SEARCHED),
    )
}


@cache
def house_text(code: str) -> str:
    """The text that stands while nobody has written another."""
    return (HOUSE / f"{LETTERS[code].slug}.txt").read_text()
