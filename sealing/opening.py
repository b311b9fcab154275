"""The one way out of a sealed column. Callers must have written down that the value is read."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from . import boxes
from .fields import Sealed, sealing_context
from .gcm import CannotOpen
from .models import DataKey

__all__ = ["CannotOpen", "open_many", "open_sealed"]


def open_sealed(value: Sealed | None) -> str:
    """The text, "" for an empty column. Raises `CannotOpen`."""
    return open_many([value])[0]


def open_many(values: Iterable[Sealed | None], *, under: int | None = None) -> list[str]:
    """The texts in their order, with one query for all keys. Raises `CannotOpen` if one does not open.

    `under`: the id of the key that each of theirs must be or hang below, so that a whole row that was moved to another
    owner, binding and all, does not open there.
    """
    wanted = list(values)
    refs = {boxes.key_ref(value.blob) for value in wanted if value is not None}
    keys = _keys(refs) if refs else {}
    if under is not None and any((key.parent_id or key.pk) != under for key in keys.values()):
        raise CannotOpen("A sealed value belongs to another owner's key.")
    return ["" if value is None else _open(value, keys) for value in wanted]


def _keys(refs: set[UUID]) -> Mapping[UUID, DataKey]:
    return {key.ref: key for key in DataKey.objects.filter(ref__in=refs).select_related("parent")}


def _open(value: Sealed, keys: Mapping[UUID, DataKey]) -> str:
    key = keys.get(boxes.key_ref(value.blob))
    if key is None:
        raise CannotOpen("The key of a sealed value is missing.")
    if value.seal_id is None:
        raise CannotOpen("A sealed value opens only when it is read from its row as a model instance.")
    place = sealing_context(table=value.table, column=value.column, key=key, seal_id=value.seal_id)
    return boxes.open_bytes(key, value.blob, place).decode()
