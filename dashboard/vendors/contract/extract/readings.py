"""Hand-written corrections of what the documents print. Each names the note that reasons for it.

A reading is applied to the rows as parsed, before anything else looks at them. One that no longer fits anything stops
the run: a correction that corrects nothing is a sign that either the document or the note has changed.
"""

from __future__ import annotations

import fnmatch
import json
import pathlib
from collections.abc import Iterable

from dashboard.vendors.contract.extract.reader import Raw

HERE = pathlib.Path(__file__).parent
Tables = dict[str, list[Raw]]


def load(vendor: str) -> Raw:
    """`readings` change parsed rows; `tables` are objects that the documents name or show but print no table for."""
    loaded: Raw = json.loads((HERE / f"readings_{vendor}.json").read_text(encoding="utf-8"))
    return loaded


def apply(readings: Iterable[Raw], tables: Tables) -> None:
    """Change the rows of `tables` in place. `at` is "<table pattern>#<field>", or "<table pattern>" to add a field.

    An object is printed once per endpoint, as "<object>@<endpoint>@<number>"; its bare name means all prints.
    """
    for reading in readings:
        hits = 0
        for place in [reading["at"]] if isinstance(reading["at"], str) else reading["at"]:
            pattern, _, wanted = place.partition("#")
            for name in sorted(tables):
                if fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(name.partition("@")[0], pattern):
                    hits += _change(reading, wanted, tables[name])
        if not hits:
            raise LookupError(f"reading {reading['item']} at {reading['at']} fits nothing")


def _change(reading: Raw, wanted: str, rows: list[Raw]) -> int:
    if "add" in reading:
        rows.append({**reading["add"], "readings": [reading["item"]]})
        return 1
    hits = [row for row in rows if row["name"] == wanted]
    if "values" in reading:
        hits = [row for row in hits if set(reading["values"]) & set(row.get("enum", []))]
    for row in hits:
        if "rename" in reading:
            row["aliases"] = sorted({*row.get("aliases", []), row["name"]} - {reading["rename"]})
            row["name"] = reading["rename"]
        for printed, right in reading.get("values", {}).items():
            _respell(row, printed, right)
        row.update(reading.get("set", {}))
        for key in reading.get("unset", []):
            row.pop(key, None)
        row["readings"] = sorted({*row.get("readings", []), reading["item"]})
    return len(hits)


def _respell(row: Raw, printed: str, right: str) -> None:
    """A value that a page cut short: send the whole word, accept both."""
    row["enum"] = [right if value == printed else value for value in row["enum"]]
    row["enum_aliases"] = sorted({*row.get("enum_aliases", []), printed})
