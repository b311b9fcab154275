"""The outbox: what was promised inside a transaction and is kept after it."""

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Now


class OutboxRow(models.Model):
    """One promise. `key` makes it once; the payload holds ids and references, nothing personal."""

    key = models.CharField(max_length=200, unique=True)
    topic = models.CharField(max_length=40)
    payload = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(help_text="Not before; moved on after each failure.")
    leased_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    gave_up_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=60, blank=True, help_text="A code, never the text of the error.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="outbox_lease_is_whole",
                condition=Q(leased_until=None, lease_token=None)
                | Q(leased_until__isnull=False, lease_token__isnull=False),
            ),
            models.CheckConstraint(
                name="outbox_ends_one_way", condition=Q(done_at=None) | Q(gave_up_at=None)
            ),
            models.CheckConstraint(
                name="outbox_ended_row_has_no_lease",
                condition=Q(done_at=None, gave_up_at=None) | Q(lease_token=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="outbox_waiting", condition=Q(done_at=None, gave_up_at=None)
            ),
            models.Index(
                fields=["gave_up_at"], name="outbox_given_up", condition=Q(gave_up_at__isnull=False)
            ),
            models.Index(KeyTransform("request", "payload"), name="outbox_of_request"),
        ]

    def __str__(self) -> str:
        return self.key
