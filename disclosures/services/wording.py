"""Changing the text of a letter: a new version each time, in the log, and back to the house's text at will."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.selectors import roles_of
from audit.entries import Actor, Changed, append

from ..models import LetterWording
from ..selectors.wording import EDITORS, wording_in_force
from ..wording import LETTERS, faults_of

LONGEST = 20_000


class WordingRefused(ValueError):
    """The text cannot be a letter's wording; `sentences` say why, all of them."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(" ".join(self.sentences))


def word_letter(*, letter: str, text: str, seen: int, actor: User, now: datetime) -> LetterWording:
    """Keeps the text as the next version. `seen` is the number of the version it was made from.

    Raises WordingRefused for a text that cannot be filled, and if somebody else was first.
    """
    text = text.replace("\r\n", "\n").strip() + "\n"
    faults = [f"Line {fault.line}: {fault.sentence}" for fault in faults_of(text, LETTERS[letter].names)]
    if not text.strip():
        faults.append("The letter has no text. To have the house’s text again, use the button for it.")
    if len(text) > LONGEST:
        faults.append(f"The text is longer than {LONGEST:,} characters. Shorten it.")
    if faults:
        raise WordingRefused(faults)
    return _keep(letter, text, seen, actor, now)


def unword_letter(*, letter: str, seen: int, actor: User, now: datetime) -> LetterWording:
    """From now on the house's text stands again; every earlier version stays to be read."""
    current = wording_in_force(letter)
    if current.is_house and not current.outgrown:
        raise WordingRefused(["The house’s text stands already."])
    return _keep(letter, "", seen, actor, now)


def _keep(letter: str, text: str, seen: int, actor: User, now: datetime) -> LetterWording:
    changed = ["Somebody else changed this letter in the meantime. Read their text, then change it again."]
    if seen != wording_in_force(letter).number:  # a number that never was, too
        raise WordingRefused(changed)
    try:
        return _add_version(letter, text, seen, actor, now)
    except IntegrityError:
        raise WordingRefused(changed) from None


@transaction.atomic(durable=True)
def _add_version(letter: str, text: str, seen: int, actor: User, now: datetime) -> LetterWording:
    roles = sorted(roles_of(actor, now) & EDITORS)
    if not roles:
        raise WordingRefused(["Only the head of legal and the administrators change the text of a letter."])
    row = LetterWording.objects.create(
        letter=letter, number=seen + 1, text=text, written_at=now, written_by=actor
    )
    append(
        event="letter_wording.changed",
        actor=Actor(actor.ref, roles[0]),
        obj=Changed("letter_wording", row.ref, row.version),
        detail={
            "as_of": now.isoformat(timespec="seconds"),
            "letter": letter,
            "number": row.number,
            "house_text": not text,
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
        },
    )
    return row
