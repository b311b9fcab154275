"""An audit pack: the files for the audit of a period, built in the background and sealed for the auditor who asked."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from sealing.fields import SealedField, SealedModel
from sealing.models import DataKey


class AuditPack(SealedModel):
    """What was asked for, and the archives (base64 inside the seal) until they are dropped.

    Restricted requests are in an archive of their own, and only where the auditor was cleared for it.
    """

    ref = models.CharField(max_length=20, unique=True, editable=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    first_day = models.DateField()
    last_day = models.DateField()
    seed = models.CharField(max_length=40)
    sample_size = models.PositiveSmallIntegerField()
    with_sealed = models.BooleanField()
    post_count = models.PositiveIntegerField(null=True)
    post_source = models.CharField(
        max_length=120, blank=True, help_text="Where it was counted; nothing personal."
    )
    mail_count = models.PositiveIntegerField(null=True)
    mail_source = models.CharField(
        max_length=120, blank=True, help_text="Where it was counted; nothing personal."
    )
    built_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    content = SealedField()
    sealed_content = SealedField()
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="audit_pack_of_a_period", condition=Q(last_day__gte=F("first_day"))),
            models.CheckConstraint(
                name="audit_pack_is_there_from_built_to_dropped",
                condition=Q(content=None, built_at=None)
                | Q(content__isnull=False, built_at__isnull=False, dropped_at=None)
                | Q(content=None, sealed_content=None, built_at__isnull=False, dropped_at__isnull=False),
            ),
            models.CheckConstraint(
                name="sealed_archive_only_for_the_cleared",
                condition=Q(sealed_content=None) | Q(with_sealed=True),
            ),
        ]
        indexes = [models.Index(fields=["asked_by", "-id"], name="audit_packs_of_auditor")]

    def __str__(self) -> str:
        return self.ref

    def sealing_key(self) -> DataKey:
        return self.asked_by.data_key

    @property
    def log(self) -> str:
        """The log its entries go to: that somebody is cleared stands in `sealed` alone."""
        return "sealed" if self.with_sealed else "main"


class AuditPackWork(models.Model):
    """How far the building is: the worker's own row, leased like a promise."""

    pack = models.OneToOneField(AuditPack, on_delete=models.PROTECT, related_name="work")
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    gave_up = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["id"], name="audit_pack_waiting", condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return f"{self.done}/{self.of}"

    @property
    def per_cent(self) -> int:
        return 100 * self.done // max(self.of, 1)
