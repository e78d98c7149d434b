"""The vendors' documents as types: what a call takes and gives, which values are allowed, and where that is printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

FieldType = Literal["string", "integer", "long", "float", "boolean", "object", "array", "any"]
Scalar = str | int | float | bool
Default = Scalar | tuple[Scalar, ...] | None


@dataclass(frozen=True, slots=True)
class Source:
    """A line of one of the vendors' documents, by the short name of the document ("002")."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Field:
    """One documented key.

    Of an array, `min_length` and `max_length` count the items; every other limit binds each item. A string with a
    `ref` carries the JSON text of that object table. `readings` names the notes that decided an unclear spot.
    """

    name: str
    type: FieldType
    source: Source
    items: str | None = None
    ref: str | None = None
    mandatory: bool = False
    minimum: float | None = None
    maximum: float | None = None
    minimum_excluded: bool = False
    min_length: int | None = None
    max_length: int | None = None
    max_bytes: int | None = None
    pattern: str | None = None
    enum: tuple[str | int, ...] = ()
    # Other printed spellings of the values: accepted, never sent.
    enum_aliases: tuple[str | int, ...] = ()
    # Other printed spellings of the key: accepted, never sent.
    aliases: tuple[str, ...] = ()
    # Other JSON types that the vendor's own examples use here.
    also: tuple[FieldType, ...] = ()
    # A text that holds a list, and what stands between its parts.
    separator: str | None = None
    # Mandatory when the named neighbour has one of these values.
    required_when: tuple[str, tuple[Scalar, ...]] | None = None
    # The object table depends on the value of the neighbour `ref_from`.
    ref_from: str | None = None
    refs: tuple[tuple[str, str], ...] = ()
    default: Default = None
    description: str = ""
    condition: str | None = None
    readings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectTable:
    """The keys of one JSON object that other tables refer to by name."""

    name: str
    fields: tuple[Field, ...]
    source: Source
    description: str = ""

    def field(self, name: str) -> Field:
        for candidate in self.fields:
            if name == candidate.name or name in candidate.aliases:
                return candidate
        raise KeyError(f"{self.name} has no field {name!r}")


@dataclass(frozen=True, slots=True)
class Example:
    """A printed request or response; `status` is 0 for a request. Not every one of them is valid JSON."""

    status: int
    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One documented call. `responses` and `statuses` are keyed by HTTP status, `rate_limit` by region, per second."""

    id: str
    vendor: str
    method: str
    path: str
    section: str
    title: str
    source: Source
    path_aliases: tuple[str, ...] = ()
    path_params: tuple[Field, ...] = ()
    query: tuple[Field, ...] = ()
    headers: tuple[Field, ...] = ()
    body: tuple[Field, ...] = ()
    body_mandatory: bool = False
    responses: dict[int, tuple[Field, ...]] = field(default_factory=dict)
    response_headers: dict[int, tuple[Field, ...]] = field(default_factory=dict)
    statuses: dict[int, str] = field(default_factory=dict)
    rate_limit: dict[str, int] | None = None
    examples: tuple[Example, ...] = ()

    @property
    def success(self) -> int:
        """The HTTP status of a call that went well; start of a live job is the only one that is not 200."""
        return min(status for status in self.statuses if 200 <= status < 300)

    def body_field(self, name: str) -> Field:
        for candidate in self.body:
            if name == candidate.name or name in candidate.aliases:
                return candidate
        raise KeyError(f"{self.id} has no body field {name!r}")


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One documented error. The key is code and HTTP status: one code can mean two things."""

    code: str
    status: int
    message: str
    description: str
    remedy: str
    source: Source
    printed_code: str


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Calls per second, tenant and region. `endpoint` is empty where the row names an API without documentation."""

    category: str
    title: str
    endpoint: str
    per_region: dict[str, int]
    source: Source


@dataclass(frozen=True, slots=True)
class WebSocketFrame:
    """One message code of a socket, as its sender prints it."""

    code: int
    direction: Literal["up", "down"]
    name: str
    message_type: Literal["string", "object", "none"]
    message: str
    fields: tuple[Field, ...]
    source: Source
    description: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Callback:
    """A call from the vendor to us. `message_ref` names the table of what its inner message holds."""

    id: str
    name: str
    transport: Literal["http", "rtc"]
    fields: tuple[Field, ...]
    source: Source
    message_ref: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class StatusCode:
    """A numeric state of a session or command; `where` lists the endpoints and callbacks that can tell it."""

    code: int
    meaning: str
    where: tuple[str, ...]
    source: Source
    printed: tuple[str, ...] = ()
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a vocabulary. `ref` is the table of what it takes, `result_ref` of what it answers."""

    value: str
    meaning: str
    source: Source
    ref: str | None = None
    result_ref: str | None = None
    aliases: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
