"""Who is cleared for interception: who may be handed a warrant of which nothing is ever recorded here."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from sealing.fields import SealedField, SealedModel
from sealing.models import DataKey


def interception_clearance_ref() -> str:
    return f"ic_{secrets.token_hex(8)}"


class InterceptionClearanceQuerySet(models.QuerySet["InterceptionClearance"]):
    def valid_at(self, now: datetime) -> "InterceptionClearanceQuerySet":
        return self.not_over(now).filter(valid_from__lte=now)

    def not_over(self, now: datetime) -> "InterceptionClearanceQuerySet":
        """Also those whose first day is still to come."""
        return self.filter(valid_until__gt=now, end=None)


class InterceptionClearance(SealedModel):
    """A person was vetted and may be handed an interception warrant, from one instant to another (half open).

    Rows are added and stay. Nothing hangs on a warrant: that one exists is secret (Investigatory Powers Act 2016,
    sections 57 to 59). Their entries are in `sealed`, for the day on which somebody is cleared might tell of one.
    """

    ref = models.CharField(max_length=20, unique=True, default=interception_clearance_ref, editable=False)
    data_key = models.OneToOneField(DataKey, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    vetting = SealedField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    objects = InterceptionClearanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="interception_clearance_ends_after_it_begins",
                condition=Q(valid_until__gt=F("valid_from")),
            ),
            models.CheckConstraint(
                name="nobody_clears_themselves_for_interception", condition=~Q(user=F("given_by"))
            ),
            models.CheckConstraint(
                name="interception_clearance_names_the_vetting", condition=Q(vetting__isnull=False)
            ),
        ]
        indexes = [models.Index(name="interception_of_a_person", fields=["user", "valid_until"])]

    def __str__(self) -> str:
        return self.ref

    def sealing_key(self) -> DataKey:
        return self.data_key


class InterceptionClearanceEnd(models.Model):
    """A clearance was ended before its last day."""

    clearance = models.OneToOneField(
        InterceptionClearance, to_field="ref", db_column="ref", on_delete=models.PROTECT, related_name="end"
    )
    ended_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return self.clearance_id
