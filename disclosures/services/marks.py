"""The marks by which the people of a company's request are held against the preferences. Part of recording it."""

from collections.abc import Iterator, Sequence

from privacy.digests import digest
from privacy.identity import NORMALISATION, identity, normal_forms
from sealing.blind import veil

from ..models import Request, Subject, SubjectMark
from .intake import SubjectInput


def forget_marks(request: Request) -> None:
    SubjectMark.objects.filter(request=request).delete()


def has_marks(request: Request) -> bool:
    return SubjectMark.objects.filter(request=request).exists()


def renew_marks(*, request: Request, subject: Subject, given: SubjectInput) -> None:
    """Of one person who has just been corrected, on a request whose people have marks."""
    SubjectMark.objects.filter(subject=subject).delete()
    SubjectMark.objects.bulk_create(_marks_of(request, subject, given))


def write_marks(request: Request, given: Sequence[SubjectInput]) -> None:
    """For people who have just been written, in their order."""
    rows = Subject.objects.filter(request=request).order_by("position")
    SubjectMark.objects.bulk_create(
        mark for row, person in zip(rows, given, strict=True) for mark in _marks_of(request, row, person)
    )


def _marks_of(request: Request, row: Subject, person: SubjectInput) -> Iterator[SubjectMark]:
    forms = normal_forms(
        account_number=person.account_number, email=person.email, phone=person.phone, name=person.name,
        born_on=person.born_on,
    )  # fmt: skip
    for mark, found in identity(digest, forms).items():
        yield SubjectMark(
            request=request, subject=row, mark=mark, normalisation=NORMALISATION,
            digest=veil(found) if request.restricted else found,
        )  # fmt: skip
