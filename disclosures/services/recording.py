"""Registering what arrived, and correcting it while it may still be corrected."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of
from audit.entries import Actor, Changed, append
from privacy.selectors import version_or_none
from sealing.fields import SealedField
from sealing.keys import new_key, new_keys
from sealing.models import DataKey

from .. import outbox
from ..catalogue import INSTRUMENTS
from ..catalogue import Instrument as Terms
from ..models import (
    HoldLine,
    Instrument,
    Item,
    LegalHold,
    Officer,
    Request,
    SearchRecord,
    Subject,
)
from ..names import is_one_of
from ..permissions import move_grants
from ..references import new_reference
from ..selectors import NotThere
from ..selectors.settled import addressee_question, our_names
from ..states import Kind, Perm
from .addresses import judge_officer, judge_return_address
from .changes import demand, locked, record_change, refuse, use_case
from .credit import forget_applications
from .founding import found_the_compartment, join_of_another_class
from .intake import Intake, ItemInput, OfficerInput, SubjectInput
from .many import update_many
from .marks import forget_marks, has_marks, write_marks
from .timing import clock_key, open_clocks, restart_clocks

SEALED = {field.attname for field in Request._meta.concrete_fields if isinstance(field, SealedField)}
SEALED_OF_INSTRUMENT = tuple(
    field.attname for field in Instrument._meta.concrete_fields if isinstance(field, SealedField)
)
PARTS = {"instrument", "requester", "countersigner", "subjects", "items"}
PLAIN = tuple(field.name for field in fields(Intake) if field.name not in SEALED | PARTS)
WRITTEN_OF_A_SUBJECT = tuple(field.name for field in fields(SubjectInput))
MANY = 500


class FutureReceipt(ValueError):
    """A request cannot have been received later than now."""


@use_case
def record_request(
    *, intake: Intake, restricted: bool, actor: User, now: datetime, recording_key: str
) -> Request:
    """Registers a request: state DRAFT, clock running from receipt, policy version pinned.

    `restricted`: the clerk said that an order or notice came or that telling is forbidden, so only the
    clerk and the MLRO know of it until triage opens it. A repeated key returns the first request.
    Raises NotThere where the person is no intake clerk, FutureReceipt for a receipt later than now.
    """
    return record(intake=intake, restricted=restricted, actor=actor, now=now, recording_key=recording_key)


def record(*, intake: Intake, restricted: bool, actor: User, now: datetime, recording_key: str) -> Request:
    """As `record_request`, inside a transaction of the caller's."""
    if Role.INTAKE_CLERK not in roles_of(actor, now):
        raise NotThere
    terms = _terms(intake)
    # A plain form, a company's request and a danger to life are as the clerk says; all else waits for triage to open it.
    secret = restricted or (terms is not None and not terms.may_be_born_open)
    request = Request(restricted=secret, born_restricted=secret, recording_key=recording_key)
    return create(request, intake=intake, actor=actor, role=Role.INTAKE_CLERK, now=now)


def create(request: Request, *, intake: Intake, actor: User, role: Role, now: datetime) -> Request:
    """Writes a new request with its parts, clocks, grants and entry; the caller has asked who may."""
    earlier = Request.objects.filter(recording_key=request.recording_key, recorded_by=actor).first()
    if earlier is not None:
        return earlier
    _refuse_impossible(intake, now)
    request.data_key, request.recorded_at, request.recorded_by = new_key(), now, actor
    _fill(request, intake)
    request.policy_at_receipt = version_or_none(intake.received_at)
    # The key is drawn first and the row inserted after its parts (foreign keys are deferred), so that
    # the clock's dates stand in the row from its first version.
    request.pk = _next_id()
    _write_parts(request, intake, now)
    if not request.own_submission:
        open_clocks(request, terms=_terms(intake), actor=actor, now=now)
    joined = (
        found_the_compartment(request, terms=_terms(intake), clerk=actor, now=now)
        if request.restricted
        else []
    )
    _insert_under_a_free_reference(request)
    move_grants(request, now)
    append(
        event="request.recorded",
        actor=Actor(actor.ref, role),
        obj=Changed("request", request.reference, request.version),
        log=request.log,
        detail={
            "as_of": now.isoformat(timespec="seconds"),
            "channel": request.channel,
            "nation": request.nation,
            **({"joined": joined} if joined else {}),
        },
        commits=_texts(intake),
        key=request.data_key,
    )
    return request


