"""Who may do what with one request. `permissions.py` is the only writer of grants.

The grants point at the reference, not at the row: a permission is looked up without touching the
request, so that a forbidden one and a missing one take the same road.
"""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts.roles import Role
from sealing.fields import SealedField

from .request import Request, RequestPart


class RequestUserGrant(UserObjectPermissionBase):
    content_object = models.ForeignKey(
        Request, to_field="reference", on_delete=models.PROTECT, db_index=False
    )
    # The end of the membership it comes from: it counts no longer from then on, whenever the sweep comes by.
    valid_until = models.DateTimeField(null=True)

    class Meta(UserObjectPermissionBase.Meta):
        indexes = [
            models.Index(fields=["content_object", "permission", "user"], name="user_grant_of_request")
        ]

    def __str__(self) -> str:
        return f"{self.permission_id} on {self.content_object_id}"


class RequestGroupGrant(GroupObjectPermissionBase):
    content_object = models.ForeignKey(
        Request, to_field="reference", on_delete=models.PROTECT, db_index=False
    )

    class Meta(GroupObjectPermissionBase.Meta):
        indexes = [
            models.Index(fields=["content_object", "permission", "group"], name="group_grant_of_request")
        ]

    def __str__(self) -> str:
        return f"{self.permission_id} on {self.content_object_id}"


class Exclusion(RequestPart):
    """A conflict of interest: this person does not see this request, whatever else they may."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = SealedField()
    excluded_at = models.DateTimeField()
    excluded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "user"], name="excluded_once"),
            models.CheckConstraint(name="exclusion_has_a_reason", condition=Q(reason__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"exclusion {self.pk}"


class MemberQuerySet(models.QuerySet["CompartmentMember"]):
    def valid_at(self, now: datetime) -> "MemberQuerySet":
        return self.filter(Q(valid_until=None) | Q(valid_until__gt=now), valid_from__lte=now)

    def still_to_come(self, now: datetime) -> "MemberQuerySet":
        return self.filter(ended_at=None, waits=True, valid_from__gt=now)


class CompartmentMember(RequestPart):
    """A person named to a restricted request, in a role, for a reason and a time."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    reason = SealedField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    waits = models.BooleanField(default=False, help_text="Begins later, and has not begun yet.")
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

    objects = MemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "user", "role"], condition=Q(valid_until=None), name="member_once_per_role"
            ),
            models.CheckConstraint(
                name="member_ends_after_beginning",
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
            ),
            models.CheckConstraint(name="member_has_a_reason", condition=Q(reason__isnull=False)),
            models.CheckConstraint(
                name="member_ended_has_an_end",
                condition=Q(ended_at=None) | Q(valid_until__isnull=False, valid_until__lte=F("ended_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["request"], condition=Q(ended_at=None), name="member_current"),
        ]

    def __str__(self) -> str:
        return f"member {self.pk}"
