"""Audit packs: asked for on the page or the command line, built by the worker or the sweep, dropped after a while."""

import base64
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.timezone import localdate

from accounts.models import User, opaque
from accounts.roles import Role
from accounts.selectors import controller, roles_of
from audit import nudge as bell
from audit.clearances import is_cleared
from audit.entries import SYSTEM, Actor, Changed, Seen, append

from ..documents.pack_zip import Archive, Pack, Record
from ..documents.record_pdf import record_pdf
from ..models import AuditPack, AuditPackWork, Request
from ..record import as_json
from ..selectors import NotThere
from ..selectors.audit_pack import pack_of
from ..selectors.decision_record import decision_record

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 3
KEPT_FOR = timedelta(days=14)
LARGEST_SAMPLE = 200


class PackRefused(Exception):
    """The pack is not made; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What an auditor asks for. Counts and sources are what was counted outside of this program."""

    first_day: date
    last_day: date
    sample_size: int = 25
    seed: str = ""
    post_count: int | None = None
    post_source: str = ""
    mail_count: int | None = None
    mail_source: str = ""


def ask_audit_pack(*, wish: Wish, actor: User, now: datetime, to_a_folder: bool = False) -> AuditPack:
    """Raises NotThere for anybody but an auditor, `PackRefused` for what makes no sense.

    `to_a_folder`: the caller builds it at once and writes it there; no worker does, and nothing is kept here.
    """
    _check(wish, actor, now)
    with transaction.atomic(durable=True):
        pack = AuditPack.objects.create(
            ref=opaque("p"),
            asked_by=actor,
            asked_at=now,
            with_sealed=is_cleared(actor.ref, now),
            first_day=wish.first_day,
            last_day=wish.last_day,
            sample_size=wish.sample_size,
            seed=wish.seed or opaque("s"),
            post_count=wish.post_count,
            post_source=wish.post_source,
            mail_count=wish.mail_count,
            mail_source=wish.mail_source,
        )
        AuditPackWork.objects.create(pack=pack, ended_at=now if to_a_folder else None)
        detail = {"first": wish.first_day.isoformat(), "last": wish.last_day.isoformat(), "seed": pack.seed}
        _say("audit_pack.asked", pack, Actor(actor.ref, Role.AUDITOR), {**detail, "sample": pack.sample_size})
        transaction.on_commit(_ring)
    return pack


def _check(wish: Wish, actor: User, now: datetime) -> None:
    if Role.AUDITOR not in roles_of(actor, now):
        raise NotThere
    if wish.last_day < wish.first_day:
        raise PackRefused("The last day must not be before the first.")
    if wish.last_day > localdate(now):
        raise PackRefused("The period must not end in the future.")
    if not 1 <= wish.sample_size <= LARGEST_SAMPLE:
        raise PackRefused(f"A sample has 1 to {LARGEST_SAMPLE} requests.")
    if (wish.post_count is not None and not wish.post_source) or (
        wish.mail_count is not None and not wish.mail_source
    ):
        raise PackRefused("Say where the count was taken from.")


def _ring() -> None:
    bell.ring("disclosures.build_packs")
    bell.nudge()


def _say(event: str, pack: AuditPack, actor: Actor, detail: dict[str, str | int]) -> None:
    append(
        event=event,
        actor=actor,
        obj=Changed("audit_pack", pack.ref, pack.version),
        log=pack.log,
        detail=dict(detail),
    )


@transaction.atomic(durable=True)
def note_written(*, pack: AuditPack, actor: User) -> None:
    """The archives were written into a folder by the command line."""
    append(
        event="audit_pack.downloaded",
        actor=Actor(actor.ref, Role.AUDITOR),
        obj=Seen("audit_pack", pack.ref, pack.version),
        log=pack.log,
        detail={"archive": "folder"},
    )