@use_case
def amend_request(
    *, request_id: int, intake: Intake, actor: User, now: datetime, people_stay: bool = False
) -> Request:
    """Replaces what was typed, while the request may still be edited.

    Persons and items keep their rows by position; `people_stay` as in `amend`. Raises ActionRefused where one that was already
    searched for would go, FutureReceipt for a receipt later than now, NotThere without the permission.
    """
    return amend(
        request_id=request_id, perm=Perm.EDIT, intake=intake, actor=actor, now=now, people_stay=people_stay
    )


def amend(
    *, request_id: int, perm: Perm, intake: Intake, actor: User, now: datetime, people_stay: bool = False
) -> Request:
    """As `amend_request`, under the permission that lets this person write, inside a transaction of the caller's.

    `people_stay`: the intake's people are those the request has, and their rows are not written again.
    """
    request = locked(request_id)
    role = demand(request, actor, perm, now)
    _refuse_impossible(intake, now)
    _refuse_losing_searched_parts(request, intake, actor, people_stay=people_stay)
    clock_before, before = clock_key(request=request), _terms_of(request)
    names = _fill(request, intake)
    request.policy_at_receipt = version_or_none(intake.received_at)
    _write_parts(request, intake, now, people_stay=people_stay)
    if clock_before != clock_key(request=request):
        restart_clocks(request, terms=_terms(intake), actor=actor, now=now)
    joined = join_of_another_class(request, before=before, terms=_terms(intake), now=now)
    if joined:
        move_grants(request, now)
    record_change(
        request,
        event="request.amended",
        actor=actor,
        role=role,
        now=now,
        fields=[*names, "policy_at_receipt"],
        detail={"joined": joined} if joined else {},
        commits=_texts(intake),
    )
    return request


def _terms(intake: Intake) -> Terms | None:
    return INSTRUMENTS[intake.instrument.code] if intake.instrument else None


def _terms_of(request: Request) -> Terms | None:
    """Those it has by now; asked only of a secret, whose cell depends on it."""
    if not request.restricted:
        return None
    code = Instrument.objects.filter(request=request, governs=True).values_list("code", flat=True).first()
    return INSTRUMENTS[code] if code else None


def _next_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('disclosures_request', 'id'))")
        return int(cursor.fetchone()[0])


def _insert_under_a_free_reference(request: Request) -> None:
    while True:
        request.reference = new_reference()
        try:
            with transaction.atomic():
                request.save(force_insert=True)
        except IntegrityError as error:
            if "disclosures_request_reference" not in str(error):
                raise
        else:
            return


def _refuse_impossible(intake: Intake, now: datetime) -> None:
    if intake.received_at > now:
        raise FutureReceipt
    if intake.instrument and intake.instrument.code not in INSTRUMENTS:
        raise ValueError(f"No instrument {intake.instrument.code!r} in the catalogue.")
    if intake.instrument and not INSTRUMENTS[intake.instrument.code].arrives:
        raise ValueError(INSTRUMENTS[intake.instrument.code].answer)


def _fill(request: Request, intake: Intake) -> list[str]:
    """Sets the request's own columns; returns their names."""
    for name in PLAIN:
        value = getattr(intake, name)
        setattr(request, name, list(value) if isinstance(value, tuple) else value)
    sealed = sorted(SEALED & {field.name for field in fields(Intake)})
    request.seal(**{name: getattr(intake, name) for name in sealed})
    return [*PLAIN, *sealed, *judge_return_address(request, intake.return_address)]


def _write_parts(request: Request, intake: Intake, now: datetime, *, people_stay: bool = False) -> None:
    _write_instrument(request, intake, now)
    Officer.objects.filter(request=request).delete()
    same = bool(intake.requester.number) and _bare(intake.requester.number) == _bare(
        intake.countersigner.number
    )
    _write_officer(request, Officer.Part.REQUESTER, intake.requester, same=False)
    _write_officer(request, Officer.Part.COUNTERSIGNER, intake.countersigner, same=same)
    if not people_stay:
        _write_subjects(request, intake.subjects)
    terms = _terms(intake)
    _keep_marks(request, intake, is_group=terms is not None and Kind.GROUP in terms.kinds)
    _write_items(request, intake.items)


def _keep_marks(request: Request, intake: Intake, *, is_group: bool) -> None:
    """Marks only while a company asks. People who stay have theirs, unless the instrument has become a company's."""
    if not is_group:
        forget_marks(request)
    elif not has_marks(request):
        write_marks(request, intake.subjects)


def _bare(number: str) -> str:
    return "".join(character for character in number.upper() if character.isalnum())


