"""Standing compartments: cells whose named members join each new secret of their class at its birth."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.roles import Role
from sealing.fields import SealedField, SealedModel
from sealing.models import DataKey


def cell_member_ref() -> str:
    return f"cm_{secrets.token_hex(8)}"


class CellMemberQuerySet(models.QuerySet["CellMember"]):
    def valid_at(self, now: datetime) -> "CellMemberQuerySet":
        return self.filter(Q(valid_until=None) | Q(valid_until__gt=now), valid_from__lte=now, ended_at=None)


class CellMember(SealedModel):
    """A person named to a cell, in a role, for a reason and a time. It grants nothing by itself.

    An object of the log of its own: that a cell has members tells nothing of any request.
    """

    class Cell(models.TextChoices):
        COMMUNICATIONS = "COMMS", "Communications-data desk"
        MONEY_LAUNDERING = "AML", "Anti-money-laundering cell"

    ref = models.CharField(max_length=20, unique=True, default=cell_member_ref, editable=False)
    data_key = models.OneToOneField(DataKey, on_delete=models.PROTECT, related_name="+")
    cell = models.CharField(max_length=5, choices=Cell)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    reason = SealedField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, help_text="Empty only for who was called in by the system.")
    ended_at = models.DateTimeField(
        null=True, help_text="When the end was recorded, by hand or by the sweep."
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty where two members were missing and the head of legal was called in.",
    )
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    objects = CellMemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cell", "user", "role"], condition=Q(ended_at=None), name="in_a_cell_once_per_role"
            ),
            models.CheckConstraint(
                name="cell_member_ends_after_beginning",
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="cell_member_named_for_a_time",
                condition=Q(valid_until__isnull=False) | Q(added_by=None),
            ),
            models.CheckConstraint(
                name="cell_member_ended_has_an_end",
                condition=Q(ended_at=None) | Q(valid_until__isnull=False, valid_until__lte=F("ended_at")),
            ),
            models.CheckConstraint(name="cell_member_has_a_reason", condition=Q(reason__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.ref

    def sealing_key(self) -> DataKey:
        return self.data_key
