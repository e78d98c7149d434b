"""Interaction rules of a live room, as the vendor itself runs them on reported events (002:5990-6060).

Pure. What the reference leaves open is read as A34, A39 and A40 say; of several rules that match one event
the one with the smallest priority number answers, and a RESERVED rule only when nothing else matched.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import re2

COMMENT, JOIN, LIKE, GIFT, FOLLOW, VIEWERS = 1, 2, 3, 4, 5, 6
DEFAULT_PRIORITY = 500
WHOLE_LIVE = -1
# Values kept per rule and condition for SUM, AVG and COUNT; a room cannot fill the memory.
KEPT_VALUES = 1000
# A regular expression of a room's author runs over at most this much of a comment.
LONGEST_SUBJECT = 500
# Contents of real events are two levels deep.
DEEPEST = 20

# The bot behind INTELLIGENT_REPLY (002:6029) is no part of the reference; without preset texts it says this.
BOT_SAYS = "谢谢您的提问，主播稍后为您解答。"

COMPARISONS = {
    "MATH_GT": lambda left, right: left > right,
    "MATH_GE": lambda left, right: left >= right,
    "MATH_LT": lambda left, right: left < right,
    "MATH_LE": lambda left, right: left <= right,
    "MATH_EQ": lambda left, right: left == right,
}


@dataclass
class Memory:
    """What a rule remembers of its job."""

    answered_at: float | None = None
    answers: int = 0
    values: dict[str, list[tuple[float, float]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    rule_index: str
    text: str
    audio_url: str
    role: str
    play_type: str


@dataclass
class RuleBook:
    rules: list[dict[str, Any]] = field(default_factory=list)
    seed: str = ""
    memory: dict[str, Memory] = field(default_factory=dict)

    def answer(self, event_type: int, content: str | None, now: float, scene: str) -> Reply | None:
        """The reply that the room's rules give to one reported event."""
        facts = facts_of(content)
        matching = [
            (place, rule)
            for place, rule in enumerate(self.rules)
            if rule.get("enabled", True)
            and rule.get("event_type") == event_type
            and is_enabled_in(rule, scene)
            and self._matches(place, rule, facts, now)
        ]
        matching.sort(key=lambda found: rank_of(found[1]))
        for place, rule in matching:
            memory = self._memory(place, rule)
            if not is_suppressed(memory, window_of(rule), now):
                return self._reply(place, rule, memory, now)
        return None

    def _memory(self, place: int, rule: Mapping[str, Any]) -> Memory:
        return self.memory.setdefault(str(rule.get("rule_index") or f"#{place}"), Memory())

    def _matches(self, place: int, rule: Mapping[str, Any], facts: Mapping[str, Any], now: float) -> bool:
        condition = rule.get("hit_condition") or {}
        relation = str(condition.get("relation") or "AND").upper()
        tags = condition.get("tags") or []
        if relation == "RESERVED" or not tags:
            return True
        # Every condition is looked at even when one already decided: SUM and COUNT must see each event.
        memory, window = self._memory(place, rule), window_of(rule)
        results = [self._holds(memory, number, tag, facts, window, now) for number, tag in enumerate(tags)]
        return any(results) if relation == "OR" else all(results)

    def _holds(
        self, memory: Memory, number: int, tag: Mapping[str, Any], facts: Mapping[str, Any], window: float, now: float
    ) -> bool:
        found = look_up(facts, str(tag.get("tag") or ""))
        operation = str(tag.get("operation") or "NONE").upper()
        if operation != "NONE":
            # Each condition counts for itself: two about the same field would count every event twice.
            values = memory.values.setdefault(f"{number}:{tag.get('tag')}:{operation}", [])
            found = collect(values, operation, found, window, now)
        return compare(str(tag.get("match") or "EQUAL").upper(), found, str(tag.get("value") or ""))

    def _reply(self, place: int, rule: Mapping[str, Any], memory: Memory, now: float) -> Reply | None:
        trigger = rule.get("trigger") or {}
        memory.answered_at = now
        memory.answers += 1
        choices = [("text", text) for text in trigger.get("reply_texts") or []]
        choices += [("audio", audio.get("audio_url") or "") for audio in trigger.get("reply_audios") or []]
        mode = str(trigger.get("reply_mode") or "SYSTEM_REPLY")
        if mode == "INTELLIGENT_REPLY" and not choices:
            choices = [("text", BOT_SAYS)]
        # SHOW_LAYER is not audible; CALLBACK has no documented answer (A13).
        if not choices or mode in ("SHOW_LAYER", "CALLBACK"):
            return None
        if trigger.get("reply_order") == "RANDOM":
            chance = random.Random(f"{self.seed}:{place}:{memory.answers}")
            kind, words = chance.choice(choices)
        else:
            kind, words = choices[(memory.answers - 1) % len(choices)]
        return Reply(
            rule_index=str(rule.get("rule_index") or ""),
            text=words if kind == "text" else "",
            audio_url=words if kind == "audio" else "",
            role=str(trigger.get("reply_role") or "STREAMER"),
            play_type=str(trigger.get("play_type") or "APPEND"),
        )


