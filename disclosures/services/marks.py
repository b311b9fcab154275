"""The marks by which the people of a company's request are held against the preferences. Part of recording it."""

from collections.abc import Sequence

from privacy.digests import digest
from privacy.identity import NORMALISATION, identity, normal_forms
from sealing.blind import veil

from ..models import Request, Subject, SubjectMark
from .intake import SubjectInput


def forget_marks(request: Request) -> None:
    SubjectMark.objects.filter(request=request).delete()


def has_marks(request: Request) -> bool:
    return SubjectMark.objects.filter(request=request).exists()


def write_marks(request: Request, given: Sequence[SubjectInput]) -> None:
    """For people who have just been written, in their order."""
    rows = Subject.objects.filter(request=request).order_by("position")
    SubjectMark.objects.bulk_create(
        SubjectMark(
            request=request, subject=row, mark=mark, normalisation=NORMALISATION,
            digest=veil(found) if request.restricted else found,
        )
        for row, person in zip(rows, given, strict=True)
        for mark, found in identity(
            digest,
            normal_forms(
                account_number=person.account_number, email=person.email, phone=person.phone, name=person.name,
                born_on=person.born_on,
            ),
        ).items()
    )  # fmt: skip
