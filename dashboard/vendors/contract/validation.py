"""Checks JSON against the documented fields. Pure: the gateways ask before they send, the sandbox when it receives.

Unknown keys are ignored, as the vendors' own examples carry some. `null` counts as absent. A boolean is not a number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dashboard.vendors.contract.catalogue import Contract
from dashboard.vendors.contract.model import Endpoint, Field

Rule = Literal["mandatory", "type", "range", "length", "enum", "pattern", "json"]

# A body with more faults than this is not worth a longer list, and an answer must stay small.
MOST_VIOLATIONS = 50
# The deepest documented nesting is 6 objects; what nests deeper is not ours.
DEEPEST = 16
SHOWN = 40
# Push URLs carry the right to push, callback URLs their authentication.
SECRET = re.compile(
    r"stream_key|auth_key|/key$|token|password|secret|signature|authorization|urls?(?:/\d+)?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Violation:
    """One fault: where ("/params/text_config/text"), which rule, what is allowed, and what was there, cut short."""

    pointer: str
    rule: Rule
    limit: str
    value_shown: str

    def __str__(self) -> str:
        if self.rule == "mandatory":
            return f"{self.pointer or '/'} is missing"
        return f"{self.pointer or '/'} is {self.value_shown}, allowed: {self.limit}"


def check_body(contract: Contract, endpoint: Endpoint, value: object) -> tuple[Violation, ...]:
    """Faults of a request body. `None` means that no body was sent."""
    if not endpoint.body or (value is None and not endpoint.body_mandatory):
        return ()
    return _run(contract, endpoint.body, value)


def check_response(contract: Contract, endpoint: Endpoint, status: int, value: object) -> tuple[Violation, ...]:
    """Faults of an answer. Which keys an answer must have is not documented for MetaStudio, so none is demanded."""
    fields = endpoint.responses.get(status, ())
    if not fields or value is None:
        return ()
    return _run(contract, fields, value, demanding=contract.vendor != "metastudio")


def check_object(contract: Contract, table_name: str, value: object) -> tuple[Violation, ...]:
    """Faults of a value that should be an object of this table."""
    return _run(contract, contract.object(table_name).fields, value)


def check_fields(contract: Contract, fields: Sequence[Field], value: object) -> tuple[Violation, ...]:
    """Faults of a frame, a callback or any other object whose rows are at hand."""
    return _run(contract, fields, value)


def check_query(
    contract: Contract, endpoint: Endpoint, query: Mapping[str, str | Sequence[str]]
) -> tuple[Violation, ...]:
    """Faults of a query string, given as text or as the texts of a repeated key."""
    known = {name: field for field in endpoint.query for name in (field.name, *field.aliases)}
    parsed = {key: _from_text(known[key], text) for key, text in query.items() if key in known}
    return _run(contract, endpoint.query, parsed)


def check_field(
    field: Field, value: object, pointer: str = "", contract: Contract | None = None
) -> tuple[Violation, ...]:
    """Faults of one value. Without a contract an object is only known to be an object."""
    check = _Check(contract)
    check.value(field, value, pointer, 0)
    return tuple(check.found)


def _run(contract: Contract, fields: Sequence[Field], value: object, demanding: bool = True) -> tuple[Violation, ...]:
    check = _Check(contract, demanding)
    check.mapping(fields, value, "", 0)
    return tuple(check.found[:MOST_VIOLATIONS])


class _Check:
    """One walk through one value; collects faults instead of stopping at the first."""

    def __init__(self, contract: Contract | None, demanding: bool = True) -> None:
        self.contract = contract
        self.demanding = demanding
        self.found: list[Violation] = []

    def fail(self, pointer: str, rule: Rule, limit: str, value: object) -> None:
        self.found.append(Violation(pointer, rule, limit, _show(pointer, value)))

    def mapping(self, fields: Sequence[Field], value: object, pointer: str, depth: int) -> None:
        if not isinstance(value, Mapping) or depth > DEEPEST:
            self.fail(pointer, "type", "object", value)
            return
        for field in fields:
            if len(self.found) >= MOST_VIOLATIONS:
                return
            name, inner = _look_up(field, value)
            at = f"{pointer}/{name}"
            if inner is not None:
                self.value(field, inner, at, depth, value)
            elif self.demanding and self.is_needed(field, value):
                self.fail(at, "mandatory", field.condition or "", None)

    def is_needed(self, field: Field, parent: Mapping[str, object]) -> bool:
        if field.mandatory:
            return True
        if field.required_when:
            neighbour, wanted = field.required_when
            return parent.get(neighbour) in wanted
        table = self.table_of(field, parent)
        return bool(field.ref_from and table and any(row.mandatory for row in table))

    def table_of(self, field: Field, parent: Mapping[str, object]) -> tuple[Field, ...] | None:
        name = field.ref
        if field.ref_from:
            name = dict(field.refs).get(str(parent.get(field.ref_from)))
        return self.contract.object(name).fields if self.contract and name else None

    def value(
        self, field: Field, value: object, pointer: str, depth: int, parent: Mapping[str, object] | None = None
    ) -> None:
        """`value` against everything that `field` says; arrays are walked, objects are opened."""
        if not _is_a(field.type, value):
            if not any(_is_a(other, value) for other in field.also):
                self.fail(pointer, "type", _type_limit(field), value)
            return
        table = self.table_of(field, parent or {})
        if isinstance(value, list):
            self.array(field, value, pointer, depth, table)
        elif field.type == "object" and table:
            self.mapping(table, value, pointer, depth + 1)
        elif isinstance(value, str) and table:
            self.json_text(table, value, pointer, depth)
        elif isinstance(value, str) and field.separator:
            for part in value.split(field.separator):
                self.scalar(field, part, pointer)
        else:
            self.scalar(field, value, pointer)

    def array(
        self, field: Field, value: list[object], pointer: str, depth: int, table: tuple[Field, ...] | None
    ) -> None:
        if not _within(len(value), field.min_length, field.max_length):
            self.fail(pointer, "length", f"{_span(field.min_length, field.max_length)} items", f"{len(value)} items")
        for number, item in enumerate(value):
            at = f"{pointer}/{number}"
            if len(self.found) >= MOST_VIOLATIONS:
                return
            if not _is_a(field.items or "any", item):
                self.fail(at, "type", field.items or "any", item)
            elif table:
                self.mapping(table, item, at, depth + 1)
            elif not isinstance(item, list | dict):
                self.scalar(field, item, at, is_item=True)

    def json_text(self, table: tuple[Field, ...], value: str, pointer: str, depth: int) -> None:
        try:
            inner = json.loads(value)
        except (ValueError, RecursionError):
            self.fail(pointer, "json", "JSON text", value)
            return
        self.mapping(table, inner, pointer, depth + 1)

    def scalar(self, field: Field, value: object, pointer: str, is_item: bool = False) -> None:
        if field.enum and value not in field.enum and value not in field.enum_aliases:
            self.fail(pointer, "enum", ", ".join(str(one) for one in field.enum), value)
        elif isinstance(value, str):
            self.text(field, value, pointer, is_item)
        elif isinstance(value, int | float):
            self.number(field, value, pointer)

    def text(self, field: Field, value: str, pointer: str, is_item: bool) -> None:
        if not is_item and not _within(len(value), field.min_length, field.max_length):
            limit = f"{_span(field.min_length, field.max_length)} characters"
            self.fail(pointer, "length", limit, f"{len(value)} characters")
        elif field.max_bytes is not None and len(value.encode()) > field.max_bytes:
            self.fail(pointer, "length", f"at most {field.max_bytes} bytes", f"{len(value.encode())} bytes")
        elif field.pattern and not re.fullmatch(field.pattern, value):
            self.fail(pointer, "pattern", field.pattern, value)
        elif field.minimum is not None and field.pattern:
            # A text that must be a decimal number; the pattern has seen to that.
            self.number(field, int(value), pointer)

    def number(self, field: Field, value: int | float, pointer: str) -> None:
        is_below = field.minimum is not None and (
            value < field.minimum or (field.minimum_excluded and value == field.minimum)
        )
        # NaN compares false with everything and is no number for a vendor.
        if is_below or (field.maximum is not None and value > field.maximum) or value != value:
            self.fail(pointer, "range", range_limit(field), value)


def range_limit(field: Field) -> str:
    """The allowed numbers in words: "50..200", "above 0, at most 7"."""
    if field.minimum_excluded:
        return f"above {_plain(field.minimum)}, at most {_plain(field.maximum)}"
    return _span(field.minimum, field.maximum)


def _look_up(field: Field, value: Mapping[str, object]) -> tuple[str, object]:
    for name in (field.name, *field.aliases):
        if value.get(name) is not None:
            return name, value[name]
    return field.name, None


def _is_a(kind: str, value: object) -> bool:
    if kind in ("integer", "long"):
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    wanted = {"string": str, "boolean": bool, "object": Mapping, "array": list}.get(kind, object)
    return isinstance(value, wanted)


def _type_limit(field: Field) -> str:
    return " or ".join((field.type, *field.also))


def _within(size: float, least: float | None, most: float | None) -> bool:
    return (least is None or size >= least) and (most is None or size <= most)


def _span(least: float | None, most: float | None) -> str:
    if most is None:
        return f"at least {_plain(least)}"
    return f"{_plain(least)}..{_plain(most)}" if least is not None else f"at most {_plain(most)}"


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:.10g}"


def _show(pointer: str, value: object) -> str:
    """The value as JSON, cut short; of a secret only that it is there."""
    if value is None:
        return ""
    if SECRET.search(pointer):
        return "(hidden)"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _from_text(field: Field, given: str | Sequence[str]) -> object:
    """A query value as the type that its row names; what does not convert stays text and fails the type rule."""
    if field.type == "array":
        texts = given.split(",") if isinstance(given, str) else [part for one in given for part in one.split(",")]
        return [_scalar_from(field.items or "string", text) for text in texts]
    return _scalar_from(field.type, given if isinstance(given, str) else ",".join(given))


def _scalar_from(kind: str, text: str) -> object:
    if kind in ("integer", "long") and re.fullmatch(r"-?[0-9]{1,19}", text):
        return int(text)
    if kind == "float" and re.fullmatch(r"-?[0-9]{1,19}(\.[0-9]{1,19})?", text):
        return float(text)
    if kind == "boolean" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text
