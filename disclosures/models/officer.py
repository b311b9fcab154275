"""The officers behind a request: who asks, and who countersigned."""

from django.db import models

from sealing.fields import SealedField

from .request import RequestPart


class Officer(RequestPart):
    class Part(models.TextChoices):
        REQUESTER = "REQUESTER", "Asks"
        COUNTERSIGNER = "COUNTERSIGNER", "Countersigned"

    part = models.CharField(max_length=14, choices=Part)
    rank = models.CharField(max_length=10, blank=True)
    same_as_requester = models.BooleanField(
        default=False, help_text="Set when both signatures were recorded: their numbers are the same."
    )
    standing = models.CharField(
        max_length=12,
        blank=True,
        help_text="Of the e-mail address, against the register when it was written down.",
    )
    number_index = models.CharField(
        max_length=64, blank=True, help_text="Blind: the same number gives the same."
    )
    email_index = models.CharField(
        max_length=64, blank=True, help_text="Blind: the same mailbox gives the same."
    )
    name = SealedField()
    number = SealedField()
    email = SealedField()
    phone = SealedField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "part"], name="one_officer_per_part")]
        indexes = [
            models.Index(fields=["number_index"], name="officer_number"),
            models.Index(fields=["email_index"], name="officer_mailbox"),
        ]

    def __str__(self) -> str:
        return self.part
