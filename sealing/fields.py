"""The sealed column: what a model holds of a personal value is a `Sealed`, and nothing more.

The plaintext goes in by `SealedModel.seal` and comes out by `sealing.opening` alone.
"""

from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID, uuid4

from django.conf import settings
from django.core import checks
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from . import boxes
from .models import DataKey

if TYPE_CHECKING:
    _Field = models.Field["Sealed | None", "Sealed | None"]
else:
    _Field = models.Field


class Sealed:
    """A sealed value and the place it belongs to. Says nothing of itself; cannot be pickled."""

    __slots__ = ("blob", "column", "seal_id", "table")
    blob: bytes
    table: str
    column: str
    seal_id: UUID | None

    def __init__(self, blob: bytes, *, table: str, column: str, seal_id: UUID | None) -> None:
        object.__setattr__(self, "blob", blob)
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "column", column)
        object.__setattr__(self, "seal_id", seal_id)

    def __repr__(self) -> str:
        return "[sealed]"

    __str__ = __repr__

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("A sealed value never changes; seal a new one.")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("A sealed value never changes; seal a new one.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self.blob == other.blob

    def __hash__(self) -> int:
        return hash(self.blob)

    def __copy__(self) -> "Sealed":
        return self

    def __deepcopy__(self, memo: object) -> "Sealed":
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A sealed value is not written into caches, sessions or queues.")


def sealing_context(*, table: str, column: str, key: DataKey, seal_id: UUID) -> tuple[bytes, ...]:
    """What a sealed column's bytes are bound to; moved anywhere else they do not open."""
    return (
        b"cpdisclose-seal-1",
        settings.DEPLOYMENT.encode(),
        table.encode(),
        column.encode(),
        key.ref.bytes,
        seal_id.bytes,
    )


class SealedAttribute(DeferredAttribute):
    """Binds the value to the row it is read from, whatever row it was made for."""

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        value = super().__get__(instance, cls)
        if instance is None or not isinstance(value, Sealed):
            return value
        seal_id = getattr(instance, "seal_id", None)
        return Sealed(value.blob, table=value.table, column=value.column, seal_id=seal_id)

    def __set__(self, instance: models.Model, value: object) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(_Field):
    """A nullable bytea column of sealed text."""

    descriptor_class = SealedAttribute

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"null": True, "blank": True, "editable": False, **kwargs})

    def get_internal_type(self) -> str:
        return "BinaryField"

    def from_db_value(self, value: Any, *_: object) -> Sealed | None:
        return None if value is None else self.sealed(bytes(value), seal_id=None)

    def sealed(self, blob: bytes, *, seal_id: UUID | None) -> Sealed:
        return Sealed(blob, table=self.model._meta.db_table, column=str(self.column), seal_id=seal_id)

    def get_prep_value(self, value: Any) -> bytes | None:
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise TypeError(
                f"{self.model.__name__}.{self.attname} is a sealed column: "
                f"use seal({self.attname}=…) instead of assigning {type(value).__name__}."
            )
        return value.blob

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if not issubclass(self.model, SealedModel):
            found.append(checks.Error("A sealed column needs a SealedModel.", obj=self, id="sealing.E001"))
        return found


class SealedModel(models.Model):
    """A row with sealed columns. `seal_id` is made before the row is, so that it can be sealed first."""

    seal_id = models.UUIDField(default=uuid4, unique=True, editable=False)

    class Meta:
        abstract = True

    def sealing_key(self) -> DataKey:
        raise NotImplementedError(f"{type(self).__name__} must say which key seals it.")

    def seal(self, **values: str | None) -> None:
        """Sets sealed columns; None and the empty string leave the column empty. Does not save."""
        key = self.sealing_key()
        for name, text in values.items():
            field = self._meta.get_field(name)
            if not isinstance(field, SealedField):
                raise TypeError(f"{type(self).__name__}.{name} is not a sealed column.")
            setattr(self, name, self._sealed(field, text, key) if text else None)

    def _sealed(self, field: SealedField, text: str, key: DataKey) -> Sealed:
        place = sealing_context(
            table=self._meta.db_table, column=str(field.column), key=key, seal_id=self.seal_id
        )
        return field.sealed(boxes.seal_bytes(key, text.encode(), place), seal_id=self.seal_id)


def sealed_of(model: type[models.Model]) -> list[str]:
    """The names of its sealed columns."""
    return [field.attname for field in model._meta.concrete_fields if isinstance(field, SealedField)]
