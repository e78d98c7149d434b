"""Which rule answers which event, and why the others do not. Pure and repeatable: see docs/rules.md.

Same rules, events and seed give the same decisions: time comes from the events, chance from the seed and the number of
the answer. The sandbox has its own implementation of the same reading (A34, A39, A40); a test holds the two together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dashboard.rooms.rules.content import fields_of, number_of, text_of, value_at
from dashboard.rooms.rules.index import COMPARED, Index, is_counted, looked_at
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
from dashboard.rooms.rules.series import Series

#: By the index of a rule; see `Matcher.remembered`.
Remembered = Mapping[str, Mapping[str, Any]]


def decide(rules: Sequence[Rule], events: Iterable[Event], seed: str) -> list[Decision]:
    """One decision per event, in their order, by rules that have answered nothing yet."""
    matcher = Matcher(rules, seed)
    return [matcher.decide(event) for event in events]


def explain(rules: Sequence[Rule], events: Iterable[Event], seed: str) -> list[Decision]:
    """The same decisions, each with a verdict on every rule."""
    matcher = Matcher(rules, seed)
    return [matcher.explain(event) for event in events]


@dataclass(slots=True)
class _Memory:
    """What a rule remembers of the livestream so far."""

    answered_at: float | None = None
    answers: int = 0
    #: What was seen, per field and operation.
    values: dict[tuple[str, Operation], Series] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _OfKind:
    """The rules that wait for one kind of event: those that are found by what they look for, and those that count."""

    found: Index
    counted: tuple[int, ...]


class Matcher:
    """Rules with their memory of one livestream.

    `explain` decides and tells of each rule why it answered or not; `decide` only of those that hold, twenty times as
    fast.
    """

    def __init__(self, rules: Sequence[Rule], seed: str, remembered: Remembered | None = None) -> None:
        self._rules = tuple(rules)
        self._seed = seed
        self._memory = [_Memory() for _ in self._rules]
        self._kinds: dict[int, _OfKind] = {}
        for place, memory in enumerate(self._memory):
            _recall(memory, (remembered or {}).get(self._name(place)))

    def decide(self, event: Event, *, can_speak: bool = True) -> Decision:
        """What is said to `event`; verdicts only of the rules that hold, without what they looked at.

        While nothing can be said (not `can_speak`) a rule that holds has not answered: its window does not begin.
        """
        fields, kind = fields_of(event.content), self._of_kind(event.type)
        holding = [place for place in kind.found.holding(fields) if _out_of_play(self._rules[place], event) is None]
        for place in kind.counted:
            rule = self._rules[place]
            if _out_of_play(rule, event) is None and _matches(rule, self._look(place, rule, fields, event.at_s)):
                holding.append(place)
        verdicts = {place: Verdict(place, Why.UNMATCHED) for place in sorted(holding)}
        return self._decided(event, holding, verdicts, can_speak=can_speak)

    def explain(self, event: Event) -> Decision:
        """The same decision, with a verdict on every rule and all that its conditions looked at."""
        fields = fields_of(event.content)
        verdicts: dict[int, Verdict] = {}
        holding = []
        for place, rule in enumerate(self._rules):
            if (why := _out_of_play(rule, event)) is not None:
                verdicts[place] = Verdict(place, why)
                continue
            looks = self._look(place, rule, fields, event.at_s)
            if _matches(rule, looks):
                holding.append(place)
            verdicts[place] = Verdict(place, Why.UNMATCHED, looks)
        return self._decided(event, holding, verdicts)

    def remembered(self) -> Remembered:
        """The memory of the rules that have any, as JSON may hold it: another matcher goes on from it."""
        return {self._name(place): told for place, memory in enumerate(self._memory) if (told := _told(memory))}

    def _name(self, place: int) -> str:
        return self._rules[place].index or f"#{place}"

    def _of_kind(self, event_type: int) -> _OfKind:
        if event_type not in self._kinds:
            waiting = [
                (at, rule) for at, rule in enumerate(self._rules) if rule.event_type == event_type and rule.enabled
            ]
            self._kinds[event_type] = _OfKind(
                found=Index([(place, rule) for place, rule in waiting if not is_counted(rule)]),
                counted=tuple(place for place, rule in waiting if is_counted(rule)),
            )
        return self._kinds[event_type]

    def _decided(
        self, event: Event, holding: list[int], verdicts: dict[int, Verdict], *, can_speak: bool = True
    ) -> Decision:
        ranked = sorted(holding, key=lambda place: (*_rank(self._rules[place]), place))
        answering = self._settle(ranked, verdicts, event.at_s)
        if answering is None:
            return Decision(event, None, None, tuple(verdicts.values()))
        before = (self._memory[answering].answered_at, self._memory[answering].answers)
        reply = self._reply(answering, event.at_s)
        if not can_speak:
            self._memory[answering].answered_at, self._memory[answering].answers = before
        return Decision(event, answering, reply, tuple(verdicts.values()))

    def _look(self, place: int, rule: Rule, fields: Mapping[str, object], now: float) -> tuple[Look, ...]:
        """Every condition is looked at even where one already decided: sums and counts must see each event."""
        seen: dict[tuple[str, Operation], object] = {}
        looks = []
        for tag in looked_at(rule):
            if (tag.field, tag.operation) not in seen:
                seen[tag.field, tag.operation] = self._value(place, rule, tag, fields, now)
            looks.append(_look(tag, seen[tag.field, tag.operation]))
        return tuple(looks)

    def _value(self, place: int, rule: Rule, tag: Tag, fields: Mapping[str, object], now: float) -> object:
        found = value_at(fields, tag.field)
        if tag.operation == Operation.NONE:
            return found
        series = self._memory[place].values.setdefault((tag.field, tag.operation), Series())
        if found is not None:
            series.see(now, number_of(found) or 0.0)
        if (window := rule.trigger.window_s) != WHOLE_LIVE:
            series.forget(now - max(0, window))
        return series.made(tag.operation)

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
    return Look(tag, text, holds=left is not None and right is not None and COMPARED[tag.match](left, right))


# -------------------------------------------------------------------------------------------------------------- memory


def _told(memory: _Memory) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if memory.answers:
        told = {"answered_at": memory.answered_at, "answers": memory.answers}
    if memory.values:
        told["values"] = [[name, str(made), series.kept()] for (name, made), series in memory.values.items()]
    return told


def _recall(memory: _Memory, told: Mapping[str, Any] | None) -> None:
    if not told:
        return
    memory.answered_at, memory.answers = told.get("answered_at"), int(told.get("answers", 0))
    for name, made, kept in told.get("values", ()):
        memory.values[name, Operation(made)] = Series((at, value) for at, value in kept)
