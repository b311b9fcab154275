"""One arrow taken. The row that the database demands for every change of state."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q

from sealing.fields import SealedField

from .request import RequestPart


class Step(RequestPart):
    """`actor` is empty only for the steps of the clock. `act` is the deciding act, if it is one."""

    version = models.PositiveIntegerField(help_text="The request's version that this step made.")
    round = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=24)
    act = models.CharField(max_length=24, blank=True)
    source = models.CharField(max_length=24)
    target = models.CharField(max_length=24)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    reason = SealedField()
    proposal_digest = models.CharField(max_length=64, blank=True)
    idempotency_key = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "version"], name="one_step_per_version"),
            models.CheckConstraint(
                name="only_the_clock_acts_without_a_person",
                condition=Q(actor__isnull=False) | Q(action__in=["EXPIRE", "OBJECTED"]),
            ),
            models.UniqueConstraint(
                fields=["request", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="one_step_per_key",
            ),
            ExclusionConstraint(
                name="deciding_acts_exclude_each_other",
                expressions=[
                    ("request", RangeOperators.EQUAL),
                    ("actor", RangeOperators.EQUAL),
                    ("act", RangeOperators.NOT_EQUAL),
                ],
                condition=~Q(act="") & Q(actor__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["request", "id"], name="step_history")]

    def __str__(self) -> str:
        return f"{self.action} → {self.target}"
