"""The job that destroys what two people decided to destroy: one request, one transaction. Run by the sweep.

Whoever is killed in the middle leaves each request whole or destroyed; the next run does the rest, and none twice.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.apps import apps
from django.db import connection, models
from django.db.models import Q

from audit.forgetting import forget_payloads
from audit.models import Payload
from sealing.fields import sealed_of
from sealing.keys import erase_whole
from sealing.models import DataKey

from ..models import (
    AccessTold,
    CompartmentMember,
    CreditApplication,
    Deadline,
    Disposal,
    Exclusion,
    HoldLine,
    Instrument,
    Item,
    ItemDecision,
    LegalHold,
    OutboxRow,
    Reminder,
    Request,
    SearchRecord,
    SecrecyEnd,
    Step,
    Subject,
    SubjectMark,
)
from .changes import locked, record_change, use_case
from .disposing import stands

# The skeleton of what was done stays, without its words: that there was a person, not who.
BLANKED: tuple[type[models.Model], ...] = (Step, Instrument, Item, Subject)
# Who could see it, why it was held or destroyed, and that it was told of to the person it was about, which is part of
# that person's own request. Their words are ciphertext whose key is gone.
LEFT: tuple[type[models.Model], ...] = (
    CompartmentMember,
    Exclusion,
    LegalHold,
    Disposal,
    AccessTold,
    SecrecyEnd,
)
# Of one person, besides the row itself.
OF_A_PERSON: tuple[type[models.Model], ...] = (
    SearchRecord,
    ItemDecision,
    CreditApplication,
    SubjectMark,
    HoldLine,
)


@dataclass
class Tally:
    """What goes, counted and digested before it goes: SHA-256 over one line for each value, row and key."""

    counts: dict[str, int] = field(default_factory=dict)
    sums: list[str] = field(default_factory=list)

    def add(self, what: str, count: int) -> None:
        if count:
            self.counts[what] = self.counts.get(what, 0) + count

    def value(self, *parts: object, blob: bytes) -> None:
        self.sums.append(f"{' '.join(map(str, parts))} {hashlib.sha256(blob).hexdigest()}")

    def digest(self) -> str:
        return hashlib.sha256("\n".join(sorted(self.sums)).encode()).hexdigest()


def destroy_what_was_confirmed(*, now: datetime) -> int:
    """Of how many. What is held by now waits; a hold calls its disposal off."""
    waiting = Disposal.objects.filter(confirmed_at__isnull=False, done_at=None, withdrawn_at=None)
    ids = list(waiting.order_by("id").values_list("pk", "request_id"))
    return sum(_destroy(disposal_id=pk, request_id=request_id, now=now) for pk, request_id in ids)


@use_case
def _destroy(*, disposal_id: int, request_id: int, now: datetime) -> bool:
    request = locked(request_id, stones=True)
    row = Disposal.objects.filter(pk=disposal_id, done_at=None, withdrawn_at=None).first()
    if row is None or request.disposed_at is not None or not stands(request, row, now):
        return False
    tally = Tally()
    if row.what == Disposal.What.CASE:
        fields = _the_whole(request, tally, now)
        _supersede(request, row, now)
    else:
        fields = ()
        _one_person(request, row, tally, now)
    row.counts, row.digest, row.done_at = tally.counts, tally.digest(), now
    row.save(update_fields=["counts", "digest", "done_at"])
    record_change(
        request,
        event="disposal.done" if row.what == Disposal.What.CASE else "person.erased",
        actor=None,
        role="",
        now=now,
        fields=fields,
        detail={
            "batch": row.batch, "ground": row.ground, "counts": tally.counts, "digest": row.digest,
            **({"person": row.position} if row.position is not None else {}),
        },
    )  # fmt: skip
    return True


def parts() -> Iterator[type[models.Model]]:
    """Every table of ours whose rows belong to a request and go with it."""
    for model in apps.get_app_config("disclosures").get_models():
        names = {f.name for f in model._meta.concrete_fields if f.related_model is Request}
        if "request" in names and model not in BLANKED and model not in LEFT:
            yield model


def _the_whole(request: Request, tally: Tally, now: datetime) -> tuple[str, ...]:
    """Everything but the stone; which columns of the request are to be saved."""
    mine = Q(request=request)
    _promises(request, tally)
    for model in (*parts(), *BLANKED):
        measure(model=model, whose=mine, tally=tally)
    measure(model=Request, whose=Q(pk=request.pk), tally=tally)
    for model in parts():
        tally.add(model._meta.model_name or "", delete_rows(model=model, whose=mine))
    for model in BLANKED:
        rows = model._default_manager.filter(mine)
        if names := sealed_of(model):
            tally.add(model._meta.model_name or "", rows.update(**dict.fromkeys(names)))
    Subject.objects.filter(request=request).update(status="")
    destroy_keys(key=request.data_key, tally=tally, now=now)
    forget_values(object_type="request", ref=request.reference, tally=tally)
    names = sealed_of(Request)
    for name in names:
        setattr(request, name, None)
    request.return_domains, request.return_standing, request.recording_key = [], "", None
    request.assignee, request.disposed_at = None, now
    return (*names, "return_domains", "return_standing", "recording_key", "assignee", "disposed_at")


def _one_person(request: Request, row: Disposal, tally: Tally, now: datetime) -> None:
    """The person's own words, what was searched and decided of them, and their key. Their place stays, nameless."""
    person = Subject.objects.select_related("data_key").get(request=request, position=row.position or 0)
    for model in OF_A_PERSON:
        measure(model=model, whose=Q(subject=person), tally=tally)
    measure(model=Subject, whose=Q(pk=person.pk), tally=tally)
    for model in OF_A_PERSON:
        tally.add(model._meta.model_name or "", delete_rows(model=model, whose=Q(subject=person)))
    Subject.objects.filter(pk=person.pk).update(**dict.fromkeys(sealed_of(Subject)))
    tally.add("subject", 1)
    destroy_keys(key=person.data_key, tally=tally, now=now)
    forget_values(object_type="request", ref=request.reference, tally=tally)


