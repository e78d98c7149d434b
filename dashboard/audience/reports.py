"""Reads what capture tools report: the body of MetaStudio's live-event-report (002:9980-10155), ours or theirs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from dashboard.events.kinds import Audience, Kind
from dashboard.lib import shapes
from dashboard.lib.errors import Invalid

LONGEST_TEXT = 2_000
LONGEST_NAME = 80
#: Beyond it a time can't be shown in every zone, so it would break the pages that hold it.
_YEAR_3000_MS = 32_503_680_000_000
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,4})?")
#: MetaStudio's numbering of live events (002:10034); 5 is "not in use" and is taken without an effect.
_KINDS = {1: Kind.COMMENT, 2: Kind.JOINED, 3: Kind.LIKED, 4: Kind.GIFT, 6: Kind.VIEWERS}


class LiveEvent(msgspec.Struct):
    timestamp: int
    type: int | None = None
    content: str | None = None


class EventReport(msgspec.Struct):
    total: int
    events: list[LiveEvent] = []


@dataclass(frozen=True, slots=True)
class Reported:
    kind: Kind
    payload: Audience
    at: datetime
    dedupe: str


def parse_report(body: bytes, *, at_most: int) -> list[Reported]:
    """The events of one report, in their order. Raises `Invalid` naming the field."""
    try:
        report = shapes.decode(body, EventReport)
    except shapes.UNREADABLE as error:
        raise Invalid(f"The report can't be read: {error}", field="body") from None
    if report.total != len(report.events):
        raise Invalid(f"total says {report.total}, events holds {len(report.events)}.", field="total")
    if len(report.events) > at_most:
        raise Invalid(f"At most {at_most} events in one report.", field="events")
    parsed = []
    for index, event in enumerate(report.events):
        if event.type is None or event.type == 5:
            continue  # taken without an effect (A34, A35)
        kind = _KINDS.get(event.type)
        if kind is None:
            raise Invalid(f"events[{index}].type must be 1 to 6.", field=f"events[{index}].type")
        parsed.append(_reported(kind, event, index))
    return parsed


def _reported(kind: Kind, event: LiveEvent, index: int) -> Reported:
    content = (event.content or "")[: LONGEST_TEXT * 4]
    try:
        if not 0 <= event.timestamp < _YEAR_3000_MS:
            raise ValueError
        at = datetime.fromtimestamp(event.timestamp / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        raise Invalid(
            f"events[{index}].timestamp must be milliseconds since 1970.", field=f"events[{index}].timestamp"
        ) from None
    digest = hashlib.sha256(content.encode()).hexdigest()[:24]
    payload = _payload(kind, event.type or 0, content)
    return Reported(kind, payload, at, f"{event.timestamp}:{event.type}:{payload.user[:24]}:{digest}")


def _payload(kind: Kind, number: int, content: str) -> Audience:
    """Fields by the names of 002:10034-10040; a comment whose content is not JSON is taken as its text."""
    try:
        fields = msgspec.json.decode(content) if content else {}
    except (msgspec.DecodeError, RecursionError):
        fields = {"content": content} if kind == Kind.COMMENT else {}
    if not isinstance(fields, dict):
        fields = {"content": str(fields)} if kind == Kind.COMMENT else {}
    user, gift = fields.get("user"), fields.get("gift")
    who = _text(user, ("name", "userId")) if isinstance(user, dict) else _text(fields, ("user", "userName", "name"))
    gift = gift if isinstance(gift, dict) else {}
    text = _text(gift, ("giftName",)) if kind == Kind.GIFT else _text(fields, ("content", "text"))
    count = _number(fields, ("numberOfViewers",)) if kind == Kind.VIEWERS else _number(gift, ("giftNum",))
    return Audience(
        type=number,
        user=who[:LONGEST_NAME],
        text=text[:LONGEST_TEXT],
        count=int(1 if count is None else count),
        value=float(_number(gift, ("totalValue",)) or 0),
        raw=content,
    )


def _text(fields: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""


def _number(fields: Mapping[str, Any], names: tuple[str, ...]) -> float | None:
    for name in names:
        value = fields.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(max(0, min(value, 2**31 - 1)))
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            return float(value)
    return None
