"""Writes the data files: stable order, one key order, no key that says nothing."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterable
from typing import Any

from dashboard.vendors.contract.extract.reader import Raw

FIELD_KEYS = (
    "name", "type", "items", "ref", "mandatory", "minimum", "maximum", "minimum_excluded", "min_length", "max_length",
    "max_bytes", "pattern", "enum", "enum_aliases", "aliases", "also", "separator", "required_when", "ref_from", "refs",
    "default", "description", "condition", "readings", "source",
)  # fmt: skip


def field(raw: Raw) -> Raw:
    raw = {key: value for key, value in raw.items() if key != "cell"}
    unknown = set(raw) - set(FIELD_KEYS)
    if unknown:
        raise ValueError(f"field {raw['name']} has keys that the model lacks: {sorted(unknown)}")
    return {key: raw[key] for key in FIELD_KEYS if key in raw and not _is_silent(raw[key])}


def _is_silent(value: object) -> bool:
    """0 and False say something as a default or a limit, unless the key is one of the flags, whose default is False."""
    return value is None or value == "" or value == []


def fields(rows: Iterable[Raw] | str) -> list[Raw] | str:
    return rows if isinstance(rows, str) else [field(row) for row in rows]


def contract(raw: Raw) -> Raw:
    """The extracted parts of one vendor as the data file holds them."""
    ready: Raw = {
        "objects": [
            {"name": name, "source": source, "fields": fields(rows)}
            for name, (source, rows) in sorted(raw["objects"].items())
        ]
    }
    for kind in ("endpoints", "sockets"):
        ready[kind] = [_endpoint(one) for one in sorted(raw.get(kind, ()), key=lambda one: str(one["id"]))]
    for kind in ("frames", "callbacks"):
        ready[kind] = [{**one, "fields": fields(one["fields"])} for one in raw.get(kind, ())]
    for kind in ("status_codes", "rate_limits", "generic_errors"):
        ready[kind] = raw.get(kind, [])
    ready["vocabularies"] = raw.get("vocabularies", {})
    ready["printed"] = raw.get("printed", {})
    return {key: value for key, value in ready.items() if value}


def _endpoint(raw: Raw) -> Raw:
    ready = dict(raw)
    for key in ("path_params", "query", "headers", "body"):
        if key in raw:
            ready[key] = fields(raw[key])
    for key in ("responses", "response_headers"):
        if key in raw:
            ready[key] = {str(status): fields(rows) for status, rows in sorted(raw[key].items())}
    if "statuses" in raw:
        ready["statuses"] = {str(status): text for status, text in sorted(raw["statuses"].items())}
    return ready


def write(path: pathlib.Path, data: dict[str, Any]) -> None:
    path.write_text(_lay_out(data, 0) + "\n", encoding="utf-8")


def _lay_out(value: Any, depth: int) -> str:
    """JSON with whatever fits on one line on one line: a field is a line, so changes read as diffs."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or _is_line(value, flat, depth):
        return flat
    pad = " " * (depth + 1)
    if isinstance(value, dict):
        parts = [
            f"{pad}{json.dumps(key, ensure_ascii=False)}: {_lay_out(inner, depth + 1)}" for key, inner in value.items()
        ]
        return "{\n" + ",\n".join(parts) + "\n" + " " * depth + "}"
    return "[\n" + ",\n".join(pad + _lay_out(inner, depth + 1) for inner in value) + "\n" + " " * depth + "]"


def _is_line(value: dict[str, Any] | list[Any], flat: str, depth: int) -> bool:
    if isinstance(value, dict) and "type" in value and "name" in value:
        return True
    return depth >= 2 and len(flat) <= 300 and '"type": ' not in flat