def build_next(*, now: datetime) -> bool:
    """Builds one pack that waits, unless another process is at it. Whoever is killed leaves it to the next."""
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    waiting = AuditPackWork.objects.filter(free, ended_at=None).order_by("id").first()
    if waiting is None:
        return False
    mine = AuditPackWork.objects.filter(free, pk=waiting.pk, ended_at=None, attempts=waiting.attempts)
    if not mine.update(leased_until=now + LEASE, attempts=F("attempts") + 1, done=0):
        return True
    if waiting.attempts >= MOST_ATTEMPTS:
        AuditPackWork.objects.filter(pk=waiting.pk).update(ended_at=now, gave_up=True)
        logger.warning(
            "The audit pack %s was begun %s times and is given up.", waiting.pack_id, MOST_ATTEMPTS
        )
        return True
    pack = AuditPack.objects.select_related("asked_by__data_key").filter(pk=waiting.pack_id).first()
    assert pack is not None  # noqa: S101 -- the work points at it
    with_sealed = pack.with_sealed and is_cleared(pack.asked_by.ref, now)
    main, sealed = build(pack=pack, with_sealed=with_sealed, progress=_progress(waiting.pk), now=now)
    _store(work_id=waiting.pk, pack_id=pack.pk, main=main, sealed=sealed, now=now)
    return True


def _progress(work_id: int) -> Callable[[int, int], None]:
    def show(done: int, of: int) -> None:
        AuditPackWork.objects.filter(pk=work_id).update(done=done, of=of)

    return show


def build(
    *, pack: AuditPack, with_sealed: bool, progress: Callable[[int, int], None], now: datetime
) -> tuple[bytes, bytes | None]:
    """The archive of what every auditor may have, and that of the restricted requests."""
    files = [Archive() for _ in (False, True)[: 1 + with_sealed]]
    packs = [
        pack_of(pack, restricted=restricted, made_at=now, into=into)
        for restricted, into in zip((False, True), files, strict=False)
    ]
    total, done = sum(len(one.sample) for one in packs), 0

    def step() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    progress(0, total)
    made = [
        into.finish(one, _records(one, pack.asked_by, now), step)
        for into, one in zip(files, packs, strict=True)
    ]
    return made[0], made[1] if with_sealed else None


def _records(pack: Pack, auditor: User, now: datetime) -> Iterator[Record]:
    """Each opens sealed values, so each leaves its entry `record.exported`."""
    company = controller().name
    for row in pack.sample:
        request = (
            Request.objects.select_related("data_key", "body", "recorded_by")
            .filter(reference=row["reference"])
            .first()
        )
        if request is not None:
            record = decision_record(request, actor=auditor, now=now, form="PACK")
            yield request.reference, record_pdf(record, company=company, made_at=now), as_json(record)


@transaction.atomic(durable=True)
def _store(*, work_id: int, pack_id: int, main: bytes, sealed: bytes | None, now: datetime) -> None:
    """Believes the row that is locked: a pack that another worker has finished stays as that one made it."""
    pack = (
        AuditPack.objects.select_for_update(no_key=True, of=("self",))
        .select_related("asked_by__data_key")
        .get(pk=pack_id)
    )
    AuditPackWork.objects.filter(pk=work_id).update(ended_at=now, leased_until=None)
    if pack.built_at is None:
        pack.seal(
            content=base64.b64encode(main).decode(),
            sealed_content=base64.b64encode(sealed).decode() if sealed is not None else None,
        )
        pack.built_at, pack.version = now, pack.version + 1
        pack.save(update_fields=["content", "sealed_content", "built_at", "version"])
        _say("audit_pack.built", pack, SYSTEM, {"bytes": len(main)})


def drop_old_packs(*, now: datetime) -> int:
    """They hold decision records: what was taken along is the auditor's, what is here goes."""
    old = AuditPack.objects.filter(built_at__lte=now - KEPT_FOR, dropped_at=None).values_list("pk", flat=True)
    return sum(_drop(pack_id=pk, now=now) for pk in list(old))


@transaction.atomic(durable=True)
def _drop(*, pack_id: int, now: datetime) -> bool:
    pack = AuditPack.objects.select_for_update(no_key=True).get(pk=pack_id)
    if pack.dropped_at is not None:
        return False
    pack.seal(content=None, sealed_content=None)
    pack.dropped_at, pack.version = now, pack.version + 1
    pack.save(update_fields=["content", "sealed_content", "dropped_at", "version"])
    _say("audit_pack.dropped", pack, SYSTEM, {})
    return True
