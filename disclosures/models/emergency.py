"""An emergency at night: who was rung, and what was read out to whom."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import OnCall
from sealing.fields import SealedField

from .request import RequestPart


class CallAttempt(RequestPart):
    """One ring of somebody on the on-call list."""

    class Result(models.TextChoices):
        COMES = "COMES", "Answers and takes part"
        NO_ANSWER = "NO_ANSWER", "Does not answer"
        CANNOT = "CANNOT", "Answers and cannot take part"

    on_call = models.ForeignKey(OnCall, on_delete=models.PROTECT, related_name="+")
    result = models.CharField(max_length=10, choices=Result)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.result} of {self.on_call_id}"


class ReadOut(RequestPart):
    """The answer as it was read out on the call-back line: the minimum, to whom, on which number, when."""

    round = models.PositiveSmallIntegerField()
    words = SealedField()
    read_to = SealedField()
    number = SealedField()
    read_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="read_out_is_whole",
                condition=Q(words__isnull=False, read_to__isnull=False, number__isnull=False),
            ),
            models.CheckConstraint(name="read_out_is_past", condition=Q(read_at__lte=F("recorded_at"))),
        ]

    def __str__(self) -> str:
        return f"read out at {self.read_at}"
