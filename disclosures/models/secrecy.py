"""The end of a request's secrecy: proposed by one member, confirmed or turned down by another."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from sealing.fields import SealedField

from .request import RequestPart


class SecrecyEnd(RequestPart):
    """Stays in the record, whatever came of it. A date never stands here as a ground: only an answer or an end."""

    class Ground(models.TextChoices):
        AUTHORITY = "AUTHORITY", "The authority answered that it may be told"
        ORDER_ENDED = "ORDER_ENDED", "The order that forbade telling has ended"

    ground = models.CharField(max_length=12, choices=Ground)
    cited = SealedField()
    cited_on = models.DateField(help_text="The day of the authority's answer, or of the order's end.")
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed = models.BooleanField(null=True)
    why = SealedField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="secrecy_end_is_decided_by_somebody",
                condition=Q(decided_at=None, decided_by=None, confirmed=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False, confirmed__isnull=False),
            ),
            models.CheckConstraint(
                name="secrecy_ends_by_two_people",
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="secrecy_end_proposed_before_decided",
                condition=Q(decided_at=None) | Q(decided_at__gte=F("proposed_at")),
            ),
            models.CheckConstraint(name="secrecy_end_cites_something", condition=Q(cited__isnull=False)),
            models.UniqueConstraint(
                fields=["request"], condition=Q(decided_at=None), name="one_open_end_of_secrecy"
            ),
        ]

    def __str__(self) -> str:
        return f"end of secrecy {self.pk}"
