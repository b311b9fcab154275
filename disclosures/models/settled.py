"""What was settled or spent beside the decision: to whom an order is addressed, the hours and the fee."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q

from sealing.fields import SealedField

from .request import RequestPart


class AddresseeAnswer(RequestPart):
    """Legal's answer to the question whether an order is addressed to us. `about`: the seal of the instrument as it lay there."""

    about = models.UUIDField()
    ours = models.BooleanField()
    reason = SealedField()
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="addressee_has_a_reason", condition=Q(reason__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"addressee of {self.request_id}"


class Cost(RequestPart):
    """Hours spent on a request and a fee asked for it (in pounds). A mistake is set right by a row with a minus."""

    hours = models.DecimalField(max_digits=6, decimal_places=2, default=Decimal(0))
    fee = models.DecimalField(max_digits=9, decimal_places=2, default=Decimal(0))
    note = SealedField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="cost_is_something", condition=~Q(hours=0) | ~Q(fee=0)),
            models.CheckConstraint(name="cost_has_a_note", condition=Q(note__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"cost of {self.request_id}"
