"""What a form needs to know about one documented field: its limits, choices, default and help text.

Write vendor, endpoint and pointer out where you call: mypy then knows the first two, and a test walks every pointer.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Literal

from dashboard.vendors.contract.catalogue import Contract, contract
from dashboard.vendors.contract.generated import metastudio, softsugar
from dashboard.vendors.contract.model import Default, Field

Vendor = Literal["metastudio", "softsugar"]
EndpointId = metastudio.EndpointId | softsugar.EndpointId


@functools.cache
def field_at(vendor: Vendor, endpoint_id: EndpointId, pointer: str, variant: str = "") -> Field:
    """The row that a JSON pointer into the body or the query leads to ("/scene_scripts/script_name").

    Array indexes may be left out. `variant` chooses the table where it depends on a neighbour, as with live commands.
    """
    book = contract(vendor)
    endpoint = book.endpoint(endpoint_id)
    return _walk(book, endpoint.body or endpoint.query, pointer, variant)


@functools.cache
def object_field_at(vendor: Vendor, table_name: str, pointer: str) -> Field:
    """The same for an object table, whichever endpoint carries it."""
    book = contract(vendor)
    return _walk(book, book.object(table_name).fields, pointer, "")


def text_limit(
    vendor: Vendor, endpoint_id: EndpointId, pointer: str, variant: str = ""
) -> tuple[int | None, int | None]:
    """Least and most characters; of an array, items."""
    field = field_at(vendor, endpoint_id, pointer, variant)
    return field.min_length, field.max_length


def number_limit(
    vendor: Vendor, endpoint_id: EndpointId, pointer: str, variant: str = ""
) -> tuple[float | None, float | None]:
    """Least and most; whether the least itself is allowed says `minimum_excluded` of the field."""
    field = field_at(vendor, endpoint_id, pointer, variant)
    return field.minimum, field.maximum


def choices(vendor: Vendor, endpoint_id: EndpointId, pointer: str, variant: str = "") -> tuple[str | int, ...]:
    return field_at(vendor, endpoint_id, pointer, variant).enum


def default(vendor: Vendor, endpoint_id: EndpointId, pointer: str, variant: str = "") -> Default:
    return field_at(vendor, endpoint_id, pointer, variant).default


def help_text(vendor: Vendor, endpoint_id: EndpointId, pointer: str, variant: str = "") -> str:
    return field_at(vendor, endpoint_id, pointer, variant).description


def _walk(book: Contract, fields: Sequence[Field], pointer: str, variant: str) -> Field:
    found: Field | None = None
    for part in pointer.strip("/").split("/"):
        if part.isdigit():
            continue
        if found is not None:
            fields = _inside(book, found, variant)
        found = next((one for one in fields if part == one.name or part in one.aliases), None)
        if found is None:
            raise KeyError(f"{pointer} of {book.vendor}: no {part!r} among {', '.join(one.name for one in fields)}")
    if found is None:
        raise KeyError(f"{pointer!r} of {book.vendor} names no field")
    return found


def _inside(book: Contract, field: Field, variant: str) -> Sequence[Field]:
    name = dict(field.refs).get(variant) if field.ref_from else field.ref
    if name is None:
        raise KeyError(f"{field.name} of {book.vendor} has no table" + (f" for {variant!r}" if field.ref_from else ""))
    return book.object(name).fields