def facts_of(content: str | None) -> dict[str, Any]:
    """The event's content as an object; what is not JSON (002:10097) is the comment itself."""
    try:
        parsed = json.loads(content or "")
    except (ValueError, RecursionError):
        return {"content": content or ""}
    return parsed if isinstance(parsed, dict) else {"content": content or ""}


def look_up(facts: Any, name: str, depth: int = 0) -> Any:
    """`name` in the content or anywhere below: "content", "giftNum", also "gift.giftNum"."""
    if not isinstance(facts, Mapping) or depth > DEEPEST:
        return None
    if name in facts:
        return facts[name]
    head, dot, rest = name.partition(".")
    if dot and head in facts:
        return look_up(facts[head], rest, depth + 1)
    return next((found for part in facts.values() if (found := look_up(part, name, depth + 1)) is not None), None)


def collect(values: list[tuple[float, float]], operation: str, found: Any, window: float, now: float) -> float | None:
    if found is not None:
        values.append((now, number_of(found) or 0.0))
    since = float("-inf") if window == WHOLE_LIVE else now - max(0.0, window)
    values[:] = [kept for kept in values if kept[0] >= since][-KEPT_VALUES:]
    numbers = [value for _, value in values]
    if operation == "COUNT":
        return float(len(numbers))
    if operation == "AVG":
        return sum(numbers) / len(numbers) if numbers else None
    return sum(numbers)


def compare(match: str, found: Any, value: str) -> bool:
    if found is None:
        return False
    if match == "REGEX":
        return is_found(value, str(found)[:LONGEST_SUBJECT])
    if match in COMPARISONS:
        left, right = number_of(found), number_of(value)
        return left is not None and right is not None and COMPARISONS[match](left, right)
    return str(found) == value


def is_found(pattern: str, subject: str) -> bool:
    """RE2 takes time that grows with the subject alone: no room's author can make the vendor hang."""
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options).search(subject.encode("utf-8", "replace").decode()) is not None
    except re2.error:
        return False


def number_of(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def is_enabled_in(rule: Mapping[str, Any], scene: str) -> bool:
    scenes: Sequence[str] = rule.get("enabled_scenes") or []
    return not scenes or scene in scenes


def rank_of(rule: Mapping[str, Any]) -> tuple[bool, int]:
    condition = rule.get("hit_condition") or {}
    priority = condition.get("priority")
    is_general = str(condition.get("relation") or "").upper() == "RESERVED"
    return is_general, DEFAULT_PRIORITY if priority is None else int(priority)


def window_of(rule: Mapping[str, Any]) -> float:
    return float((rule.get("trigger") or {}).get("time_window") or 0)


def is_suppressed(memory: Memory, window: float, now: float) -> bool:
    if memory.answered_at is None or window == 0:
        return False
    return window == WHOLE_LIVE or now - memory.answered_at < window
