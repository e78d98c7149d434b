"""What the client does in an hour: seeded, and known before the hour begins. Times are world seconds."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from tests.soak.oracle import FOREVER, Order

SPEEDS = ((0.0, 1.0), (300.0, 4.0), (1800.0, 8.0), (2700.0, 2.0))
"""From which world second on the world runs how fast."""
COMMANDS_PER_S = 3.5
"""Of MetaStudio's four per real second (002:181)."""
LAST = "the last one"
PCM_CHUNK = 3200
"""Bytes: a tenth of a second."""

ZH = (
    "各位观众朋友们，大家好！欢迎来到我们的直播间。",
    "今天给大家带来的是武夷山的岩茶。",
    "它的香气很高，回甘很快，喝过的人都说好。",
    "现在下单，还有一份小礼物送给你！",
    "有什么问题，请在评论区告诉我们；我们马上回答。",
    "这一款只剩最后二十件了，喜欢的朋友要快一点。",
)
EN = (
    "Hello everyone, and welcome to our room.",
    "This is the second product of today. It is made by hand!",
    "Do you have a question? Write it into the comments; we read all of them.",
    "Shipping is free until midnight, so take your time.",
    "It weighs 3.5 kilos and fits into every bag.",
)


def speed_at(world: float) -> float:
    return SPEEDS[bisect_right([since for since, _ in SPEEDS], world) - 1][1]


def words(dice: random.Random, most: int) -> str:
    pool = dice.choice((ZH, EN))
    return ("" if pool is ZH else " ").join(dice.choice(pool) for _ in range(dice.randint(1, most)))


@dataclass(frozen=True, slots=True)
class Plan:
    """One job. `begins` is when it is created; `orders` are sent from then on."""

    number: int
    begins: float
    orders: list[Order]
    texts: tuple[str, ...] = ()
    repeat: int = FOREVER
    speed: int = 100


# -- SoftSugar ---------------------------------------------------------------------------------------------------------

SAYS = (("say", 50), ("first", 10), ("place", 8), ("junk", 3), ("burst", 7))
CHANGES = (("cancel", 7), ("several", 4), ("cancel_all", 4), ("reorder", 8), ("microphone", 8))


def softsugar(number: int, seed: int, until: float) -> Plan:
    dice = random.Random(f"softsugar:{seed}:{number}")
    begins = 0.5 + number * 0.7
    return Plan(number, begins, list(_softsugar_orders(dice, begins + 5.0, until)))


def _softsugar_orders(dice: random.Random, at: float, until: float) -> Iterator[Order]:
    kinds, weights = zip(*SAYS, *CHANGES, strict=True)
    known: list[str] = []
    count = 0
    while (at := round(at + 0.31 + dice.expovariate(1 / 13), 3)) < until - 40:
        kind = dice.choices(kinds, weights)[0]
        for order in _softsugar_order(dice, kind, at, known[-6:]):
            if order.do in ("say", "open"):
                count += 1
                order.ref = f"t{count}"
                known.append(order.ref)
            elif order.refs == (LAST,):
                order.refs = (known[-1],)
            elif order.do in ("sound", "close"):
                order.ref = f"t{count}"
            at = order.at
            yield order


def _softsugar_order(dice: random.Random, kind: str, at: float, known: list[str]) -> Iterator[Order]:
    if kind == "burst":
        for step in range(dice.randint(2, 5)):
            yield Order(round(at + step * 0.11, 3), "say", text=words(dice, 2), priority=dice.choice((-1, 1, 2)))
        if dice.random() < 0.5:
            # Before it could be heard.
            yield Order(round(at + step * 0.11 + 0.1, 3), "cancel", refs=(LAST,))
    elif kind in ("say", "first", "place", "junk"):
        odd: tuple[object, ...] = (0, -5, "1", None, 1.0)
        priority = {"say": -1, "first": 1, "place": dice.randint(2, 4), "junk": dice.choice(odd)}[kind]
        yield Order(at, "say", text=words(dice, 3), priority=priority)
    elif kind == "cancel_all":
        yield Order(at, "cancel_all")
    elif kind == "microphone":
        yield from _microphone(dice, at)
    elif known and kind == "reorder":
        yield Order(at, "reorder", ref=dice.choice(known), priority=dice.choice((1, 2, 3, -1, 0)))
    elif known:
        count = 1 if kind == "cancel" else min(len(known), dice.randint(2, 3))
        yield Order(at, "cancel", refs=(*dice.sample(known, count), *(["nobody"] if kind == "several" else [])))


