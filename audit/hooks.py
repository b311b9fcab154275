"""What the page of the log has to be told by other apps, because the log knows nobody."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from django.core.exceptions import ImproperlyConfigured
from django.db.models import OuterRef, QuerySet

if TYPE_CHECKING:  # apps.py files import this before there are models
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest

    from .entries import Actor


class People(Protocol):
    """Who reads the log, and whose name stands behind an opaque reference."""

    def may_read(self, user: "AbstractBaseUser", now: datetime) -> bool: ...

    def may_clear(self, user: "AbstractBaseUser", now: datetime) -> bool:
        """Whether this person gives and ends clearances for the log `sealed`."""

    def readers(self, now: datetime) -> Mapping[str, str]:
        """Those who may read the log now: reference to name."""

    def actor(self, user: "AbstractBaseUser") -> "Actor": ...

    def find(self, text: str) -> Mapping[str, str]:
        """The people this name or reference may mean: reference to name."""

    def names(self, refs: Iterable[str]) -> Mapping[str, str]: ...

    def count_use(self, request: "HttpRequest", kind: str) -> None:
        """Holds up whoever searches or takes files out more often than anybody reads."""

    def need_fresh_proof(self, request: "HttpRequest", back: str) -> None:
        """Leads away whoever did not prove lately who they are; `back` is where the file is taken from."""


# The rows that make an object hidden, given the reference an entry names.
Hidden = Callable[[OuterRef], QuerySet[Any]]

# What an app knows of its own rows and the log does not: sentences, each with the bad index if there is one.
Comparison = Callable[[str], Iterable[tuple[str, int | None]]]

_people: list[People] = []
_comparisons: list[Comparison] = []
_hidden: dict[str, Hidden] = {}
_digested: dict[str, int] = {}


def use_people(people: People) -> None:
    _people[:] = [people]


def people() -> People:
    if not _people:
        raise ImproperlyConfigured("No app has told the log who its readers are: see audit.hooks.use_people.")
    return _people[0]


def hide(object_type: str, rows: Hidden) -> None:
    """Entries about such an object are not on the page while `rows` finds anything for its reference."""
    _hidden[object_type] = rows


def hidden() -> Mapping[str, Hidden]:
    return _hidden


def compare(comparison: Comparison) -> None:
    """`manage.py audit verify` asks it, with the name of the log, what does not match the log's entries."""
    if comparison not in _comparisons:
        _comparisons.append(comparison)


def comparisons() -> Iterable[Comparison]:
    return tuple(_comparisons)


def digest_rows_of(object_type: str, format: int) -> None:
    """Entries of a change of such an object say what its rows hold, by the function of this format (see coupling)."""
    _digested[object_type] = format


def digested() -> Mapping[str, int]:
    return _digested
