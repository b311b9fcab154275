"""What the bank holidays rest on: the lists that the sources publish, and the runs that move the clocks."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class HolidaySource(models.Model):
    """The newest list of one source, as it gave it. The table of bank holidays is made of these."""

    ref = models.CharField(max_length=40, unique=True, help_text="The source's own name.")
    fetched_at = models.DateTimeField()
    published_until = models.DateField(help_text="Beyond this day nobody has proclaimed anything yet.")
    days = models.JSONField(help_text="Rows of division, day, title and whether it is a substitute.")
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return self.ref


class CalendarRun(models.Model):
    """One recalculation of every open deadline, made by what changed the bank holidays, in its transaction.

    `after_request` is how far it has come: whoever finds it unfinished goes on from there. `moved` counts
    only what everybody may know of; a restricted request moves without being counted.
    """

    ref = models.CharField(max_length=20, unique=True, editable=False)
    changes = models.JSONField(help_text="The days that became or ceased to be bank holidays.")
    started_at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    after_request = models.BigIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    class Meta:
        indexes = [models.Index(fields=["id"], name="calendar_run_open", condition=Q(finished_at=None))]

    def __str__(self) -> str:
        return self.ref
