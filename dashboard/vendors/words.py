"""What each vendor's code means, in our words and both languages: the table behind every refusal and the help page.

The words are data, one file per vendor (`<vendor>/data/words.json`): groups of {key: {"en": [happened, to do],
"zh": [happened, to do], "heard": "nothing" | "maybe"}}. A key is the code, and for MetaStudio code and HTTP status:
MSS.41000002 means two things (A76). Where the document prints one key twice, one sentence covers both rows.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from dashboard.lib import shapes
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.masking import masked_text
from dashboard.vendors.port import Vendor, VendorError

LONGEST_DETAIL = 300
Heard = Literal["nothing", "maybe"]
#: codes: the vendor's table · generic: in its examples only (A74) · status: of sessions and takeovers · socket: of the
#: takeover channel · http: refusals without an envelope · other: what no row explains · named: the vendor's, but
#: without a code of its own · ours: refused by Talkback, before anything was sent.
Group = Literal["codes", "generic", "status", "socket", "http", "other", "named", "ours"]
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_PLACEHOLDER = re.compile(r"\{\d*\}")
#: The vendors' names, which are the same in every language.
NAMES = {Vendor.METASTUDIO: "MetaStudio", Vendor.SOFTSUGAR: "SoftSugar"}
#: Codes that the gateways make of a number which alone would say something else.
_PREFIX: Mapping[str, tuple[str, str]] = {
    "socket": ("socket_", "channel "),
    "http": ("http_", "HTTP "),
    "envelope": ("envelope_", "code "),
}


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two sentences in each language: what happened, what to do. `heard`: whether viewers may have heard anything."""

    en: tuple[str, str]
    zh: tuple[str, str]
    heard: Heard


@dataclass(frozen=True, slots=True)
class Entry:
    """One documented refusal or state. `code` as in `VendorError.code`; `said`: the vendor's own printed messages."""

    vendor: Vendor
    group: Group
    code: str
    status: int | None
    words: Words
    said: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """Where it stands on the help page; entries of one code stand together below one."""
        return f"{self.vendor}-{self.code}"

    @property
    def label(self) -> str:
        return label(self.vendor, self.code)


@functools.cache
def entries(vendor: Vendor) -> tuple[Entry, ...]:
    """Every entry of a vendor, in the order of its document."""
    raw = (Path(__file__).parent / vendor / "data" / "words.json").read_bytes()
    groups = shapes.decode(raw, dict[Group, dict[str, Words]])
    said = _said(vendor)
    return tuple(
        _entry(vendor, group, key, words, said) for group, table in groups.items() for key, words in table.items()
    )


def find(vendor: Vendor, code: str, status: int | None = None) -> Entry | None:
    """The entry of a code: the one for this HTTP status if there is one, else the first."""
    known = _by_code(vendor).get(code, ())
    return next((entry for entry in known if entry.status == status), known[0] if known else None)


def nearest(vendor: Vendor, code: str) -> Entry | None:
    """The entry of a code, or the one that speaks for all codes without a row of their own."""
    if found := find(vendor, code):
        return found
    kind, _, number = code.partition("_")
    if kind == "envelope" and number in ("401", "403"):
        return find(vendor, f"http_{number}")
    return find(vendor, kind) or find(vendor, "other") or find(vendor, "status")


def error(
    vendor: Vendor,
    code: str,
    detail: object = "",
    *,
    status: int | None = None,
    heard: Heard | None = None,
    otherwise: str = "",
) -> VendorError:
    """A refusal with its words, or with those of `otherwise` where nobody documents the code. Raises KeyError.

    `heard` is given where the caller knows more than the table.
    """
    entry = find(vendor, code, status) or find(vendor, otherwise)
    if entry is None:
        raise KeyError(f"no words for {vendor} {code}")
    (happened_en, todo_en), (happened_zh, todo_zh) = entry.words.en, entry.words.zh
    heard = heard or entry.words.heard
    return VendorError(code, (happened_en, happened_zh), (todo_en, todo_zh), heard, clip(detail))


def clip(text: object) -> str:
    """A vendor's text as a detail: only text, one line, short, and without what may be a key or a token."""
    return without_placeholders(masked_text(" ".join(str(text).split())))[:LONGEST_DETAIL]


def language_of(text: str) -> str:
    """The language of a vendor's own words, for who reads them aloud: they write either Chinese or English."""
    return "zh-hans" if _CHINESE.search(text) else "en"


def without_placeholders(text: str) -> str:
    """The vendor prints its templates as they are ("limit {0}M"): a screen shows an ellipsis there."""
    return _PLACEHOLDER.sub("…", text)


def label(vendor: Vendor, code: str) -> str:
    """A code as it is shown and read out: "MetaStudio MSS.20010053", "SoftSugar channel 5", "Talkback no avatar"."""
    entry = find(vendor, code)
    if entry is not None and entry.group in ("named", "ours"):
        return f"{NAMES[vendor] if entry.group == 'named' else 'Talkback'} {code.replace('_', ' ')}"
    for prefix, word in _PREFIX.values():
        if code.startswith(prefix):
            return f"{NAMES[vendor]} {word}{code.removeprefix(prefix)}"
    return f"{NAMES[vendor]} {code}"


@functools.cache
def _by_code(vendor: Vendor) -> Mapping[str, tuple[Entry, ...]]:
    found: dict[str, tuple[Entry, ...]] = {}
    for entry in entries(vendor):
        found[entry.code] = (*found.get(entry.code, ()), entry)
    return found


def _entry(vendor: Vendor, group: Group, key: str, words: Words, said: Mapping[tuple[Group, str], list[str]]) -> Entry:
    code, _, status = key.partition("/")
    prefix = _PREFIX.get(group, ("", ""))[0]
    told = tuple(dict.fromkeys(map(without_placeholders, said.get((group, key), ()))))
    return Entry(vendor, group, prefix + code, int(status) if status else None, words, told)


def _said(vendor: Vendor) -> Mapping[tuple[Group, str], list[str]]:
    """The vendor's own printed messages by group and key."""
    told: dict[tuple[Group, str], list[str]] = {}
    documented = contract(vendor)
    for row in documented.errors:
        told.setdefault(("codes", f"{row.code}/{row.status}"), []).append(row.message)
    for row in documented.generic_errors:
        told.setdefault(("generic", f"{row.code}/{row.status}"), []).append(row.message)
    for state in documented.status_codes:
        told[("status", str(state.code))] = list(state.printed)
    for frame in documented.frames:
        if frame.direction == "down" and frame.message:
            told[("socket", str(frame.code))] = [frame.message]
    return told
