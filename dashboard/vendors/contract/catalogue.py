"""Reads the checked-in contract data once per process and answers questions about it."""

from __future__ import annotations

import functools
import json
import pathlib
import re
from collections.abc import Callable, Mapping
from functools import cached_property
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
Fields = list[dict[str, Any]] | str
Picker = Callable[[Fields], tuple[model.Field, ...]]


class Contract:
    """Everything one vendor documents. Immutable; ask `contract(vendor)` for it.

    Each part is made when it is first asked for: most processes need a few of them, and none at its start.
    """

    def __init__(self, vendor: str, raw: Mapping[str, Any]) -> None:
        self.vendor = vendor
        self._raw = raw
        # How many rows, names and tables the document prints; the merged tables here hold fewer.
        self.printed: dict[str, int] = raw.get("printed", {})

    @cached_property
    def objects(self) -> dict[str, model.ObjectTable]:
        return {one["name"]: _table(one) for one in self._raw["objects"]}

    @cached_property
    def endpoints(self) -> tuple[model.Endpoint, ...]:
        return tuple(_endpoint(self.vendor, one, self._pick) for one in self._raw["endpoints"])

    @cached_property
    def sockets(self) -> tuple[model.Endpoint, ...]:
        """Their `method` is WEBSOCKET, and their `body` holds the keys of all upstream frames together."""
        return tuple(_endpoint(self.vendor, one, self._pick) for one in self._raw.get("sockets", ()))

    @cached_property
    def frames(self) -> tuple[model.WebSocketFrame, ...]:
        return tuple(_frame(one, self._pick) for one in self._raw.get("frames", ()))

    @cached_property
    def callbacks(self) -> tuple[model.Callback, ...]:
        return tuple(_callback(one, self._pick) for one in self._raw.get("callbacks", ()))

    @cached_property
    def status_codes(self) -> tuple[model.StatusCode, ...]:
        return tuple(_status(one) for one in self._raw.get("status_codes", ()))

    @cached_property
    def rate_limits(self) -> tuple[model.RateLimit, ...]:
        return tuple(_rate(one) for one in self._raw.get("rate_limits", ()))

    @cached_property
    def vocabularies(self) -> dict[str, tuple[model.Term, ...]]:
        return {name: tuple(map(_term, terms)) for name, terms in self._raw.get("vocabularies", {}).items()}

    @cached_property
    def errors(self) -> tuple[model.ErrorRow, ...]:
        return tuple(_error(one) for one in self._raw.get("errors", ()))

    @cached_property
    def generic_errors(self) -> tuple[model.ErrorRow, ...]:
        """Shown in examples and in two field descriptions, but in no error table (A74); `error` finds them too."""
        return tuple(_error(one) for one in self._raw.get("generic_errors", ()))

    @cached_property
    def _by_id(self) -> dict[str, model.Endpoint]:
        return {one.id: one for one in (*self.endpoints, *self.sockets)}

    @cached_property
    def _callbacks_by_id(self) -> dict[str, model.Callback]:
        return {one.id: one for one in self.callbacks}

    @cached_property
    def _errors_by_code(self) -> dict[str, list[model.ErrorRow]]:
        found: dict[str, list[model.ErrorRow]] = {}
        for row in (*self.errors, *self.generic_errors):
            found.setdefault(row.code, []).append(row)
        return found

    @cached_property
    def _routes(self) -> list[tuple[str, re.Pattern[str], model.Endpoint]]:
        return [(one.method, _route(path), one) for one in self._by_id.values() for path in _paths(one)]

    def _pick(self, fields: Fields) -> tuple[model.Field, ...]:
        """Rows that many endpoints print alike (headers, errors) are stored once, as an object table, and named."""
        if isinstance(fields, str):
            return self.objects[fields].fields
        return tuple(_field(one) for one in fields)

    def endpoint(self, identifier: str) -> model.Endpoint:
        return _get(self._by_id, identifier, f"{self.vendor} endpoint")

    def object(self, name: str) -> model.ObjectTable:
        return _get(self.objects, name, f"{self.vendor} object table")

    def vocabulary(self, name: str) -> tuple[model.Term, ...]:
        return _get(self.vocabularies, name, f"{self.vendor} vocabulary")

    def callback(self, identifier: str) -> model.Callback:
        return _get(self._callbacks_by_id, identifier, f"{self.vendor} callback")

    def frame(self, code: int, direction: str) -> model.WebSocketFrame | None:
        return next((one for one in self.frames if (one.code, one.direction) == (code, direction)), None)

    def status_code(self, code: int) -> model.StatusCode | None:
        return next((one for one in self.status_codes if one.code == code), None)

    def error(self, code: str, status: int | None = None) -> model.ErrorRow | None:
        """The row of this code: the one printed for this HTTP status if there is one, else the first."""
        rows = self._errors_by_code.get(code, [])
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
