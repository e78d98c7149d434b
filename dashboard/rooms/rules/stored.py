"""Rules as they are stored and sent: JSON in the contract's field names, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.rooms.rules.model import (
    APPEND,
    DEFAULT_PRIORITY,
    Condition,
    Match,
    Operation,
    Relation,
    ReplyMode,
    ReplyOrder,
    Rule,
    Tag,
    Trigger,
)

Stored = Mapping[str, Any]


def read_rules(stored: Sequence[Stored]) -> tuple[Rule, ...]:
    """Raises ValueError for words that the contract does not have; what is left out has the vendor's default."""
    return tuple(_rule(one) for one in stored)


def written(rule: Rule) -> dict[str, Any]:
    """One rule as LiveRoomInteractionRuleInfo (002:5992)."""
    trigger: dict[str, Any] = {
        "time_window": rule.trigger.window_s,
        "reply_mode": str(rule.trigger.mode),
        "reply_texts": list(rule.trigger.texts),
        "reply_order": str(rule.trigger.order),
        "reply_role": rule.trigger.role,
    }
    if rule.trigger.play_type != APPEND:
        trigger["play_type"] = rule.trigger.play_type
    if rule.trigger.audios:
        trigger["reply_audios"] = [{"audio_url": url} for url in rule.trigger.audios]
    tags = [
        {"tag": tag.field, "operation": str(tag.operation), "match": str(tag.match), "value": tag.value}
        for tag in rule.condition.tags
    ]
    made: dict[str, Any] = {
        "rule_index": rule.index,
        "rule_name": rule.name,
        "enabled": rule.enabled,
        "event_type": int(rule.event_type),
        "hit_condition": {
            "relation": str(rule.condition.relation),
            "priority": rule.condition.priority,
            "tags": tags,
        },
        "trigger": trigger,
    }
    return made | ({"enabled_scenes": list(rule.scenes)} if rule.scenes else {})


def _rule(stored: Stored) -> Rule:
    return Rule(
        index=str(stored.get("rule_index") or ""),
        name=str(stored.get("rule_name") or ""),
        enabled=stored.get("enabled") is not False,
        event_type=int(stored.get("event_type") or 0),
        condition=_condition(stored.get("hit_condition") or {}),
        trigger=_trigger(stored.get("trigger") or {}),
        scenes=tuple(stored.get("enabled_scenes") or ()),
    )


def _condition(stored: Stored) -> Condition:
    priority = stored.get("priority")
    return Condition(
        # A39: the document prints And and Or, its examples AND and OR.
        relation=Relation(str(stored.get("relation") or Relation.ALL).upper()),
        priority=DEFAULT_PRIORITY if priority is None else int(priority),
        tags=tuple(_tag(one) for one in stored.get("tags") or ()),
    )


def _tag(stored: Stored) -> Tag:
    return Tag(
        field=str(stored.get("tag") or ""),
        match=Match(str(stored.get("match") or Match.EQUAL)),
        value=str(stored.get("value") or ""),
        operation=Operation(str(stored.get("operation") or Operation.NONE)),
    )


def _trigger(stored: Stored) -> Trigger:
    return Trigger(
        window_s=int(stored.get("time_window") or 0),
        texts=tuple(str(text) for text in stored.get("reply_texts") or ()),
        audios=tuple(str(one.get("audio_url") or "") for one in stored.get("reply_audios") or ()),
        order=ReplyOrder(str(stored.get("reply_order") or ReplyOrder.LOOP)),
        mode=ReplyMode(str(stored.get("reply_mode") or ReplyMode.SYSTEM)),
        role=str(stored.get("reply_role") or "STREAMER"),
        play_type=str(stored.get("play_type") or APPEND),
    )
