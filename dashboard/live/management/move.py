"""Moves everything from SQLite to PostgreSQL, in one transaction there: it is complete or has not happened.

Rows go as they are stored, secrets encrypted; then both sides are counted and compared by content, table by table.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from dashboard.lib.canonical import canonical
from dashboard.lib.fields import EncryptedTextField

ROWS_AT_ONCE = 2_000
#: Not turned into what they mean on the way: secrets keep the key they were made with, and a JSON null is not NULL.
_AS_STORED = (EncryptedTextField, models.JSONField)
#: Made by the migrations themselves in any new database; replaced by the source's.
_MADE_ANYWHERE = ("contenttypes.ContentType", "auth.Permission")


class Refused(Exception):
    """Nothing was moved; the message says why."""


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    rows: int
    content: str


def move(source: str, target: str, tell: Callable[[str], object]) -> list[Table]:
    """Copy every table of database `source` to `target` (aliases); what was moved. Raises `Refused`."""
    require_head(source)
    call_command("migrate", database=target, verbosity=0, interactive=False)
    tables = in_order()
    require_empty(target, tables)
    moved: list[Table] = []
    with transaction.atomic(using=source), transaction.atomic(using=target):
        _clear_made_anywhere(target)
        for model in tables:
            _copy(model, source, target)
        connections[target].check_constraints()
        for model in tables:
            here, there = _content(model, source), _content(model, target)
            if here != there:
                raise Refused(
                    f"{here.name} differs after the move ({here.rows} rows here, {there.rows} there): nothing was kept."
                )
            moved.append(here)
            tell(f"{here.name:<44}{here.rows:>9}  {here.content[:12]}")
        _reset_sequences(target, tables)
    return moved


def in_order() -> list[type[models.Model]]:
    """Every table of ours and of the libraries, each behind those that its keys point to."""
    left = [one for one in apps.get_models(include_auto_created=True) if one._meta.managed and not one._meta.proxy]
    left.sort(key=lambda model: model._meta.db_table)
    ordered: list[type[models.Model]] = []
    while left:
        free = [model for model in left if not _points_to(model) & (set(left) - {model})]
        if not free:
            raise Refused(f"the tables {', '.join(model._meta.db_table for model in left)} point to each other")
        ordered += free
        left = [model for model in left if model not in free]
    return ordered


def _points_to(model: type[models.Model]) -> set[Any]:
    return {field.related_model for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)}


def require_head(alias: str) -> None:
    executor = MigrationExecutor(connections[alias])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Refused("The SQLite database is not up to date: run `manage.py migrate` first.")


def require_empty(alias: str, tables: list[type[models.Model]]) -> None:
    for model in tables:
        if model._meta.label not in _MADE_ANYWHERE and model._base_manager.using(alias).exists():
            raise Refused(f"The target is not empty: {model._meta.db_table} has rows. Give it a new database.")


def _clear_made_anywhere(alias: str) -> None:
    for label in reversed(_MADE_ANYWHERE):
        apps.get_model(label)._base_manager.using(alias).all().delete()


def _copy(model: type[models.Model], source: str, target: str) -> None:
    fields = model._meta.concrete_fields
    connection = connections[target]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(_column(field)) for field in fields)
    with connection.cursor() as cursor:
        statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
        with cursor.copy(statement) as copy:
            for row in _rows(model, source):
                copy.write_row([_stored(field, value, connection) for field, value in zip(fields, row, strict=True)])


def _stored(field: models.Field[Any, Any], value: Any, connection: BaseDatabaseWrapper) -> Any:
    return value if isinstance(field, _AS_STORED) else field.get_db_prep_save(value, connection)


def _rows(model: type[models.Model], alias: str) -> Iterator[tuple[Any, ...]]:
    """In the order of the key, as Python has them; secrets stay encrypted and JSON a text."""
    connection = connections[alias]
    quote = connection.ops.quote_name
    fields = model._meta.concrete_fields
    columns = ", ".join(quote(_column(field)) for field in fields)
    key = quote(_column(model._meta.pk))
    converters = [_converters(model, field, connection) for field in fields]
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {quote(model._meta.db_table)} ORDER BY {key}")  # noqa: S608
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for row in rows:
                yield tuple(_converted(value, *how) for value, how in zip(row, converters, strict=True))


def _column(field: models.Field[Any, Any]) -> str:
    return str(field.column)


def _converters(
    model: type[models.Model], field: models.Field[Any, Any], connection: BaseDatabaseWrapper
) -> tuple[list[Any], Any, BaseDatabaseWrapper]:
    expression = field.get_col(model._meta.db_table)
    found = list(connection.ops.get_db_converters(expression))
    if not isinstance(field, _AS_STORED):
        found += field.get_db_converters(connection)
    return found, expression, connection


def _converted(value: Any, converters: list[Any], expression: Any, connection: BaseDatabaseWrapper) -> Any:
    for convert in converters:
        value = convert(value, expression, connection)
    return value


def _content(model: type[models.Model], alias: str) -> Table:
    """A sum of the rows' hashes: the same in whatever order a database sorts texts."""
    rows = total = 0
    is_json = [isinstance(field, models.JSONField) for field in model._meta.concrete_fields]
    for stored in _rows(model, alias):
        row = [[json.loads(value)] if read and value else value for value, read in zip(stored, is_json, strict=True)]
        rows += 1
        total += int.from_bytes(hashlib.sha256(canonical(row).encode()).digest(), "big")
    return Table(model._meta.db_table, rows, f"{total % 2**256:064x}")


def _reset_sequences(alias: str, tables: list[type[models.Model]]) -> None:
    """The next row gets the number behind the last one."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
