"""Who follows a request, what is said between the desk and the company that asks, and what waits to be noticed."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q

from sealing.fields import SealedField

from .request import Request, RequestPart


class Message(RequestPart):
    """A word between the desk and the company whose request it is. Comments among colleagues are another table."""

    from_company = models.BooleanField()
    words = SealedField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(name="message_has_words", condition=Q(words__isnull=False))]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Watch(RequestPart):
    """Somebody wants to hear what becomes of a request that they may see."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="watches")
    began_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "user"], name="watched_once")]

    def __str__(self) -> str:
        return f"{self.user_id} watches {self.request_id}"


class PersonalNotice(models.Model):
    """What happened to a request that somebody has or watches. Shown only while they may see the request.

    `ref` names it in an address: the row's own number would count the notices of requests that are secret.
    """

    ref = models.UUIDField(default=uuid4, db_default=RandomUUID(), unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=120, help_text="Of the program's own making; nothing personal.")
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="notice_read_after_it_was_made", condition=Q(read_at=None) | Q(read_at__gte=F("made_at"))
            )
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notices_of_user"),
            models.Index(fields=["user", "request"], condition=Q(read_at=None), name="notices_unread"),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"
