"""Which text a letter is written from today, and what it was before."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of

from ..models import LetterWording
from ..wording import LETTERS, LetterKind, faults_of, house_text

EDITORS = frozenset({Role.HEAD_OF_LEGAL, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class InForce:
    """`number` 0: nobody has changed the house's text yet. `outgrown`: the kept text names what is no longer known,
    and the house's text stands in for it until somebody corrects it."""

    text: str
    number: int
    is_house: bool
    outgrown: bool = False


def wording_in_force(code: str) -> InForce:
    newest = LetterWording.objects.filter(letter=code).order_by("-number").first()
    if newest is None or not newest.text:
        return InForce(house_text(code), newest.number if newest else 0, is_house=True)
    if faults_of(newest.text, LETTERS[code].names):
        return InForce(house_text(code), newest.number, is_house=True, outgrown=True)
    return InForce(newest.text, newest.number, is_house=False)


def wordings_in_force() -> list[tuple[LetterKind, LetterWording | None]]:
    """Every letter with its newest version."""
    newest = {row.letter: row for row in _rows().order_by("letter", "-number").distinct("letter")}
    return [(kind, newest.get(kind.code)) for kind in LETTERS.values()]


def versions_of(code: str) -> list[LetterWording]:
    """The newest first."""
    return list(_rows().filter(letter=code).order_by("-number"))


def _rows() -> QuerySet[LetterWording]:
    return LetterWording.objects.select_related("written_by")


def may_word_letters(user: User, now: datetime) -> bool:
    return bool(roles_of(user, now) & EDITORS)
