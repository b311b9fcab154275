"""The person whose data it is: a row and a key of their own, so that one of many can be erased."""

from django.db import models

from sealing.fields import SealedField
from sealing.models import DataKey

from .request import RequestPart


class Subject(RequestPart):
    class Type(models.TextChoices):
        INDIVIDUAL = "INDIVIDUAL", "A person"
        ORGANISATION = "ORGANISATION", "An organisation only"
        UNKNOWN = "UNKNOWN", "A person not yet known"

    class Status(models.TextChoices):
        SUSPECT = "SUSPECT", "Suspect"
        VICTIM = "VICTIM", "Victim"
        WITNESS = "WITNESS", "Witness"
        MISSING = "MISSING", "Missing person"
        DECEASED = "DECEASED", "Deceased"
        OTHER = "OTHER", "Other"

    data_key = models.OneToOneField(DataKey, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    type = models.CharField(max_length=12, choices=Type, default=Type.INDIVIDUAL)
    status = models.CharField(max_length=10, choices=Status, blank=True)
    own_reference = SealedField()
    name = SealedField()
    aliases = SealedField()
    born_on = SealedField()
    address = SealedField()
    phone = SealedField()
    email = SealedField()
    account_number = SealedField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "position"], name="one_subject_per_position")
        ]

    def __str__(self) -> str:
        return f"subject {self.position}"

    def sealing_key(self) -> DataKey:
        return self.data_key

    @property
    def identifiers(self) -> int:
        """How many exact identifiers are known of the subject (name, birth, address, phone, mail, account)."""
        columns = (self.name, self.born_on, self.address, self.phone, self.email, self.account_number)
        return sum(column is not None for column in columns)


class SubjectMark(RequestPart):
    """What a subject of a company's request is known by, as a keyed digest, to be held against the preferences.

    Made for requests of kind G alone: of whom the police ask, no digest lies anywhere.
    """

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="marks")
    mark = models.CharField(max_length=8)
    digest = models.CharField(max_length=80, help_text="Veiled while the request is restricted.")
    normalisation = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "mark"], name="one_mark_of_a_kind")]
        indexes = [models.Index(fields=["digest"], name="subject_by_digest")]

    def __str__(self) -> str:
        return f"{self.mark} of subject {self.subject_id}"
