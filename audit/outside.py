"""Copies of the checkpoints that leave the house, so that a log replaced whole contradicts somebody.

What a witness holds is in `witnessing`; mails go out with the others of the outbox. Here: the folder, whose
store keeps what was written once, and the time stamps. What is away is tried again; nothing waits for it.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from . import verifying
from .checkpoint import NotACheckpoint
from .entries import SYSTEM, append
from .models import Checkpoint, Cosignature, Log, OutsideCopy
from .note import NoteRefused
from .verifying import Signed
from .witnessing import configured

logger = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
LEAVE_WITHIN = timedelta(hours=48)
WITNESS_LATE = timedelta(minutes=15)
MOST_COMPARED = 1000
Kind = OutsideCopy.Kind


@dataclass(frozen=True)
class Left:
    """A copy that left the house: of which size, when, and who has it."""

    size: int
    at: datetime
    holder: str


@dataclass(frozen=True)
class LateWitness:
    """`last` is the newest cosignature of a witness that has none of what was signed some time ago."""

    name: str
    last: Cosignature | None


def newest(log: str) -> Checkpoint | None:
    return Checkpoint.objects.filter(log=log).order_by("-size").first()


def last_left(log: str) -> Left | None:
    """The newest copy of all, whoever has it."""
    copied = OutsideCopy.objects.filter(log=log).order_by("-at").first()
    cosigned = Cosignature.objects.filter(log=log).order_by("-size").first()
    found = (
        [Left(copied.size, copied.at, f"{copied.get_kind_display().lower()}: {copied.holder}")]
        if copied
        else []
    )
    found += [Left(cosigned.size, cosigned.at, cosigned.witness)] if cosigned else []
    return max(found, key=lambda one: one.at, default=None)


def is_arranged() -> bool:
    """Whether copies should leave at all: some way is set."""
    ways = (settings.AUDIT_WITNESSES, settings.AUDIT_MAIL_TO, settings.AUDIT_COPY_DIR, settings.AUDIT_TSA_URL)
    return any(ways)


def late_witnesses(log: str, now: datetime) -> list[LateWitness]:
    """Those that have not cosigned what was signed a while ago."""
    due = Checkpoint.objects.filter(log=log, at__lte=now - WITNESS_LATE).order_by("-size").first()
    found = []
    for witness in configured() if due else []:
        last = Cosignature.objects.filter(log=log, witness=witness.key.name).order_by("-size").first()
        if due and (last is None or last.size < due.size):
            found.append(LateWitness(witness.key.name, last))
    return found


def keep(*, log: str, size: int, kind: str, holder: str, token: bytes = b"") -> None:
    """Remembers that a copy left, and says so in the log. Twice is as good as once."""
    with transaction.atomic():
        copy = OutsideCopy(log=log, size=size, kind=kind, holder=holder, token=token)
        if not OutsideCopy.objects.filter(log=log, size=size, kind=kind, holder=holder).exists():
            OutsideCopy.objects.bulk_create([copy], ignore_conflicts=True)
            append(event="log.copy_left", actor=SYSTEM, log=log, detail={"kind": str(kind), "size": size})


def send_out(*, now: datetime) -> None:
    """The newest checkpoint of each log to the folder and the authority, at most once an hour."""
    for log in Log.values:
        signed = newest(log)
        if signed and settings.AUDIT_COPY_DIR and _is_due(log, Kind.FOLDER, now):
            _to_folder(signed)
        if signed and settings.AUDIT_TSA_URL and _is_due(log, Kind.TIMESTAMP, now):
            _to_authority(signed)


def _is_due(log: str, kind: str, now: datetime) -> bool:
    last = OutsideCopy.objects.filter(log=log, kind=kind).order_by("-at").first()
    return last is None or last.at <= now - EVERY


def _to_folder(signed: Checkpoint) -> None:
    folder = Path(settings.AUDIT_COPY_DIR)
    path = folder / f"{signed.log}-{signed.size:015d}.checkpoint"
    try:
        _write_once(path, signed.note.encode())
    except OSError as error:
        logger.warning("The checkpoint was not copied to AUDIT_COPY_DIR: %s", type(error).__name__)
        return
    keep(log=signed.log, size=signed.size, kind=Kind.FOLDER, holder=str(folder))


def _write_once(path: Path, content: bytes) -> None:
    """A file that is there is left as it is: that it says something else, the next verification tells."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _to_authority(signed: Checkpoint) -> None:
    tsa = import_module("audit.tsa")
    url, certificates = settings.AUDIT_TSA_URL, settings.AUDIT_TSA_CERTIFICATES
    host = urlsplit(url).hostname or ""
    if not url.startswith(("https://", "http://")) or not host or not certificates:
        raise ImproperlyConfigured(
            "AUDIT_TSA_URL is an http(s) address and needs AUDIT_TSA_CERTIFICATES beside it."
        )
    try:
        token = tsa.stamp(signed.note.encode(), url=url, certificates=Path(certificates))
    except (OSError, ValueError, HTTPException, tsa.StampRefused) as error:
        logger.warning("The checkpoint was not time-stamped: %s %s", type(error).__name__, error)
        return
    keep(log=signed.log, size=signed.size, kind=Kind.TIMESTAMP, holder=host, token=token)


def held(log: str) -> tuple[Sequence[Signed], Sequence[str]]:
    """What the folder holds, for a verification to compare with, and the names of what is no checkpoint of the log."""
    found, strange = [], []
    for path in _files(log):
        try:
            found.append(verifying.outside(log, path.read_text(), f"the folder of copies ({path.name})"))
        except (OSError, UnicodeDecodeError, NoteRefused, NotACheckpoint):
            strange.append(path.name)
    return found, strange


def _files(log: str) -> Iterator[Path]:
    """The newest, and of the older ones as many as a verification can well compare, evenly."""
    if not settings.AUDIT_COPY_DIR:
        return
    paths = sorted(Path(settings.AUDIT_COPY_DIR).glob(f"{log}-*.checkpoint"), reverse=True)
    step = max(1, -(-len(paths) // MOST_COMPARED))
    yield from paths[::step]
