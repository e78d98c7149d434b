"""Which rules hold at an event, found without asking each rule: every test of every rule is run once, all patterns of a
field together. Only what an event alone tells; rules with sums and counts are asked one by one (`engine.py`). Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.rooms.rules.content import number_of, text_of, value_at
from dashboard.rooms.rules.model import Match, Operation, Relation, Rule, Tag
from dashboard.rooms.rules.patterns import Bundle

COMPARED: dict[Match, Callable[[float, float], bool]] = {
    Match.GT: lambda left, right: left > right,
    Match.GE: lambda left, right: left >= right,
    Match.LT: lambda left, right: left < right,
    Match.LE: lambda left, right: left <= right,
    Match.EQ: lambda left, right: left == right,
}


def is_counted(rule: Rule) -> bool:
    """Whether what it looks at is made of more than the event itself, so that it must see every event."""
    return any(tag.operation != Operation.NONE for tag in looked_at(rule))


def looked_at(rule: Rule) -> tuple[Tag, ...]:
    """A general reply looks at nothing, whatever its conditions."""
    return () if rule.condition.relation == Relation.GENERAL else rule.condition.tags


@dataclass(slots=True)
class _Tests:
    """All tests of one field. What each stands for: the places of its rules."""

    equal: dict[str, list[int]] = field(default_factory=dict)
    numbers: dict[tuple[Match, float], list[int]] = field(default_factory=dict)
    patterns: dict[str, list[int]] = field(default_factory=dict)
    bundle: Bundle | None = None

    def add(self, tag: Tag, place: int) -> None:
        if tag.match == Match.EQUAL:
            self.equal.setdefault(tag.value, []).append(place)
        elif tag.match == Match.REGEX:
            self.patterns.setdefault(tag.value, []).append(place)
        elif (right := number_of(tag.value)) is not None:
            self.numbers.setdefault((tag.match, right), []).append(place)

    def passed(self, found: object) -> Iterable[int]:
        """The places of the rules that have a test which `found` passes, once per test."""
        text = text_of(found)
        yield from self.equal.get(text, ())
        if self.bundle is not None:
            for pattern in self.bundle.found_in(text):
                yield from self.patterns[pattern]
        if self.numbers and (left := number_of(found)) is not None:
            for (match, right), places in self.numbers.items():
                if COMPARED[match](left, right):
                    yield from places


class Index:
    """The rules of one kind of event that look at nothing but the event, by what they look for."""

    def __init__(self, rules: Sequence[tuple[int, Rule]]) -> None:
        self._always = [place for place, rule in rules if not looked_at(rule)]
        #: How many different tests must be passed.
        self._needed: dict[int, int] = {}
        self._fields: dict[str, _Tests] = {}
        for place, rule in rules:
            tags = {(tag.field, tag.match, tag.value): tag for tag in looked_at(rule)}
            if tags:
                self._needed[place] = 1 if rule.condition.relation == Relation.ANY else len(tags)
            for tag in tags.values():
                self._fields.setdefault(tag.field, _Tests()).add(tag, place)
        for tests in self._fields.values():
            tests.bundle = Bundle(tests.patterns) if tests.patterns else None

    def holding(self, fields: Mapping[str, object]) -> list[int]:
        """The places of the rules that hold at an event with this content."""
        passed: dict[int, int] = {}
        for name, tests in self._fields.items():
            if (found := value_at(fields, name)) is None:
                continue
            for place in tests.passed(found):
                passed[place] = passed.get(place, 0) + 1
        return [*self._always, *(place for place, count in passed.items() if count >= self._needed[place])]
