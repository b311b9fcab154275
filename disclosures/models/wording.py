"""What an office has made of a letter's text. A version is written once; the newest one counts."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import opaque


def wording_ref() -> str:
    return opaque("w")


class LetterWording(models.Model):
    """One version. An empty text says that from here on the house's own text stands again."""

    ref = models.CharField(max_length=20, unique=True, default=wording_ref, editable=False)
    letter = models.CharField(max_length=20, help_text="The letter’s code in the list of letters.")
    number = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "number"], name="one_wording_per_number"),
            models.CheckConstraint(name="wordings_are_counted_from_one", condition=Q(number__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.letter} {self.number}"
