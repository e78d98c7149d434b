"""Django's query and SQL compiler with a memory for what follows from their models alone: names, columns, secrets.

Half of a course's time was spent there. The statements are the same but for quotes around aliases of tables.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX, SQLiteCursorWrapper
from django.db.models.expressions import Col
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.query import Query

from dashboard.lib import fields

_plain_compile, _plain_columns, _plain_converters = (
    SQLCompiler.compile,
    SQLCompiler.get_default_columns,
    SQLCompiler.get_converters,
)
_plain_path = Query.names_to_path
_paths: dict[Any, tuple[Any, ...]] = {}
_columns: dict[tuple[Any, Any], list[Col]] = {}


def remember_columns() -> None:
    Query.names_to_path = _names_to_path  # type: ignore[method-assign]
    SQLiteCursorWrapper.convert_query = _question_marks
    fields.decrypt = lru_cache(64)(fields.decrypt)
    SQLCompiler.compile = _compile  # type: ignore[method-assign]
    SQLCompiler.get_default_columns = _default_columns  # type: ignore[method-assign]
    SQLCompiler.get_converters = _converters  # type: ignore[method-assign]
    Col.select_format = lambda self, compiler, sql, params: (sql, params)  # type: ignore[method-assign]


def _names_to_path(
    self: Query, names: list[str], opts: Any, allow_many: bool = True, fail_on_missing: bool = False
) -> tuple[Any, ...]:
    if self.annotations or self._filtered_relations:
        return _plain_path(self, names, opts, allow_many, fail_on_missing)
    key = (*names, opts, allow_many, fail_on_missing)
    known = _paths.get(key)
    if known is None:
        known = _paths[key] = _plain_path(self, names, opts, allow_many, fail_on_missing)
    path, field, targets, rest = known
    return path[:], field, targets, rest[:]


def _question_marks(_: Any, query: str, *, param_names: list[str] | None = None) -> str:
    if param_names is not None:
        return str(query % {name: f":{name}" for name in param_names})
    return _qmarks(query)


@lru_cache(4096)
def _qmarks(query: str) -> str:
    return FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


def _compile(self: SQLCompiler, node: Any) -> tuple[str, Any]:
    if type(node) is not Col:
        return _plain_compile(self, node)
    known = node.__dict__.get("_worded")
    if known is None:
        column = self.connection.ops.quote_name(node.target.column)
        sql = f"{self.connection.ops.quote_name(node.alias)}.{column}" if node.alias else column
        known = node.__dict__["_worded"] = (sql, ())
    return known  # type: ignore[no-any-return]


def _default_columns(
    self: SQLCompiler, select_mask: Any, start_alias: Any = None, opts: Any = None, from_parent: Any = None
) -> Any:
    meta = opts or self.query.get_meta()
    if select_mask or from_parent is not None or meta is None or meta.parents or meta.proxy:
        return _plain_columns(self, select_mask, start_alias, opts, from_parent)
    alias = start_alias or self.query.get_initial_alias()
    key = (meta, alias)
    if key not in _columns:
        _columns[key] = list(_plain_columns(self, select_mask, alias, opts, from_parent))
    return _columns[key]


def _converters(self: SQLCompiler, expressions: Any) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for index, expression in enumerate(expressions):
        if type(expression) is not Col:
            if expression:
                for convs in _plain_converters(self, [expression]).values():
                    found[index] = convs
            continue
        known = expression.__dict__.get("_converters")
        if known is None:
            known = expression.__dict__["_converters"] = _plain_converters(self, [expression]).get(0, ())
        if known:
            found[index] = known
    return found
