"""Whether the person a request is about is told of it: proposed, told, or not told with the reason."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from sealing.fields import SealedField

from .request import RequestPart


class SubjectNotice(RequestPart):
    """Only added to; the newest one is how it stands. What is proposed is never due: a person answers it, or not yet."""

    class What(models.TextChoices):
        PROPOSED = "PROPOSED", "To be considered"
        TOLD = "TOLD", "The person was told"
        NOT_TOLD = "NOT_TOLD", "The person is not told"

    class Ground(models.TextChoices):
        SECRECY_ENDED = "SECRECY_ENDED", "The secrecy has ended"
        LOOK_AGAIN = "LOOK_AGAIN", "The day for looking again has come"

    class Manner(models.TextChoices):
        LETTER = "LETTER", "By letter"
        EMAIL = "EMAIL", "By e-mail"
        TELEPHONE = "TELEPHONE", "By telephone"
        IN_PERSON = "IN_PERSON", "In person"

    what = models.CharField(max_length=8, choices=What)
    ground = models.CharField(max_length=13, choices=Ground, blank=True)
    told_on = models.DateField(null=True)
    manner = models.CharField(max_length=9, choices=Manner, blank=True)
    words = SealedField()
    review_on = models.DateField(
        null=True, help_text="When it is looked at again; it tells nobody by itself."
    )
    made_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty where its day proposed it.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="notice_is_proposed_on_a_ground",
                condition=~Q(ground="") & Q(what="PROPOSED", words=None)
                | Q(ground="") & ~Q(what="PROPOSED") & Q(words__isnull=False, recorded_by__isnull=False),
            ),
            models.CheckConstraint(
                name="told_on_a_day_in_a_manner",
                condition=Q(what="TOLD", told_on__isnull=False) & ~Q(manner="")
                | ~Q(what="TOLD") & Q(told_on=None, manner=""),
            ),
            models.CheckConstraint(
                name="only_who_is_not_told_is_looked_at_again",
                condition=Q(review_on=None) | Q(what="NOT_TOLD"),
            ),
        ]
        indexes = [
            models.Index(fields=["review_on"], condition=Q(review_on__isnull=False), name="notice_to_look_at")
        ]

    def __str__(self) -> str:
        return f"notice to the person {self.pk}"
