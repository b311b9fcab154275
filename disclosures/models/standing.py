"""What the house says of an instrument of the catalogue: signed off by a lawyer, or switched off."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class InstrumentStanding(models.Model):
    """At most one row for each code. The catalogue holds the law, this what people here decided about the row of it.

    `signed_version`: the version of the catalogue's row that a house lawyer read and signed; a later version needs
    a signature of its own.
    """

    class OffReason(models.TextChoices):
        REPEALED = "REPEALED", "it is no longer in force"
        NOT_IN_FORCE = "NOT_IN_FORCE", "it is not in force yet"
        NOT_OURS = "NOT_OURS", "it cannot bind this company"
        DOUBTED = "DOUBTED", "a lawyer is looking at whether the catalogue has it right"

    code = models.CharField(max_length=16, unique=True)
    signed_version = models.PositiveSmallIntegerField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    off_at = models.DateTimeField(null=True)
    off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    off_reason = models.CharField(max_length=12, choices=OffReason, blank=True)
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="signature_is_whole",
                condition=Q(signed_version=None, signed_at=None, signed_by=None)
                | Q(signed_version__isnull=False, signed_at__isnull=False, signed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="switched_off_by_somebody_for_a_reason",
                condition=Q(off_at=None, off_by=None, off_reason="")
                | (Q(off_at__isnull=False, off_by__isnull=False) & ~Q(off_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return self.code
