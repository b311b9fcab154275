"""What starts and ends the periods that an instrument has beside that of its answer."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from sealing.fields import SealedField

from .request import RequestPart


class PeriodEvent(RequestPart):
    """One thing that a person read in the document or learnt, and that a second period hangs on. Only added to.

    Of the answers whether an order covers what we do not hold yet, the latest counts; what came in and was told of is
    handed over in the order in which it was told.
    """

    class What(models.TextChoices):
        COVERS_LATER = "COVERS_LATER", "The order also covers material that we do not hold yet"
        COVERS_HELD = "COVERS_HELD", "The order covers only what we hold"
        CAME_IN = "CAME_IN", "Such material came into our hands, and the constable was notified"
        HANDED_OVER = "HANDED_OVER", "What the constable was notified of was handed over"
        REVIEW_ASKED = "REVIEW_ASKED", "A review of the notice was asked for"

    what = models.CharField(max_length=12, choices=What)
    on = models.DateField(null=True, help_text="The day it happened; empty for what the order says.")
    note = SealedField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="period_event_says_where_or_how", condition=Q(note__isnull=False)),
            models.CheckConstraint(
                name="what_happened_has_its_day",
                condition=Q(what__in=["COVERS_LATER", "COVERS_HELD"], on=None)
                | (~Q(what__in=["COVERS_LATER", "COVERS_HELD"]) & Q(on__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} on {self.on}"
