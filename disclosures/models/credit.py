"""What lets credit be checked for one person of a request: their application, its terms, the agency (policy S23)."""

from django.conf import settings
from django.db import models

from sealing.fields import SealedField
from sealing.models import DataKey

from .request import RequestPart
from .subject import Subject


class CreditApplication(RequestPart):
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="credit_applications")
    agency = models.ForeignKey("privacy.CreditAgency", on_delete=models.PROTECT, related_name="+")
    terms = models.ForeignKey("privacy.TermsVersion", on_delete=models.PROTECT, related_name="+")
    applied_on = models.DateField()
    reference = SealedField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "subject"], name="one_application_per_person"),
            models.CheckConstraint(
                name="application_has_a_reference", condition=models.Q(reference__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"application of subject {self.subject_id}"

    def sealing_key(self) -> DataKey:
        return self.subject.data_key
