"""Clocks: the events that happened are the truth, the deadline's row is a cache of what follows."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ..deadlines.rules import EVENT_WORDS, PURPOSE_WORDS, STATED, EventKind, Threshold
from .calendars import CalendarRun
from .extension import Extension

SETTING = [EventKind.WORKING_DATE.value, EventKind.EXTENDED.value]
EXTENDING = [EventKind.EXTENDED.value, EventKind.UNDONE.value]


class BankHoliday(models.Model):
    """A day off in one part of the United Kingdom, or of the company's own. `ref` is division and date.

    A row of the source HAND was entered here, or struck out here if it is withdrawn; no import changes that.
    """

    class Division(models.TextChoices):
        ENGLAND_WALES = "EW", "England and Wales"
        SCOTLAND = "SC", "Scotland"
        NORTHERN_IRELAND = "NI", "Northern Ireland"
        CLOSURE = "CL", "The company's own closure"

    ref = models.CharField(max_length=13, unique=True)
    division = models.CharField(max_length=2, choices=Division)
    date = models.DateField()
    title = models.CharField(max_length=120)
    substitute = models.BooleanField(default=False, help_text="Kept on this weekday in place of a weekend.")
    source = models.CharField(max_length=60)
    reason = models.CharField(
        max_length=200, blank=True, help_text="Where it is proclaimed or decided; nothing personal."
    )
    imported_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, help_text="The source no longer lists this day.")
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["division", "date"], name="holiday_once_per_division")]

    def __str__(self) -> str:
        return self.ref

    @property
    def words(self) -> str:
        return f"{self.title} (substitute day)" if self.substitute else self.title


class DeadlineQuerySet(models.QuerySet["Deadline"]):
    def running(self) -> "DeadlineQuerySet":
        return self.filter(stopped_at=None, paused_at=None)


class Deadline(models.Model):
    """One clock of a request: its rule, and what the rule makes of the events and the calendar.

    `due_on` is a London day and `due_at` the first instant after it; for elapsed hours `due_at` is
    the exact instant and `due_on` the London day it falls on. Both are empty while the clock is paused.
    """

    request = models.ForeignKey("disclosures.Request", on_delete=models.PROTECT, related_name="deadlines")
    purpose = models.CharField(
        max_length=20, choices=[(p.value, words) for p, words in PURPOSE_WORDS.items()]
    )
    rule = models.CharField(max_length=20)
    n = models.PositiveSmallIntegerField(null=True)
    scheme = models.CharField(max_length=2)
    stated_on = models.DateField(null=True)
    starts_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    due_at = models.DateTimeField(null=True)
    last_day_on = models.DateField(null=True, help_text="The last working day on which the answer can go.")
    derivation = models.JSONField(default=list, help_text="Lines of day and words; nothing personal.")
    provisional = models.BooleanField(default=False, help_text="Reaches beyond the known bank holidays.")
    due_version = models.PositiveIntegerField(default=1)
    moved_by = models.ForeignKey(
        CalendarRun, null=True, on_delete=models.PROTECT, related_name="moved_deadlines"
    )
    moved_from_on = models.DateField(null=True, help_text="The day it was due before that run.")
    paused_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="deadline_day_and_instant_together",
                condition=Q(due_on=None, due_at=None, last_day_on=None)
                | Q(due_on__isnull=False, due_at__isnull=False, last_day_on__isnull=False),
            ),
            models.CheckConstraint(
                name="running_deadline_has_a_date",
                condition=Q(due_at__isnull=False) | Q(paused_at__isnull=False),
            ),
            models.CheckConstraint(
                name="stated_date_only_by_the_instrument",
                condition=Q(rule__in=[rule.value for rule in STATED], stated_on__isnull=False)
                | (~Q(rule__in=[rule.value for rule in STATED]) & Q(stated_on=None)),
            ),
            models.CheckConstraint(
                name="deadline_stops_after_it_starts",
                condition=Q(stopped_at=None) | Q(stopped_at__gte=F("starts_at")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="deadline_running", condition=Q(stopped_at=None, paused_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of request {self.request_id}"


class ClockEvent(models.Model):
    """What happened to a clock, in order; only ever added to. `request` ties it to the log."""

    request = models.ForeignKey("disclosures.Request", on_delete=models.PROTECT, related_name="+")
    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=[(k.value, words) for k, words in EVENT_WORDS.items()])
    at = models.DateTimeField()
    on = models.DateField(null=True, help_text="The day that a WORKING_DATE or EXTENDED event sets.")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(
        max_length=40, blank=True, help_text="A code; free text belongs in the log's payload."
    )
    extension = models.ForeignKey(
        Extension, null=True, on_delete=models.PROTECT, related_name="events", help_text="Given or undone."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="event_that_sets_a_day_has_it",
                condition=Q(kind__in=SETTING, on__isnull=False) | (~Q(kind__in=SETTING) & Q(on=None)),
            ),
            models.CheckConstraint(
                name="extension_is_given_or_undone",
                condition=Q(kind__in=EXTENDING, extension__isnull=False)
                | (~Q(kind__in=EXTENDING) & Q(extension=None)),
            ),
            models.UniqueConstraint(fields=["deadline", "extension", "kind"], name="extension_once_each_way"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at}"


class Reminder(models.Model):
    """Proof that a reminder was promised: the unique row is what makes it happen once."""

    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="reminders")
    due_version = models.PositiveIntegerField()
    threshold = models.CharField(max_length=16, choices=[(t.value, t.value) for t in Threshold])
    period = models.CharField(
        max_length=20, blank=True, help_text="The day or quarter of an hour, if it repeats."
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deadline", "due_version", "threshold", "period"], name="one_reminder_per_threshold"
            )
        ]

    def __str__(self) -> str:
        return f"{self.threshold} {self.period} of deadline {self.deadline_id}"
