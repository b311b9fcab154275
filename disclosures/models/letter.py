"""Letters: what we write, as it was approved, and how it left."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from sealing.fields import SealedField

from .request import RequestPart, ReturnChannel


class Letter(RequestPart):
    class Purpose(models.TextChoices):
        RECEIPT = "RECEIPT", "Acknowledgement"
        RETURN = "RETURN", "Return for information"
        OUTCOME = "OUTCOME", "Answer"
        PRESERVED = "PRESERVED", "Data is kept"
        REVIEW = "REVIEW", "Outcome of a review"

    purpose = models.CharField(max_length=10, choices=Purpose)
    round = models.PositiveSmallIntegerField()
    recipient = SealedField()
    body = SealedField()
    prepared_at = models.DateTimeField()
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    sent_channel = models.CharField(max_length=12, choices=ReturnChannel, blank=True)
    sent_to = SealedField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "purpose", "round"], name="one_letter_per_purpose_and_round"
            ),
            models.CheckConstraint(
                name="sent_letter_says_how_and_to_whom",
                condition=Q(sent_at=None, sent_by=None, sent_channel="", sent_to=None)
                | (
                    Q(sent_at__isnull=False, sent_by__isnull=False, sent_to__isnull=False)
                    & ~Q(sent_channel="")
                ),
            ),
            models.CheckConstraint(
                name="prepared_letter_has_words", condition=Q(body__isnull=False, recipient__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of round {self.round}"
