"""Two hundred rules and an evening of events to measure the rules engine with, in its tests and in bench/rules.py."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence

from dashboard.rooms.rules.engine import decide
from dashboard.rooms.rules.model import (
    Condition,
    Event,
    EventType,
    Match,
    Operation,
    Relation,
    ReplyOrder,
    Rule,
    Tag,
    Trigger,
)
from dashboard.rooms.rules.patterns import Fault, fault_in, finds

RULES, EVENTS = 200, 10_000
GOAL_S = 2.0
GOAL_PATTERN_S = 0.1
#: Each hangs an engine that tries all ways through a text.
CATASTROPHES = ("(a+)+$", "(a|a)*$", "(a*)*b", "(.*a){12}", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y")
#: Small to write, large to run.
BOMBS = ("((((((a{0,9}){0,9}){0,9}){0,9}){0,9}){0,9}", "(\\w{1,200}){1,200}", "[\\p{L}\\p{N}]{900}")
WORDS = [
    "多少钱",
    "价格",
    "便宜",
    "优惠",
    "发货",
    "快递",
    "几天",
    "尺码",
    "大码",
    "小码",
    "颜色",
    "红色",
    "材质",
    "敏感肌",
    "孕妇",
    "退货",
    "保修",
    "库存",
    "链接",
    "上车",
]
ENGLISH = "price ship size colour refund stock link discount coupon return".split()  # noqa: SIM905


def rules(count: int, dice: random.Random) -> list[Rule]:
    """As people write them: mostly words of comments by pattern, some exact ones, gifts by their number and sums."""
    return [_rule(number, dice) for number in range(count)]


def _rule(number: int, dice: random.Random) -> Rule:
    relation = dice.choice([Relation.ALL, Relation.ANY, Relation.ANY])
    priority = dice.randint(0, 999)
    kind = dice.choices([EventType.COMMENT, EventType.GIFT, EventType.JOIN, EventType.LIKE], [16, 2, 1, 1])[0]
    tags = [_tag(kind, number, dice) for _ in range(dice.choice([1, 1, 2, 3]))]
    texts = tuple(f"第 {number} 条规则的第 {answer} 种回答，请看小黄车。" for answer in range(3))
    window = dice.choice([0, 5, 30, 30, 60, -1])
    order = dice.choice([ReplyOrder.LOOP, ReplyOrder.RANDOM])
    return Rule(f"rule-{number}", kind, Condition(relation, priority, tuple(tags)), Trigger(window, texts, order=order))


def _tag(kind: EventType, number: int, dice: random.Random) -> Tag:
    if kind == EventType.GIFT:
        operation = dice.choice([Operation.NONE, Operation.SUM, Operation.COUNT, Operation.AVG])
        return Tag(dice.choice(["giftNum", "totalValue"]), Match.GE, str(dice.randint(1, 500)), operation)
    if kind != EventType.COMMENT:
        return Tag("level", Match.GE, str(dice.randint(1, 9)))
    if dice.random() < 0.1:
        return Tag("content", Match.EQUAL, f"扣{number}")
    words = dice.sample(WORDS + ENGLISH, dice.randint(1, 4))
    pattern = dice.choice(["|".join(words), f"(?i){words[0]}.*{words[-1]}", f"^{words[0]}", f"{words[0]}[?？吗呢]"])
    return Tag("content", Match.REGEX, pattern)


def events(count: int, dice: random.Random) -> list[Event]:
    """Four hours at one event every 1.4 s, no two comments alike."""
    return [_event(number, number * 1.4, dice) for number in range(count)]


def _event(number: int, at_s: float, dice: random.Random) -> Event:
    kind = dice.choices([EventType.COMMENT, EventType.LIKE, EventType.JOIN, EventType.GIFT], [14, 2, 2, 2])[0]
    user = {"userId": str(number), "name": f"观众{number}", "level": dice.randint(0, 9)}
    content: dict[str, object] = {"user": user}
    if kind == EventType.COMMENT:
        content["content"] = f"主播 {dice.choice(WORDS)} 这个 {dice.choice(WORDS + ENGLISH)} {number} 号怎么样？"
    if kind == EventType.GIFT:
        content["gift"] = {"giftName": "Star", "giftNum": dice.randint(1, 99), "totalValue": dice.randint(1, 999)}
    return Event(int(kind), at_s, json.dumps(content, ensure_ascii=False))


def measure() -> tuple[float, int]:
    """Seconds of processor time, compiling the patterns included, and how many events were answered."""
    dice = random.Random(5)
    book, show = rules(RULES, dice), events(EVENTS, dice)
    began = time.process_time()
    decided = decide(book, show, "bench")
    return time.process_time() - began, sum(decision.place is not None for decision in decided)


def worst(patterns: Sequence[str]) -> tuple[float, str]:
    """The slowest of `patterns`, with what is said of it: from reading it to its answer about the worst text."""
    slowest = (0.0, "")
    for pattern in patterns:
        began = time.perf_counter()
        fault: Fault | None = fault_in(pattern)
        found = finds(pattern, "a" * 499 + "!")
        took = time.perf_counter() - began
        slowest = max(slowest, (took, f"{pattern}: {fault.told if fault else f'found: {found}'}"))
    return slowest
