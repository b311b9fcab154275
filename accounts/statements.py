"""A query of which Django makes the SQL once: for what every page asks, making it costs more than answering it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql import Query

Value = int | str | datetime | Sequence[int]
Made = Callable[..., QuerySet[Any] | Query]


class Statement:
    """`make` takes the values by name and returns the query. A sequence makes a statement for each of its lengths.

    It is called with stand-ins, so it may not look at what it is given: no `if`, no reading of rows. None is no value.
    """

    def __init__(self, make: Made) -> None:
        self._make = make
        self._kept: dict[tuple[tuple[str, int | None], ...], tuple[str, list[Any]]] = {}

    def rows(self, **given: Value) -> list[tuple[Any, ...]]:
        shape = tuple((name, _length(value)) for name, value in sorted(given.items()))
        if shape not in self._kept:
            self._kept[shape] = self._compiled(given)
        sql, order = self._kept[shape]
        parameters = [_value(given, one) if isinstance(one, _Place) else one for one in order]
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())

    def _compiled(self, given: Mapping[str, Value]) -> tuple[str, list[Any]]:
        places: dict[Any, _Place] = {}
        stand_ins = {name: _stand_in(name, value, places) for name, value in given.items()}
        made = self._make(**stand_ins)
        sql, parameters = (made.query if isinstance(made, QuerySet) else made).sql_with_params()
        order = [places.get(one, one) for one in parameters]
        if missing := set(places.values()) - {one for one in order if isinstance(one, _Place)}:
            raise ValueError(f"the query does not use {sorted(one.name for one in missing)}")
        return sql, order


class _Place:
    """Where a value goes: its name, and its position if it is one of a sequence."""

    def __init__(self, name: str, position: int | None = None) -> None:
        self.name, self.position = name, position


def _length(value: Value) -> int | None:
    return None if isinstance(value, int | str | datetime) else len(value)


def _value(given: Mapping[str, Value], place: _Place) -> Any:
    value: Any = given[place.name]
    return value if place.position is None else value[place.position]


def _stand_in(name: str, value: Value, places: dict[Any, _Place]) -> Any:
    """Values that nothing else in a query equals, each leading to its place."""
    if isinstance(value, int | str | datetime):
        return _noted(value, _Place(name), places)
    return [_noted(one, _Place(name, position), places) for position, one in enumerate(value)]


def _noted(value: int | str | datetime, place: _Place, places: dict[Any, _Place]) -> Any:
    number = 2_000_000_011 + len(places)
    stand_in: Any = number
    if isinstance(value, str):
        stand_in = f"\N{SECTION SIGN}{number}"
    elif isinstance(value, datetime):
        stand_in = datetime(1900, 1, 1, tzinfo=UTC) + timedelta(seconds=number % 100_000)
    places[stand_in] = place
    return stand_in
