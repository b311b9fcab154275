"""What the company promised: the versions of its privacy policy, each with the days it was posted and took effect."""

from django.db import models
from django.db.models import Q

from accounts.models import opaque


def policy_ref() -> str:
    return opaque("p")


class PolicyVersion(models.Model):
    """One version. Without the day it was posted nobody may rely on it (register S06)."""

    ref = models.CharField(max_length=20, unique=True, default=policy_ref, editable=False)
    number = models.PositiveSmallIntegerField(unique=True)
    text = models.TextField()
    text_hash = models.CharField(max_length=64, help_text="SHA-256 of the text in UTF-8, in hex.")
    url = models.URLField(blank=True)
    posted_at = models.DateTimeField(null=True)
    effective_from = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="policy_takes_effect_once_posted",
                condition=Q(effective_from=None)
                | Q(posted_at__isnull=False, effective_from__gte=models.F("posted_at")),
            )
        ]

    def __str__(self) -> str:
        return f"Policy version {self.number}"
