"""Reads the checked-in contract data once per process and answers questions about it."""

from __future__ import annotations

import functools
import json
import pathlib
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from dashboard.vendors.contract import model

DATA = pathlib.Path(__file__).parent / "data"
GENERATED = pathlib.Path(__file__).parent / "generated"
FILES = {
    "metastudio": ("metastudio.json", "metastudio_errors.json"),
    "softsugar": ("softsugar.json",),
}
_TUPLES = ("enum", "enum_aliases", "aliases", "also", "readings")
_T = TypeVar("_T")


class Contract:
    """Everything one vendor documents. Immutable; ask `contract(vendor)` for it."""

    def __init__(self, vendor: str, raw: Mapping[str, Any]) -> None:
        self.vendor = vendor
        self.objects = {one["name"]: _table(one) for one in raw["objects"]}
        pick = functools.partial(_pick, self.objects)
        self.endpoints = tuple(_endpoint(vendor, one, pick) for one in raw["endpoints"])
        # Their `method` is WEBSOCKET, and their `body` holds the keys of all upstream frames together.
        self.sockets = tuple(_endpoint(vendor, one, pick) for one in raw.get("sockets", ()))
        self.frames = tuple(_frame(one, pick) for one in raw.get("frames", ()))
        self.callbacks = tuple(_callback(one, pick) for one in raw.get("callbacks", ()))
        self.status_codes = tuple(_status(one) for one in raw.get("status_codes", ()))
        self.rate_limits = tuple(_rate(one) for one in raw.get("rate_limits", ()))
        self.vocabularies = {
            name: tuple(_term(one) for one in terms) for name, terms in raw.get("vocabularies", {}).items()
        }
        # How many rows, names and tables the document prints; the merged tables here hold fewer.
        self.printed: dict[str, int] = raw.get("printed", {})
        self.errors = tuple(_error(one) for one in raw.get("errors", ()))
        # Shown in examples and in two field descriptions, but in no error table (A74); `error` finds them too.
        self.generic_errors = tuple(_error(one) for one in raw.get("generic_errors", ()))
        self._endpoints = {one.id: one for one in (*self.endpoints, *self.sockets)}
        self._callbacks = {one.id: one for one in self.callbacks}
        self._errors: dict[str, list[model.ErrorRow]] = {}
        for row in (*self.errors, *self.generic_errors):
            self._errors.setdefault(row.code, []).append(row)
        self._routes = [(one.method, _route(path), one) for one in self._endpoints.values() for path in _paths(one)]

    def endpoint(self, identifier: str) -> model.Endpoint:
        return _get(self._endpoints, identifier, f"{self.vendor} endpoint")

    def object(self, name: str) -> model.ObjectTable:
        return _get(self.objects, name, f"{self.vendor} object table")

    def vocabulary(self, name: str) -> tuple[model.Term, ...]:
        return _get(self.vocabularies, name, f"{self.vendor} vocabulary")

    def callback(self, identifier: str) -> model.Callback:
        return _get(self._callbacks, identifier, f"{self.vendor} callback")

    def frame(self, code: int, direction: str) -> model.WebSocketFrame | None:
        return next((one for one in self.frames if (one.code, one.direction) == (code, direction)), None)

    def status_code(self, code: int) -> model.StatusCode | None:
        return next((one for one in self.status_codes if one.code == code), None)

    def error(self, code: str, status: int | None = None) -> model.ErrorRow | None:
        """The row of this code: the one printed for this HTTP status if there is one, else the first."""
        rows = self._errors.get(code, [])
        return next((row for row in rows if row.status == status), rows[0] if rows else None)

    def match(self, method: str, path: str) -> tuple[model.Endpoint, dict[str, str]] | None:
        """The endpoint that this request addresses and its path values, as sent (still percent-encoded)."""
        best: tuple[model.Endpoint, dict[str, str]] | None = None
        for verb, route, candidate in self._routes:
            found = route.fullmatch(path) if verb == method.upper() else None
            # A literal segment beats a placeholder, so fewer values is the closer match.
            if found and (best is None or len(found.groupdict()) < len(best[1])):
                best = candidate, found.groupdict()
        return best


@functools.cache
def contract(vendor: str) -> Contract:
    """The contract of "metastudio" or "softsugar"."""
    raw: dict[str, Any] = {}
    for name in _get(FILES, vendor, "vendor"):
        raw.update(json.loads((DATA / name).read_text(encoding="utf-8")))
    return Contract(vendor, raw)


