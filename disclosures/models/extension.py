"""Why a clock was moved by hand: who asked for it in writing, and the reason."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from sealing.fields import SealedField

from ..deadlines.rules import PURPOSE_WORDS
from .request import RequestPart


class Extension(RequestPart):
    """A later (or, by the issuer, an earlier) day for one clock. It stands until an UNDONE event names it.

    `by_issuer`: it rests on the issuer's or the court's own letter, whose reference and day are kept.
    """

    purpose = models.CharField(
        max_length=20, choices=[(p.value, words) for p, words in PURPOSE_WORDS.items()]
    )
    until_on = models.DateField()
    by_issuer = models.BooleanField()
    letter_on = models.DateField(null=True)
    letter_reference = SealedField()
    reason = SealedField()
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="issuer_s_extension_has_its_letter",
                condition=Q(by_issuer=False, letter_on=None)
                | Q(by_issuer=True, letter_on__isnull=False, letter_reference__isnull=False),
            ),
            models.CheckConstraint(name="extension_has_a_reason", condition=Q(reason__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"extension {self.pk}"
