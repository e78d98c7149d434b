"""What one table row of document 002 says: its type cell, and the limits hidden in its description."""

from __future__ import annotations

import html
import re

from dashboard.vendors.contract.extract.reader import Raw

PLAIN = {
    "string": ("string", None),
    "integer": ("integer", None),
    "number": ("float", None),
    "long": ("long", None),
    "float": ("float", None),
    "boolean": ("boolean", None),
    "object": ("object", None),
    "array": ("array", "string"),
    "array of strings": ("array", "string"),
    "array of integers": ("array", "integer"),
}
# Tables whose printed name differs from the name that other tables use for them (A88).
SAME = {
    "TriggerProcesses": "TriggerProcess",
    "LiveEventCallbackConfig": "LiveEventCallBackConfig",
    "RTCLiveEventCallbackConfig": "RTCLiveEventCallBackConfig",
    "CallbackConfig": "CallBackConfig",
    "ShootScripts": "ShootScriptShowItem",
    "AssetExtraMetadata": "AssetExtraMeta",
}
_NUMBER = r"-?\d[\d,]*"
_RANGE = re.compile(rf"(?:value|and) ranges from ({_NUMBER}) to ({_NUMBER})")
_LENGTH = re.compile(rf"contains? ({_NUMBER}) to ({_NUMBER}) characters")
_EXACT = re.compile(rf"must contain ({_NUMBER}) characters")
_ITEMS = re.compile(r"Array length: (\d+)–(\d+)")
_DEFAULT = re.compile(
    r"(?:default value is|defaults to|Default value:)\s*([A-Za-z0-9_.]*[A-Za-z0-9_])|\b(asc) is used by default"
)
_CHOICE = re.compile(r"(?<![\w/.(\"\\])([A-Z][A-Z0-9_]*|HarmonyOS_\w+|fzyouh|asc|desc|V3\.2)\s?:(?=\s)")
_LIST = re.compile(r"separate (?:them|multiple)[^.]*commas|commas \(,\) to separate")
_CONDITION = re.compile(
    r"[^.\n]*(?:mandatory when|takes effect when|specified only when|valid only when|required when)[^.\n]*\."
)
_NO_CHOICE = ("NOTE", "MSS")


def clean(cell: str) -> str:
    """The cell as plain text: markup gone, bullets as lines, blanks before punctuation gone."""
    text = re.sub(r"<pre[^>]*>|</?(?:ul|p|li)[^>]*>", "\n", cell)
    text = html.unescape(re.sub(r"</?(?:b|i|em|strong|span|a|br|code|pre|div|table|tr|td)\b[^>]*>", " ", text))
    text = re.sub(r"\s*[•●]\s*", "\n- ", text)
    text = re.sub(r"[ \t]+", " ", text)
    text = re.sub(r" ([.,;:])(?=\s|$)", r"\1", text)
    return re.sub(r"\s*\n\s*", "\n", text).strip()


def type_of(cell: str) -> Raw:
    """The type cell. A blank inside a table's name is a line break of the page."""
    known = PLAIN.get(cell.strip().lower())
    if known:
        return {"type": known[0], **({"items": known[1]} if known[1] else {})}
    if found := re.fullmatch(r"Map<String, ?(\S+) ?>", cell.strip()):
        return {"type": "object", "condition": f"Its values are {_name(found[1])} objects."}
    if found := re.fullmatch(r"Array of (.+?)(?: objects)?", cell.strip()):
        return {"type": "array", "items": "object", "ref": _name(found[1])}
    if found := re.fullmatch(r"(.+) object", cell.strip()):
        return {"type": "object", "ref": _name(found[1])}
    raise ValueError(f"unknown type {cell!r}")


def _name(text: str) -> str:
    joined = text if text.startswith("Table ") else text.replace(" ", "")
    return SAME.get(joined, joined)


def limits_of(kind: str, text: str) -> Raw:
    """Range, length, choices, default, separator and condition, where the description states them."""
    found: Raw = {}
    if kind in ("integer", "long", "float") and (match := _RANGE.search(text)):
        found.update(minimum=_number(match[1]), maximum=_number(match[2]))
    if kind == "string" and (match := _LENGTH.search(text)):
        found.update(min_length=_number(match[1]), max_length=_number(match[2]))
    elif kind == "string" and (match := _EXACT.search(text)):
        found.update(min_length=_number(match[1]), max_length=_number(match[1]))
    if match := _ITEMS.search(text):
        found.update(min_length=int(match[1]), max_length=int(match[2]))
    if kind in ("string", "array"):
        choices = [choice for choice in dict.fromkeys(_CHOICE.findall(text)) if choice not in _NO_CHOICE]
        if len(choices) > 1:
            found["enum"] = choices
    if kind == "string" and _LIST.search(text):
        found["separator"] = ","
    if match := _DEFAULT.search(text):
        found["default"] = _default(kind, match[1] or match[2])
    if conditions := _CONDITION.findall(text):
        found["condition"] = " ".join(one.strip(" -") for one in conditions)
    return found


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _default(kind: str, text: str) -> object:
    if kind == "boolean":
        return text == "true"
    return _number(text) if kind in ("integer", "long") and text.isdigit() else text
