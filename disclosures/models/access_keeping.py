"""Keeping and destroying a person's own request: its legal holds, and what two people decided to destroy."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from sealing.fields import SealedModel
from sealing.models import DataKey

from ..deadlines.rules import Threshold
from .accounting import AccessRequest
from .two_people import DecidedByTwo, Hold


class AccessHold(Hold, SealedModel):
    """While it is not lifted nothing of the person's request is destroyed: the database refuses it as well.

    It is placed upon this request by itself. No hold of a disclosure counts here, for a secret one would show.
    """

    access = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="holds")
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="access_hold_has_a_reason", condition=Q(reason__isnull=False) & ~Q(ground="SECRECY")
            ),
            models.CheckConstraint(
                name="access_hold_lifted_by_somebody",
                condition=Q(lifted_at=None, lifted_by=None, lift_reason=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False, lift_reason__isnull=False),
            ),
            models.CheckConstraint(
                name="access_hold_lifted_after_it_began",
                condition=Q(lifted_at=None) | Q(lifted_at__gte=F("held_from")),
            ),
        ]
        indexes = [models.Index(fields=["access"], condition=Q(lifted_at=None), name="access_hold_lasting")]

    def sealing_key(self) -> DataKey:
        return self.access.data_key


class AccessDisposal(DecidedByTwo):
    """One person's own request that two people decided to destroy, its period being over. Nothing in it is personal."""

    access = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="disposals")
    retention_class = models.CharField(max_length=10)
    keep_until = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="access_disposal_takes_two",
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="access_disposal_confirmed_by_somebody",
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="access_disposal_withdrawn_by_somebody",
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
            models.CheckConstraint(
                name="access_disposal_done_after_confirmed",
                condition=Q(done_at=None, digest="")
                | (Q(done_at__isnull=False, confirmed_at__isnull=False, withdrawn_at=None) & ~Q(digest="")),
            ),
            models.UniqueConstraint(
                fields=["access"],
                condition=Q(done_at=None, withdrawn_at=None),
                name="one_access_disposal_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch} {self.access_id}"


class AccessReminder(models.Model):
    """Proof that a reminder was promised: the unique row is what makes it happen once for each day it is due on."""

    access = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="reminders")
    due_on = models.DateField()
    threshold = models.CharField(max_length=16, choices=[(t.value, t.value) for t in Threshold])
    period = models.CharField(max_length=20, blank=True, help_text="The day, if it repeats.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["access", "due_on", "threshold", "period"], name="one_access_reminder_per_threshold"
            )
        ]

    def __str__(self) -> str:
        return f"{self.threshold} {self.period} of {self.access_id}"
