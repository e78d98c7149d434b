"""The help page of error codes: every entry of both vendors, found by code or by words of either language. Pure."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboard.lib.languages import pick
from dashboard.vendors import words
from dashboard.vendors.port import Vendor
from dashboard.vendors.said import heard_line

LONGEST_SEARCH = 80
#: A page of these is some 12 kB compressed.
CODES_PER_PAGE = 40
_OTHER = {
    "other": lambda: _("any other code"),
    "envelope": lambda: _("any other refusal"),
    "http": lambda: _("any other HTTP status"),
    "status": lambda: _("any other state"),
}
_MESSAGE_CODE = re.compile(r"mss\.?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quote:
    """The vendor's own message and the language it is in."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one code means under one HTTP status (None where it comes without one)."""

    status: int | None
    happened: str
    heard: str
    heard_line: str
    todo: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """All readings of a code: `name` as it is read out ("MSS.20010053", "channel 5"), `source` says whose it is."""

    anchor: str
    code: str
    name: str
    source: str
    #: Its name is the vendor's or ours, the same in every language; else it is a word for all other codes.
    is_a_code: bool
    is_ours: bool
    vendor: str
    readings: tuple[Reading, ...]


def search(text: str, vendor: str = "") -> list[tuple[words.Entry, ...]]:
    """The entries of each code that hold every word of `text`; a code named in full comes first."""
    wanted = text.casefold().split()
    exact: list[tuple[words.Entry, ...]] = []
    close: list[tuple[words.Entry, ...]] = []
    for code in _codes():
        if vendor and code[0].vendor != vendor:
            continue
        if all(any(word in _haystack(entry) for entry in code) for word in wanted):
            (exact if _is_named(code[0], wanted) else close).append(code)
    return exact + close


def shown(found: Iterable[tuple[words.Entry, ...]]) -> list[Code]:
    """As the page shows them, in the language of now."""
    return [_code(entries) for entries in found]


@functools.cache
def _codes() -> tuple[tuple[words.Entry, ...], ...]:
    """All entries of both vendors, those of one code together, in the order of the documents."""
    codes: dict[str, tuple[words.Entry, ...]] = {}
    for vendor in Vendor:
        for entry in words.entries(vendor):
            codes[entry.anchor] = (*codes.get(entry.anchor, ()), entry)
    return tuple(codes.values())


@functools.cache
def _haystack(entry: words.Entry) -> str:
    spoken = (*entry.words.en, *entry.words.zh, *entry.said)
    return " ".join((entry.label, entry.code, f"http {entry.status}" if entry.status else "", *spoken)).casefold()


def _is_named(entry: words.Entry, wanted: Sequence[str]) -> bool:
    """Whether one of the words is this code: with or without its MSS, as it is stored or as it is read out."""
    names = {entry.code.casefold(), _MESSAGE_CODE.sub("", entry.code).casefold(), entry.label.casefold().split()[-1]}
    return any(word in names for word in wanted)


def _code(entries: Sequence[words.Entry]) -> Code:
    first = entries[0]
    source, name = first.label.split(" ", 1)
    return Code(
        anchor=first.anchor,
        code=first.code,
        name=_OTHER[first.code]() if first.group == "other" else name,
        source=source,
        is_a_code=first.group != "other",
        is_ours=first.group == "ours",
        vendor=str(first.vendor),
        readings=tuple(map(_reading, entries)),
    )


def _reading(entry: words.Entry) -> Reading:
    language = get_language() or "en"
    told = entry.words
    quotes = tuple(Quote(text, words.language_of(text)) for text in entry.said)
    return Reading(
        status=entry.status,
        happened=pick((told.en[0], told.zh[0]), language),
        heard=told.heard,
        heard_line=heard_line(told.heard),
        todo=pick((told.en[1], told.zh[1]), language),
        quotes=quotes,
    )
