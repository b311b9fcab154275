"""Dated evidence that the requester is who they say they are."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from sealing.fields import SealedField

from .request import RequestPart


class Evidence(RequestPart):
    class Code(models.TextChoices):
        SENDER_ADDRESS = "SENDER_ADDRESS", "Sender's address checked against the register"
        CALL_BACK = "CALL_BACK", "Rung back through the switchboard in the register"
        WARRANT_CARD = "WARRANT_CARD", "Warrant card seen in person"
        COURT_DOCUMENT = "COURT_DOCUMENT", "Court document checked: court, judge, dates, addressee and seal"
        NOTICE_CHECKED = (
            "NOTICE_CHECKED",
            "Notice checked: issuer, single point of contact, dates and addressee",
        )
        AUTHORITY_SHOWN = "AUTHORITY_SHOWN", "Authority for the notice shown to us"
        COMPANY_KNOWN = "COMPANY_KNOWN", "The company’s own submitter confirmed it"

    code = models.CharField(max_length=16, choices=Code)
    passed = models.BooleanField()
    standing = models.CharField(
        max_length=12,
        blank=True,
        help_text="Of the address that was checked, against the register of that moment.",
    )
    points = models.JSONField(
        default=dict, blank=True, help_text="What was looked at in a court document, and whether it holds."
    )
    at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    number_called = SealedField()
    number_source = models.CharField(max_length=240, blank=True)
    answered_by = SealedField()
    address = SealedField()
    note = SealedField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="call_back_says_number_and_source",
                condition=~Q(code="CALL_BACK") | (Q(number_called__isnull=False) & ~Q(number_source="")),
            )
        ]

    def __str__(self) -> str:
        return self.code
