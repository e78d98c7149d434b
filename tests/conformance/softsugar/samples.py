"""Values made from the contract's rows: one that keeps every rule, and one broken value for each rule of each row.

Written from the rows alone and not from the sandbox's checks, so that a check that is missing shows.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.model import Field

DOCUMENTS = contract("softsugar")
OF_TYPE: dict[str, tuple[Any, ...]] = {
    "string": ("text",),
    "integer": (7,),
    "float": (7.5, 7),
    "boolean": (True,),
    "object": ({"a": 1},),
    "array": (["a"],),
}
BY_NAME: dict[str, Any] = {
    "resolution": [1080, 1920],
    "rect": [0, 0, 1080, 1920],
    "end": 500,
    "start": 0,
    "content": "尊敬的观众朋友们,大家好!",
}
"""Where two rows depend on each other, or the rule stands in words."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A whole value with one fault: where, which rule, and the row that says so."""

    pointer: str
    rule: str
    source: str
    value: Any


def sample(field: Field) -> Any:
    """A value that the row allows; an object with every one of its keys."""
    table = DOCUMENTS.objects.get(field.ref or "")
    if table is not None:
        one: Any = whole(table.fields)
        if field.type == "string":
            return json.dumps(one)
        return [one] if field.type == "array" else one
    if field.name in BY_NAME:
        return copy.deepcopy(BY_NAME[field.name])
    if field.enum:
        return field.enum[0]
    if field.type == "array":
        return [sample_of(field.items or "string", field)] * (field.min_length or 1)
    return sample_of(field.type, field)


def sample_of(kind: str, field: Field) -> Any:
    if field.pattern:
        return "7"
    if kind == "float" and field.maximum is not None:
        return field.maximum
    if kind == "integer":
        return int(field.minimum) + 1 if field.minimum is not None else 7
    return copy.deepcopy(OF_TYPE[kind][0])


def whole(fields: Sequence[Field]) -> dict[str, Any]:
    return {field.name: sample(field) for field in fields}


def broken(fields: Sequence[Field], value: dict[str, Any], at: str = "") -> Iterator[Broken]:
    """Every rule of every row broken once (types: by each other type), also inside objects and JSON texts."""
    for field in fields:
        pointer, source = f"{at}/{field.name}", str(field.source)
        for rule, bad in faults_of(field, value[field.name]):
            yield Broken(pointer, rule, source, {**value, field.name: bad})
        if field.mandatory:
            rest = {name: one for name, one in value.items() if name != field.name}
            yield Broken(pointer, "mandatory", source, rest)
            yield Broken(pointer, "mandatory", source, {**value, field.name: None})
        for inner in inside(field, value[field.name], pointer):
            yield Broken(inner.pointer, inner.rule, inner.source, {**value, field.name: inner.value})


def inside(field: Field, value: Any, pointer: str) -> Iterator[Broken]:
    table = DOCUMENTS.objects.get(field.ref or "")
    if table is None:
        return
    one = json.loads(value) if field.type == "string" else value[0] if field.type == "array" else value
    for inner in broken(table.fields, one, pointer):
        bad: Any = json.dumps(inner.value) if field.type == "string" else inner.value
        yield Broken(inner.pointer, inner.rule, inner.source, [bad] if field.type == "array" else bad)


def faults_of(field: Field, good: Any) -> Iterator[tuple[str, Any]]:
    accepted = {field.type, *field.also} | ({"integer"} if field.type == "float" else set())
    for kind, values in OF_TYPE.items():
        if kind not in accepted:
            yield from (("type", bad) for bad in values if not ("integer" in accepted and bad == 7))
    if field.type == "array":
        yield from items_of(field, good)
        return
    if field.type == "string" and field.ref:
        yield from (("json", bad) for bad in ("", "{", "[]", "5"))
    if field.enum:
        yield "enum", "somethingElse" if field.type == "string" else 4711
        return
    yield from (("range", bad) for bad in beyond(field, as_text=field.type == "string"))
    if field.max_length is not None:
        yield "length", "x" * (field.max_length + 1)
    if field.pattern:
        yield from (("pattern", bad) for bad in ("-1", "x", "１２", "1.5"))


def items_of(field: Field, good: list[Any]) -> Iterator[tuple[str, Any]]:
    kinds = ("integer", "object") if field.items == "string" else ("string", "boolean")
    yield from (("type", [OF_TYPE[kind][0], *good[1:]]) for kind in kinds)
    yield from (("range", [bad, *good[1:]]) for bad in beyond(field))
    if field.min_length:
        yield "length", good[: field.min_length - 1]
    if field.max_length:
        yield "length", [*good, good[-1]]


def beyond(field: Field, *, as_text: bool = False) -> Iterator[Any]:
    """Just outside the range, in the row's own kind of number."""
    step = 0.01 if field.type == "float" else 1
    values = []
    if field.minimum is not None:
        values.append(field.minimum if field.minimum_excluded else field.minimum - step)
    if field.maximum is not None:
        values.append(field.maximum + step)
    for value in values:
        number = value if field.type == "float" else int(value)
        yield str(number) if as_text else number
