"""Statements of queries that differ in their values alone are worded once: most of a course's time was Django's words.

A query is known again by all that its words follow from (`_shape`), and its values are read in the same walk. A shape
that is not known for sure is worded by Django as ever, and so is the first of each, whose values must come in the same
order for its words to be kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Exists, Value
from django.db.models.expressions import Col, NegatedExpression
from django.db.models.lookups import Exact, IsNull, Lookup
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.query import Query
from django.db.models.sql.where import WhereNode

_plain = SQLCompiler.as_sql


class _Unlike(Exception):
    """Not simple enough to be known again."""


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    made: dict[str, Any]
    """What wording it left on the compiler, for whoever reads its rows."""


_MADE = ("select", "klass_info", "annotation_col_map", "col_count", "has_extra_select")
_statements: dict[Any, _Statement | None] = {}


def remember_statements() -> None:
    SQLCompiler.as_sql = _as_sql  # type: ignore[method-assign]


def _as_sql(self: SQLCompiler, with_limits: bool = True, with_col_aliases: bool = False) -> tuple[str, Any]:
    values: list[Any] = []
    try:
        if not with_limits or with_col_aliases:
            raise _Unlike
        shape = (self.elide_empty, _shape(self, self.query, values))
    except (_Unlike, EmptyResultSet):
        return _plain(self, with_limits, with_col_aliases)
    known = _statements.get(shape, self)
    if known is self:
        sql, params = _plain(self)
        made = {name: getattr(self, name) for name in _MADE}
        _statements[shape] = _Statement(sql, made) if list(params) == values else None
        return sql, params
    if known is None:
        return _plain(self)
    self.__dict__.update(known.made)  # type: ignore[union-attr]
    return known.sql, tuple(values)  # type: ignore[union-attr]


def _shape(compiler: SQLCompiler, query: Query, values: list[Any]) -> tuple[Any, ...]:
    if query.combinator or query.group_by is not None or query.extra or query.distinct_fields or query.explain_info:
        raise _Unlike
    if query.extra_tables or query._filtered_relations or query.extra_order_by:
        raise _Unlike
    if query.annotations:
        _only_one(query, values)
    order = query.order_by
    if any(type(one) is not str for one in order) or any(type(column) is not Col for column in query.select):
        raise _Unlike
    joins = query.alias_map.values()
    return (
        query.model,
        bool(query.annotations),
        query.default_cols,
        query.distinct,
        query.low_mark,
        query.high_mark,
        order,
        query.default_ordering,
        query.standard_ordering,
        query.subquery,
        query.values_select,
        (frozenset(query.deferred_loading[0]), query.deferred_loading[1]),
        _related(query.select_related),
        tuple((column.alias, id(column.target)) for column in query.select),
        tuple((one.table_alias, one.table_name, one.parent_alias, one.join_type) for one in joins),
        tuple(query.alias_refcount.values()),
        _where(compiler, query.where, values),
    )


def _only_one(query: Query, values: list[Any]) -> None:
    """What `exists()` selects."""
    one = query.annotations.get("a")
    if len(query.annotations) > 1 or type(one) is not Value or one.value != 1:
        raise _Unlike
    values.append(1)


def _related(chosen: Any) -> Any:
    if isinstance(chosen, dict):
        return tuple((name, _related(further)) for name, further in chosen.items())
    return chosen


def _where(compiler: SQLCompiler, node: WhereNode, values: list[Any]) -> tuple[Any, ...]:
    return (node.connector, node.negated, *[_condition(compiler, child, values) for child in node.children])


def _condition(compiler: SQLCompiler, child: Any, values: list[Any]) -> Any:
    if type(child) is WhereNode:
        return _where(compiler, child, values)
    if type(child) is Exact and child.rhs is True and type(child.lhs) in (Exists, NegatedExpression):
        return _condition(compiler, child.lhs, values)
    if type(child) is NegatedExpression and type(child.expression) is Exists:
        return ("not", _condition(compiler, child.expression, values))
    if type(child) is Exists:
        return ("exists", _shape(compiler, child.query, values))
    if isinstance(child, Lookup) and type(child.lhs) is Col:
        right = child.rhs
        if type(right) is Col:
            return type(child), child.lhs.alias, id(child.lhs.target), right.alias, id(right.target)
        if isinstance(right, Query):
            return type(child), child.lhs.alias, id(child.lhs.target), _shape(compiler, right, values)
        if not hasattr(right, "as_sql") and not child.bilateral_transforms:
            return type(child), child.lhs.alias, id(child.lhs.target), _plain_right_side(compiler, child, values)
    sql, params = compiler.compile(child)
    values.extend(params)
    return sql


def _plain_right_side(compiler: SQLCompiler, lookup: Lookup[Any], values: list[Any]) -> Any:
    if isinstance(lookup, IsNull) or (type(lookup) is Exact and isinstance(lookup.rhs, bool)):
        return bool(lookup.rhs)  # part of the words
    sql, params = lookup.process_rhs(compiler, compiler.connection)
    values.extend(params)
    return sql
