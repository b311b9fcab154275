"""Rotation of the master keys: what hangs on an older one is moved to the newest, batch by batch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet

from audit.entries import SYSTEM, append
from audit.models import Log
from sealing.keys import newest_master
from sealing.rotation import Batch, move_batch

from .. import second_factors
from ..second_factors import CannotOpen

BATCH = 500
SEALED_NAMES = ("secret", "seed")


@dataclass(frozen=True, slots=True)
class Progress:
    """What one batch did. `shut` names what did not open: a key, or a second factor by its number."""

    moved: int
    shut: tuple[UUID | int, ...]


def move_keys(*, size: int = BATCH, try_only: bool = False) -> Iterator[Progress]:
    """Moves every data key that an older master key wraps, one committed batch after the other."""
    after: int | None = 0
    while after is not None:
        done = _try_batch(after, size) if try_only else _move_batch(after, size)
        after = done.last
        yield Progress(done.moved, done.shut)


def _try_batch(after: int, size: int) -> Batch:
    return move_batch(after=after, size=size, try_only=True)


@transaction.atomic(durable=True)
def _move_batch(after: int, size: int) -> Batch:
    """How many keys there are tells how many requests, restricted ones too: that goes to the sealed log."""
    done = move_batch(after=after, size=size)
    if done.moved:
        append(
            event="keys.rewrapped",
            actor=SYSTEM,
            log=Log.SEALED,
            detail={"to": newest_master()[0], "keys": done.moved},
        )
    return done


@transaction.atomic(durable=True)
def begin_rotation() -> None:
    append(event="keys.rotation_begun", actor=SYSTEM, detail={"to": newest_master()[0]})


def older_second_factors() -> Mapping[int, int]:
    """How many second factors hang on each master key that is not the newest."""
    newest, found = newest_master()[0], dict[int, int]()
    for version in (_version(row) for row in _factors()):
        if version not in (None, newest):
            found[version] = found.get(version, 0) + 1
    return found


@transaction.atomic(durable=True)
def move_second_factors() -> Progress:
    """Seals again what older master keys seal. There are two for each person at most, so one transaction does."""
    newest, moved, shut = newest_master()[0], 0, list[UUID | int]()
    for row in _factors().select_for_update(no_key=True):
        if _version(row) in (None, newest):
            continue
        try:
            row.data |= {name: _again(row.data[name]) for name in SEALED_NAMES if name in row.data}
        except CannotOpen:
            shut.append(row.pk)
            continue
        row.save(update_fields=["data"])
        moved += 1
    if moved:
        append(
            event="second_factor.sealed_again",
            actor=SYSTEM,
            detail={"to": newest, "second_factors": moved},
        )
    return Progress(moved, tuple(shut))


def _factors() -> QuerySet[Authenticator]:
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    return Authenticator.objects.filter(type__in=kinds).order_by("pk")


def _version(row: Authenticator) -> int | None:
    sealed = next((row.data[name] for name in SEALED_NAMES if name in row.data), None)
    return second_factors.version_of(sealed) if sealed else None


def _again(sealed: str) -> str:
    return second_factors.seal(second_factors.unseal(sealed))