def _microphone(dice: random.Random, at: float) -> Iterator[Order]:
    """Often after everything was cancelled, else it is mostly refused; sometimes more sound than time."""
    if dice.random() < 0.7:
        yield Order(at, "cancel_all")
    yield Order(round(at + 0.2, 3), "open")
    at = round(at + 0.5, 3)
    for _ in range(dice.choice((1, 2, 30))):
        yield Order(at, "sound", seconds=PCM_CHUNK / 32_000 * speed_at(at))
    yield Order(round(at + dice.uniform(0.5, 9), 3), "close")


# -- MetaStudio --------------------------------------------------------------------------------------------------------

ACTS = (("text", 55), ("audio", 15), ("pause", 9), ("voice", 7), ("rewrite", 3))
PLAY_TYPES = ("APPEND", "APPEND", "INSERT", "INSERT", "PLAY_NOW", "")


def metastudio(number: int, seed: int, until: float) -> Plan:
    """One in four ends with its script, one in six is stopped by the client."""
    dice = random.Random(f"metastudio:{seed}:{number}")
    begins = 10.0 + number * 1.7
    texts = tuple(words(dice, 4) for _ in range(dice.randint(3, 8)))
    orders = list(_metastudio_orders(dice, begins + 5.0, until, number))
    if number % 6 == 5:
        orders.append(Order(until - 30, "stop"))
    repeat = dice.randint(20, 40) if number % 4 == 3 else FOREVER
    return Plan(number, begins, orders, texts, repeat, dice.choice((80, 100, 100, 125, 150)))


def _metastudio_orders(dice: random.Random, at: float, until: float, number: int) -> Iterator[Order]:
    kinds, weights = zip(*ACTS, strict=True)
    count = 0
    while (at := at + 1.0 + dice.expovariate(1 / 20)) < until - 60:
        for order in _metastudio_order(dice, dice.choices(kinds, weights)[0], at):
            if order.do in ("say", "audio"):
                count += 1
                order.ref = f"m{number}-{count}"
            at = order.at
            yield order


def _metastudio_order(dice: random.Random, kind: str, at: float) -> Iterator[Order]:
    play_type = dice.choice(PLAY_TYPES)
    if kind == "text":
        yield Order(at, "say", text=words(dice, 3), play_type=play_type)
    elif kind == "audio":
        yield Order(at, "audio", seconds=dice.choice((2.5, 4.0, 7.25)), play_type=play_type)
    elif kind == "pause":
        yield Order(at, "pause", at_sentence_end=dice.random() < 0.5)
        yield from _meanwhile(dice, at + 2)
        yield Order(at + dice.uniform(6, 14), "resume")
    elif kind == "voice":
        yield Order(at, "open")
        yield from _meanwhile(dice, at + 2)
        yield Order(at + dice.uniform(6, 12), "close")
    else:
        yield Order(at, "rewrite", texts=tuple(words(dice, 3) for _ in range(dice.randint(4, 9))))


def _meanwhile(dice: random.Random, at: float) -> Iterator[Order]:
    """Somebody asks for something while the script rests or a human speaks."""
    for step in range(dice.choice((0, 0, 1, 2))):
        yield Order(at + step, "say", text=words(dice, 2), play_type=dice.choice(PLAY_TYPES))


def in_turn(plans: list[Plan]) -> list[tuple[Plan, Order]]:
    """All orders of MetaStudio's jobs on one line, no more per real second than the vendor takes."""
    line = sorted(
        ((order.at, plan.number, order, plan) for plan in plans for order in plan.orders), key=lambda one: one[:2]
    )
    free = 0.0
    for at, _, order, _ in line:
        order.at = round(max(at, free), 3)
        free = order.at + speed_at(order.at) / COMMANDS_PER_S
    return [(plan, order) for _, _, order, plan in line]
