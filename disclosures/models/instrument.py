"""The legal instrument a request relies on, as it lies on the desk; its terms stand in the catalogue."""

from django.db import models
from django.db.models import Q

from sealing.fields import SealedField

from .. import catalogue
from ..catalogue.versions import as_it_was
from .request import RequestPart


class Instrument(RequestPart):
    code = models.CharField(max_length=16)
    catalogue_version = models.PositiveSmallIntegerField()
    terms_pinned_at = models.DateTimeField(
        null=True, help_text="Since then it is read by that version of the catalogue; empty: by today's."
    )
    governs = models.BooleanField(default=True)
    dated_on = models.DateField(null=True)
    made_on = models.DateField(null=True)
    served_on = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    stated_due_on = models.DateField(null=True)
    statute_typed = SealedField()
    court = SealedField()
    judge = SealedField()
    case_number = SealedField()
    addressee = SealedField()
    addressee_is_ours = models.BooleanField(
        null=True,
        help_text="Whether it is one of the company's names, as they stood then; empty without an addressee.",
    )
    authority_shown = SealedField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(governs=True), name="one_instrument_governs"
            )
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def terms(self) -> catalogue.Instrument:
        """Today's terms; of what is decided, those under which it was decided."""
        current = catalogue.INSTRUMENTS[self.code]
        return as_it_was(current, self.catalogue_version) if self.terms_pinned_at else current
