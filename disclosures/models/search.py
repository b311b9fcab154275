"""Searches: which system was asked for which item of whom, and what it answered."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from sealing.fields import SealedField
from sealing.models import DataKey

from .item import Item
from .request import RequestPart
from .subject import Subject


class HeldSystem(models.Model):
    """A system that holds personal information, and what it holds."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    keeper = models.CharField(max_length=120, blank=True, help_text="The team that looks into it.")
    holds = models.JSONField(default=list, help_text="Codes of the item types it holds.")
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return self.name


class SystemVersion(models.Model):
    """What the register said of a system from one moment on. Written once, beside each change."""

    system = models.ForeignKey(HeldSystem, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    keeper = models.CharField(max_length=120, blank=True)
    holds = models.JSONField(default=list)
    is_active = models.BooleanField()
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: entered at set-up.",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "number"], name="one_version_per_number")]

    def __str__(self) -> str:
        return f"{self.system_id} {self.number}"


class SearchTask(RequestPart):
    """What a data holder is asked: identifiers, item and period, never the investigation."""

    reference = models.CharField(max_length=20, unique=True, editable=False)
    system = models.ForeignKey(HeldSystem, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    completed_at = models.DateTimeField(null=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="search_completed_by_somebody",
                condition=Q(completed_at=None, completed_by=None)
                | Q(completed_at__isnull=False, completed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="search_asked_before_completed",
                condition=Q(completed_at=None) | Q(completed_at__gte=F("asked_at")),
            ),
            models.UniqueConstraint(
                fields=["request", "system"],
                condition=Q(completed_at=None),
                name="one_open_search_per_system",
            ),
        ]
        indexes = [models.Index(fields=["due_on", "id"], condition=Q(completed_at=None), name="search_open")]

    def __str__(self) -> str:
        return self.reference


class SearchRecord(RequestPart):
    """One pair (item, subject) of a search task; empty result until the data holder has answered."""

    class Result(models.TextChoices):
        FOUND = "FOUND", "Found"
        NOT_HELD = "NOT_HELD", "Not held"

    task = models.ForeignKey(SearchTask, on_delete=models.PROTECT, related_name="records")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    result = models.CharField(max_length=10, choices=Result, blank=True)
    period_from = models.DateField(null=True)
    period_to = models.DateField(null=True)
    terms = SealedField()
    found = SealedField()
    searched_at = models.DateTimeField(null=True)
    searched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "item", "subject"], name="one_record_per_pair"),
            models.CheckConstraint(
                name="search_result_has_hand_and_time",
                condition=Q(result="", searched_at=None, searched_by=None)
                | (
                    ~Q(result="")
                    & Q(searched_at__isnull=False, searched_by__isnull=False, terms__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="found_says_what", condition=~Q(result="FOUND") | Q(found__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"record {self.pk} of {self.task_id}"

    def sealing_key(self) -> DataKey:
        return self.subject.data_key
