"""Bodies made from the contract: a whole valid one, and from it one broken body per documented rule and field."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.vendors.contract.catalogue import Contract
from dashboard.vendors.contract.model import Field

Path = tuple[str | int, ...]
# What the tables leave open and the sandbox has an opinion on: an address (where nobody listens), a number as text.
KNOWN = {
    "live_event_type_callback_url": "http://127.0.0.1:9/callbacks?key=1",
    "interaction_callback_url": "http://127.0.0.1:9/rules?key=1",
    "value": "1",
}


@dataclass(frozen=True)
class Case:
    """A body with one thing changed; `rule` is mandatory, type, enum, range or length."""

    rule: str
    pointer: str
    body: Any

    def __str__(self) -> str:
        return f"{self.rule} {self.pointer}"


class Bodies:
    def __init__(self, book: Contract) -> None:
        self.book = book

    # --- the whole body --------------------------------------------------------------------------------------------

    def sample(self, fields: Sequence[Field], **given: Any) -> dict[str, Any]:
        """Every documented key with an allowed value."""
        body: dict[str, Any] = dict(given)
        for field in fields:
            if field.name not in body:
                body[field.name] = self.value(field, body)
        return body

    def value(self, field: Field, parent: Mapping[str, Any]) -> Any:
        table = self.table(field, parent)
        if field.type == "array":
            return [self.sample(table) if table else self.scalar(field, field.items or "string")]
        if field.type == "object":
            return self.sample(table)
        return self.scalar(field, field.type)

    def scalar(self, field: Field, kind: str) -> Any:
        if field.name in KNOWN:
            return KNOWN[field.name]
        if field.enum:
            return field.enum[0]
        if kind in ("integer", "long", "float"):
            least = 1 if field.minimum is None else int(field.minimum)
            return max(1, least) if field.maximum is None else min(max(1, least), int(field.maximum))
        return True if kind == "boolean" else "x" * max(1, field.min_length or 0)

    def table(self, field: Field, parent: Mapping[str, Any]) -> tuple[Field, ...]:
        name = dict(field.refs).get(str(parent.get(field.ref_from))) if field.ref_from else field.ref
        return self.book.object(name).fields if name else ()

    # --- walking it ------------------------------------------------------------------------------------------------

    def walk(self, fields: Sequence[Field], body: Mapping[str, Any], at: Path = ()) -> Iterator[tuple[Field, Path]]:
        """Every field of a whole body with where it stands."""
        for field in fields:
            here = (*at, field.name)
            yield field, here
            inner, table = body[field.name], self.table(field, body)
            if table and isinstance(inner, list):
                yield from self.walk(table, inner[0], (*here, 0))
            elif table:
                yield from self.walk(table, inner, here)

    def broken(self, fields: Sequence[Field], body: Mapping[str, Any]) -> Iterator[Case]:
        """One body per rule that a field prints, broken low and high where there are two ends."""
        for field, at in self.walk(fields, body):
            if self.is_needed(field, at, body):
                yield Case("mandatory", pointer(at), without(body, at))
            for rule, value in wrong_values(field):
                yield Case(rule, pointer(at), changed(body, at, value))

    def allowed(self, fields: Sequence[Field], body: Mapping[str, Any]) -> Iterator[Case]:
        """One body per allowed word and per end of each range, and one without each optional field."""
        for field, at in self.walk(fields, body):
            if not self.is_needed(field, at, body):
                yield Case("absent", pointer(at), without(body, at))
            for rule, value in right_values(field):
                if not (field.ref_from or field.name == "command"):
                    yield Case(rule, pointer(at), changed(body, at, value))

    def is_needed(self, field: Field, at: Path, body: Mapping[str, Any]) -> bool:
        parent: Any = body
        for step in at[:-1]:
            parent = parent[step]
        if field.required_when:
            return parent.get(field.required_when[0]) in field.required_when[1]
        return field.mandatory or (bool(field.ref_from) and any(one.mandatory for one in self.table(field, parent)))


def wrong_values(field: Field) -> Iterator[tuple[str, Any]]:
    kind = field.items or "string" if field.type == "array" else field.type
    wrap = (lambda value: [value]) if field.type == "array" else (lambda value: value)
    if field.type == "array":
        yield "type", {"not": "a list"}
    for value in wrong_types(kind, field):
        yield "type", wrap(value)
    if field.enum:
        yield "enum", wrap("NOT-A-WORD" if kind == "string" else 4711)
    for rule, value in beyond(field, kind):
        yield rule, wrap(value)


def wrong_types(kind: str, field: Field) -> Sequence[Any]:
    if field.also or kind == "any":
        return ()
    wrong: dict[str, Sequence[Any]] = {
        "string": (7, True, ["x"], {"x": 1}),
        "integer": ("7", 1.5, True, [7]),
        "long": ("7", 1.5, True, [7]),
        "float": ("7", True, [7]),
        "boolean": ("true", 1, [True]),
        "object": ("x", 7, [{}]) if field.type != "array" else ("x", 7),
    }
    return wrong[kind]


def beyond(field: Field, kind: str) -> Iterator[tuple[str, Any]]:
    if kind == "string":
        if field.min_length:
            yield "length", "x" * (field.min_length - 1)
        if field.max_length is not None and field.type != "array":
            yield "length", "x" * (field.max_length + 1)
        return
    if field.minimum is not None:
        yield "range", int(field.minimum) - (0 if field.minimum_excluded else 1)
    if field.maximum is not None:
        yield "range", int(field.maximum) + 1


def right_values(field: Field) -> Iterator[tuple[str, Any]]:
    wrap = (lambda value: [value]) if field.type == "array" else (lambda value: value)
    for word in (*field.enum, *field.enum_aliases):
        yield "enum", wrap(word)
    for end in (field.minimum, field.maximum):
        if end is not None and field.type != "string":
            yield "range", wrap(int(end))
    if field.type == "string" and not field.enum and field.max_length is not None:
        yield "length", "x" * field.max_length
    if field.type == "boolean":
        yield "word", False


def without(body: Mapping[str, Any], at: Path) -> Any:
    changed_body: Any = copy.deepcopy(body)
    del part_of(changed_body, at)[at[-1]]
    return changed_body


def changed(body: Mapping[str, Any], at: Path, value: Any) -> Any:
    changed_body: Any = copy.deepcopy(body)
    part_of(changed_body, at)[at[-1]] = value
    return changed_body


def part_of(body: Any, at: Path) -> Any:
    for step in at[:-1]:
        body = body[step]
    return body


def pointer(at: Path) -> str:
    return "".join(f"/{step}" for step in at)
