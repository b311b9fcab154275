"""A person's own request: to whom did you disclose what you hold of me? (UK GDPR Article 15(1)(c))"""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from sealing.fields import SealedField, SealedModel
from sealing.models import DataKey

from ..references import new_reference
from .request import Request
from .subject import Subject


def new_access_reference() -> str:
    return f"SA{new_reference().removeprefix('CP')}"


class AccessRequest(SealedModel):
    """It came by post, mail or telephone and is worked by staff; the person has no account here.

    Nothing in it depends on a restricted request, not even its being there.
    """

    class Channel(models.TextChoices):
        POST = "POST", "Post"
        EMAIL = "EMAIL", "E-mail"
        TELEPHONE = "TELEPHONE", "Telephone"
        IN_PERSON = "IN_PERSON", "In person"

    class Identity(models.TextChoices):
        CALLED_BACK = "CALLED_BACK", "Called back on the number we hold"
        QUESTIONS = "QUESTIONS", "Asked what only the customer knows"
        DOCUMENT = "DOCUMENT", "Saw a document with a photograph"
        ADDRESS = "ADDRESS", "Wrote to the address we hold"

    class Unanswered(models.TextChoices):
        WITHDRAWN = "WITHDRAWN", "The person withdrew it"
        NO_PROOF = "NO_PROOF", "The proof of identity never came"
        NO_CLARIFICATION = "NO_CLARIFICATION", "What we asked to be made clear never came"
        REFUSED = "REFUSED", "Refused as unfounded or excessive (UK GDPR, Article 12(5))"
        MISTAKE = "MISTAKE", "It was recorded twice or by mistake"

    ref = models.CharField(max_length=12, unique=True, default=new_access_reference, editable=False)
    data_key = models.OneToOneField(DataKey, on_delete=models.PROTECT, related_name="+")
    name = SealedField()
    born_on = SealedField()
    phone = SealedField()
    email = SealedField()
    account_number = SealedField()
    reply_to = SealedField()
    channel = models.CharField(max_length=10, choices=Channel)
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proof_asked_at = models.DateTimeField(null=True)
    identity_how = models.CharField(max_length=12, choices=Identity, blank=True)
    identity_note = SealedField()
    identity_at = models.DateTimeField(null=True)
    identity_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    clarification_asked_at = models.DateTimeField(null=True)
    clarification_came_at = models.DateTimeField(null=True)
    extended_at = models.DateTimeField(null=True)
    extended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    extended_for = SealedField()
    considered_at = models.DateTimeField(null=True)
    considered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    considered_why = SealedField()
    proposed_at = models.DateTimeField(null=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    answer = SealedField()
    digest = models.CharField(max_length=64, blank=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_how = models.CharField(max_length=16, choices=Unanswered, blank=True)
    closed_why = SealedField()
    due_on = models.DateField(null=True)
    retention_class = models.CharField(max_length=10, blank=True)
    keep_until = models.DateField(null=True)
    disposed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="identity_was_checked_by_somebody",
                condition=Q(identity_at=None, identity_by=None, identity_how="")
                | (Q(identity_at__isnull=False, identity_by__isnull=False) & ~Q(identity_how="")),
            ),
            models.CheckConstraint(
                name="clarification_comes_after_it_was_asked",
                condition=Q(clarification_came_at=None)
                | Q(clarification_came_at__gte=F("clarification_asked_at")),
            ),
            models.CheckConstraint(
                name="access_extended_for_a_reason",
                condition=Q(extended_at=None, extended_by=None, extended_for=None)
                | Q(extended_at__isnull=False, extended_by__isnull=False, extended_for__isnull=False)
                | Q(extended_at__isnull=False, extended_by__isnull=False, disposed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="access_considered_for_a_reason",
                condition=Q(considered_at=None, considered_by=None, considered_why=None)
                | Q(considered_at__isnull=False, considered_by__isnull=False, considered_why__isnull=False)
                | Q(considered_at__isnull=False, considered_by__isnull=False, disposed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="access_answer_is_whole",
                condition=Q(proposed_at=None, proposed_by=None, answer=None, digest="")
                | (
                    Q(proposed_at__isnull=False, proposed_by__isnull=False, answer__isnull=False)
                    & ~Q(digest="")
                )
                | Q(proposed_at__isnull=False, proposed_by__isnull=False, disposed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="access_answer_has_four_eyes",
                condition=Q(approved_at=None, approved_by=None)
                | (
                    Q(approved_at__isnull=False, approved_by__isnull=False, proposed_by__isnull=False)
                    & ~Q(approved_by=F("proposed_by"))
                ),
            ),
            models.CheckConstraint(
                name="access_closed_for_a_reason",
                condition=Q(closed_at=None, closed_by=None, closed_how="", closed_why=None)
                | (
                    Q(closed_at__isnull=False, closed_by__isnull=False)
                    & (Q(closed_why__isnull=False) | Q(disposed_at__isnull=False))
                    & ~Q(closed_how="")
                ),
            ),
            models.CheckConstraint(
                name="access_ends_one_way", condition=Q(approved_at=None) | Q(closed_at=None)
            ),
            models.CheckConstraint(
                name="access_is_kept_from_its_end",
                condition=Q(keep_until=None, retention_class="", disposed_at=None)
                | (
                    (Q(approved_at__isnull=False) | Q(closed_at__isnull=False))
                    & Q(keep_until__isnull=False)
                    & ~Q(retention_class="")
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["-recorded_at", "-id"], name="access_requests_newest_first"),
            models.Index(
                fields=["keep_until", "ref"],
                condition=Q(keep_until__isnull=False, disposed_at=None),
                name="access_requests_by_last_day",
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    def sealing_key(self) -> DataKey:
        return self.data_key

    @property
    def ended_at(self) -> datetime | None:
        """When it was answered or closed without an answer; its period of keeping begins there."""
        return self.approved_at or self.closed_at


class AccessTold(models.Model):
    """One disclosure to the police or an authority that a cleared person decided to tell of."""

    access = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="told")
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="+")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField()
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["access", "subject"], name="told_of_once")]

    def __str__(self) -> str:
        return f"told of subject {self.subject_id}"
