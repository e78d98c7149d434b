"""The two lists of what is done, as data."""

from __future__ import annotations

import pathlib
import re

from dashboard.vendors.contract.catalogue import contract

VENDORS = pathlib.Path(__file__).parents[3] / "dashboard" / "vendors"
LINE = re.compile(r'(?P<id>[\w.-]+): (?P<status>done|todo|"exempt: .+")(?:  #.*)?')


def listed(vendor: str) -> list[tuple[str, str]]:
    lines = (VENDORS / vendor / "quality.yaml").read_text(encoding="utf-8").splitlines()
    found = [LINE.fullmatch(line) for line in lines if line and not line.startswith("#")]
    assert None not in found
    return [(match["id"], match["status"]) for match in found if match]


def done(vendor: str, group: str = "") -> set[str]:
    """What is done of a group ("live_commands"), without its name; of no group: the calls."""
    names = {name for name, status in listed(vendor) if status == "done"}
    if not group:
        return {name for name in names if "." not in name}
    return {name.removeprefix(f"{group}.") for name in names if name.startswith(f"{group}.")}


def documented(vendor: str) -> list[str]:
    """Everything that the list must account for."""
    book = contract(vendor)
    names = [one.id for one in book.endpoints]
    for group in ("live_commands", "rtsa_commands", "rtsa_states"):
        names += [f"{group}.{term.value}" for term in book.vocabularies.get(group, ())]
    names += [f"frames.{one.direction}.{one.code}" for one in book.frames]
    return names + [f"callbacks.{one.id}" for one in book.callbacks]
