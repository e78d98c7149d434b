"""How right "heard in" is: what sixty takeovers of one room say, and how promises are held against what was heard.

`tests/props/heard.py` plays it in virtual time, `bench/heard_in.py` over the real processes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.takeover.states import Mode

ITEMS, FIRST_JUDGED = 60, 21
JUDGED = ITEMS - FIRST_JUDGED + 1
#: Right is within a fifth, or within this; the goal is that share of the judged.
SHARE, SLACK_MS = 0.20, 300.0
GOAL = 0.9
MODES = (Mode.APPEND, Mode.APPEND, Mode.INSERT, Mode.APPEND, Mode.NOW, Mode.INSERT)
PARAGRAPHS = (
    "欢迎来到直播间。今天给大家介绍一款新茶！",
    "这一批是明前采的，香气很足。一罐是一百克。",
    "泡的时候水温八十五度左右，再慢慢注满。",
    "喝不完的放冰箱冷藏，密封好。有问题打在公屏上。",
)
ZH = (
    "今天下单明天就发出",
    "江浙沪隔天送到",
    "这个价格只有直播间里有",
    "到手价是 199 元",
    "七天之内可以退换",
    "敏感肌也可以放心使用",
    "库存不多",
    "喜欢的朋友抓紧时间",
)
EN = (
    "we ship every order tomorrow morning",
    "the price you see is only for tonight",
    "returns are free within seven days",
    "it comes in three colours",
    "the small one fits a handbag",
    "thank you all for waiting",
)
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody says `text`: once at most `most` items are open, and `pause_s` later."""

    most: int
    pause_s: float
    mode: Mode
    text: str


@dataclass(frozen=True, slots=True)
class Heard:
    number: int
    mode: str
    promised_ms: float
    heard_ms: float

    @property
    def off_ms(self) -> float:
        return self.heard_ms - self.promised_ms

    def is_right(self, slack_ms: float = SLACK_MS) -> bool:
        return abs(self.off_ms) <= max(SHARE * self.heard_ms, slack_ms)


def presses(vendor: str, seed: int, items: int = ITEMS) -> list[Press]:
    """Same vendor and seed: the same presses."""
    dice = random.Random(f"{seed}:{vendor}")
    return [_press(dice, number) for number in range(1, items + 1)]


def _press(dice: random.Random, number: int) -> Press:
    most = dice.choice((0, 0, 1, 2, 2))
    pause_s = dice.uniform(0.1, 1.5)
    # Who cuts in while others wait breaks the promise that these were given: that is no error of the reckoning.
    mode = MODES[dice.randrange(len(MODES))] if most == 0 else Mode.APPEND
    return Press(most, pause_s, mode, _words(dice, number))


def _words(dice: random.Random, number: int) -> str:
    """Mixed lengths; four of five in Chinese, the others in English; each of them once."""
    if dice.random() < 0.2:
        name = "-".join(DIGITS[int(digit)] for digit in str(number))
        return f"Number {name}, " + ", ".join(dice.sample(EN, dice.randint(1, 2))) + "."
    name = "".join("零一二三四五六七八九"[int(digit)] for digit in str(number))
    return f"第{name}位朋友，" + "，".join(dice.sample(ZH, dice.randint(1, 2))) + "。"


def judged(heard: Sequence[Heard]) -> list[Heard]:
    return [one for one in heard if one.number >= FIRST_JUDGED]


def rate(heard: Sequence[Heard], slack_ms: float = SLACK_MS) -> float:
    """Of what had to be judged; what was never heard was not right."""
    return sum(one.is_right(slack_ms) for one in heard) / JUDGED


def told(vendor: str, heard: Sequence[Heard], slack_ms: float = SLACK_MS) -> str:
    """The rate, and what missed."""
    missed = [
        f"{one.number} {one.mode} {one.promised_ms:.0f}/{one.heard_ms:.0f}"
        for one in heard
        if not one.is_right(slack_ms)
    ]
    rates = f"{rate(heard, slack_ms):.1%} within {SHARE:.0%} or {slack_ms:.0f} ms"
    return f"{vendor}: {len(heard)} judged, {rates}; promised/heard of the others: {', '.join(missed) or 'none'}"
