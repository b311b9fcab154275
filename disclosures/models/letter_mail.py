"""A letter that leaves by mail: encrypted as a file, held for a while, then handed to the mail server."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from sealing.fields import SealedField

from .letter import Letter
from .request import RequestPart

WAITS = Q(sent_at=None, failed_at=None, called_back_at=None)


class LetterMail(RequestPart):
    """`attachment` is the letter, encrypted with the sealed password; it is kept only while the mail waits."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="+")
    address = SealedField()
    password = SealedField()
    attachment = models.BinaryField(null=True)
    queued_at = models.DateTimeField()
    queued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    queued_as = models.CharField(max_length=20, help_text="The role in which it was given to be sent.")
    leaves_at = models.DateTimeField(help_text="Until then it can be called back.")
    sent_at = models.DateTimeField(null=True, help_text="When the mail server took it.")
    failed_at = models.DateTimeField(null=True)
    called_back_at = models.DateTimeField(null=True)
    called_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter"], condition=WAITS, name="one_mail_of_a_letter_waits"),
            models.CheckConstraint(
                name="letter_mail_says_whither",
                condition=Q(address__isnull=False, password__isnull=False),
            ),
            models.CheckConstraint(
                name="letter_mail_ends_one_way",
                condition=Q(sent_at=None, failed_at=None)
                | Q(sent_at=None, called_back_at=None)
                | Q(failed_at=None, called_back_at=None),
            ),
            models.CheckConstraint(
                name="letter_mail_called_back_by_somebody",
                condition=Q(called_back_at=None, called_back_by=None)
                | Q(called_back_at__isnull=False, called_back_by__isnull=False),
            ),
            models.CheckConstraint(
                name="letter_mail_keeps_no_file",
                condition=(WAITS & Q(attachment__isnull=False)) | (~WAITS & Q(attachment=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"mail {self.pk} of letter {self.letter_id}"

    @property
    def waits(self) -> bool:
        return not (self.sent_at or self.failed_at or self.called_back_at)

    @property
    def key(self) -> str:
        """Of its promise in the outbox."""
        return f"letter:{self.pk}"