def _write_instrument(request: Request, intake: Intake, now: datetime) -> None:
    decided = Instrument.objects.filter(request=request, governs=True).exclude(terms_pinned_at=None).first()
    Instrument.objects.filter(request=request).delete()
    if intake.instrument is None:
        return
    values = asdict(intake.instrument)
    sealed = {name: values.pop(name) for name in SEALED_OF_INSTRUMENT}
    terms = INSTRUMENTS[intake.instrument.code]
    row = Instrument(request=request, catalogue_version=terms.version, **values)
    if decided is not None and decided.code == row.code:
        row.catalogue_version, row.terms_pinned_at = decided.catalogue_version, decided.terms_pinned_at
    row.seal(**sealed)
    addressee = intake.instrument.addressee
    row.addressee_is_ours = is_one_of(addressee, our_names()) if addressee.strip() else None
    row.save(force_insert=True)
    if addressee_question(request, row):
        key = f"addressee:{row.seal_id}"
        outbox.put(key=key, topic="addressee.question", payload={"request": request.pk}, not_before=now)


def _write_officer(request: Request, part: str, given: OfficerInput, *, same: bool) -> None:
    if not any(asdict(given).values()):
        return
    row = Officer(request=request, part=part, rank=given.rank, same_as_requester=same)
    judge_officer(row=row, given=given)
    row.seal(name=given.name, number=given.number, email=given.email, phone=given.phone)
    row.save(force_insert=True)


def _write_subjects(request: Request, given: Sequence[SubjectInput]) -> None:
    """A company names up to two thousand people, so they are written many at a time."""
    forget_marks(request)
    forget_applications(request, beyond=len(given))
    held = list(Subject.objects.filter(request=request).select_related("data_key").order_by("position"))
    keys = new_keys(parent=request.data_key, count=max(len(given) - len(held), 0))
    rows = held[: len(given)] + [
        Subject(request=request, position=len(held) + number, data_key=key)
        for number, key in enumerate(keys, start=1)
    ]
    for row, subject in zip(rows, given, strict=True):
        row.data_key.parent = request.data_key  # loaded, so that sealing asks nothing of the database
        row.type, row.status = subject.type, subject.status
        row.seal(**{name: value for name, value in asdict(subject).items() if name not in {"type", "status"}})
    update_many(rows=rows[: len(held)], names=WRITTEN_OF_A_SUBJECT)
    Subject.objects.bulk_create(rows[len(held) :], batch_size=MANY)
    gone = held[len(given) :]
    Subject.objects.filter(pk__in=[row.pk for row in gone]).delete()
    DataKey.objects.filter(pk__in=[row.data_key_id for row in gone]).delete()


def _write_items(request: Request, given: Sequence[ItemInput]) -> None:
    held = list(Item.objects.filter(request=request).order_by("position"))
    for position, item in enumerate(given, start=1):
        row = held[position - 1] if position <= len(held) else Item(request=request, position=position)
        row.item_type, row.period_from, row.period_to = item.item_type, item.period_from, item.period_to
        row.seal(detail=item.detail)
        row.save()
    for row in held[len(given) :]:
        row.delete()


def _refuse_losing_searched_parts(
    request: Request, intake: Intake, actor: User, *, people_stay: bool
) -> None:
    searched = SearchRecord.objects.filter(request=request)
    people = not people_stay and searched.filter(subject__position__gt=len(intake.subjects)).exists()
    things = searched.filter(item__position__gt=len(intake.items)).exists()
    if people or things:
        what = "A person" if people else "An item"
        sentence = f"{what} you removed has already been searched for and must stay on the request."
        raise refuse(request, actor, "AMEND", ("searched_parts_stay", sentence))
    known = Subject.objects.filter(request=request, position__gt=len(intake.subjects))
    held = LegalHold.objects.filter(request=request, lifted_at=None)
    if not people_stay and known.exists() and held.exists():
        sentence = "The request is under a legal hold: nobody can be removed from it while the hold lasts."
        raise refuse(request, actor, "AMEND", ("held_people_stay", sentence))
    kept = HoldLine.objects.filter(request=request)
    if (not people_stay and kept.filter(subject__position__gt=len(intake.subjects)).exists()) or kept.filter(
        item__position__gt=len(intake.items)
    ).exists():
        sentence = "A person or item you removed is kept for the requester and must stay on the request."
        raise refuse(request, actor, "AMEND", ("kept_parts_stay", sentence))


def _texts(intake: Intake) -> dict[str, str]:
    """The free texts of the form, by name, for the log's commitments."""
    names = sorted(SEALED & {field.name for field in fields(Intake)})
    return {name: text for name in names if (text := getattr(intake, name))}
