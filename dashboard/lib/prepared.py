"""Queries that are asked again and again, whose SQL is made once: to make it often takes longer than to run it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import RelatedPopulator, get_related_populators

M = TypeVar("M", bound=Model)
Value = int | str | datetime

#: Stand for values while the SQL is made; nothing that a query always says is so large, so named or so long ago.
#: A number must fit its column: Django takes a query for one that does not for a query without rows.
_NUMBER, _WORD, _YEAR = 2**31 - 10**5, "\x01value", 1000


#: What the driver has in a column, by its place, and how it becomes what the field has.
_Converters = list[tuple[int, tuple[list[Callable[..., Any]], Any]]]


@dataclass(frozen=True, slots=True)
class _Columns:
    """How a row becomes a model's object, as the ORM's compiler has it; what it joins comes with it."""

    model: type[Model]
    start: int
    names: list[str]
    related: list[RelatedPopulator]
    annotations: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    #: For each of its parameters the name of a value, or "" and what it always is.
    places: tuple[tuple[str, Any], ...]
    converters: _Converters
    #: Of a query for objects.
    columns: _Columns | None


class _Asked:
    """`make` is called once per kind of database; it uses its values as they are, without arithmetic.

    Values are not held against their columns: no database takes an integer beyond 64 bits.

    Whether a `select_for_update()` is within a transaction is looked at only then: its caller sees to that. Raises
    `ValueError` where a value does not come out of `make` as a parameter.
    """

    has_objects = False

    def __init__(self, make: Callable[..., QuerySet[Any, Any]]) -> None:
        self._make = make
        self._made: dict[str, _Statement] = {}

    def _ask(self, values: dict[str, Value]) -> tuple[_Statement, list[tuple[Any, ...]]]:
        """The statement, and its rows as the ORM has them."""
        made = self._made.get(connection.vendor)
        if made is None:
            made = self._made[connection.vendor] = self._prepare(values)
        ready = {name: _ready(value) for name, value in values.items()}
        with connection.cursor() as cursor:
            cursor.execute(made.sql, [ready[name] if name else fixed for name, fixed in made.places])
            rows = cursor.fetchall()
        return made, [_converted(made.converters, row) for row in rows] if made.converters else list(rows)

    def _prepare(self, values: dict[str, Value]) -> _Statement:
        marks = {name: _mark(number, value) for number, (name, value) in enumerate(values.items())}
        compiler = self._make(**marks).query.get_compiler(connection=connection)
        sql, given = compiler.as_sql()
        names = {_ready(mark): name for name, mark in marks.items()}
        places = tuple((names.get(one, ""), one) for one in given)
        if missing := marks.keys() - {name for name, _ in places}:
            raise ValueError(f"no parameter of its own: {', '.join(sorted(missing))}")
        converters = list(compiler.get_converters([column[0] for column in compiler.select]).items())
        return _Statement(sql, places, converters, _columns(compiler) if self.has_objects else None)


class Prepared(_Asked):
    """A `values_list()` that is the same each time but for named values: ids, words, or aware moments."""

    def rows(self, **values: Value) -> list[tuple[Any, ...]]:
        return self._ask(values)[1]


class PreparedObjects(_Asked, Generic[M]):
    """The same for objects of a model, with what `select_related()` joins to them and `annotate()` adds.

    What the query defers is read when it is first asked of an object. Raises `ValueError` for a query of values.
    """

    has_objects = True

    def __init__(self, make: Callable[..., QuerySet[M]]) -> None:
        super().__init__(make)

    def all(self, **values: Value) -> list[M]:
        made, rows = self._ask(values)
        columns = made.columns
        return [_object(columns, row) for row in rows] if columns is not None else []

    def one(self, **values: Value) -> M | None:
        """The first row, as the query orders them, or None."""
        return next(iter(self.all(**values)), None)


def _columns(compiler: Any) -> _Columns:
    select, info = compiler.select, compiler.klass_info
    if info is None or compiler.query.values_select:
        raise ValueError("not a query for objects")
    start, end = info["select_fields"][0], info["select_fields"][-1] + 1
    return _Columns(
        model=info["model"],
        start=start,
        names=[column[0].target.attname for column in select[start:end]],
        related=get_related_populators(info, select, connection.alias),  # type: ignore[call-arg]  # the stubs are a version ahead
        annotations=list(compiler.annotation_col_map.items()),
    )


def _converted(converters: _Converters, row: tuple[Any, ...]) -> tuple[Any, ...]:
    values = list(row)
    for at, (ways, expression) in converters:
        for convert in ways:
            values[at] = convert(values[at], expression, connection)
    return tuple(values)


def _object(columns: _Columns, values: Sequence[Any]) -> Any:
    end = columns.start + len(columns.names)
    made = columns.model.from_db(connection.alias, columns.names, values[columns.start : end])
    for related in columns.related:
        related.populate(values, made)
    for name, at in columns.annotations:
        setattr(made, name, values[at])
    return made


def _mark(number: int, value: Value) -> Value:
    if isinstance(value, datetime):
        return datetime(_YEAR + number, 1, 1, tzinfo=UTC)
    return f"{_WORD}{number}" if isinstance(value, str) else _NUMBER + number


def _ready(value: Value) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
