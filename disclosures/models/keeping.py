"""Keeping and destroying: legal holds, and what two people decided to destroy."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from sealing.fields import SealedField

from .request import RequestPart
from .two_people import DecidedByTwo, Hold


class LegalHold(Hold, RequestPart):
    """While it is not lifted nothing of the request is destroyed, whoever asks: the database refuses it as well."""

    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        help_text="Empty for the one that a secrecy duty makes by itself.",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="legal_hold_is_placed_by_somebody",
                condition=Q(placed_by__isnull=False, reason__isnull=False) | Q(ground="SECRECY"),
            ),
            models.CheckConstraint(
                name="legal_hold_lifted_by_somebody",
                condition=Q(lifted_at=None, lifted_by=None, lift_reason=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="legal_hold_lifted_after_it_began",
                condition=Q(lifted_at=None) | Q(lifted_at__gte=F("held_from")),
            ),
            models.UniqueConstraint(
                fields=["request"], condition=Q(ground="SECRECY"), name="one_secrecy_hold"
            ),
        ]
        indexes = [
            models.Index(fields=["request"], condition=Q(lifted_at=None), name="legal_hold_lasting"),
        ]


class Disposal(DecidedByTwo, RequestPart):
    """One request, or one person of it, that two people decided to destroy. Its free reason goes with the request's key."""

    class What(models.TextChoices):
        CASE = "CASE", "The request as a whole"
        SUBJECT = "SUBJECT", "One person of it"

    class Ground(models.TextChoices):
        RETENTION = "RETENTION", "The period of keeping is over"
        ERASURE = "ERASURE", "The person asked to be erased (UK GDPR, Article 17)"
        MISTAKE = "MISTAKE", "It was recorded by mistake"
        COURT = "COURT", "A court or the regulator ordered it"

    what = models.CharField(max_length=8, choices=What)
    position = models.PositiveSmallIntegerField(null=True, help_text="Of the person, if it is one.")
    ground = models.CharField(max_length=10, choices=Ground)
    reason = SealedField()
    retention_class = models.CharField(max_length=10, blank=True)
    keep_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="disposal_takes_two",
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="disposal_confirmed_by_somebody",
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="disposal_withdrawn_by_somebody",
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
            models.CheckConstraint(
                name="disposal_is_done_after_it_is_confirmed",
                condition=Q(done_at=None, digest="")
                | (Q(done_at__isnull=False, confirmed_at__isnull=False, withdrawn_at=None) & ~Q(digest="")),
            ),
            models.CheckConstraint(
                name="disposal_of_one_person_names_it",
                condition=Q(what="CASE", position=None) | Q(what="SUBJECT", position__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["request", "what", "position"],
                condition=Q(done_at=None, withdrawn_at=None),
                nulls_distinct=False,
                name="one_disposal_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(done_at=None, withdrawn_at=None, confirmed_at__isnull=False),
                name="disposal_to_be_done",
            ),
            models.Index(
                fields=["id"],
                condition=Q(confirmed_at=None, withdrawn_at=None),
                name="disposal_to_be_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch} {self.what}"
