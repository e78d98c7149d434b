"""Which rule answers which event, and why the others do not. Pure and repeatable: see docs/rules.md.

Same rules, events and seed give the same decisions: time comes from the events, chance from the seed and the number of
the answer. The sandbox has its own implementation of the same reading (A34, A39, A40); a test holds the two together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dashboard.rooms.rules.content import fields_of, number_of, text_of, value_at
from dashboard.rooms.rules.model import (
    EVERY_TIME,
    WHOLE_LIVE,
    Decision,
    Event,
    Look,
    Match,
    Operation,
    Relation,
    Reply,
    ReplyOrder,
    Rule,
    Tag,
    Trigger,
    Verdict,
    Why,
)
from dashboard.rooms.rules.patterns import finds

#: Values kept per rule and condition for SUM, AVG and COUNT: an audience can't fill the memory.
KEPT_VALUES = 1_000

_COMPARED = {
    Match.GT: lambda left, right: left > right,
    Match.GE: lambda left, right: left >= right,
    Match.LT: lambda left, right: left < right,
    Match.LE: lambda left, right: left <= right,
    Match.EQ: lambda left, right: left == right,
}


def decide(rules: Sequence[Rule], events: Iterable[Event], seed: str) -> list[Decision]:
    """One decision per event, in their order, by rules that have answered nothing yet."""
    matcher = Matcher(rules, seed)
    return [matcher.decide(event) for event in events]


@dataclass(slots=True)
class _Memory:
    """What a rule remembers of the livestream so far."""

    answered_at: float | None = None
    answers: int = 0
    #: Time and value of what was seen, per field and operation.
    values: dict[tuple[str, Operation], list[tuple[float, float]]] = field(default_factory=dict)


class Matcher:
    """Rules with their memory of one livestream."""

    def __init__(self, rules: Sequence[Rule], seed: str) -> None:
        self._rules = tuple(rules)
        self._seed = seed
        self._memory = [_Memory() for _ in self._rules]

    def decide(self, event: Event) -> Decision:
        fields = fields_of(event.content)
        verdicts: dict[int, Verdict] = {}
        waiting: list[tuple[tuple[bool, int, int], int]] = []
        for place, rule in enumerate(self._rules):
            if (why := _out_of_play(rule, event)) is not None:
                verdicts[place] = Verdict(place, why)
                continue
            looks = self._look(place, rule, fields, event.at_s)
            if _matches(rule, looks):
                waiting.append(((*_rank(rule), place), place))
            verdicts[place] = Verdict(place, Why.UNMATCHED, looks)
        answering = self._settle([place for _, place in sorted(waiting)], verdicts, event.at_s)
        reply = None if answering is None else self._reply(answering, event.at_s)
        return Decision(event, answering, reply, tuple(verdicts[place] for place in range(len(self._rules))))

    def _look(self, place: int, rule: Rule, fields: Mapping[str, object], now: float) -> tuple[Look, ...]:
        """Every condition is looked at even where one already decided: sums and counts must see each event."""
        if rule.condition.relation == Relation.GENERAL:
            return ()
        seen: dict[tuple[str, Operation], object] = {}
        looks = []
        for tag in rule.condition.tags:
            if (tag.field, tag.operation) not in seen:
                seen[tag.field, tag.operation] = self._value(place, rule, tag, fields, now)
            looks.append(_look(tag, seen[tag.field, tag.operation]))
        return tuple(looks)

    def _value(self, place: int, rule: Rule, tag: Tag, fields: Mapping[str, object], now: float) -> object:
        found = value_at(fields, tag.field)
        if tag.operation == Operation.NONE:
            return found
        values = self._memory[place].values.setdefault((tag.field, tag.operation), [])
        if found is not None:
            values.append((now, number_of(found) or 0.0))
        window = rule.trigger.window_s
        since = float("-inf") if window == WHOLE_LIVE else now - max(0, window)
        values[:] = [kept for kept in values if kept[0] >= since][-KEPT_VALUES:]
        return _made_of(tag.operation, [value for _, value in values])

    def _settle(self, ranked: list[int], verdicts: dict[int, Verdict], now: float) -> int | None:
        """The first of the matching rules that is not suppressed answers; those behind it lost to it."""
        answering: int | None = None
        for place in ranked:
            looks = verdicts[place].looks
            if answering is not None:
                verdicts[place] = Verdict(place, Why.LOST, looks, lost_to=answering)
            elif (quiet := _quiet(self._memory[place], self._rules[place].trigger, now)) is not None:
                verdicts[place] = Verdict(place, Why.SUPPRESSED, looks, until_s=quiet.until_s)
            else:
                answering = place
                verdicts[place] = Verdict(place, Why.ANSWERS, looks)
        return answering

    def _reply(self, place: int, now: float) -> Reply | None:
        memory, trigger = self._memory[place], self._rules[place].trigger
        memory.answered_at, memory.answers = now, memory.answers + 1
        if not trigger.is_audible:
            return None
        silent = Reply(role=trigger.role, play_type=trigger.play_type)
        choices = [replace(silent, text=text) for text in trigger.texts]
        choices += [replace(silent, audio_url=url) for url in trigger.audios]
        if not choices:
            return silent
        if trigger.order == ReplyOrder.RANDOM:
            dice = hashlib.sha256(f"{self._seed}:{place}:{memory.answers}".encode())
            return choices[int.from_bytes(dice.digest()[:8]) % len(choices)]
        return choices[(memory.answers - 1) % len(choices)]


@dataclass(frozen=True, slots=True)
class _Quiet:
    until_s: float | None


def _out_of_play(rule: Rule, event: Event) -> Why | None:
    if rule.event_type != event.type:
        return Why.OTHER_EVENT
    if not rule.enabled:
        return Why.OFF
    if rule.scenes and event.scene not in rule.scenes:
        return Why.OTHER_SCENE
    return None


def _matches(rule: Rule, looks: tuple[Look, ...]) -> bool:
    if not looks:
        return True
    return (any if rule.condition.relation == Relation.ANY else all)(look.holds for look in looks)


def _rank(rule: Rule) -> tuple[bool, int]:
    return rule.condition.relation == Relation.GENERAL, rule.condition.priority


def _quiet(memory: _Memory, trigger: Trigger, now: float) -> _Quiet | None:
    if memory.answered_at is None or trigger.window_s == EVERY_TIME:
        return None
    if trigger.window_s == WHOLE_LIVE:
        return _Quiet(None)
    if now - memory.answered_at >= trigger.window_s:
        return None
    return _Quiet(memory.answered_at + trigger.window_s)


def _made_of(operation: Operation, numbers: list[float]) -> float | None:
    if operation == Operation.COUNT:
        return float(len(numbers))
    if operation == Operation.AVG:
        return sum(numbers) / len(numbers) if numbers else None
    return sum(numbers)


def _look(tag: Tag, found: object) -> Look:
    if found is None:
        return Look(tag, None, holds=False)
    text = text_of(found)
    if tag.match == Match.REGEX:
        result = finds(tag.value, text)
        return Look(tag, text, holds=bool(result), is_broken=result is None)
    if tag.match == Match.EQUAL:
        return Look(tag, text, holds=text == tag.value)
    left, right = number_of(found), number_of(tag.value)
    return Look(tag, text, holds=left is not None and right is not None and _COMPARED[tag.match](left, right))
