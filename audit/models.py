"""The tables of the log. What may be written to them, and by whom, is in migration 0002."""

import secrets
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, Q

LARGEST_ID = 2**53 - 1
LARGEST_BODY = 16_384

if TYPE_CHECKING:
    _XidField = models.Field[int, int]
else:
    _XidField = models.Field


class Log(models.TextChoices):
    MAIN = "main", "Main"
    SEALED = "sealed", "Sealed"


class XidField(_XidField):
    """PostgreSQL's 64-bit transaction id, which does not wrap around."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002 -- as Django calls it
        return "xid8"

    def from_db_value(self, value: Any, *_: object) -> int | None:
        return None if value is None else int(value)


class ClockTimestamp(Func):
    """The clock itself: not the beginning of the transaction, as `now()` would be."""

    function = "clock_timestamp"
    output_field = models.DateTimeField()


class Entry(models.Model):
    """One entry. `log` and `body` are given; a trigger reads every other column out of the body."""

    id = models.BigIntegerField(primary_key=True)
    xid = XidField(db_default=Func(function="pg_current_xact_id"), editable=False)
    at = models.DateTimeField()
    object_version = models.IntegerField(null=True)
    seen_version = models.IntegerField(null=True)
    log = models.TextField(choices=Log)
    event = models.TextField()
    actor = models.TextField()
    role = models.TextField(null=True)
    object_type = models.TextField(null=True)
    object_ref = models.TextField(null=True)
    session = models.TextField(null=True)
    body = models.BinaryField()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.CheckConstraint(name="audit_entry_log_is_known", condition=Q(log__in=Log.values)),
            models.CheckConstraint(name="audit_entry_id_is_json", condition=Q(id__gte=1, id__lte=LARGEST_ID)),
            models.UniqueConstraint(
                name="audit_one_entry_per_version",
                fields=["object_type", "object_ref", "object_version"],
                condition=Q(object_version__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="audit_entry_by_xid", fields=["log", "xid", "id"]),
            models.Index(name="audit_entry_by_time", fields=["log", "at", "id"]),
            models.Index(name="audit_entry_by_event", fields=["log", "event", "at", "id"]),
            models.Index(name="audit_entry_by_actor", fields=["log", "actor", "at", "id"]),
            models.Index(
                name="audit_entry_by_object",
                fields=["object_ref", "at", "id"],
                condition=Q(object_ref__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.id}"


class Payload(models.Model):
    """Salt and value behind one commitment of an entry, sealed under the request's data key."""

    pk = models.CompositePrimaryKey("entry_id", "name")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="payloads", db_index=False)
    name = models.TextField()
    box = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.entry_id} {self.name}"


class Leaf(models.Model):
    """The place of an entry in its log's tree, from 0."""

    pk = models.CompositePrimaryKey("log", "index")
    log = models.TextField(choices=Log)
    index = models.BigIntegerField()
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="leaf")

    class Meta:
        verbose_name_plural = "leaves"
        constraints = [models.CheckConstraint(name="audit_leaf_from_nought", condition=Q(index__gte=0))]

    def __str__(self) -> str:
        return f"{self.log} {self.index}"


class Tile(models.Model):
    """Up to 256 hashes of one level of the tree, end to end."""

    pk = models.CompositePrimaryKey("log", "level", "n")
    log = models.TextField(choices=Log)
    level = models.SmallIntegerField()
    n = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="audit_tile_from_nought", condition=Q(level__gte=0, n__gte=0))
        ]

    def __str__(self) -> str:
        return f"{self.log} {self.level}/{self.n}"


