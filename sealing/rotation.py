"""Moving data keys from older master keys to the newest. No sealed value is read: only keys are opened, in memory.

Only keys that hang directly on a master key move. A subject's key is wrapped by its request's key, which stays what
it is under its new wrapper, so that everything below a moved key opens as before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count

from . import keys
from .gcm import CannotOpen
from .models import DataKey

_MOVE = """
UPDATE sealing_datakey AS k SET wrapped = moved.wrapped, master_version = %s
FROM unnest(%s::bigint[], %s::bytea[]) AS moved (id, wrapped) WHERE k.id = moved.id
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """`last` is the last key looked at, None at the end; `shut` names the keys that did not open."""

    last: int | None
    moved: int
    shut: tuple[UUID, ...]


def hanging() -> Mapping[int, int]:
    """How many living keys hang on each master key that has any."""
    rows = DataKey.objects.filter(parent=None, wrapped__isnull=False).values_list("master_version")
    return dict(rows.annotate(keys=Count("pk")).order_by("master_version"))


def move_batch(*, after: int, size: int, try_only: bool = False) -> Batch:
    """Moves up to `size` keys behind `after`, in the caller's transaction, under their rows' locks.

    What was moved is known by its version alone, so a run that was cut short is taken up by starting again.
    `try_only` opens them and writes nothing.
    """
    version, _ = keys.newest_master()
    rows = DataKey.objects.filter(parent=None, wrapped__isnull=False, pk__gt=after).exclude(
        master_version=version
    )
    if not try_only:
        rows = rows.select_for_update(no_key=True)
    batch = list(rows.order_by("pk")[:size])
    shut = tuple(key.ref for key in batch if not _moves(key))
    moved = [key for key in batch if key.ref not in shut]
    if moved and not try_only:
        with connection.cursor() as cursor:
            cursor.execute(_MOVE, [version, [key.pk for key in moved], [key.wrapped for key in moved]])
    return Batch(last=batch[-1].pk if batch else None, moved=len(moved), shut=shut)


def _moves(key: DataKey) -> bool:
    try:
        keys.rewrap(key)
    except CannotOpen:
        return False
    return True
