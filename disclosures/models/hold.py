"""Holds: which system was asked to keep what of whom, until when, and what its holder said."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from sealing.fields import SealedField

from .item import Item
from .request import RequestPart
from .search import HeldSystem
from .subject import Subject


class HoldTask(RequestPart):
    """What a data holder is asked to keep: identifiers, item, period and until when, never the investigation.

    `until_on` follows the end of the instrument while the hold lasts; one that has ended never revives.
    """

    reference = models.CharField(max_length=20, unique=True, editable=False)
    system = models.ForeignKey(HeldSystem, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(help_text="The day by which the holder says what was done.")
    until_on = models.DateField(help_text="The last day on which it is to be kept.")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    kept_on = models.DateField(null=True, help_text="The day on which the hold was set.")
    how = SealedField()
    note = SealedField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="hold_confirmed_by_somebody",
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="hold_asked_before_confirmed",
                condition=Q(confirmed_at=None) | Q(confirmed_at__gte=F("asked_at")),
            ),
            models.CheckConstraint(
                name="hold_is_described_when_confirmed",
                condition=Q(confirmed_at__isnull=False) | Q(kept_on=None, how=None, note=None),
            ),
            models.CheckConstraint(
                name="hold_that_is_kept_says_how_and_since_when",
                condition=Q(kept_on=None, how=None) | Q(kept_on__isnull=False, how__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(ended_at=None), name="hold_lasting"),
            models.Index(fields=["due_on", "id"], condition=Q(confirmed_at=None), name="hold_unconfirmed"),
        ]

    def __str__(self) -> str:
        return self.reference


class HoldLine(RequestPart):
    """One pair (item, subject) of a hold; empty result until the data holder has said what was done."""

    class Result(models.TextChoices):
        KEPT = "KEPT", "Kept"
        NOT_HELD = "NOT_HELD", "Nothing is held"
        NOT_KEPT = "NOT_KEPT", "Not kept: the hold had ended"

    task = models.ForeignKey(HoldTask, on_delete=models.PROTECT, related_name="lines")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    result = models.CharField(max_length=10, choices=Result, blank=True)
    period_from = models.DateField(null=True)
    period_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "item", "subject"], name="one_line_per_pair_of_a_hold"),
            models.CheckConstraint(
                name="hold_result_is_known", condition=Q(result__in=["", "KEPT", "NOT_HELD", "NOT_KEPT"])
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.pk} of {self.task_id}"