class Checkpoint(models.Model):
    """A signed checkpoint. Each names the size of the one it extends, and no two extend the same."""

    pk = models.CompositePrimaryKey("log", "size")
    log = models.TextField(choices=Log)
    size = models.BigIntegerField()
    previous = models.BigIntegerField()
    root = models.BinaryField()
    note = models.TextField()
    at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints = [
            models.UniqueConstraint(name="audit_checkpoints_do_not_fork", fields=["log", "previous"]),
            models.CheckConstraint(
                name="audit_checkpoints_grow", condition=Q(previous__gte=0, size__gt=F("previous"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.log} {self.size}"


class Cosignature(models.Model):
    """A witness vouches that the checkpoint of this size grew out of every one it saw before."""

    pk = models.CompositePrimaryKey("log", "size", "witness")
    log = models.TextField(choices=Log)
    size = models.BigIntegerField()
    witness = models.TextField()
    line = models.TextField()
    at = models.DateTimeField(db_default=ClockTimestamp())

    def __str__(self) -> str:
        return f"{self.log} {self.size} {self.witness}"


class Coupled(models.Model):
    """A type of object whose changes and entries are compared at commit (see audit.coupling)."""

    object_type = models.TextField(primary_key=True)
    table_name = models.TextField()
    ref_column = models.TextField()

    def __str__(self) -> str:
        return self.object_type


class Verification(models.Model):
    """One run over a log: asked for on the page, done by the sequencer's process, shown while it goes on.

    It tells of the log and is no part of it; who asked and what came of it are entries.
    """

    log = models.TextField(choices=Log)
    since = models.BigIntegerField(help_text="The size of the checkpoint it begins at; 0 for the whole log.")
    until = models.BigIntegerField(default=0, help_text="The size it comes to; 0 before it has begun.")
    done = models.BigIntegerField(default=0, help_text="Entries up to here are computed anew.")
    attempts = models.SmallIntegerField(default=0)
    asked_by = models.TextField(help_text="An opaque reference, as in an entry.")
    asked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    is_whole = models.BooleanField(null=True)
    first_bad = models.BigIntegerField(null=True)
    faults = models.JSONField(
        default=list, help_text="Each with words, first, last, and whether it names an object."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="audit_one_verification_at_a_time", fields=["log"], condition=Q(ended_at=None)
            ),
            models.CheckConstraint(
                name="audit_verification_ends_with_a_result",
                condition=Q(ended_at=None, is_whole=None) | Q(ended_at__isnull=False, is_whole__isnull=False),
            ),
            models.CheckConstraint(
                name="audit_verification_goes_forward", condition=Q(since__gte=0, done__gte=F("since"))
            ),
        ]
        indexes = [models.Index(name="audit_verification_newest", fields=["log", "-id"])]

    def __str__(self) -> str:
        return f"{self.log} {self.since}–{self.until}"

    @property
    def per_cent(self) -> int:
        return 100 * (self.done - self.since) // max(self.until - self.since, 1)


def clearance_ref() -> str:
    return f"k_{secrets.token_hex(8)}"


class Clearance(models.Model):
    """A reader of `main` may read `sealed` too, from one instant to another. Rows are added and stay.

    Its entries are in `sealed`: who reads `main` alone does not learn who is cleared.
    """

    class Ground(models.TextChoices):
        STATUTORY = "STATUTORY", "Statutory audit"
        INTERNAL = "INTERNAL", "Internal audit"
        REGULATOR = "REGULATOR", "A regulator's inspection"
        COURT = "COURT", "Ordered by a court"
        INCIDENT = "INCIDENT", "An incident or a complaint is looked into"

    ref = models.TextField(unique=True, default=clearance_ref, editable=False)
    reader = models.TextField(help_text="An opaque reference, as in an entry.")
    ground = models.TextField(choices=Ground)
    document = models.CharField(
        max_length=80, help_text="The document that shows the ground, as in your files."
    )
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    given_by = models.TextField()
    given_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="audit_clearance_ends_after_it_begins", condition=Q(valid_until__gt=F("valid_from"))
            ),
            models.CheckConstraint(name="audit_nobody_clears_themselves", condition=~Q(reader=F("given_by"))),
        ]
        indexes = [models.Index(name="audit_clearance_of_reader", fields=["reader", "valid_until"])]

    def __str__(self) -> str:
        return self.ref


class ClearanceEnd(models.Model):
    """A clearance was ended before its last day."""

    clearance = models.OneToOneField(
        Clearance, to_field="ref", db_column="ref", on_delete=models.PROTECT, related_name="end"
    )
    ended_by = models.TextField()
    ended_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return self.clearance_id


class OutsideCopy(models.Model):
    """A checkpoint has left the house: by mail, into a write-once folder, or to a time-stamp authority."""

    class Kind(models.TextChoices):
        MAIL = "MAIL", "Mailed"
        FOLDER = "FOLDER", "Put into a folder"
        TIMESTAMP = "TIMESTAMP", "Time-stamped"

    pk = models.CompositePrimaryKey("log", "size", "kind", "holder")
    log = models.TextField(choices=Log)
    size = models.BigIntegerField()
    kind = models.TextField(choices=Kind)
    holder = models.TextField(help_text="A host or a folder; of a mail address what stands behind the @.")
    token = models.BinaryField(
        default=b"", help_text="Of a time stamp: the response of RFC 3161, as it came."
    )
    at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        verbose_name_plural = "outside copies"
        indexes = [models.Index(name="audit_copy_newest", fields=["log", "-at"])]

    def __str__(self) -> str:
        return f"{self.log} {self.size} {self.kind}"