def measure(*, model: type[models.Model], whose: Q, tally: Tally) -> None:
    """One line for each sealed value; a row without any is one line itself."""
    table, names = model._meta.db_table, sealed_of(model)
    if not names:
        for pk in model._default_manager.filter(whose).values_list("pk", flat=True):
            tally.sums.append(f"{table} {pk}")
        return
    for pk, *values in model._default_manager.filter(whose).values_list("seal_id", *names).iterator():
        for name, value in zip(names, values, strict=True):
            tally.value(table, pk, name, blob=value.blob if value else b"")


def delete_rows(*, model: type[models.Model], whose: Q) -> int:
    """As one statement: what hangs on the rows goes as well, and foreign keys are asked at the commit."""
    rows = model._default_manager.filter(whose).order_by()
    return rows._raw_delete(connection.alias)


def _promises(request: Request, tally: Tally) -> None:
    """What was promised of it: mails and notices name it, and so do the reminders of its clocks."""
    clocks = list(Deadline.objects.filter(request=request).values_list("pk", flat=True))
    tally.add("reminder", Reminder.objects.filter(deadline__in=clocks).delete()[0])
    about = Q(payload__request=request.pk)
    for pk in clocks:
        about |= Q(key__startswith=f"reminder:{pk}:")
    tally.add("outboxrow", OutboxRow.objects.filter(about).delete()[0])


def destroy_keys(*, key: DataKey, tally: Tally, now: datetime) -> None:
    destroyed = erase_whole(key=key, now=now)
    for one in destroyed:
        tally.value("key", one.ref, blob=bytes(one.wrapped or b""))
    tally.add("key", len(destroyed))


def forget_values(*, object_type: str, ref: str, tally: Tally) -> None:
    """Salt and value behind the log's commitments; the entries stay, and every proof with them."""
    mine = {"entry__object_type": object_type, "entry__object_ref": ref}
    gone = Payload.objects.filter(**mine).order_by("entry_id", "name")
    before = {(entry, name): bytes(box) for entry, name, box in gone.values_list("entry_id", "name", "box")}
    tally.add("payload", forget_payloads(object_type=object_type, ref=ref))
    left = set(gone.values_list("entry_id", "name"))
    for (entry, name), box in before.items():
        if (entry, name) not in left:
            tally.value("payload", entry, name, blob=box)


def _supersede(request: Request, row: Disposal, now: datetime) -> None:
    """Whatever else was to be destroyed of it has gone with the whole."""
    for other in Disposal.objects.filter(request=request, done_at=None, withdrawn_at=None).exclude(pk=row.pk):
        other.withdrawn_at, other.withdrawn_by = now, row.confirmed_by
        other.save(update_fields=["withdrawn_at", "withdrawn_by"])
