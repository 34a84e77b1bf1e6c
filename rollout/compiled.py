"""Rows that nearly every page asks for, by statements whose SQL is worked out once.

Building a query through the ORM takes several times as long as running it. The rules stay where they are, in the
querysets; only their SQL is kept, for each kind of database. What was found is never kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models


@dataclass(frozen=True)
class Place:
    """Where a value goes: the field it is compared with, and what no row holds, to find the place by."""

    field: "models.Field[Any, Any]"
    stand_in: Any

    def stored(self, value: Any) -> Any:
        """The value as this database keeps it."""
        return self.field.get_db_prep_value(value, connection)


@dataclass(frozen=True)
class _Compiled:
    sql: str
    parameters: tuple[Any, ...]
    """Values; where one is asked about, the number of its place as a ``_Asked``."""
    converters: tuple[tuple[int, Sequence[Callable[..., Any]], Any], ...]


@dataclass(frozen=True)
class _Asked:
    place: int


class Select:
    """``build`` gives a queryset of ``values_list`` with the places' stand-ins where the values belong.

    ``as_kept``: its last columns come as the database keeps them, to be compared only.
    """

    def __init__(
        self, build: "Callable[[], models.QuerySet[Any, Any]]", *places: Place, as_kept: int = 0
    ) -> None:
        self.build, self.places, self.as_kept = build, places, as_kept
        self._compiled: dict[str, _Compiled] = {}

    def first(self, *asked: Any) -> list[Any] | None:
        """The first row for these values, in the order of the places; None without one."""
        known = self._compiled.get(connection.vendor) or self._compile()
        values = [place.stored(value) for place, value in zip(self.places, asked, strict=True)]
        parameters = [values[one.place] if isinstance(one, _Asked) else one for one in known.parameters]
        with connection.cursor() as cursor:
            cursor.execute(known.sql, parameters)
            found = cursor.fetchone()
        if found is None:
            return None
        row = list(found)
        for column, converters, expression in known.converters:
            for convert in converters:
                row[column] = convert(row[column], expression, connection)
        return row

    def _compile(self) -> _Compiled:
        compiler = self.build().query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        columns = [expression for expression, *_rest in compiler.select]
        converters = compiler.get_converters(columns[: len(columns) - self.as_kept])
        made = _Compiled(
            sql,
            tuple(self._place_of(value) for value in parameters),
            tuple((column, *convert) for column, convert in converters.items()),
        )
        if {one.place for one in made.parameters if isinstance(one, _Asked)} != set(range(len(self.places))):
            raise ValueError("a place of this statement is not in its SQL")
        self._compiled[connection.vendor] = made
        return made

    def _place_of(self, value: Any) -> Any:
        for number, place in enumerate(self.places):
            if value == place.stored(place.stand_in):
                return _Asked(number)
        return value
