"""Queries of every page, whose SQL is made once: for a long one the ORM takes longer to make it than to run it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

#: Stand for values while the SQL is made; nothing real is so small or so long ago.
_NUMBER, _YEAR = -(10**15), 1000


class Prepared:
    """A query that is the same each time but for named values, which are ids (`int`) or moments (aware `datetime`).

    `make` is called once per kind of database and returns a `values_list()`; it uses its values as they are, without
    arithmetic. Rows are as the driver has them: a boolean may be 0 or 1. Raises `ValueError` where a value does not
    come out of `make` as a parameter.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]]) -> None:
        self._make = make
        self._made: dict[str, tuple[str, tuple[tuple[str, Any], ...]]] = {}

    def rows(self, **values: int | datetime) -> list[tuple[Any, ...]]:
        made = self._made.get(connection.vendor)
        if made is None:
            made = self._made[connection.vendor] = self._prepare(values)
        sql, places = made
        ready = {name: _ready(value) for name, value in values.items()}
        with connection.cursor() as cursor:
            cursor.execute(sql, [ready[name] if name else fixed for name, fixed in places])
            return list(cursor.fetchall())

    def _prepare(self, values: dict[str, int | datetime]) -> tuple[str, tuple[tuple[str, Any], ...]]:
        """The SQL, and for each of its parameters the name of a value, or "" and what it always is."""
        marks: dict[str, int | datetime] = {
            name: datetime(_YEAR + number, 1, 1, tzinfo=UTC) if isinstance(value, datetime) else _NUMBER - number
            for number, (name, value) in enumerate(values.items())
        }
        sql, given = self._make(**marks).query.sql_with_params()
        names = {_ready(mark): name for name, mark in marks.items()}
        places = tuple((names.get(one, ""), one) for one in given)
        if missing := marks.keys() - {name for name, _ in places}:
            raise ValueError(f"no parameter of its own: {', '.join(sorted(missing))}")
        return sql, places


def _ready(value: int | datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
