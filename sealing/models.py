"""The keys that seal values: a request's key under the master key, a subject's key under the request's."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class DataKey(models.Model):
    """One wrapped key. Erasing it makes everything sealed under it, and under its children, unreadable."""

    ref = models.UUIDField(unique=True, default=uuid4, editable=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    master_version = models.PositiveSmallIntegerField(null=True)
    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="data_key_has_one_wrapper",
                condition=Q(parent=None, master_version__isnull=False)
                | Q(parent__isnull=False, master_version=None),
            ),
            models.CheckConstraint(
                name="data_key_is_whole_or_erased",
                condition=Q(wrapped=None, erased_at__isnull=False) | Q(wrapped__isnull=False, erased_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"key {self.ref}"
