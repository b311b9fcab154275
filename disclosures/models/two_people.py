"""What holds of a request and of a person's own request have in common, and what two people decide to destroy of either."""

from django.conf import settings
from django.db import models

from sealing.fields import SealedField


class Ground(models.TextChoices):
    ORDER = "ORDER", "An order that it be kept was served"
    INVESTIGATION = "INVESTIGATION", "Material of an investigation (PACE 1984, Schedule 1, paragraph 11)"
    LITIGATION = "LITIGATION", "Proceedings are under way or to be expected"
    REGULATOR = "REGULATOR", "A regulator or an auditor asked for it"
    SECRECY = "SECRECY", "A secrecy duty lasts (POCA 2002, section 342(2)(b))"
    OTHER = "OTHER", "Another ground"


class Hold(models.Model):
    """While it is not lifted nothing of what it is upon is destroyed. Each kind says upon what, and who may place it."""

    Ground = Ground

    reference = models.CharField(max_length=20, unique=True, editable=False)
    ground = models.CharField(max_length=14, choices=Ground)
    reason = SealedField()
    held_from = models.DateTimeField()
    review_on = models.DateField(help_text="A day to look again; it lifts nothing.")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    lift_reason = SealedField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.reference


class DecidedByTwo(models.Model):
    """One proposes, another confirms, either withdraws until it is done. `batch`: what was proposed together.

    What it says of itself is not personal and stays.
    """

    batch = models.CharField(max_length=20, editable=False, db_index=True)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_role = models.CharField(max_length=20)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_role = models.CharField(max_length=20, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict, help_text="How many rows of which kind.")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 over what was destroyed.")

    class Meta:
        abstract = True
