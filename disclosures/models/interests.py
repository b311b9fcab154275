"""Looking again at the weighing of a legitimate interest, on the day that was set for it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from sealing.fields import SealedField

from .decision import Assessment
from .request import RequestPart


class InterestReview(RequestPart):
    """What came of it (DOMAIN C.7). If the weighing stands, `next_on` is the day of the next look; else it has none."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="reviews")
    was_due_on = models.DateField()
    stands = models.BooleanField()
    note = SealedField()
    next_on = models.DateField(null=True)
    reviewed_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="review_has_its_reason", condition=Q(note__isnull=False)),
            models.CheckConstraint(
                name="what_stands_is_looked_at_again",
                condition=Q(stands=True, next_on__isnull=False) | Q(stands=False, next_on=None),
            ),
        ]

    def __str__(self) -> str:
        return f"review of assessment {self.assessment_id}"