def _get(table: Mapping[str, _T], key: str, kind: str) -> _T:
    if key not in table:
        raise KeyError(f"no {kind} {key!r}; there are: {', '.join(sorted(table))}")
    return table[key]


def _source(text: str) -> model.Source:
    file, _, line = text.partition(":")
    return model.Source(file, int(line))


def _field(raw: dict[str, Any]) -> model.Field:
    values = dict(raw)
    values["source"] = _source(raw["source"])
    for key in _TUPLES:
        if key in values:
            values[key] = tuple(values[key])
    if "required_when" in values:
        neighbour, wanted = values["required_when"]
        values["required_when"] = (neighbour, tuple(wanted))
    if "refs" in values:
        values["refs"] = tuple(values["refs"].items())
    if isinstance(values.get("default"), list):
        values["default"] = tuple(values["default"])
    return model.Field(**values)


def _table(raw: dict[str, Any]) -> model.ObjectTable:
    fields = tuple(_field(one) for one in raw["fields"])
    return model.ObjectTable(raw["name"], fields, _source(raw["source"]), raw.get("description", ""))


Fields = list[dict[str, Any]] | str
Picker = Callable[[Fields], tuple[model.Field, ...]]


def _pick(objects: Mapping[str, model.ObjectTable], fields: Fields) -> tuple[model.Field, ...]:
    """Rows that many endpoints print alike (headers, errors) are stored once, as an object table, and named."""
    if isinstance(fields, str):
        return objects[fields].fields
    return tuple(_field(one) for one in fields)


def _endpoint(vendor: str, raw: dict[str, Any], pick: Picker) -> model.Endpoint:
    return model.Endpoint(
        id=raw["id"],
        vendor=vendor,
        method=raw["method"],
        path=raw["path"],
        section=raw["section"],
        title=raw["title"],
        source=_source(raw["source"]),
        path_aliases=tuple(raw.get("path_aliases", ())),
        path_params=pick(raw.get("path_params", [])),
        query=pick(raw.get("query", [])),
        headers=pick(raw.get("headers", [])),
        body=pick(raw.get("body", [])),
        body_mandatory=raw.get("body_mandatory", False),
        responses={int(status): pick(rows) for status, rows in raw.get("responses", {}).items()},
        response_headers={int(status): pick(rows) for status, rows in raw.get("response_headers", {}).items()},
        statuses={int(status): text for status, text in raw.get("statuses", {}).items()},
        rate_limit=raw.get("rate_limit"),
        examples=tuple(
            model.Example(one["status"], one["text"], _source(one["source"])) for one in raw.get("examples", ())
        ),
    )


def _frame(raw: dict[str, Any], pick: Picker) -> model.WebSocketFrame:
    rest = {key: value for key, value in raw.items() if key not in ("fields", "source")}
    return model.WebSocketFrame(**rest, fields=pick(raw["fields"]), source=_source(raw["source"]))


def _callback(raw: dict[str, Any], pick: Picker) -> model.Callback:
    rest = {key: value for key, value in raw.items() if key not in ("fields", "source")}
    return model.Callback(**rest, fields=pick(raw["fields"]), source=_source(raw["source"]))


def _status(raw: dict[str, Any]) -> model.StatusCode:
    return model.StatusCode(
        code=raw["code"],
        meaning=raw["meaning"],
        where=tuple(raw["where"]),
        source=_source(raw["source"]),
        printed=tuple(raw.get("printed", ())),
        remedy=raw.get("remedy", ""),
    )


def _rate(raw: dict[str, Any]) -> model.RateLimit:
    return model.RateLimit(**{**raw, "source": _source(raw["source"])})


def _error(raw: dict[str, Any]) -> model.ErrorRow:
    return model.ErrorRow(**{**raw, "source": _source(raw["source"])})


def _term(raw: dict[str, Any]) -> model.Term:
    values = {**raw, "source": _source(raw["source"])}
    for key in ("aliases", "readings"):
        values[key] = tuple(raw.get(key, ()))
    return model.Term(**values)


def _paths(endpoint: model.Endpoint) -> tuple[str, ...]:
    return (endpoint.path, *endpoint.path_aliases)


def _route(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile("".join(f"(?P<{part}>[^/]+)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts)))
