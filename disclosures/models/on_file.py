"""What lies on the file besides the form: documents, correspondence, comments, links to other requests."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from sealing.fields import SealedField

from .letter import Letter
from .request import Channel, Request, RequestPart


class Document(RequestPart):
    """A scan or a mail as it came. Its content stands in a row of its own, so that a list never reads it."""

    class Purpose(models.TextChoices):
        FORM = "FORM", "The request, scanned"
        MAIL = "MAIL", "An e-mail as it came"
        ORDER = "ORDER", "An order, a notice or a warrant"
        PAPER = "PAPER", "Another paper"

    class MediaType(models.TextChoices):
        PDF = "application/pdf", "PDF"
        PNG = "image/png", "PNG picture"
        JPEG = "image/jpeg", "JPEG picture"
        TIFF = "image/tiff", "TIFF picture"
        EML = "message/rfc822", "E-mail"

    reference = models.CharField(max_length=20, unique=True, editable=False)
    purpose = models.CharField(max_length=8, choices=Purpose)
    media_type = models.CharField(max_length=20, choices=MediaType)
    size = models.PositiveIntegerField(help_text="In bytes.")
    name = SealedField()
    sha256 = SealedField()
    attached_at = models.DateTimeField()
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="document_is_named", condition=Q(name__isnull=False, sha256__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.reference


class DocumentContent(RequestPart):
    """The sealed bytes, as base64 text inside the seal (ADR 0007)."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="content")
    content = SealedField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="document_has_content", condition=Q(content__isnull=False))
        ]

    def __str__(self) -> str:
        return f"content of document {self.document_id}"


class Correspondence(RequestPart):
    """A call, a letter or a mail about the request: with whom, when, and what was said."""

    class Direction(models.TextChoices):
        IN = "IN", "From them"
        OUT = "OUT", "From us"

    direction = models.CharField(max_length=3, choices=Direction)
    channel = models.CharField(max_length=12, choices=Channel)
    at = models.DateTimeField()
    with_whom = SealedField()
    words = SealedField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="correspondence_has_words", condition=Q(with_whom__isnull=False, words__isnull=False)
            ),
            models.CheckConstraint(name="correspondence_is_past", condition=Q(at__lte=F("recorded_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.channel}"


class Delivery(RequestPart):
    """What became of a letter or a message of ours. Only added to: the newest row is how it stands.

    Whoever notes it says how they know.
    """

    class Stage(models.TextChoices):
        QUEUED = "QUEUED", "Waiting to leave"
        CALLED_BACK = "CALLED_BACK", "Called back before it left"
        FAILED = "FAILED", "Could not be sent"
        SENT = "SENT", "Sent"
        CONFIRMED = "CONFIRMED", "Arrived, confirmed"
        BOUNCED = "BOUNCED", "Bounced"
        RETURNED = "RETURNED", "Returned to sender"

    letter = models.ForeignKey(Letter, null=True, on_delete=models.PROTECT, related_name="deliveries")
    message = models.ForeignKey(
        Correspondence, null=True, on_delete=models.PROTECT, related_name="deliveries"
    )
    # What a person can learn of and note; the rest happens at the desk, which notes it by itself.
    BY_HAND = ("SENT", "CONFIRMED", "BOUNCED", "RETURNED")

    stage = models.CharField(max_length=12, choices=Stage)
    at = models.DateTimeField()
    reason = SealedField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="delivery_of_one_thing",
                condition=Q(letter=None, message__isnull=False) | Q(letter__isnull=False, message=None),
            ),
            models.CheckConstraint(
                name="delivery_says_how_it_is_known",
                condition=Q(reason__isnull=False),
            ),
            models.CheckConstraint(name="delivery_is_past", condition=Q(at__lte=F("recorded_at"))),
        ]

    def __str__(self) -> str:
        return self.stage

    @property
    def came_back(self) -> bool:
        return self.stage in {self.Stage.BOUNCED, self.Stage.RETURNED}


class Comment(RequestPart):
    """Words among colleagues; they never leave the house."""

    words = SealedField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(name="comment_has_words", condition=Q(words__isnull=False))]

    def __str__(self) -> str:
        return f"comment {self.pk}"


class RequestLink(RequestPart):
    """Two requests that belong together; shown from both sides, each to those who see the other."""

    class Relation(models.TextChoices):
        SAME_MATTER = "SAME_MATTER", "Same matter"
        REPEATS = "REPEATS", "Repeats it"
        REPLACES = "REPLACES", "Replaces it"
        FOLLOWS = "FOLLOWS", "Follows from it"

    other = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="linked_from")
    relation = models.CharField(max_length=12, choices=Relation)
    reason = SealedField()
    linked_at = models.DateTimeField()
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "other"], name="linked_once"),
            models.CheckConstraint(name="not_linked_to_itself", condition=~Q(request=F("other"))),
            models.CheckConstraint(name="link_has_a_reason", condition=Q(reason__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"link {self.pk}"
